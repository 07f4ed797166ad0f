"""``/V1/books``: the book of a month, the register of sales, and the comparison with SUNAT's list."""

from __future__ import annotations

from typing import IO, Any, Final

from flask import request
from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy.orm import Session

from app.accounts.auth import principal, requires
from app.accounts.models import AccountRecord
from app.audit.reading import snapshot
from app.books import registry, sales
from app.books.differences import compare
from app.books.files import sent, spooled
from app.books.reading import Scope
from app.books.schemas import (
    BookQuery,
    DifferencesAnswer,
    RegisterAnswer,
    RegisterQuery,
    RegistryAnswer,
    RegistryQuery,
)
from app.books.sheets import as_csv, write_workbook
from app.books.uploads import lines_of
from app.http import ApiBlueprint, Office, office
from app.problems import Malformed, Text
from app.wire.periods import month_of

_ENVELOPE: Final = 65_536
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_TOLD: Final = {
    "Chasqui-Entries": {"description": "With the zip: its entries", "schema": {"type": "string"}},
    "Chasqui-Total": {"description": "With the zip: their sum in soles", "schema": {"type": "string"}},
    "Chasqui-Left-Out": {
        "description": "With the zip: vouchers of the month that are not in it, by status (`rejected=2, voided=1`)",
        "schema": {"type": "string"},
    },
}

blueprint = ApiBlueprint(
    "books", __name__, url_prefix="/V1/books", description="Books of a month, and SUNAT's register of sales"
)


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.before_request
def _let_uploads_in() -> None:
    """Uploads have a limit of their own; it stands before the first byte of the body is read."""
    request.max_content_length = office().settings.max_import_bytes + _ENVELOPE


@blueprint.route("/registry")
class Registry(MethodView):
    """The book of all vouchers."""

    @requires("documents:read")
    @blueprint.arguments(RegistryQuery, location="query")
    @blueprint.response(200, RegistryAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """All vouchers of a month, every series and state, as CSV or workbook; as JSON their sums by kind."""
        services = office()
        account_id = _account_id(services, query)
        branch_id = principal().branch_id

        def write(target: IO[bytes]) -> None:
            with snapshot(services.database) as session:
                scope, sums = _scope(session, account_id, query["period"], branch_id), registry.Sums()
                rows = registry.rows(session, scope, sums)
                if query["format"] == "csv":
                    target.writelines(as_csv(rows))
                else:
                    write_workbook(target, rows, sums, title=f"{scope.account.ruc} {scope.period}")

        if query["format"] != "json":
            file, _ = spooled(write)
            return sent(file, _TYPES[query["format"]], f"comprobantes-{query['period']}.{query['format']}")
        with snapshot(services.database) as session:
            scope, sums = _scope(session, account_id, query["period"], branch_id), registry.Sums()
            count = sum(1 for _ in registry.rows(session, scope, sums))
            return {"period": scope.period, "vouchers": count, "sums": sums.lines}


@blueprint.route("/rvie")
class SalesRegister(MethodView):
    """The register of sales."""

    @requires("documents:read")
    @blueprint.arguments(RegisterQuery, location="query")
    @blueprint.response(200, RegisterAnswer, headers=_TOLD)
    def get(self, query: dict[str, Any]) -> Any:
        """The file that replaces SUNAT's proposal of the register of sales (SIRE), or its sums as JSON.

        Vouchers that SUNAT holds as good, in soles. Those that cannot be entered are answered with 422. What is left
        out by its status is told: in ``left_out``, and with the zip, which SUNAT wants with its one file only, in the
        header ``Chasqui-Left-Out``.
        """
        services = office()
        account_id = _account_id(services, query)
        branch_id = principal().branch_id

        def write(target: IO[bytes]) -> tuple[str, sales.Register]:
            with snapshot(services.database) as session:
                scope = _scope(session, account_id, query["period"], branch_id)
                return sales.write_replacement(session, scope, target, encoding=query["encoding"])

        if query["format"] == "zip":
            file, (name, found) = spooled(write)
            return sent(
                file, "application/zip", name, Chasqui_Entries=str(found.entries), Chasqui_Total=f"{found.total:.2f}",
                Chasqui_Left_Out=", ".join(f"{status}={count}" for status, count in sorted(found.left_out.items())),
            )
        with snapshot(services.database) as session:
            return summary(session, _scope(session, account_id, query["period"], branch_id))


@blueprint.route("/differences")
class Comparison(MethodView):
    """Our ledger against SUNAT's list."""

    @requires("documents:read")
    @blueprint.arguments(BookQuery, location="query")
    @blueprint.response(200, DifferencesAnswer)
    @blueprint.doc(requestBody={"required": True, "content": {
        name: {"schema": {"type": "string", "format": "binary"}} for name in ("text/plain", "application/zip")
    }})
    def post(self, query: dict[str, Any]) -> dict[str, Any]:
        """Compare a month with SUNAT's own list of it (the proposal that SIRE offers), as text or zip. Nothing changes.

        Every difference has a class, what either side says, and what to do next.
        """
        content = request.get_data(cache=False)
        if not content:
            raise Malformed("FILE_MISSING", Text("Falta el archivo", "The file is missing"), hint=Text(
                "Envíe la propuesta del RVIE que descargó de SIRE como cuerpo",
                "Send the RVIE proposal that you downloaded from SIRE as the body",
            ))
        services = office()
        account_id = _account_id(services, query)
        with snapshot(services.database) as session:
            scope = _scope(session, account_id, query["period"], principal().branch_id)
            return compare(session, scope, lines_of(content)).body


def summary(session: Session, scope: Scope) -> dict[str, Any]:
    """The sums of a register of sales. Raises Refused for vouchers that cannot be entered."""
    found = sales.Register()
    for _ in sales.entries(session, scope, found):
        pass
    if found.wrong_count:
        raise sales.refusal(found)
    return {
        "period": scope.period, "entries": found.entries, "left_out": found.left_out,
        "sums": {name: f"{amount:.2f}" for name, amount in found.sums.items()}, "total": f"{found.total:.2f}",
    }


def _account_id(services: Office, query: dict[str, Any]) -> int:
    month_of(query["period"])
    with services.database.read() as session:
        return principal().reach(session, query.get("account_id")).id


def _scope(session: Session, account_id: int, period: str, branch_id: int | None) -> Scope:
    first, last = month_of(period)
    return Scope(
        account=session.get_one(AccountRecord, account_id), period=period, first_day=first, last_day=last,
        branch_id=branch_id,
    )
