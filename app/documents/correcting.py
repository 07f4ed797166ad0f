"""A voucher that SUNAT refused, corrected under its own number: the next edition, signed and sent.

It needs proof that SUNAT does not hold the former bytes: an exception that registers nothing, or two answers apart
that it is not there (`app.delivery.protocol`, phase "absent"); of a certificate or guide a CDR that rejects it is proof
too, for that spends no number of theirs. The number never changes; the former edition stays, and
the series' chain links the new one after the last that was signed. Source: `domain/sunat_operations.md` 2.3.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.documents import citing
from app.documents.advancing import keys_of, refuse_overuse, totals_of, uses_of
from app.documents.numbering import Issued, Ready, deadline_of, record_of
from app.documents.relating import lock_referred, refuse_against, target_record
from app.ledger import advances, store
from app.ledger.awaiting import in_turn
from app.ledger.lifecycle import CORRECTED, DELIVERED_AGAIN, DeliveryState, Phase, Status, move_delivery
from app.ledger.models import DeliveryRecord, DocumentRecord, EvidenceRecord
from app.ledger.wake import announce
from app.problems import Conflict, Refused, Text
from app.series import allocator
from sunat.documents import Note
from sunat.numbering import VoucherId

_WRITTEN: Final = (
    "document_type_id", "issue_date", "issue_time", "currency", "receiver_code", "receiver_number", "receiver_name",
    "net", "taxes", "total", "target_sunat_code", "target_series", "target_number", "target_document_id",
    "fingerprint", "request", "observations", "digest", "qr_text",
)
"""What an edition says of its voucher; number, issuer, series and the caller's own id stay."""


def correct(session: Session, document_id: int, ready: Ready) -> Issued:
    """Signs and stores the next edition of a voucher, in the caller's transaction, and has it sent.

    Raises Conflict unless SUNAT surely does not hold the voucher, Refused for another kind or series.
    """
    series, now = ready.plan.series, ready.now
    if keys_of(ready.plan.draft.content):
        in_turn(session, ready.plan.account.id)
    head = allocator.lock(session, series.id)
    document, delivery = _correctable(session, document_id)
    if series.id != document.series_id:
        raise Refused("CHQ-CORRECTION-SERIES", Text(
            f"La corrección lleva la serie y el número de {document.full_number}",
            f"A correction keeps the series and the number of {document.full_number}",
        ), pointer="/header/document_sequence_code")
    voucher = VoucherId(
        ruc=document.ruc, type_code=document.sunat_code, series=document.series, number=document.number
    )
    _look_again(session, document, ready)
    signed = ready.signing.signer.sign(ready.plan.draft.voucher.numbered(voucher.number))
    edition = document.edition + 1
    chain = allocator.link(
        head.chain_head, ruc=voucher.ruc, sunat_code=voucher.type_code, series=voucher.series, number=voucher.number,
        edition=edition, xml=signed.xml,
    )
    content = ready.plan.draft.content
    written = record_of(replace(ready, replaces=None), voucher, list(ready.plan.draft.observations),
                        digest=signed.digest)
    for name in _WRITTEN:
        setattr(document, name, getattr(written, name))
    document.edition = edition
    rejected = document.status == CORRECTED[0]
    if rejected:  # with the edition: the database lets it pass in no other way
        document.status = str(CORRECTED[1])
    store.store_edition(
        session, document,
        store.Signed(
            xml=signed.xml, digest=signed.digest, chain_previous=head.chain_head, chain_hash=chain,
            certificate_id=ready.signing.certificate_id,
        ),
        reason="correction", evidence_id=_proof(session, document), now=now,
    )
    advances.add(session, document, totals_of(content), uses_of(content, ready.rate))
    session.flush()
    refuse_overuse(session, document.account_id, content, ready.rate, document.id)
    allocator.advance(session, head, chain_head=chain, issue_date=content.issue_date, now=now, numbers=0)
    delivery.state = str(DELIVERED_AGAIN[1] if rejected else move_delivery(delivery.state, DeliveryState.WAITING))
    delivery.phase, delivery.reason, delivery.edition = str(Phase.FRESH), "", edition
    delivery.next_at = delivery.updated_at = now
    delivery.deadline_at = deadline_of(voucher, content.issue_date)
    store.add_event(
        session, document, "document.corrected", now=now, actor=ready.caller.actor, number=document.full_number,
        edition=edition,
    )
    session.flush()
    announce(session, [delivery.id])
    return Issued(document=document, delivery=delivery, xml=signed.xml)


def _correctable(session: Session, document_id: int) -> tuple[DocumentRecord, DeliveryRecord]:
    document = session.get_one(DocumentRecord, document_id, with_for_update=True, populate_existing=True)
    delivery = session.scalars(
        select(DeliveryRecord).where(DeliveryRecord.document_id == document_id).with_for_update()
    ).one()
    missed = (document.status, delivery.state, delivery.phase) == (Status.ISSUED, DeliveryState.HELD, Phase.ABSENT)
    if not missed and not (store.keeps_its_number(document) and document.replaced_by_id is None):
        raise Conflict("NOT_CORRECTABLE", Text(
            "Solo se corrige un comprobante que SUNAT rechazó sin constancia y que con certeza no tiene",
            "Only a document that SUNAT refused without a CDR, and surely does not hold, is corrected",
        ), hint=Text(
            "Si SUNAT lo rechazó con constancia, use /replacement", "If SUNAT rejected it by CDR, use /replacement"
        ), extra={"status": document.status, "phase": delivery.phase})
    return document, delivery


def _look_again(session: Session, document: DocumentRecord, ready: Ready) -> None:
    """What it changes or uses may have changed since the first look. Raises Refused."""
    content, account = ready.plan.draft.content, ready.plan.account
    lock_referred(session, account.id, [content])
    target = target_record(session, account, content)
    if isinstance(content, Note) and target is not None:
        refuse_against(session, content, target, corrects=document.id)
    citing.refuse_against(session, account, content)


def _proof(session: Session, document: DocumentRecord) -> int | None:
    """The newest evidence about the voucher: the refusal, or the last answer that it is not there."""
    return session.scalar(
        select(EvidenceRecord.id).where(EvidenceRecord.document_id == document.id)
        .order_by(EvidenceRecord.id.desc()).limit(1)
    )
