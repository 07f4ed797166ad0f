"""``/V1/imports``: upload what another system left, read the report, confirm it."""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import datetime
from typing import Any, Final

from flask import request
from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy.orm import Session, undefer

from app.accounts.auth import principal, requires
from app.accounts.models import AccountRecord
from app.accounts.once import once, writing
from app.clock import lima
from app.http import ID, ApiBlueprint, office
from app.problems import Forbidden, Malformed, Text, TooLarge
from app.registry import operations
from app.registry.models import ImportRecord
from app.registry.planning import Choices
from app.registry.schemas import ConfirmRequest, ImportAnswer, ImportQuery, ImportRequest

_NO: Final = frozenset({"0", "false", "no"})
_BASE64_GROWTH: Final = 4 / 3

blueprint = ApiBlueprint(
    "imports", __name__, url_prefix="/V1/imports",
    description="Moving in: vouchers and CDRs of another system",
)


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.before_request
def _let_uploads_in() -> None:
    """Uploads have a limit of their own; it stands before the first byte of the body is read."""
    request.max_content_length = int(office().settings.max_import_bytes * _BASE64_GROWTH) + 65_536


@blueprint.route("")
class Imports(MethodView):
    """Uploading."""

    @requires("series:write")
    @once
    @blueprint.arguments(ImportRequest)
    @blueprint.response(201, ImportAnswer)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Analyse a zip of XML and CDR files. Nothing changes before its plan is confirmed.

        Send JSON with the zip in base64, or multipart/form-data with the zip as ``file``. The report tells what would
        be imported, per series what is missing and where its counter would stand, and why files are passed over.
        """
        uploaded = request.files.get("file")
        if uploaded is not None:
            given = {**given, **_form(request.form.to_dict())}
            name, content = uploaded.filename or "", uploaded.stream.read()
        else:
            name, content = given.get("name", ""), _decoded(given.get("file"))
        most = office().settings.max_import_bytes
        if len(content) > most:
            raise TooLarge(hint=Text(
                f"Hasta {most} bytes por envío: divídalo, o use chasqui import en el servidor",
                f"Up to {most} bytes each: divide it, or run chasqui import on the server",
            ))
        with office().database.read() as session:
            account = _account(session, given.get("account_id"))
        made = operations.reported(
            office(), account, name=name or "upload.zip", content=content, actor=principal().actor,
            choices=Choices(branches=given["create_branches"], defaults=given["set_defaults"]),
        )
        with writing() as session:
            operations.submit(session, made)
            return _answer(made)


@blueprint.route(f"/<{ID}:import_id>")
class Import(MethodView):
    """One import."""

    @requires("series:read")
    @blueprint.arguments(ImportQuery, location="query")
    @blueprint.response(200, ImportAnswer)
    def get(self, query: dict[str, Any], import_id: int) -> dict[str, Any]:
        """An import with its report and what came of it."""
        with office().database.read() as session:
            return _loaded(session, _account(session, query.get("account_id")).id, import_id)


@blueprint.route(f"/<{ID}:import_id>/confirm")
class Confirmation(MethodView):
    """Saying yes."""

    @requires("series:write")
    @once
    @blueprint.arguments(ConfirmRequest)
    @blueprint.response(200, ImportAnswer)
    def post(self, given: dict[str, Any], import_id: int) -> dict[str, Any]:
        """Apply an import whose report was read. If the answer is lost, confirm again: nothing is imported twice."""
        with office().database.read() as session:
            account = _account(session, given.get("account_id"))
        done = operations.confirm(office(), account, import_id, given["plan"], actor=principal().actor)
        with writing() as session:
            if done is not None:
                operations.finish(session, import_id, done, now=office().clock.now())
            return _loaded(session, account.id, import_id)


def _account(session: Session, account_id: int | None) -> AccountRecord:
    """The account to import into; a key that is bound to a branch moves nobody in."""
    asking = principal()
    if asking.branch_id is not None:
        raise Forbidden("BOUND_TO_BRANCH", Text(
            "Una credencial de establecimiento no importa", "A branch's credential imports nothing"
        ))
    return asking.reach(session, account_id)


def _decoded(text: str | None) -> bytes:
    if not text:
        raise Malformed("FILE_MISSING", Text(
            "Falta el archivo: file en base64, o multipart/form-data", "The file is missing: base64 or multipart"
        ), pointer="/file")
    try:
        return b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("FILE_BASE64", Text("file no es base64", "file is not base64"), pointer="/file") from error


def _form(fields: dict[str, str]) -> dict[str, Any]:
    """The form's fields as JSON would have them."""
    found: dict[str, Any] = {
        name: fields[name].lower() not in _NO for name in ("create_branches", "set_defaults") if name in fields
    }
    account = fields.get("account_id", "")
    if account.isascii() and account.isdigit() and len(account) < 19:
        found["account_id"] = int(account)
    return found


def _loaded(session: Session, account_id: int, import_id: int) -> dict[str, Any]:
    operations.import_of(session, account_id, import_id)
    row = session.get_one(ImportRecord, import_id, options=[undefer(ImportRecord.report)], populate_existing=True)
    return _answer(row)


def _answer(row: ImportRecord) -> dict[str, Any]:
    return {
        "import_id": row.id, "account_id": row.account_id, "plan": row.digest, "state": row.state,
        "report": row.report, "result": row.result, "created_at": _when(row.created_at),
        "confirmed_at": _when(row.confirmed_at), "finished_at": _when(row.finished_at),
    }


def _when(instant: datetime | None) -> str | None:
    return lima(instant).isoformat() if instant else None
