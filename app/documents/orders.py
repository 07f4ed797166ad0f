"""What a caller asks for, understood: kind, series, branch and a draft, with every refusal there is before a number.

Rules: decisions 5, 7, 10 and 12; `domain/numbering.md` 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.documents.drafting import Draft, draft
from app.ledger import store
from app.ledger.models import DocumentRecord
from app.problems import Conflict, Forbidden, Malformed, Refused, Text
from app.series import contingency
from app.series import operations as series_operations
from app.series.models import SeriesRecord
from app.wire.document_types import DOCUMENT_TYPES, DocumentType, type_of
from app.wire.paper_types import paper_type_of
from sunat.kinds import kind
from sunat.numbering import MAX_NUMBER, is_contingency
from sunat.schemas import Schemas

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
    """A request to issue: ``body`` as loaded, ``raw`` as it came (that is what answers repeat), its fingerprint.

    ``keyed`` says that it came with an Idempotency-Key of its own, which is a better guard than its likeness;
    ``corrects`` is the voucher whose next edition it is to be.
    """

    body: Mapping[str, Any]
    raw: dict[str, Any]
    fingerprint: str
    keyed: bool = False
    corrects: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An order understood: the rows it is for and its draft."""

    account: AccountRecord
    branch: BranchRecord
    series: SeriesRecord
    document_type: DocumentType
    draft: Draft


def plan(
    session: Session, caller: Caller, order: Order, *, now: datetime, schemas: Schemas | None = None
) -> Plan:
    """Finds kind, series and branch of an order and drafts it. Raises every refusal there is before a number."""
    header = order.body["header"]
    account = session.get_one(AccountRecord, caller.account_id)
    check_account(header, account)
    document_type = document_type_of(header)
    row = kind(document_type.sunat_code)
    series = _series(session, caller, document_type, order.body)
    guard_repetition(session, account, order, now)
    branch = session.get_one(BranchRecord, series.branch_id)
    corrects = order.corrects
    drafted = draft(session, account, branch, series, row, order.body, now=now, schemas=schemas, corrects=corrects)
    check_force(session, caller, account, series, header.get("document_number"), last_number=series.last_number)
    return Plan(account=account, branch=branch, series=series, document_type=document_type, draft=drafted)


def check_account(header: Mapping[str, Any], account: AccountRecord) -> None:
    """Refuses a body that names another account than the credential's."""
    if header.get("account_id") not in (None, account.id):
        raise Refused("ACCOUNT_MISMATCH", Text(
            "account_id no es la cuenta de la credencial", "account_id is not the credential's account"
        ), pointer="/header/account_id")


def document_type_of(header: Mapping[str, Any]) -> DocumentType:
    """The contract's type of a request, by its id or by SUNAT's code. Raises Malformed for one not issued here."""
    given, code = header.get("document_type_id"), header.get("document_type_taxbureau")
    if given is None and code is not None:
        series = header.get("document_sequence_code") or ""
        letter = "" if is_contingency(series) else series[:1]
        for row in DOCUMENT_TYPES.values():
            if row.available and row.sunat_code == code and (not letter or not row.targets or letter in row.targets):
                return row
    if paper_type_of(given or "") is not None:
        raise Refused("PAPER_IN_BATCH", Text(
            "Un papel interno se emite solo, no en un lote", "An internal paper is issued by itself, not in a batch"
        ), pointer="/header/document_type_id")
    found = type_of(given or "")
    if found is not None and found.issued and not found.available:
        raise Refused("CHQ-UNSUPPORTED", Text(
            f"{found.name}: todavía no se puede emitir con esta versión",
            f"{found.name}: it cannot be issued with this version yet",
        ), pointer="/header/document_type_id")
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
    fitting = not document_type.targets or is_contingency(code or "") or (code or "")[:1] in document_type.targets
    if code and not fitting:
        raise Refused("SERIES_FORMAT", Text(
            f"La serie {code} no corresponde a {document_type.name}",
            f"Series {code} does not fit {document_type.name}",
        ), pointer=series_operations.POINTER)
    return series_operations.for_issuing(
        session, caller.account_id, sunat_code=document_type.sunat_code, code=code,
        target=_target(session, caller, document_type, body),
        branch_id=branch_named(session, caller, body), bound_branch_id=caller.branch_id,
    )


def _target(session: Session, caller: Caller, document_type: DocumentType, body: Mapping[str, Any]) -> str:
    """The letter of what a note modifies: what it refers to, or what its type usually modifies."""
    reference = (body.get("references") or [{}])[0]
    code = reference.get("document_type_taxbureau")
    if code is None and reference.get("reference_document_id") is not None:
        document_id = reference["reference_document_id"]
        code = session.scalar(
            store.documents_of(caller.account_id)
            .with_only_columns(DocumentRecord.sunat_code)
            .where(DocumentRecord.id == document_id)
        )
    if code is None:
        known = type_of(reference.get("document_type_id", ""))
        code = known.sunat_code if known else None
    letter = _LETTERS.get(code or "", "")
    return letter if letter in document_type.targets else document_type.target


def branch_named(session: Session, caller: Caller, body: Mapping[str, Any]) -> int | None:
    """The branch that a body names by its code, if it does. Raises Refused for one that is not there."""
    code = body["header"].get("branch_office_code")
    if not code:
        return None
    found = series_operations.branch_by_code(session, caller.account_id, code)
    if found is None:
        raise Refused("BRANCH_UNKNOWN", Text(
            f"No existe el establecimiento {code}", f"There is no branch {code}"
        ), pointer="/header/branch_office_code")
    return found.id


def guard_repetition(session: Session, account: AccountRecord, order: Order, now: datetime) -> None:
    """Catches the callers who send no idempotency key: by their own id, and by the duplicate guard."""
    external_id = order.body["header"].get("external_id")
    earlier = store.document_by_external_id(session, account.id, external_id) if external_id else None
    if earlier is not None:
        raise Conflict("EXTERNAL_ID_TAKEN", Text(
            f"Este external_id ya emitió {earlier.full_number}",
            f"This external_id has already issued {earlier.full_number}",
        ), pointer="/header/external_id", extra=_first(earlier))
    if account.duplicate_guard_minutes and not order.keyed:
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


def check_force(
    session: Session, caller: Caller, account: AccountRecord, series: SeriesRecord, forced: int | None, *,
    last_number: int,
) -> None:
    """A forced number is free, not below the counter, and beyond the next one only where gaps may be declared.

    On pre-printed paper the number is always the caller's, free and inside a registered range.
    """
    if series.profile == "contingency":
        _check_free(session, series, contingency.check_number(session, series, forced))
        return
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
    _check_free(session, series, forced)
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


def _check_free(session: Session, series: SeriesRecord, number: int) -> None:
    taken = store.document_by_number(
        session, series.account_id, sunat_code=series.sunat_code, series=series.code, number=number
    )
    if taken is not None:
        raise Conflict("NUMBER_TAKEN", Text(
            f"{series.code}-{number} ya fue emitido", f"{series.code}-{number} was already issued"
        ), pointer=NUMBER, extra=_first(taken))
