"""Storing a voucher with everything that must exist with it, and the queries every room starts from.

`store_issued` writes into the caller's transaction; with `app.series.allocator.advance` in the same one, a number
exists if and only if its signed bytes are stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import idempotency
from app.ledger import advances
from app.ledger.lifecycle import CORRECTED, Status
from app.ledger.models import (
    BILL,
    ISSUED_HERE,
    DeliveryRecord,
    DocumentRecord,
    EditionRecord,
    EventRecord,
    EvidenceRecord,
)
from app.ledger.wake import announce
from app.problems import Conflict, NotFound, Text
from sunat.kinds import kind

REPLACEABLE: Final = (str(Status.REJECTED), str(Status.LAPSED))
"""What a voucher must be for another number to take its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Signed bytes on their way into the ledger.

    ``digest`` is the base64 DigestValue, ``chain_previous`` and ``chain_hash`` the series' head before and after
    (64 hex digits, from `app.series.allocator.link`), ``certificate_id`` the row of the certificate that signed.
    """

    xml: bytes
    digest: str
    chain_previous: str
    chain_hash: str
    certificate_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A voucher about to be stored: its row, its signed bytes, its last instant to be sent (UTC).

    ``channel`` is how it goes to the authority: by itself, or carried by a summary.
    ``answer`` makes status and body of the reply once the rows have their ids, and is asked only when an idempotency
    key is ``held``. ``advance`` is what it is worth as a payment in advance (céntimos by affectation), ``uses`` are
    the advances it uses up.
    """

    document: DocumentRecord
    signed: Signed
    deadline: datetime | None = None
    held: idempotency.Claim | None = None
    channel: str = BILL
    answer: Callable[[DocumentRecord, DeliveryRecord], tuple[int, bytes]] | None = None
    advance: Mapping[str, int] = field(default_factory=dict)
    uses: tuple[advances.Use, ...] = ()


def store_issued(session: Session, vouchers: Sequence[Fresh], *, now: datetime) -> list[DeliveryRecord]:
    """Adds new vouchers, each with its first edition, its event, its delivery (due now) and its sealed key.

    Raises Conflict when a key's lease was lost; SQLAlchemy's IntegrityError when a number or external id is taken.
    The engines are told with the commit.
    """
    session.add_all(fresh.document for fresh in vouchers)
    session.flush()
    deliveries = []
    for fresh in vouchers:
        document, signed = fresh.document, fresh.signed
        session.add(
            EditionRecord(
                document_id=document.id, series_id=document.series_id, edition=document.edition, xml=signed.xml,
                xml_sha256=hashlib.sha256(signed.xml).hexdigest(), digest=signed.digest,
                chain_previous=signed.chain_previous, chain_hash=signed.chain_hash,
                certificate_id=signed.certificate_id, created_at=now,
            )
        )
        delivery = DeliveryRecord(
            account_id=document.account_id, document_id=document.id, channel=fresh.channel, edition=document.edition,
            next_at=now,
            deadline_at=fresh.deadline, created_at=now, updated_at=now,
        )
        deliveries.append(delivery)
        session.add(delivery)
        advances.add(session, document, fresh.advance, fresh.uses)
        add_event(session, document, "document.issued", now=now, actor=document.actor, number=document.full_number)
    session.flush()
    for fresh, delivery in zip(vouchers, deliveries, strict=True):
        if fresh.held is not None and fresh.answer is not None:
            status, body = fresh.answer(fresh.document, delivery)
            idempotency.seal(
                session, fresh.held, status=status, body=body, document_id=fresh.document.id, now=now
            )
    announce(session, [delivery.id for delivery in deliveries])
    return deliveries


def store_edition(
    session: Session, document: DocumentRecord, signed: Signed, *, reason: str, evidence_id: int | None, now: datetime
) -> EditionRecord:
    """Adds the signed bytes of the voucher's current edition: why it was made, and the proof that allowed it."""
    row = EditionRecord(
        document_id=document.id, series_id=document.series_id, edition=document.edition, xml=signed.xml,
        xml_sha256=hashlib.sha256(signed.xml).hexdigest(), digest=signed.digest,
        chain_previous=signed.chain_previous, chain_hash=signed.chain_hash, certificate_id=signed.certificate_id,
        reason=reason, evidence_id=evidence_id, created_at=now,
    )
    session.add(row)
    return row


def keeps_its_number(document: DocumentRecord) -> bool:
    """Whether a voucher of ours was rejected by CDR and its number is still its own: it may go again under it."""
    return (
        document.status == CORRECTED[0] and document.origin == ISSUED_HERE
        and not kind(document.sunat_code).spent_by_rejection
    )


