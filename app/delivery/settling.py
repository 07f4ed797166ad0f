"""Writing down what came of an attempt: evidence, attempt, delivery, status and events in one transaction.

The transaction is fenced: delivery and status change only while the delivery still is in the attempt that asks.
Whoever comes too late leaves the evidence and the account of the attempt, and nothing else; unless it is a CDR of
the edition that counts, which settles whatever has not been settled yet.
"""

from __future__ import annotations

import hashlib
import time
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.db import Busy
from app.delivery import consequences
from app.delivery.backoff import Retries
from app.delivery.parcels import Parcel, Report
from app.delivery.subjects import Subject, subject_of
from app.http import Office
from app.ledger.lifecycle import DeliveryState, Phase, move_delivery
from app.ledger.models import AttemptRecord, DeliveryRecord, EvidenceRecord

PAUSES: Final = (0.2, 1.0, 4.0, 8.0)
"""Seconds before each new try at writing down what came back; together well within the lease's margin."""

_UNWRITTEN: Final = (Busy, PoolTimeout, OperationalError, InterfaceError)
"""What a database raises that had no turn for us or went away; all other errors would only come again."""

FORMER_CDR: Final = "cdr_former"
"""The kind of evidence that is the CDR of an edition which another has replaced."""

_UNSETTLED: Final = frozenset(
    {DeliveryState.WAITING, DeliveryState.UNKNOWN, DeliveryState.AWAITING_TICKET, DeliveryState.HELD}
)


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
        subject = subject_of(session, parcel)
        if _written(session, parcel):
            return
        delivery = session.get_one(DeliveryRecord, parcel.delivery_id, with_for_update=True)
        former = delivery.edition != parcel.edition
        evidence = _keep(session, subject, report, now, former=former)
        _record(session, parcel, report, evidence, now)
        if delivery.state == DeliveryState.SENDING and delivery.attempt == parcel.attempt:
            consequences.follow(session, subject, delivery, parcel, report, retries=retries, now=now)
            return
        subject.tell(session, "delivery.overtaken", now=now, attempt=parcel.attempt)
        if report.cdr is not None and not former and subject.undecided and delivery.state in _UNSETTLED:
            delivery.state = str(move_delivery(delivery.state, DeliveryState.DONE))
            delivery.phase, delivery.reason = str(Phase.SETTLED), ""
            delivery.last_code, delivery.last_text, delivery.updated_at = report.code, report.text, now
            subject.pronounce(session, report, now)


def _written(session: Session, parcel: Parcel) -> bool:
    """Whether an earlier write of this report was stored, though its commit seemed to fail."""
    query = select(AttemptRecord.id).where(
        AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.number == parcel.attempt
    )
    return session.scalar(query) is not None


def _keep(
    session: Session, subject: Subject, report: Report, now: datetime, *, former: bool
) -> EvidenceRecord | None:
    """The evidence, stored once: an answer that says the same as the last one word for word is that one.

    The CDR of a ``former`` edition is kept under a name of its own, so that nobody takes it for the present one's.
    """
    if report.evidence is None:
        return None
    name, content = report.evidence
    if former and report.cdr is not None:
        name = FORMER_CDR
    last = subject.last(session, name)
    if last is not None and last.sha256 == hashlib.sha256(content).hexdigest():
        return last
    return subject.keep(session, name, content, now=now, code=report.code, text=report.text)


def _record(
    session: Session, parcel: Parcel, report: Report, evidence: EvidenceRecord | None, now: datetime
) -> None:
    session.add(
        AttemptRecord(
            delivery_id=parcel.delivery_id, number=parcel.attempt, edition=parcel.edition,
            action=report.action, operation=report.operation, endpoint=report.address,
            result=report.result, code=report.code, text=report.text, http_status=report.http_status,
            request_sha256=report.request_sha256, response_sha256=report.response_sha256,
            evidence_id=evidence.id if evidence else None, started_at=parcel.started_at, finished_at=now,
        )
    )
