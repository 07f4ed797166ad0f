"""``/V1/series/import``: series and last numbers of a former system, as CSV or JSON, with a dry run."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import ValidationError

from app.accounts.auth import principal, requires
from app.accounts.once import once, writing
from app.http import ApiBlueprint, office
from app.http.answers import malformed
from app.problems import Malformed, Text
from app.series import importing
from app.series.schemas.series import SeriesImportAnswer, SeriesImportQuery, SeriesImportRequest
from app.series.views.asking import check_branch

blueprint = ApiBlueprint(
    "series_import", __name__, url_prefix="/V1/series/import",
    description="Moving in from another system",
)
_REQUEST = SeriesImportRequest()


@blueprint.route("", methods=["POST"])
@requires("series:write")
@once
@blueprint.arguments(SeriesImportQuery, location="query")
@blueprint.response(200, SeriesImportAnswer)
@blueprint.doc(requestBody={
    "required": True,
    "content": {
        "text/csv": {"schema": {"type": "string"}, "example": "type,code,last_number\n01,F001,12345\n"},
        "application/json": {
            "schema": {"type": "object", "required": ["rows"], "properties": {
                "rows": {"type": "array", "items": {"type": "object"}}, "account_id": {"type": "integer"},
            }},
            "example": {"rows": [{"type": "01", "code": "F001", "last_number": 12345}]},
        },
    },
})
def bring_in(query: dict[str, Any]) -> dict[str, Any]:
    """Set the last numbers of many series at once, all of them or none; ``dry_run=1`` only tells what would change.

    Rows have type (SUNAT's code or an internal kind), code, last_number, and if wanted branch, name, prefix, suffix,
    padding, overflow, format, counter_reset, reason.
    """
    services, asking = office(), principal()
    dry_run = bool(query["dry_run"])
    account_id, rows = _read(query)
    with writing() as session:
        account = asking.reach(session, account_id)
        outcomes = importing.bring_in(
            session, account, rows, author=asking.actor, limit=services.settings.series_limit,
            now=services.clock.now(), dry_run=dry_run, may_use=lambda branch_id: check_branch(asking, branch_id),
        )
    return importing.body_of(outcomes, dry_run=dry_run)


def _read(query: dict[str, Any]) -> tuple[int | None, list[dict[str, Any]]]:
    """The account named, if any, and the rows, from either form of body."""
    if request.mimetype == "text/csv":
        return query.get("account_id"), importing.loaded(importing.rows_of(request.get_data()))
    given = request.get_json(force=True)
    if not isinstance(given, dict):
        raise Malformed("MALFORMED", Text("El cuerpo debe ser un objeto", "The body must be an object"))
    try:
        body = _REQUEST.load(given)
    except ValidationError as error:
        raise malformed(error.messages) from error
    return body.get("account_id", query.get("account_id")), importing.loaded(body["rows"])
