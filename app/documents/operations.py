"""Issuing a voucher: draft it, then number, sign and store it in one transaction.

::

    claim the idempotency key            (its own commit)
    draft, judge, relate                 (reading only; a refusal gives the key back)
    lock the series, check the number    ┐
    sign                                 │ one transaction: a number exists if and only if its signed bytes do
    store, advance, seal the key         ┘
    wake the delivery engine             (after the commit)

Rules: decisions 5, 7, 8, 10 and 11; `domain/numbering.md` 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.clock import LIMA
from app.db import Database
from app.documents.drafting import Draft, draft, refusal
from app.documents.signers import SignerDesk, Signing
from app.ledger import idempotency, store
from app.ledger.models import DeliveryRecord, DocumentRecord
from app.problems import Conflict, Forbidden, Item, Malformed, Refused, Text
from app.series import allocator
from app.series import operations as series_operations
from app.series.models import SeriesRecord
from app.wire.document_types import DOCUMENT_TYPES, DocumentType, type_of
from sunat.kinds import kind
from sunat.money import to_cents
from sunat.numbering import MAX_NUMBER, VoucherId
from sunat.terms import last_day
from sunat.ubl.printed import qr_text

NUMBER: Final = "/header/document_number"
_LETTERS: Final = {"01": "F", "03": "B"}
"""The first letter of a note's series, by the kind it modifies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: the account, the only branch his key may use (if bound), what he may do, his name in the ledger."""

    account_id: int
    branch_id: int | None
    may_force_numbers: bool
    may_leave_gaps: bool
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request to issue: ``body`` as loaded, ``raw`` as it came (that is what answers repeat), its fingerprint."""

    body: Mapping[str, Any]
    raw: dict[str, Any]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order understood: the rows it is for and its draft."""

    account: AccountRecord
    branch: BranchRecord
    series: SeriesRecord
    document_type: DocumentType
    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A voucher just issued: its row, its delivery that nobody has begun yet, its signed bytes."""

    document: DocumentRecord
    delivery: DeliveryRecord
    xml: bytes


def plan(session: Session, caller: Caller, order: Order, *, now: datetime) -> Plan:
    """Finds kind, series and branch of an order and drafts it. Raises every refusal there is before a number."""
    header = order.body["header"]
    account = session.get_one(AccountRecord, caller.account_id)
    if header.get("account_id") not in (None, account.id):
        raise Refused("ACCOUNT_MISMATCH", Text(
            "account_id no es la cuenta de la credencial", "account_id is not the credential's account"
        ), pointer="/header/account_id")
    document_type = document_type_of(header)
    row = kind(document_type.sunat_code)
    series = _series(session, caller, document_type, order.body)
    _guard_repetition(session, account, order, now)
    branch = session.get_one(BranchRecord, series.branch_id)
    drafted = draft(session, account, branch, series, row, order.body, now=now)
    _check_force(session, caller, account, series, header.get("document_number"), last_number=series.last_number)
    return Plan(account=account, branch=branch, series=series, document_type=document_type, draft=drafted)


def issue(
    database: Database, signers: SignerDesk, caller: Caller, order: Order, *, now: datetime,
    held: idempotency.Claim | None, answer: Callable[[Issued], tuple[int, bytes]],
) -> Issued:
    """Numbers, signs and stores a voucher; what ``answer`` makes of it is sealed under the held key.

    Raises the Problems of ``plan``, Conflict for a number or external id that is taken meanwhile, Refused when no
    certificate can sign.
    """
    with database.read() as session:
        planned = plan(session, caller, order, now=now)
        signing = signers.for_account(session, planned.account, now=now)
        session.expunge_all()
    try:
        with database.write() as session:
            return _numbered(session, caller, order, planned, signing, now=now, held=held, answer=answer)
    except IntegrityError as error:
        raise Conflict("ALREADY_ISSUED", Text(
            "El número o el external_id ya está en uso", "The number or the external_id is already in use"
        )) from error


def document_type_of(header: Mapping[str, Any]) -> DocumentType:
    """The contract's type of a request, by its id or by SUNAT's code. Raises Malformed for one not issued here."""
    given, code = header.get("document_type_id"), header.get("document_type_taxbureau")
    if given is None and code is not None:
        letter = (header.get("document_sequence_code") or "")[:1]
        for row in DOCUMENT_TYPES.values():
            if row.available and row.sunat_code == code and (not letter or not row.targets or letter in row.targets):
                return row
    found = type_of(given or "")
    if found is None or not found.available:
        raise Malformed("UNKNOWN_DOCUMENT_TYPE", Text(
            "Tipo de documento inválido (document_type_id)", "Invalid document type ID"
        ), pointer="/header/document_type_id")
    if code not in (None, found.sunat_code):
        raise Malformed("UNKNOWN_DOCUMENT_TYPE", Text(
            f"El tipo {found.id} es {found.sunat_code} para SUNAT, no {code}",
            f"Type {found.id} is {found.sunat_code} to SUNAT, not {code}",
        ), pointer="/header/document_type_taxbureau")
    return found


def _series(
    session: Session, caller: Caller, document_type: DocumentType, body: Mapping[str, Any]
) -> SeriesRecord:
    code = body["header"].get("document_sequence_code") or None
    if code and document_type.targets and code[:1] not in document_type.targets:
        raise Refused("SERIES_FORMAT", Text(
            f"La serie {code} no corresponde a {document_type.name}",
            f"Series {code} does not fit {document_type.name}",
        ), pointer=series_operations.POINTER)
    return series_operations.for_issuing(
        session, caller.account_id, sunat_code=document_type.sunat_code, code=code,
        target=_target(document_type, body),
        branch_id=_branch_named(session, caller, body), bound_branch_id=caller.branch_id,
    )


def _target(document_type: DocumentType, body: Mapping[str, Any]) -> str:
    """The letter of what a note modifies: what it refers to, or what its type usually modifies."""
    reference = (body.get("references") or [{}])[0]
    code = reference.get("document_type_taxbureau")
    if code is None:
        known = type_of(reference.get("document_type_id", ""))
        code = known.sunat_code if known else None
    letter = _LETTERS.get(code or "", "")
    return letter if letter in document_type.targets else document_type.target


def _branch_named(session: Session, caller: Caller, body: Mapping[str, Any]) -> int | None:
    code = body["header"].get("branch_office_code")
    if not code:
        return None
    found = session.scalar(
        select(BranchRecord).where(BranchRecord.account_id == caller.account_id, BranchRecord.code == code)
    )
    if found is None:
        raise Refused("BRANCH_UNKNOWN", Text(
            f"No existe el establecimiento {code}", f"There is no branch {code}"
        ), pointer="/header/branch_office_code")
    return found.id


def _guard_repetition(session: Session, account: AccountRecord, order: Order, now: datetime) -> None:
    """Catches the callers who send no idempotency key: by their own id, and by the duplicate guard."""
    external_id = order.body["header"].get("external_id")
    earlier = store.document_by_external_id(session, account.id, external_id) if external_id else None
    if earlier is not None:
        raise Conflict("EXTERNAL_ID_TAKEN", Text(
            f"Este external_id ya emitió {earlier.full_number}",
            f"This external_id has already issued {earlier.full_number}",
        ), pointer="/header/external_id", extra=_first(earlier))
    if account.duplicate_guard_minutes:
        since = now - timedelta(minutes=account.duplicate_guard_minutes)
        earlier = store.twin(session, account.id, order.fingerprint, since=since)
        if earlier is not None:
            raise Conflict("DUPLICATE", Text(
                f"El mismo contenido emitió {earlier.full_number} hace un momento",
                f"The same body issued {earlier.full_number} a moment ago",
            ), extra=_first(earlier), hint=Text(
                "Si es otra venta igual, envíe un external_id o una Idempotency-Key distintos",
                "If it is another, equal sale, send a different external_id or Idempotency-Key",
            ))


def _first(earlier: DocumentRecord) -> dict[str, Any]:
    return {"document_id": earlier.id, "number": earlier.full_number, "status": earlier.status}


def _check_force(
    session: Session, caller: Caller, account: AccountRecord, series: SeriesRecord, forced: int | None, *,
    last_number: int,
) -> None:
    """A forced number is free, not below the counter, and beyond the next one only where gaps may be declared."""
    if forced is None:
        return
    if not caller.may_force_numbers:
        raise Forbidden("NUMBER_FORCED", Text(
            "La credencial no puede fijar el número", "The credential may not force a number"
        ), pointer=NUMBER, hint=Text("Omita document_number", "Leave document_number out"))
    if not 1 <= forced <= MAX_NUMBER:
        raise Refused("NUMBER_RANGE", Text(
            f"El número de un comprobante va de 1 a {MAX_NUMBER}", f"A voucher's number goes from 1 to {MAX_NUMBER}"
        ), pointer=NUMBER, hint=Text("Omita document_number", "Leave document_number out"))
    taken = store.document_by_number(
        session, account.id, sunat_code=series.sunat_code, series=series.code, number=forced
    )
    if taken is not None:
        raise Conflict("NUMBER_TAKEN", Text(
            f"{series.code}-{forced} ya fue emitido", f"{series.code}-{forced} was already issued"
        ), pointer=NUMBER, extra=_first(taken))
    if forced <= last_number:
        raise Refused("NUMBER_BELOW_COUNTER", Text(
            f"{series.code} ya va en {last_number}: un número anterior no se emite",
            f"{series.code} already stands at {last_number}: an earlier number is not issued",
        ), pointer=NUMBER)
    if forced > last_number + 1 and not (caller.may_leave_gaps and account.allow_number_gaps):
        raise Refused("NUMBER_GAP", Text(
            f"El siguiente número de {series.code} es {last_number + 1}; saltarlo dejaría un hueco",
            f"The next number of {series.code} is {last_number + 1}; skipping it would leave a gap",
        ), pointer=NUMBER, hint=Text(
            "Omita document_number, o mueva el contador con PATCH /V1/document_types/{id} y un motivo",
            "Leave document_number out, or move the counter with PATCH /V1/document_types/{id} and a reason",
        ))


def _numbered(
    session: Session, caller: Caller, order: Order, planned: Plan, signing: Signing, *, now: datetime,
    held: idempotency.Claim | None, answer: Callable[[Issued], tuple[int, bytes]],
) -> Issued:
    """The transaction in which the number comes to exist."""
    account, series, content = planned.account, planned.series, planned.draft.content
    head = allocator.lock(session, series.id)
    _guard_repetition(session, account, order, now)  # again: its twin may have been issued since the first look
    observations = list(planned.draft.observations) + _out_of_order(head, content.issue_date)
    forced = order.body["header"].get("document_number")
    _check_force(session, caller, account, series, forced, last_number=head.last_number)
    if forced is not None and forced > head.last_number + 1:
        head = allocator.skip(
            session, head, to=forced - 1, reason="document_number", author=caller.actor, now=now
        )
    number = head.next_number
    voucher = VoucherId(ruc=account.ruc, type_code=series.sunat_code, series=series.code, number=number)
    signed = signing.signer.sign(planned.draft.voucher.numbered(number))
    chain = allocator.link(
        head.chain_head, ruc=account.ruc, sunat_code=series.sunat_code, series=series.code, number=number, edition=1,
        xml=signed.xml,
    )
    document = _record(caller, order, planned, voucher, observations, digest=signed.digest, now=now)
    delivery = store.store_issued(
        session, document,
        store.Signed(
            xml=signed.xml, digest=signed.digest, chain_previous=head.chain_head, chain_hash=chain,
            certificate_id=signing.certificate_id,
        ),
        now=now, deadline=_deadline(voucher, content.issue_date), held=held,
        answer=lambda made, sending: answer(Issued(document=made, delivery=sending, xml=signed.xml)),
    )
    allocator.advance(session, head, chain_head=chain, issue_date=content.issue_date, now=now)
    return Issued(document=document, delivery=delivery, xml=signed.xml)


def _record(
    caller: Caller, order: Order, planned: Plan, voucher: VoucherId, observations: list[Item], *, digest: str,
    now: datetime,
) -> DocumentRecord:
    content, target = planned.draft.content, planned.draft.target
    reference = getattr(content, "target", None)
    return DocumentRecord(
        account_id=planned.account.id, branch_id=planned.branch.id, series_id=planned.series.id,
        environment=planned.account.environment, ruc=voucher.ruc, sunat_code=voucher.type_code,
        document_type_id=planned.document_type.id, series=voucher.series, number=voucher.number,
        issue_date=content.issue_date, issue_time=content.issue_time, currency=content.currency,
        receiver_code=content.customer.identity_code, receiver_number=content.customer.identity_number,
        receiver_name=content.customer.name, net=to_cents(content.totals.value),
        taxes=to_cents(content.totals.tax_total), total=to_cents(content.totals.payable),
        target_sunat_code=reference.type_code if reference else None,
        target_series=reference.series if reference else None, target_number=reference.number if reference else None,
        target_document_id=target.id if target else None, external_id=order.body["header"].get("external_id"),
        fingerprint=order.fingerprint, request=order.raw, digest=digest,
        observations=[
            {**item.body("es"), "message_es": item.message.es, "message_en": item.message.en, "source": "chasqui"}
            for item in observations
        ],
        qr_text=qr_text(content, voucher, digest), actor=caller.actor, created_at=now,
    )


def _out_of_order(head: allocator.Head, issue_date: date) -> list[Item]:
    """Issue dates of a series run forward; the series says whether that is a remark or a rule (decision 11)."""
    if head.last_issue_date is None or issue_date >= head.last_issue_date or head.chronological == "off":
        return []
    item = Item(
        code="CHQ-CHRONOLOGICAL", pointer="/header/issue_date",
        severity="error" if head.chronological == "refuse" else "observation",
        message=Text(
            f"La serie ya tiene un comprobante del {head.last_issue_date.isoformat()}",
            f"The series already has a voucher of {head.last_issue_date.isoformat()}",
        ),
        hint=Text("Use esa fecha o una posterior", "Use that date or a later one"),
    )
    if item.severity == "error":
        raise refusal([item])
    return [item]


def _deadline(voucher: VoucherId, issue_date: date) -> datetime | None:
    """The last instant (UTC) at which SUNAT still takes the voucher: the end of its last day in Lima."""
    last = last_day(voucher.type_code, voucher.series, issue_date)
    return datetime.combine(last, time(23, 59, 59), LIMA).astimezone(UTC) if last else None
