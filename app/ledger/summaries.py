"""Summaries (RC, RA, RR) as rows: storing one with its lines and its delivery, and what its verdict does to them.

A summary is taken or refused as a whole. Accepted, its boletas are accepted and its voidings done. Refused, the one
voucher in it is to blame; of more, nobody knows which, and they go on in smaller ones (`app.delivery.gathering`).
A voucher loses nothing by a refused summary: its number stays its own (decision 41).
Source: programmer's manual of the SEE 4.1; `domain/sunat_operations.md` 1.9 and 2.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ledger import store
from app.ledger.lifecycle import DeliveryState, Phase, Status, SummaryState, VoidingState, move, move_delivery
from app.ledger.models import (
    BILL,
    SUMMARY,
    DeliveryRecord,
    DocumentRecord,
    EventRecord,
    EvidenceRecord,
    SummaryLineRecord,
    SummaryRecord,
    VoidingRecord,
)
from app.ledger.wake import announce

REFUSED: Final = "summary"
"""The delivery's reason of a boleta that a summary was refused for: corrected, it goes in another."""

KNOWN_ALREADY: Final = frozenset({"2282"})
"""The authority has the voucher already: it is asked about it."""

VOIDED_ALREADY: Final = frozenset({"2323", "2751", "2987"})
"""The authority holds it as voided; 2987 may also mean rejected, but what it accepted before is not that."""

