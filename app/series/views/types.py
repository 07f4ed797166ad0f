"""``/V1/document_types``: the contract's door to series and counters."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from sqlalchemy.orm import Session

from app.accounts import operations as accounts
from app.accounts.auth import Principal, principal, requires
from app.accounts.models import AccountRecord
from app.http import ID, ApiBlueprint, office
from app.problems import Forbidden, NotFound, Refused, Text
from app.series import operations
from app.series.models import SeriesRecord
from app.series.schemas.types import TypeAnswer, TypeChange, TypeList, TypeQuery
from app.wire.document_types import DOCUMENT_TYPES, DocumentType
from app.wire.pages import whole_body
from app.wire.paper_types import PAPER_TYPES, PaperType

blueprint = ApiBlueprint(
    "document_types", __name__, url_prefix="/V1/document_types",
    description="Kinds of voucher, their series and counters",
)


@blueprint.route("")
class DocumentTypes(MethodView):
    """All types."""

    @requires("series:read")
    @blueprint.arguments(TypeQuery, location="query")
    @blueprint.response(200, TypeList)
    def get(self, query: dict[str, Any]) -> Response:
        """List the types with their series."""
        with office().database.read() as session:
            account = principal().reach(session, query.get("account_id"))
            rows = list(session.scalars(operations.series_of(account.id).order_by(SeriesRecord.code)))
        code = query.get("document_sequence_code")
        items = [_answer(kind, rows, code) for kind in DOCUMENT_TYPES.values()]
        items += [_paper_answer(kind, rows, code) for kind in PAPER_TYPES.values()]
        return jsonify(whole_body(
            "document_types", items, address=f"{office().settings.public_url}/V1/document_types"
        ))


@blueprint.route(f"/<{ID}:document_type_id>")
class OneType(MethodView):
    """One type."""

    @requires("series:read")
    @blueprint.arguments(TypeQuery, location="query")
    @blueprint.response(200, TypeAnswer)
    def get(self, query: dict[str, Any], document_type_id: int) -> dict[str, Any]:
        """Read a type: the counter of the series asked for, else of its default series."""
        code = query.get("document_sequence_code")
        with office().database.read() as session:
            account = principal().reach(session, query.get("account_id"))
            rows = list(session.scalars(operations.series_of(account.id).order_by(SeriesRecord.code)))
        paper = PAPER_TYPES.get(document_type_id)
        body = _answer(_kind(document_type_id), rows, code) if paper is None else _paper_answer(paper, rows, code)
        if code is not None and not any(row["document_sequence_code"] == code for row in body["sequences"]):
            raise NotFound("SERIES_NOT_FOUND", Text(
                f"La serie {code} no está registrada", f"Series {code} is not registered"
            ), pointer="/document_sequence_code")
        return body

    @requires("series:write")
    @blueprint.arguments(TypeChange)
    @blueprint.response(201, TypeAnswer)
    def patch(self, given: dict[str, Any], document_type_id: int) -> dict[str, Any]:
        """Set the last number used, register a series, retire it, or make it the default.

        A series that is not registered and fits the type is registered. Types 98 and 155 share their series.
        """
        if document_type_id in PAPER_TYPES:
            raise Refused("TYPE_NOT_AVAILABLE", Text(
                "Las series de papeles internos se cambian en /V1/series",
                "The series of internal papers are changed at /V1/series",
            ))
        kind = _kind(document_type_id)
        if not kind.available:
            raise Refused("TYPE_NOT_AVAILABLE", Text(
                f"{kind.name} no se emite desde aquí", f"{kind.name} is not issued from here"
            ))
        if not given.keys() & {"last_sequence_number", "document_sequence_code"}:
            raise Refused(pointer="/last_sequence_number", text=Text(
                "Falta last_sequence_number o document_sequence_code",
                "last_sequence_number or document_sequence_code is missing",
            ))
        with office().database.write() as session:
            account = principal().reach(session, given.get("account_id"))
            row = _find_or_register(session, principal(), account, kind, given)
            _change(session, row, given)
            rows = list(session.scalars(operations.series_of(account.id).order_by(SeriesRecord.code)))
            return _answer(kind, rows, row.code)


def _find_or_register(
    session: Session, asking: Principal, account: AccountRecord, kind: DocumentType, given: dict[str, Any]
) -> SeriesRecord:
    code, branch_id = given.get("document_sequence_code"), given.get("company_branch_id")
    if branch_id is not None and asking.branch_id not in (None, branch_id):
        raise _another_branch()
    where = branch_id or asking.branch_id or accounts.head_office(session, account.id).id
    if code is None:
        found = operations.default_of(session, account.id, where, kind.sunat_code, kind.target)
        if found is None:
            raise Refused("SERIES_NO_DEFAULT", Text(
                "No hay una serie por defecto; envíe document_sequence_code",
                "There is no default series; send document_sequence_code",
            ), pointer="/document_sequence_code")
        return found
    operations.check_form(kind.sunat_code, code, pointer="/document_sequence_code")
    if kind.targets and code[:1] not in kind.targets:
        raise Refused("SERIES_FORMAT", Text(
            f"La serie {code} no corresponde a {kind.name}", f"Series {code} does not fit {kind.name}"
        ), pointer="/document_sequence_code")
    found = operations.find(session, account.id, kind.sunat_code, code)
    if found is None:
        operations.check_limit(session, account.id, office().settings.series_limit)
        branch = accounts.branch_of(session, account.id, where)
        found = operations.register(
            session, branch, account, sunat_code=kind.sunat_code, code=code, now=office().clock.now(),
            pointer="/document_sequence_code",
        )
    if asking.branch_id not in (None, found.branch_id):
        raise _another_branch()
    return found


def _change(session: Session, row: SeriesRecord, given: dict[str, Any]) -> None:
    now = office().clock.now()
    if given.get("active") is True:
        operations.set_active(session, row, True, now=now)
    if "last_sequence_number" in given:
        operations.set_last_number(
            session, row.id, given["last_sequence_number"], reason=given.get("reason", ""),
            author=principal().actor, now=now,
        )
    if "chronological" in given:
        row.chronological, row.updated_at = given["chronological"], now
    if given.get("is_default"):
        operations.make_default(session, row, now=now)
    if given.get("active") is False:
        operations.set_active(session, row, False, now=now)
    session.flush()


def _kind(document_type_id: int) -> DocumentType:
    found = DOCUMENT_TYPES.get(document_type_id)
    if found is None:
        raise NotFound("DOCUMENT_TYPE", Text("Tipo de documento no válido", "Invalid document type ID"))
    return found


def _of_kind(kind: DocumentType, rows: list[SeriesRecord]) -> list[SeriesRecord]:
    if not kind.issued:
        return []
    targets = kind.targets or ("",)
    return [row for row in rows if row.sunat_code == kind.sunat_code and row.target in targets]


def _answer(kind: DocumentType, rows: list[SeriesRecord], code: str | None) -> dict[str, Any]:
    mine = _of_kind(kind, rows)
    usual = [row for row in mine if row.is_default and row.target == kind.target]
    chosen = next((row for row in mine if row.code == code), None) or next(iter(usual), None)
    charge = int(kind.charge)
    return {
        "document_type_id": kind.id, "name": kind.name, "document_type_taxbureau": kind.sunat_code,
        "document_sequence_code": chosen.code if chosen else None,
        "last_sequence_number": chosen.last_number if chosen else 0,
        "active_user": int(any(row.active for row in mine)), "active_system": int(kind.available),
        "received_issued_flag": int(kind.issued), "charge_credit_flag": charge, "charged_credit_flag": charge,
        "sequences": [_sequence(row) for row in mine],
    }


def _paper_answer(paper: PaperType, rows: list[SeriesRecord], code: str | None) -> dict[str, Any]:
    """An internal paper among the types: numbered by us, unknown to SUNAT."""
    mine = [row for row in rows if row.kind == paper.kind]
    usual = next((row for row in mine if row.is_default), None)
    chosen = next((row for row in mine if row.code == code), usual)
    return {
        "document_type_id": paper.id, "name": paper.name, "document_type_taxbureau": "",
        "document_sequence_code": chosen.code if chosen else None,
        "last_sequence_number": chosen.last_number if chosen else 0,
        "active_user": int(any(row.active for row in mine)), "active_system": 1, "received_issued_flag": 1,
        "charge_credit_flag": 1, "charged_credit_flag": 1, "sequences": [_sequence(row) for row in mine],
    }


def _sequence(row: SeriesRecord) -> dict[str, Any]:
    capacity = operations.scheme_of(row).capacity
    return {
        "document_sequence_code": row.code, "last_sequence_number": row.last_number,
        "next_sequence_number": row.next_number if row.last_number < capacity else None,
        "remaining": capacity - row.last_number, "near_end": row.last_number * 100 >= capacity * 99,
        "active": row.active, "is_default": row.is_default,
        "company_branch_id": row.branch_id, "chronological": row.chronological,
    }


def _another_branch() -> Forbidden:
    return Forbidden("SERIES_OF_ANOTHER_BRANCH", Text(
        "La credencial no puede usar series de otro establecimiento",
        "The credential may not use another branch's series",
    ), pointer="/document_sequence_code")
