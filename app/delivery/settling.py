"""Writing down what came of an attempt: evidence, attempt, delivery, status and events in one transaction.

The transaction is fenced: delivery and status change only while the delivery still is in the attempt that asks.
Whoever comes too late leaves the evidence and the account of the attempt, and nothing else; unless his CDR is what a
delivery held as "already there" was waiting for.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.db import Busy, changed
from app.delivery.backoff import Retries
from app.delivery.outcomes import SETTLED, Course, course_of
from app.delivery.parcels import Parcel, Report
from app.http import Office
from app.ledger import store
from app.ledger.lifecycle import DeliveryState, Status, move, move_delivery
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord, EvidenceRecord
from sunat.cdr import Cdr, Outcome, read_cdr
from sunat.transport import unpack_cdr

_STATUS: Final = {
    Outcome.ACCEPTED: Status.ACCEPTED, Outcome.OBSERVED: Status.OBSERVED, Outcome.REJECTED: Status.REJECTED,
}

PAUSES: Final = (0.2, 1.0, 4.0, 8.0)
"""Seconds before each new try at writing down what came back; together well within the lease's margin."""

_UNWRITTEN: Final = (Busy, PoolTimeout, OperationalError, InterfaceError)
"""What a database raises that had no turn for us or went away; all other errors would only come again."""


def settle(office: Office, parcel: Parcel, report: Report, *, retries: Retries) -> None:
    """Writes the report down, once only however often it is called.

    While the lease lives a database that fails is asked again after each of `PAUSES`, for an answer lost here would
    come back as 1033. Raises what it raised last.
    """
    for pause in PAUSES:
        try:
            _settle(office, parcel, report, retries)
            return
        except _UNWRITTEN:
            if office.clock.now() + timedelta(seconds=pause) >= parcel.lease_until:
                raise
        time.sleep(pause)
    _settle(office, parcel, report, retries)


def _settle(office: Office, parcel: Parcel, report: Report, retries: Retries) -> None:
    now = office.clock.now()
    with office.database.write() as session:
        document = session.get_one(DocumentRecord, parcel.document_id, with_for_update=True)
        if _written(session, parcel):
            return
        evidence = _keep(session, document, report, now)
        _record(session, parcel, report, evidence, now)
        final = _proven(session, parcel, document, report)
        state = _state(session, parcel, final.course)
        if not _close(session, parcel, final, move_delivery(DeliveryState.SENDING, state), retries, now):
            store.add_event(session, document, "delivery.overtaken", now=now, attempt=parcel.attempt)
            if final.cdr is not None and _mended(session, parcel, document, final, now):
                _pronounce(session, document, final.cdr, now)
        elif final.cdr is not None:
            _pronounce(session, document, final.cdr, now)
        elif state is DeliveryState.HELD:
            store.add_event(
                session, document, "delivery.held", now=now, reason=final.course.name, code=final.code,
                text=final.text, number=document.full_number,
            )


def _written(session: Session, parcel: Parcel) -> bool:
    """Whether an earlier write of this report was stored, though its commit seemed to fail."""
    query = select(AttemptRecord.id).where(
        AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.number == parcel.attempt
    )
    return session.scalar(query) is not None


def _keep(session: Session, document: DocumentRecord, report: Report, now: datetime) -> EvidenceRecord | None:
    if report.evidence is None:
        return None
    kind, content = report.evidence
    return store.add_evidence(session, document, kind, content, now=now, code=report.code, text=report.text)


def _record(
    session: Session, parcel: Parcel, report: Report, evidence: EvidenceRecord | None, now: datetime
) -> None:
    session.add(
        AttemptRecord(
            delivery_id=parcel.delivery_id, number=parcel.attempt, edition=parcel.edition, action="send",
            endpoint=report.address, result=report.result, code=report.code, text=report.text,
            http_status=report.http_status, request_sha256=report.request_sha256,
            response_sha256=report.response_sha256, evidence_id=evidence.id if evidence else None,
            started_at=parcel.started_at, finished_at=now,
        )
    )


def _proven(session: Session, parcel: Parcel, document: DocumentRecord, report: Report) -> Report:
    """The report, or for "already there" the CDR of an earlier attempt that came too late to be settled by it.

    1033 by itself proves nothing about whose voucher SUNAT holds; a CDR of ours does.
    """
    if report.course.name != "already_there":
        return report
    kept = store.evidence_of(session, document, "cdr")
    if kept is None:
        return report
    name = parcel.voucher.file_name
    cdr = read_cdr(
        unpack_cdr(kept.content, name), voucher_file_name=name, ruc=parcel.voucher.ruc,
        voucher_text=parcel.voucher.text,
    )
    return replace(report, course=SETTLED, cdr=cdr, code=cdr.code, text=cdr.description)


def _state(session: Session, parcel: Parcel, course: Course) -> DeliveryState:
    """Where the course leads, by how often the authority answered with its codes, this attempt's included."""
    if course.most is None:
        return course.state
    codes = session.scalars(
        select(AttemptRecord.code).where(
            AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.result == "fault"
        )
    )
    refusals = sum(course_of(code) == course for code in codes)
    return DeliveryState.HELD if course.held_after(refusals) else course.state


def _close(
    session: Session, parcel: Parcel, report: Report, state: DeliveryState, retries: Retries, now: datetime
) -> bool:
    """Moves the delivery on, if it still is in this attempt."""
    course = report.course
    policy = getattr(retries, course.wait) if course.wait is not None else None
    statement = (
        update(DeliveryRecord)
        .where(
            DeliveryRecord.id == parcel.delivery_id, DeliveryRecord.attempt == parcel.attempt,
            DeliveryRecord.state == str(DeliveryState.SENDING),
        )
        .values(
            state=str(state), tries=parcel.tries if course.counts else parcel.tries - 1,
            next_at=now + policy.delay(parcel.tries) if policy is not None else now,
            last_code=report.code, last_text=report.text, updated_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    return changed(session, statement) == 1


def _mended(session: Session, parcel: Parcel, document: DocumentRecord, report: Report, now: datetime) -> bool:
    """Whether this late CDR settles a delivery that a later attempt left held as "already there".

    The opposite order of `_proven`: there the CDR came first, here the 1033.
    """
    delivery = session.get_one(DeliveryRecord, parcel.delivery_id, with_for_update=True)
    if document.status != Status.ISSUED or delivery.state != DeliveryState.HELD:
        return False
    if course_of(delivery.last_code).name != "already_there":
        return False
    delivery.state = str(move_delivery(delivery.state, DeliveryState.DONE))
    delivery.last_code, delivery.last_text, delivery.updated_at = report.code, report.text, now
    return True


def _pronounce(session: Session, document: DocumentRecord, cdr: Cdr, now: datetime) -> None:
    """Gives the voucher the status its CDR says, with the remarks."""
    status = move(document.status, _STATUS[cdr.outcome])
    document.status = str(status)
    document.observations = [
        *document.observations,
        *({"code": code, "message": text, "source": "cdr"} for code, text in cdr.observations),
    ]
    store.add_event(
        session, document, f"document.{status}", now=now, number=document.full_number, code=cdr.code,
        text=cdr.description, observations=[code for code, _ in cdr.observations], signature=cdr.signature,
    )