def link_replacement(session: Session, document: DocumentRecord, replaced_id: int, *, now: datetime) -> None:
    """Ties a new voucher to the one whose place it takes, once. Raises Conflict where that has its successor."""
    replaced = session.scalar(
        select(DocumentRecord)
        .where(DocumentRecord.id == replaced_id, DocumentRecord.account_id == document.account_id)
        .with_for_update().execution_options(populate_existing=True)
    )
    if (
        replaced is None or replaced.replaced_by_id is not None or replaced.status not in REPLACEABLE
        or replaced.sunat_code != document.sunat_code
    ):
        raise Conflict("NOT_REPLACEABLE", Text(
            "Solo se reemplaza, una vez y por otro de su tipo, un comprobante rechazado o vencido",
            "Only a rejected or lapsed document is replaced, once and by one of its kind",
        ))
    if keeps_its_number(replaced):
        raise Conflict("NOT_REPLACEABLE", Text(
            f"{replaced.full_number} fue rechazado y su número sigue siendo suyo",
            f"{replaced.full_number} was rejected, and its number is still its own",
        ), hint=Text("Corríjalo con /correction: va otra vez con el mismo número",
                     "Correct it by /correction: it goes again under the same number"))
    replaced.replaced_by_id = document.id
    add_event(
        session, replaced, "document.replaced", now=now, actor=document.actor, number=replaced.full_number,
        replacement=document.full_number, replacement_id=document.id,
    )


def add_event(
    session: Session, document: DocumentRecord, kind: str, *, now: datetime, actor: str = "", **data: Any
) -> EventRecord:
    """Adds an event about a voucher; ``data`` holds what JSON can."""
    row = EventRecord(
        account_id=document.account_id, document_id=document.id, kind=kind, actor=actor, data=data, at=now
    )
    session.add(row)
    return row


def add_evidence(
    session: Session, document: DocumentRecord, kind: str, content: bytes, *, now: datetime, code: str = "",
    text: str = "",
) -> EvidenceRecord:
    """Adds bytes that prove an outcome and gives them their id; ``code`` and ``text`` are the authority's own."""
    row = EvidenceRecord(
        account_id=document.account_id, document_id=document.id, kind=kind, content=content,
        sha256=hashlib.sha256(content).hexdigest(), code=code, text=text, received_at=now,
    )
    session.add(row)
    session.flush()
    return row


def documents_of(account_id: int) -> Select[DocumentRecord]:
    """The vouchers of one tenant: every query for vouchers starts here."""
    return select(DocumentRecord).where(DocumentRecord.account_id == account_id)


def document_of(session: Session, account_id: int, document_id: int) -> DocumentRecord:
    """One voucher of a tenant. Raises NotFound also for another tenant's."""
    found = session.scalar(documents_of(account_id).where(DocumentRecord.id == document_id))
    if found is None:
        raise NotFound("DOCUMENT_NOT_FOUND", Text("El comprobante no existe", "The document does not exist"))
    return found


def document_by_number(
    session: Session, account_id: int, *, sunat_code: str, series: str, number: int, lock: bool = False
) -> DocumentRecord | None:
    """The tenant's voucher with that identity, or None; as it is now and locked until the transaction ends, if wanted.
    """
    query = documents_of(account_id).where(
        DocumentRecord.sunat_code == sunat_code, DocumentRecord.series == series, DocumentRecord.number == number
    )
    return session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)


def document_by_external_id(session: Session, account_id: int, external_id: str) -> DocumentRecord | None:
    """The tenant's voucher that the caller knows by his own id, or None."""
    return session.scalar(documents_of(account_id).where(DocumentRecord.external_id == external_id))


def twin(session: Session, account_id: int, fingerprint: str, *, since: datetime) -> DocumentRecord | None:
    """The newest voucher of the tenant made from the same body since an instant, for the duplicate guard."""
    return session.scalar(
        documents_of(account_id)
        .where(DocumentRecord.fingerprint == fingerprint, DocumentRecord.created_at >= since)
        .order_by(DocumentRecord.id.desc())
        .limit(1)
    )


def edition_of(session: Session, document: DocumentRecord, edition: int | None = None) -> EditionRecord:
    """An edition of a voucher (the current one unless told), with its signed bytes. Raises NotFound."""
    found = session.scalar(
        select(EditionRecord).where(
            EditionRecord.document_id == document.id, EditionRecord.edition == (edition or document.edition)
        )
    )
    if found is None:
        raise NotFound("EDITION_NOT_FOUND", Text("No existe esa edición", "There is no such edition"))
    return found


def delivery_of(session: Session, document: DocumentRecord) -> DeliveryRecord:
    """The delivery row of a voucher. Raises NotFound."""
    found = session.scalar(select(DeliveryRecord).where(DeliveryRecord.document_id == document.id))
    if found is None:
        raise NotFound("DELIVERY_NOT_FOUND", Text("No hay envío de este comprobante", "The document has no delivery"))
    return found


def evidence_of(session: Session, document: DocumentRecord, kind: str = "cdr") -> EvidenceRecord | None:
    """The newest evidence of a kind about the current edition of a voucher, or None.

    What came before the proof that let an edition be signed is about the former one.
    """
    about = select(EvidenceRecord).where(EvidenceRecord.document_id == document.id, EvidenceRecord.kind == kind)
    if document.edition > 1:
        proof = select(EditionRecord.evidence_id).where(
            EditionRecord.document_id == document.id, EditionRecord.edition == document.edition
        )
        about = about.where(EvidenceRecord.id > func.coalesce(proof.scalar_subquery(), 0))
    return session.scalar(about.order_by(EvidenceRecord.id.desc()).limit(1))
