"""Writing down what came of an attempt: evidence, attempt, delivery, status and events in one transaction.

The transaction is fenced: delivery and status change only while the delivery still is in the attempt that asks.
Whoever comes too late leaves the evidence and the account of the attempt, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.db import changed
from app.delivery.backoff import Retries
from app.delivery.outcomes import SETTLED, Course, course_of
from app.http import Office
from app.ledger import store
from app.ledger.lifecycle import DeliveryState, Status, move, move_delivery
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord, EvidenceRecord
from sunat.cdr import Cdr, Outcome, read_cdr
from sunat.numbering import VoucherId
from sunat.transport import unpack_cdr

_STATUS: Final = {
    Outcome.ACCEPTED: Status.ACCEPTED, Outcome.OBSERVED: Status.OBSERVED, Outcome.REJECTED: Status.REJECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An attempt that is ours: its number (the fence), and what is to be sent for whom."""

    delivery_id: int
    attempt: int
    tries: int
    edition: int
    document_id: int
    account: AccountRecord
    voucher: VoucherId
    xml: bytes = field(repr=False)
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of an attempt.

    ``result`` is the attempt row's word (answered, fault, not_sent, unknown); ``code`` and ``text`` are the
    authority's own where it spoke; ``evidence`` is its kind and the bytes as they came.
    """

    course: Course
    result: str
    address: str
    code: str = ""
    text: str = ""
    http_status: int | None = None
    request_sha256: str = ""
    response_sha256: str = ""
    evidence: tuple[str, bytes] | None = None
    cdr: Cdr | None = None


def settle(office: Office, parcel: Parcel, report: Report, *, retries: Retries) -> bool:
    """Writes the report down; says whether the attempt still was the delivery's (else only the evidence is kept)."""
    now = office.clock.now()
    with office.database.write() as session:
        document = session.get_one(DocumentRecord, parcel.document_id, with_for_update=True)
        evidence = _keep(session, document, report, now)
        _record(session, parcel, report, evidence, now)
        final = _proven(session, parcel, document, report)
        state = _state(session, parcel, final.course)
        if not _close(session, parcel, final, move_delivery(DeliveryState.SENDING, state), retries, now):
            store.add_event(session, document, "delivery.overtaken", now=now, attempt=parcel.attempt)
            return False
        if final.cdr is not None:
            _pronounce(session, document, final.cdr, now)
        elif state is DeliveryState.HELD:
            store.add_event(
                session, document, "delivery.held", now=now, reason=final.course.name, code=final.code,
                text=final.text, number=document.full_number,
            )
    return True


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
