"""``/V1/company_branches``: establishments and points of sale, with the series that belong to them."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from sqlalchemy.orm import Session

from app.accounts import answers, operations
from app.accounts.auth import principal, requires
from app.accounts.interfaces import series_desk
from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.once import once, writing
from app.accounts.schemas.branches import BranchAnswer, BranchChange, BranchRequest
from app.accounts.schemas.shapes import AccountQuery, Listing
from app.http import ID, ApiBlueprint, office
from app.problems import Conflict, Forbidden, Text
from app.wire.pages import whole_body

blueprint = ApiBlueprint(
    "company_branches", __name__, url_prefix="/V1/company_branches",
    description="Establishments and points of sale, and the series that belong to them",
)

_COLUMNS = {
    "name": "name", "branch_type": "branch_type", "address": "address", "district": "district", "city": "city",
    "department": "department", "phone": "phone", "branding": "branding", "ubigeo": "ubigeo",
    "company_branch_tax_code": "establishment_code",
    "establishment_code": "establishment_code", "company_branch_internal_code": "code",
    "parent_company_branch_id": "parent_id",
}


@blueprint.route("")
class Branches(MethodView):
    """All branches of an account."""

    @requires("branches:write")
    @once
    @blueprint.arguments(BranchRequest)
    @blueprint.response(201, BranchAnswer)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Add a branch; without an internal code its establishment code is used."""
        with writing() as session:
            account = _account(session, given.get("account_id"))
            _check_rank(given, headquarters=False)
            fields = _fields(given)
            fields.setdefault("code", fields.setdefault("establishment_code", operations.HEAD_OFFICE_CODE))
            branch = operations.create_branch(session, account, fields, now=office().clock.now())
            _assign(session, account, branch, given)
            return _answer(session, branch)

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, Listing)
    def get(self, query: dict[str, Any]) -> Response:
        """List the branches."""
        with office().database.read() as session:
            account = principal().reach(session, query.get("account_id"))
            rows = session.scalars(operations.branches_of(account.id).order_by(BranchRecord.id)).all()
            items = [_answer(session, row) for row in rows]
        address = f"{office().settings.public_url}/V1/company_branches"
        return jsonify(whole_body("company_branches", items, address=address))


@blueprint.route(f"/<{ID}:company_branch_id>")
class Branch(MethodView):
    """One branch."""

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, BranchAnswer)
    def get(self, query: dict[str, Any], company_branch_id: int) -> dict[str, Any]:
        """Read a branch."""
        with office().database.read() as session:
            account = principal().reach(session, query.get("account_id"))
            return _answer(session, operations.branch_of(session, account.id, company_branch_id))

    @requires("branches:write")
    @once
    @blueprint.arguments(BranchChange)
    @blueprint.response(200, BranchAnswer)
    def put(self, given: dict[str, Any], company_branch_id: int) -> dict[str, Any]:
        """Change a branch; members that are not sent stay. ``document_sequence_codes`` moves series to it."""
        with writing() as session:
            account = _account(session, given.get("account_id"))
            branch = operations.branch_of(session, account.id, company_branch_id)
            _check_rank(given, headquarters=branch.is_headquarters)
            operations.change_branch(session, branch, _fields(given))
            _assign(session, account, branch, given)
            return _answer(session, branch)

    @requires("branches:write")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], company_branch_id: int) -> None:
        """Remove a branch that has no series, keys or vouchers."""
        with office().database.write() as session:
            account = _account(session, query.get("account_id"))
            operations.remove_branch(session, operations.branch_of(session, account.id, company_branch_id))


def _account(session: Session, account_id: int | None) -> AccountRecord:
    """The account to change; a key that is bound to a branch may not rearrange branches."""
    asking = principal()
    if asking.branch_id is not None:
        raise Forbidden("BOUND_TO_BRANCH", Text(
            "Una credencial de establecimiento no cambia establecimientos", "A branch's credential changes no branches"
        ))
    return asking.reach(session, account_id)


def _check_rank(given: dict[str, Any], *, headquarters: bool) -> None:
    if "is_headquarters" in given and bool(given["is_headquarters"]) != headquarters:
        raise Conflict("HEAD_OFFICE", Text(
            "El domicilio fiscal se registra con la cuenta y es uno solo",
            "The head office comes with the account and there is one only",
        ), pointer="/is_headquarters")


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    return {column: given[name] for name, column in _COLUMNS.items() if name in given}


def _assign(session: Session, account: AccountRecord, branch: BranchRecord, given: dict[str, Any]) -> None:
    codes = given.get("document_sequence_codes")
    if codes:
        series_desk().assign(session, account, branch, codes, now=office().clock.now())


def _answer(session: Session, branch: BranchRecord) -> dict[str, Any]:
    return answers.branch(branch, series_desk().codes(session, branch.account_id, branch.id))
