"""``/V1/series/{id}/entries``: numbers for papers that another program makes."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from sqlalchemy.orm import Session

from app.accounts.auth import principal, requires
from app.accounts.once import once, writing
from app.clock import lima
from app.http import ApiBlueprint, office
from app.http.answers import language
from app.series import answers
from app.series.entries import Wish, entry_of, of_vouchers, page_of, previous_of, take
from app.series.models import EntryRecord, SeriesRecord
from app.series.schemas.entries import EXAMPLE, EntryAnswer, EntryList, EntryQuery, EntryRequest
from app.series.schemas.series import check_public_id
from app.series.views.asking import account_and_series
from app.wire.pages import page_body

blueprint = ApiBlueprint(
    "series_entries", __name__, url_prefix="/V1/series/<series_id>/entries",
    description="The numbers a series gave out; they never change",
)


@blueprint.route("")
class Entries(MethodView):
    """The entries of a series."""

    @requires("documents:write")
    @once
    @blueprint.arguments(EntryRequest, example=EXAMPLE)
    @blueprint.response(201, EntryAnswer)
    def post(self, given: dict[str, Any], series_id: str) -> Response:
        """Take the next number."""
        return _taken(series_id, given)

    @requires("series:read")
    @blueprint.arguments(EntryQuery, location="query")
    @blueprint.response(200, EntryList)
    def get(self, query: dict[str, Any], series_id: str) -> Response:
        """List the entries, the newest first."""
        services = office()
        with services.database.read() as session:
            row = _series(session, series_id)
            rows, total = page_of(session, row, page=query["page"], size=query["per_page"])
            previous = previous_of(session, rows)
            items = [_body(each, row, previous) for each in rows]
        return jsonify(page_body(
            "entries", items, address=f"{services.settings.public_url}/V1/series/{row.public_id}/entries",
            filters={"per_page": query["per_page"]}, page=query["page"], size=query["per_page"], total=total,
        ))


@blueprint.route("/<entry_id>")
class Entry(MethodView):
    """One entry."""

    @requires("documents:write")
    @once
    @blueprint.arguments(EntryRequest, example=EXAMPLE)
    @blueprint.response(201, EntryAnswer)
    @blueprint.alt_response(200, schema=EntryAnswer, description="It was there already: same id, same code")
    def put(self, given: dict[str, Any], series_id: str, entry_id: str) -> Response:
        """Take a number under an id of your own. The same id gives the same code for ever, whatever is sent later."""
        check_public_id(entry_id)
        return _taken(series_id, given, entry_id)

    @requires("series:read")
    @blueprint.response(200, EntryAnswer)
    def get(self, series_id: str, entry_id: str) -> Response:
        """Read an entry."""
        with office().database.read() as session:
            row = _series(session, series_id)
            found = entry_of(session, row, entry_id)
            return jsonify(_body(found, row, previous_of(session, [found])))


def _taken(series_id: str, given: dict[str, Any], public_id: str | None = None) -> Response:
    services = office()
    now = services.clock.now()
    with writing() as session:
        row = _series(session, series_id)
        made = take(session, row.id, Wish(
            issue_date=given.get("issue_date") or lima(now).date(), actor=principal().actor, public_id=public_id,
            details=given.get("metadata", {}),
        ), now=now)
        body = answers.entry_body(
            made.entry, row, previous=previous_of(session, [made.entry]), base_url=services.settings.public_url,
            language=language(), remarks=made.remarks,
        )
    answer = jsonify(body)
    answer.status_code = 201 if made.created else 200
    return answer


def _series(session: Session, series_id: str) -> SeriesRecord:
    _, row = account_and_series(session, series_id, {})
    if row.profile != "internal":
        raise of_vouchers(row)
    return row


def _body(entry: EntryRecord, row: SeriesRecord, previous: dict[int, str]) -> dict[str, Any]:
    return answers.entry_body(
        entry, row, previous=previous, base_url=office().settings.public_url, language=language()
    )