_VALID: Final = (Status.ACCEPTED, Status.OBSERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A voucher's place in a summary about to be stored, and what is done with it (`SummaryLineRecord`)."""

    document: DocumentRecord
    condition: str = ""
    voiding: VoidingRecord | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdr:
    """A CDR as the authority sent it (a zip), and the name of the file it is about, without extension."""

    content: bytes
    about: str


def store_summary(
    session: Session, summary: SummaryRecord, lines: Sequence[Line], *, deadline: datetime | None, not_before: datetime,
    now: datetime,
) -> DeliveryRecord:
    """Adds a summary with its lines and its delivery, due at ``not_before``; its voidings are on their way then."""
    summary.xml_sha256 = hashlib.sha256(summary.xml).hexdigest()
    session.add(summary)
    session.flush()
    for number, line in enumerate(lines, start=1):
        session.add(SummaryLineRecord(
            summary_id=summary.id, line=number, document_id=line.document.id, condition=line.condition,
            voiding_id=line.voiding.id if line.voiding is not None else None,
        ))
        if line.voiding is not None:
            if line.voiding.state != VoidingState.SENT:
                line.voiding.state = str(VoidingState.SENT)
            line.voiding.summary = summary.full_number
    delivery = DeliveryRecord(
        account_id=summary.account_id, summary_id=summary.id, channel=SUMMARY, next_at=not_before,
        deadline_at=deadline, created_at=now, updated_at=now,
    )
    session.add(delivery)
    add_event(session, summary, "summary.made", now=now, vouchers=len(lines))
    session.flush()
    announce(session, [delivery.id])
    return delivery


def settle(
    session: Session, summary: SummaryRecord, state: SummaryState, *, now: datetime, code: str, text: str, source: str,
    observations: Iterable[tuple[str, str]] = (),
) -> None:
    """Gives a summary its verdict and its vouchers what follows; ``source`` says what proves it."""
    summary.state, summary.code, summary.text, summary.settled_at = str(state), code, text[:4000], now
    add_event(
        session, summary, f"summary.{state}", now=now, code=code, text=text, source=source,
        observations=[one for one, _ in observations],
    )
    lines = lines_of(session, summary)
    proof = evidence_of(session, summary) if source == "cdr" else None
    if state is SummaryState.ACCEPTED:
        for _, document, voiding in lines:
            _accept(session, summary, document, voiding, proof, now)
    elif state is SummaryState.REJECTED and len(lines) == 1:
        _refuse(session, summary, *lines[0], proof, now)
        summary.followed = True
    announce(session, ())


def lines_of(
    session: Session, summary: SummaryRecord
) -> list[tuple[SummaryLineRecord, DocumentRecord, VoidingRecord | None]]:
    """The lines of a summary in their order, each with its voucher and the wish to void it."""
    rows = session.execute(
        select(SummaryLineRecord, DocumentRecord, VoidingRecord)
        .join(DocumentRecord, DocumentRecord.id == SummaryLineRecord.document_id)
        .outerjoin(VoidingRecord, VoidingRecord.id == SummaryLineRecord.voiding_id)
        .where(SummaryLineRecord.summary_id == summary.id).order_by(SummaryLineRecord.line)
    )
    return [(line, document, voiding) for line, document, voiding in rows]


def carrier_of(session: Session, document: DocumentRecord) -> SummaryRecord | None:
    """The newest summary that added or changed a voucher, or None: what carries a boleta."""
    return session.scalar(
        select(SummaryRecord).join(SummaryLineRecord, SummaryLineRecord.summary_id == SummaryRecord.id)
        .where(SummaryLineRecord.document_id == document.id, SummaryLineRecord.condition.in_(("1", "2")))
        .order_by(SummaryRecord.id.desc()).limit(1)
    )


def delivery_of(session: Session, summary: SummaryRecord) -> DeliveryRecord:
    """The delivery of a summary."""
    return session.scalars(select(DeliveryRecord).where(DeliveryRecord.summary_id == summary.id)).one()


def evidence_of(session: Session, summary: SummaryRecord, kind: str = "cdr") -> EvidenceRecord | None:
    """The newest evidence of a kind about a summary, or None."""
    return session.scalar(
        select(EvidenceRecord).where(EvidenceRecord.summary_id == summary.id, EvidenceRecord.kind == kind)
        .order_by(EvidenceRecord.id.desc()).limit(1)
    )


def cdr_about(session: Session, document: DocumentRecord) -> Cdr | None:
    """The CDR that answers for a voucher: its own, else that of the summary that carries it; None where there is none.
    """
    own = store.evidence_of(session, document)
    if own is not None:
        return Cdr(content=own.content, about=document.file_name)
    carrier = carrier_of(session, document)
    found = evidence_of(session, carrier) if carrier is not None else None
    if carrier is None or found is None:
        return None
    return Cdr(content=found.content, about=f"{document.ruc}-{carrier.full_number}")


def add_evidence(
    session: Session, summary: SummaryRecord, kind: str, content: bytes, *, now: datetime, code: str = "",
    text: str = "",
) -> EvidenceRecord:
    """Adds bytes that prove something about a summary and gives them their id."""
    row = EvidenceRecord(
        account_id=summary.account_id, summary_id=summary.id, kind=kind, content=content,
        sha256=hashlib.sha256(content).hexdigest(), code=code, text=text, received_at=now,
    )
    session.add(row)
    session.flush()
    return row


def add_event(
    session: Session, summary: SummaryRecord, kind: str, *, now: datetime, actor: str = "", **data: Any
) -> None:
    """Adds an event about a summary; ``data`` holds what JSON can."""
    session.add(EventRecord(
        account_id=summary.account_id, document_id=None, kind=kind, actor=actor, at=now,
        data={"summary": summary.full_number, "summary_id": summary.id, **data},
    ))


def refuse_voiding(
    session: Session, document: DocumentRecord, voiding: VoidingRecord, *, now: datetime, code: str, text: str
) -> None:
    """A wish to void comes to nothing: the voucher stays as it is, and its holder is told why."""
    voiding.state, voiding.settled_at = str(VoidingState.REFUSED), now
    store.add_event(
        session, document, "document.void_refused", now=now, number=document.full_number, channel=voiding.channel,
        summary=voiding.summary, code=code, text=text,
    )


def void(
    session: Session, document: DocumentRecord, voiding: VoidingRecord, *, now: datetime, code: str, text: str
) -> None:
    """The authority holds the voucher as voided."""
    voiding.state, voiding.settled_at = str(VoidingState.ACCEPTED), now
    if document.status == Status.VOIDED:
        return
    document.status = str(move(document.status, Status.VOIDED))
    store.add_event(
        session, document, "document.voided", now=now, number=document.full_number, channel=voiding.channel,
        summary=voiding.summary, code=code, text=text,
    )


def _accept(
    session: Session, summary: SummaryRecord, document: DocumentRecord, voiding: VoidingRecord | None,
    proof: EvidenceRecord | None, now: datetime,
) -> None:
    if voiding is not None:
        voiding.evidence_id = proof.id if proof is not None else None
        void(session, document, voiding, now=now, code=summary.code, text=summary.text)
        return
    if document.status == Status.ISSUED:
        document.status = str(move(document.status, Status.ACCEPTED))
        store.add_event(
            session, document, "document.accepted", now=now, number=document.full_number, code=summary.code,
            text=summary.text, source="summary", summary=summary.full_number, observations=[],
        )
    elif document.status not in _VALID:
        store.add_event(
            session, document, "delivery.contradiction", now=now, number=document.full_number,
            status=document.status, told=str(Status.ACCEPTED), code=summary.code, text=summary.text, source="summary",
        )
    delivery = store.delivery_of(session, document)
    if delivery.state != DeliveryState.DONE:
        delivery.state = str(move_delivery(delivery.state, DeliveryState.DONE))
    delivery.phase, delivery.reason, delivery.updated_at = str(Phase.SETTLED), "", now
    delivery.last_code, delivery.last_text = summary.code, summary.text


def _refuse(
    session: Session, summary: SummaryRecord, line: SummaryLineRecord, document: DocumentRecord,
    voiding: VoidingRecord | None, proof: EvidenceRecord | None, now: datetime,
) -> None:
    """The one voucher of a refused summary is what it was refused for."""
    delivery = store.delivery_of(session, document)
    if voiding is not None:
        voiding.evidence_id = proof.id if proof is not None else None
        if summary.code in VOIDED_ALREADY:
            void(session, document, voiding, now=now, code=summary.code, text=summary.text)
        else:
            refuse_voiding(session, document, voiding, now=now, code=summary.code, text=summary.text)
        return
    if delivery.state == DeliveryState.DONE:
        return
    delivery.last_code, delivery.last_text, delivery.updated_at = summary.code, summary.text, now
    if summary.code in KNOWN_ALREADY:  # by itself from here on, beginning with the question
        delivery.channel, delivery.phase, delivery.reason, delivery.next_at = BILL, str(Phase.CLAIMED), "", now
        if delivery.state == DeliveryState.HELD:
            delivery.state = str(move_delivery(delivery.state, DeliveryState.WAITING))
        return
    if delivery.state != DeliveryState.HELD:
        delivery.state = str(move_delivery(delivery.state, DeliveryState.HELD))
    delivery.phase, delivery.reason = str(Phase.ABSENT), REFUSED
    store.add_event(
        session, document, "delivery.held", now=now, reason=REFUSED, code=summary.code, text=summary.text,
        number=document.full_number, summary=summary.full_number,
    )
