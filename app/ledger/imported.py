"""Storing vouchers that another system issued: as they came, appended to the chain, closed to numbering and sending.

The row's origin is "imported" and its delivery is done from the start, which the database never lets go again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from app.db import changed
from app.ledger import advances
from app.ledger.lifecycle import DeliveryState, Status, move
from app.ledger.models import (
    IMPORTED,
    DeliveryRecord,
    DocumentRecord,
    EditionRecord,
    EventRecord,
    EvidenceRecord,
)
from app.ledger.store import Signed

REASON: Final = "import"
"""Why such an edition exists; it was signed elsewhere, or nowhere."""

CDR: Final = "cdr"
UNPROVEN_CDR: Final = "cdr_unproven"
"""Kinds of evidence: a CDR that settles its voucher, and one whose signature does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The CDR that came with a voucher: its zip, SUNAT's code and words, when SUNAT received the voucher (UTC).

    ``settles`` is false for one that proves nothing.
    """

    content: bytes
    code: str
    text: str
    received_at: datetime
    settles: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One voucher to be stored: its fresh row with the status it has, its bytes, its CDR, and what the event says.

    ``uses`` are the advances that it uses up.
    """

    document: DocumentRecord
    signed: Signed
    answer: Answer | None
    said: dict[str, Any] = field(default_factory=dict)
    uses: tuple[advances.Use, ...] = ()


def store_imported(session: Session, vouchers: Sequence[History], *, now: datetime) -> None:
    """Adds vouchers with edition, closed delivery, evidence and event. Raises IntegrityError for a number taken."""
    for each in vouchers:
        if each.document.origin != IMPORTED:
            raise ValueError("Only history is stored here")
    session.add_all(each.document for each in vouchers)
    session.flush()
    for each in vouchers:
        document, signed = each.document, each.signed
        session.add_all((
            EditionRecord(
                document_id=document.id, series_id=document.series_id, edition=document.edition, xml=signed.xml,
                xml_sha256=hashlib.sha256(signed.xml).hexdigest(), digest=signed.digest,
                chain_previous=signed.chain_previous, chain_hash=signed.chain_hash, certificate_id=None,
                reason=REASON, created_at=now,
            ),
            DeliveryRecord(
                account_id=document.account_id, document_id=document.id, edition=document.edition,
                state=str(DeliveryState.DONE), next_at=now, created_at=now, updated_at=now,
                last_code=each.answer.code if each.answer else "", last_text=each.answer.text if each.answer else "",
            ),
        ))
        advances.add(session, document, {}, each.uses)
        if each.answer is not None:
            session.add(_evidence(document, each.answer))
        session.add(_event(document, "document.imported", now, each.said))
    session.flush()


def complete_imported(
    session: Session, document_id: int, answer: Answer, status: Status, *, observations: list[dict[str, Any]],
    now: datetime, said: dict[str, Any],
) -> bool:
    """Gives an imported voucher the CDR that was missing; False when it has its verdict already."""
    document = session.get_one(DocumentRecord, document_id, with_for_update=True)
    if document.origin != IMPORTED or document.status != Status.ISSUED:
        return False
    document.status = str(move(document.status, status))
    document.observations = [*document.observations, *observations]
    session.add(_evidence(document, answer))
    session.add(_event(document, f"document.{status}", now, said))
    session.execute(
        update(DeliveryRecord).where(DeliveryRecord.document_id == document.id)
        .values(last_code=answer.code, last_text=answer.text, updated_at=now)
    )
    return True


def link_notes(session: Session, account_id: int) -> int:
    """Ties notes to the vouchers they change, where those have come into the ledger since; says how many."""
    target = aliased(DocumentRecord)
    same = (
        (target.account_id == account_id) & (target.sunat_code == DocumentRecord.target_sunat_code)
        & (target.series == DocumentRecord.target_series) & (target.number == DocumentRecord.target_number)
    )
    found = select(target.id).where(same).correlate(DocumentRecord).scalar_subquery()
    return changed(
        session,
        update(DocumentRecord)
        .where(
            DocumentRecord.account_id == account_id, DocumentRecord.target_document_id.is_(None),
            DocumentRecord.target_number.is_not(None), exists(select(target.id).where(same).correlate(DocumentRecord)),
        )
        .values(target_document_id=found)
        .execution_options(synchronize_session=False),
    )


def _evidence(document: DocumentRecord, answer: Answer) -> EvidenceRecord:
    return EvidenceRecord(
        account_id=document.account_id, document_id=document.id, kind=CDR if answer.settles else UNPROVEN_CDR,
        content=answer.content, sha256=hashlib.sha256(answer.content).hexdigest(), code=answer.code, text=answer.text,
        received_at=answer.received_at,
    )


def _event(document: DocumentRecord, kind: str, now: datetime, said: dict[str, Any]) -> EventRecord:
    return EventRecord(
        account_id=document.account_id, document_id=document.id, kind=kind, actor=document.actor,
        data={"number": document.full_number, "status": document.status, **said}, at=now,
    )
