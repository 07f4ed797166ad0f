"""``POST /V1/validate``: what SUNAT would say of an XML or a zip, anybody's. Nothing is stored or sent."""

from __future__ import annotations

from typing import Any, Final

from flask import request
from flask.views import MethodView
from flask_smorest import Api

from app.accounts.auth import principal, requires
from app.accounts.models import AccountRecord
from app.checking.examining import body, reports
from app.checking.schemas import ValidateAnswer, ValidateQuery
from app.documents.relating import LedgerView
from app.http import ApiBlueprint, office
from app.http.answers import language
from app.problems import Malformed, Text, TooLarge
from app.registry.archives import MEGABYTE, Limits, Source
from sunat.rules.context import Context
from sunat.validation import Asked

LIMITS: Final = Limits(files=500, total_bytes=64 * MEGABYTE, zip_bytes=8 * MEGABYTE, depth=2)
"""How much is looked at in one request."""
_ENVELOPE: Final = 65_536
_MOST_FILES: Final = 100

blueprint = ApiBlueprint(
    "validate", __name__, url_prefix="/V1/validate", description="Judging anybody's XML by SUNAT's rules",
)

_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_BODY: Final = {
    "required": True,
    "content": {
        "application/xml": _BINARY,
        "application/zip": _BINARY,
        "multipart/form-data": {"schema": {"type": "object", "properties": {
            "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
        }}},
    },
}


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.before_request
def _let_uploads_in() -> None:
    """Uploads have a limit of their own; it stands before the first byte of the body is read."""
    request.max_content_length = office().settings.max_import_bytes + _ENVELOPE


@blueprint.route("")
class Validation(MethodView):
    """Validating."""

    @requires("documents:read")
    @blueprint.arguments(ValidateQuery, location="query")
    @blueprint.response(200, ValidateAnswer)
    @blueprint.doc(requestBody=_BODY)
    def post(self, query: dict[str, Any]) -> dict[str, Any]:
        """Judge an XML or a zip by every rule that SUNAT publishes. Nothing is stored or sent.

        Send the file as the body, or several as multipart/form-data. Vouchers of any system will do. A zip named as a
        voucher is judged as the parcel SUNAT gets; any other zip is a box of files, up to 500.
        """
        sources = _sources(query["name"])
        services = office()
        with services.database.read() as session:
            account = session.get_one(AccountRecord, principal().account)
            asked = Asked(
                received=query.get("date"), signed=query["signed"], schemas=services.schemas,
                strict=query.get("strict", account.strict_observations),
                context=Context(
                    received=services.clock.now().date(), exchange_rate=query.get("exchange_rate"),
                    ledger=LedgerView(session, account),
                ),
            )
            told = list(reports(sources, asked, LIMITS))
        return {
            "valid": not any(report.examined.rejected or report.examined.unjudged for _, report in told),
            "files": [body(report, language()) for _, report in told],
        }


def _sources(name: str) -> tuple[Source, ...]:
    uploaded = [file for _, file in request.files.items(multi=True)]
    if len(uploaded) > _MOST_FILES:
        raise TooLarge(hint=Text(
            f"Hasta {_MOST_FILES} archivos por solicitud: envíe un zip", f"Up to {_MOST_FILES} files: send a zip"
        ))
    if uploaded:
        return tuple(Source(name=file.filename or "file.xml", content=file.stream.read()) for file in uploaded)
    content = request.get_data(cache=False)
    if not content:
        raise Malformed("FILE_MISSING", Text("Falta el archivo", "The file is missing"), hint=Text(
            "Envíe el XML o el zip como cuerpo, o en multipart/form-data",
            "Send the XML or the zip as the body, or as multipart/form-data",
        ))
    return (Source(name=name or ("body.zip" if content.startswith(b"PK") else "body.xml"), content=content),)
