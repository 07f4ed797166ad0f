"""The verdict on a voucher: its legal status, from a CDR of ours or from the state a query told, and the event of it.

A voucher has one verdict and one event that tells it. What comes later (the CDR of a voucher that a query had found
accepted) adds its remarks and an event of its own; what contradicts the verdict changes nothing and is told aloud.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.delivery.parcels import Report
from app.ledger import store
from app.ledger.lifecycle import Status, move
from app.ledger.models import DocumentRecord
from sunat.cdr import Cdr, Outcome

_STATUS: Final = {
    Outcome.ACCEPTED: Status.ACCEPTED, Outcome.OBSERVED: Status.OBSERVED, Outcome.REJECTED: Status.REJECTED,
}
_VALID: Final = frozenset({Status.ACCEPTED, Status.OBSERVED})


def pronounce(session: Session, document: DocumentRecord, report: Report, now: datetime) -> bool:
    """Gives the voucher the status that the report proves; False where that contradicts the one it has."""
    status = _STATUS[report.cdr.outcome] if report.cdr is not None else report.status or Status.ACCEPTED
    current = Status(document.status)
    source = "cdr" if report.cdr is not None else report.operation
    if current is Status.ISSUED or (current in _VALID and status is Status.VOIDED):
        document.status = str(move(current, status))
        observed = _observe(document, report.cdr)
        store.add_event(
            session, document, f"document.{status}", now=now, number=document.full_number, code=report.code,
            text=report.text, source=source, observations=observed,
            signature=report.cdr.signature if report.cdr is not None else "",
        )
        return True
    if {current, status} <= _VALID:
        if report.cdr is not None:
            store.add_event(
                session, document, "document.cdr", now=now, number=document.full_number, code=report.code,
                text=report.text, observations=_observe(document, report.cdr),
            )
        return True
    if current is status:
        return True
    store.add_event(
        session, document, "delivery.contradiction", now=now, number=document.full_number, status=str(current),
        told=str(status), code=report.code, text=report.text, source=source,
    )
    return False


def lapse(session: Session, document: DocumentRecord, now: datetime, *, code: str, text: str) -> None:
    """The voucher was never accepted in time: its number is used and it is not valid."""
    document.status = str(move(document.status, Status.LAPSED))
    store.add_event(
        session, document, "document.lapsed", now=now, number=document.full_number, code=code, text=text,
        replacement=f"/V1/documents/{document.id}/replacement",
    )


def _observe(document: DocumentRecord, cdr: Cdr | None) -> list[str]:
    """Adds the CDR's remarks to the voucher and names their codes."""
    if cdr is None:
        return []
    document.observations = [
        *document.observations,
        *({"code": code, "message": text, "source": "cdr"} for code, text in cdr.observations),
    ]
    return [code for code, _ in cdr.observations]
