"""``/V1/books``: the book of a month, the register of sales, and the comparison with SUNAT's list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final

from flask import Response, request
from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy.orm import Session

from app.accounts.auth import principal, requires
from app.accounts.models import AccountRecord
from app.audit.reading import snapshot
from app.books import registry, sales
from app.books.differences import compare
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
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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
        if query["format"] == "csv":
            pieces = _csv(services, account_id, query["period"], principal().branch_id)
            return _sent(pieces, "text/csv; charset=utf-8", f"{_named(query)}.csv")
        with snapshot(services.database) as session:
            scope = _scope(session, account_id, query["period"], principal().branch_id)
            sums = registry.Sums()
            rows = registry.rows(session, scope, sums)
            if query["format"] == "xlsx":
                target = BytesIO()
                write_workbook(target, rows, sums, title=f"{scope.account.ruc} {scope.period}")
                return _sent([target.getvalue()], _XLSX, f"{_named(query)}.xlsx")
            count = sum(1 for _ in rows)
            return {"period": scope.period, "vouchers": count, "sums": sums.lines}


@blueprint.route("/rvie")
class SalesRegister(MethodView):
    """The register of sales."""

    @requires("documents:read")
    @blueprint.arguments(RegisterQuery, location="query")
    @blueprint.response(200, RegisterAnswer)
    def get(self, query: dict[str, Any]) -> Any:
        """The file that replaces SUNAT's proposal of the register of sales (SIRE), or its sums as JSON.

        Vouchers that SUNAT holds as good, in soles. Those that cannot be entered are answered with 422.
        """
        services = office()
        account_id = _account_id(services, query)
        with snapshot(services.database) as session:
            scope = _scope(session, account_id, query["period"], principal().branch_id)
            if query["format"] == "zip":
                target = BytesIO()
                name, _ = sales.write_replacement(session, scope, target, encoding=query["encoding"])
                return _sent([target.getvalue()], "application/zip", name)
            return summary(session, scope)


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


def _csv(services: Office, account_id: int, period: str, branch_id: int | None) -> Iterator[bytes]:
    """The book while it is read; the picture of the database lasts as long as the answer."""
    with snapshot(services.database) as session:
        scope = _scope(session, account_id, period, branch_id)
        yield from as_csv(registry.rows(session, scope, registry.Sums()))


def _sent(pieces: Iterable[bytes], mimetype: str, name: str) -> Response:
    answer = Response(pieces, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _named(query: dict[str, Any]) -> str:
    return f"comprobantes-{query['period']}"
