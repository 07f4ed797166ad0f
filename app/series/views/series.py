"""``/V1/series``: where numbers come from, SUNAT's and those of internal papers."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.auth import principal, requires
from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.once import once, writing
from app.clock import lima
from app.http import ApiBlueprint, office
from app.series import answers, configuring, contingency, operations
from app.series.importing import csv_of
from app.series.models import DeclaredGapRecord, SeriesRecord
from app.series.schemas.series import (
    EXAMPLE,
    CloneRequest,
    Loose,
    PreviewAnswer,
    PreviewRequest,
    SeriesAnswer,
    SeriesChange,
    SeriesList,
    SeriesQuery,
    SeriesRequest,
    check_public_id,
)
from app.series.scheme import Place
from app.series.template import usual
from app.series.views.asking import (
    account_and_series,
    branch_for,
    check_branch,
    etag,
    version_wanted,
)
from app.wire.pages import page_body

blueprint = ApiBlueprint(
    "series", __name__, url_prefix="/V1/series",
    description="Series, their counters and their entries",
)


class Whose(Loose):
    """Which account, for operators."""

    account_id = SeriesQuery._declared_fields["account_id"]


@blueprint.route("")
class AllSeries(MethodView):
    """The series of an account."""

    @requires("series:write")
    @once
    @blueprint.arguments(SeriesRequest, example=EXAMPLE)
    @blueprint.response(201, SeriesAnswer)
    def post(self, given: dict[str, Any]) -> Response:
        """Create a series; the first of its branch and kind becomes the default."""
        with writing() as session:
            return _made(session, given, None)

    @requires("series:read")
    @blueprint.arguments(SeriesQuery, location="query")
    @blueprint.response(200, SeriesList)
    def get(self, query: dict[str, Any]) -> Response:
        """List the series."""
        services, asking = office(), principal()
        with services.database.read() as session:
            account = asking.reach(session, query.get("account_id"))
            found = _visible(account)
            for name, column in (
                ("kind", SeriesRecord.kind), ("code", SeriesRecord.code), ("branch", SeriesRecord.branch_id),
                ("active", SeriesRecord.active),
            ):
                if name in query:
                    found = found.where(column == query[name])
            ordered = found.order_by(SeriesRecord.id)
            total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
            size, page = query["per_page"], query["page"]
            rows = list(session.scalars(ordered.offset((page - 1) * size).limit(size)))
            items = _bodies(session, account, rows)
        filters = {name: value for name, value in query.items() if name != "page"}
        return jsonify(page_body(
            "series", items, address=f"{services.settings.public_url}/V1/series", filters=filters, page=page, size=size,
            total=total,
        ))


@blueprint.route("/<series_id>")
class OneSeries(MethodView):
    """One series."""

    @requires("series:write")
    @once
    @blueprint.arguments(SeriesRequest, example=EXAMPLE)
    @blueprint.response(201, SeriesAnswer)
    @blueprint.alt_response(200, schema=SeriesAnswer, description="It was there already")
    def put(self, given: dict[str, Any], series_id: str) -> Response:
        """Create a series under an id of your own (64 letters, digits, dots, dashes); repeating it is harmless."""
        check_public_id(series_id)
        with writing() as session:
            account = principal().reach(session, given.get("account_id"))
            operations.serialise(session, account.id)
            found = session.scalar(
                operations.series_of(account.id).where(SeriesRecord.public_id == series_id)
            )
            if found is None:
                return _made(session, given, series_id)
            check_branch(principal(), found.branch_id)
            configuring.check_same(found, given)
            return _whole(session, account, found)

    @requires("series:read")
    @blueprint.arguments(Whose, location="query")
    @blueprint.response(200, SeriesAnswer)
    def get(self, query: dict[str, Any], series_id: str) -> Response:
        """Read a series. Its ETag is the version that a PATCH must name."""
        with office().database.read() as session:
            return _whole(session, *account_and_series(session, series_id, query))

    @requires("series:write")
    @blueprint.arguments(SeriesChange)
    @blueprint.response(200, SeriesAnswer)
    def patch(self, given: dict[str, Any], series_id: str) -> Response:
        """Change what comes next; what was numbered stays. If-Match names the version you read (or ``*``)."""
        version = version_wanted(needed=True)
        with office().database.write() as session:
            account = principal().reach(session, given.get("account_id"))
            operations.serialise(session, account.id)
            account, row = account_and_series(session, series_id, given, lock=True)
            if "branch" in given:
                branch_for(session, account, given["branch"])
            configuring.change(
                session, row, given, version=version, author=principal().actor, now=office().clock.now()
            )
            return _whole(session, account, row)

    @requires("series:write")
    @blueprint.arguments(Whose, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], series_id: str) -> None:
        """Remove a series that was never used; a used one can be retired with PATCH."""
        version = version_wanted(needed=False)
        with office().database.write() as session:
            account = principal().reach(session, query.get("account_id"))
            operations.serialise(session, account.id)
            _, row = account_and_series(session, series_id, query, lock=True)
            if version not in (None, row.version):
                raise configuring.Stale
            configuring.remove(session, row, now=office().clock.now())


@blueprint.route("/<series_id>/clone", methods=["POST"])
@requires("series:write")
@once
@blueprint.arguments(CloneRequest, example={"year": 2027})
@blueprint.response(201, SeriesAnswer)
def clone(given: dict[str, Any], series_id: str) -> Response:
    """A fresh series like this one with another code, suffix or year."""
    services = office()
    with writing() as session:
        account, source = account_and_series(session, series_id, given)
        row = configuring.clone(
            session, account, source, given, limit=services.settings.series_limit, author=principal().actor,
            now=services.clock.now(),
        )
        return _whole(session, account, row, status=201)


@blueprint.route("/<series_id>/default", methods=["POST"])
@requires("series:write")
@once
@blueprint.arguments(Whose, location="query")
@blueprint.response(200, SeriesAnswer)
def make_default(query: dict[str, Any], series_id: str) -> Response:
    """Make this series the default of its branch and kind; the former one stops being it."""
    with writing() as session:
        account = principal().reach(session, query.get("account_id"))
        operations.serialise(session, account.id)
        account, row = account_and_series(session, series_id, query, lock=True)
        operations.make_default(session, row, now=office().clock.now())
        return _whole(session, account, row)


@blueprint.route("/defaults", methods=["POST"])
@requires("series:write")
@once
@blueprint.arguments(Whose, location="query")
@blueprint.response(200, SeriesList)
def ensure_defaults(query: dict[str, Any]) -> Response:
    """See to it that every branch and kind with a series has a default, and list the defaults."""
    services = office()
    with writing() as session:
        account = principal().reach(session, query.get("account_id"))
        configuring.ensure_defaults(session, account.id, now=services.clock.now())
        rows = list(session.scalars(
            operations.series_of(account.id).where(SeriesRecord.is_default).order_by(SeriesRecord.id)
        ))
        items = _bodies(session, account, rows)
    return jsonify(page_body(
        "series", items, address=f"{services.settings.public_url}/V1/series", filters={}, page=1,
        size=max(1, len(items)), total=len(items),
    ))


@blueprint.route("/preview", methods=["POST"])
@requires("series:read")
@blueprint.arguments(PreviewRequest, example={**EXAMPLE, "count": 3, "date": "2026-11-20"})
@blueprint.response(200, PreviewAnswer)
def preview(given: dict[str, Any]) -> dict[str, Any]:
    """The next codes of a draft configuration on a day; nothing is stored."""
    scheme = configuring.scheme_from(given)
    day = given.get("date") or lima(office().clock.now()).date()
    last = given.get("last_number", given.get("start_number", 1) - 1)
    coming = list(scheme.coming(Place(last_number=last), day, given["count"]))
    return {
        "format": scheme.template or usual(scheme.reset), "counter_reset": scheme.reset,
        "last_possible_number": scheme.capacity, "codes": [code for _, code in coming],
        "numbers": [number for number, _ in coming],
    }


@blueprint.route("/export")
@requires("series:read")
@blueprint.arguments(Whose, location="query")
@blueprint.response(200, content_type="text/csv")
def export(query: dict[str, Any]) -> Response:
    """Every series with its prefix and last number as CSV, in the form that ``/V1/series/import`` reads."""
    with office().database.read() as session:
        account = principal().reach(session, query.get("account_id"))
        found = session.scalars(_visible(account).order_by(SeriesRecord.id)).all()
        return Response(csv_of(session, found), mimetype="text/csv")


def _visible(account: AccountRecord) -> Select[SeriesRecord]:
    """The series of an account that the caller may see."""
    found = operations.series_of(account.id).where(SeriesRecord.profile != "summary")
    bound = principal().branch_id
    return found if bound is None else found.where(SeriesRecord.branch_id == bound)


def _made(session: Session, given: dict[str, Any], public_id: str | None) -> Response:
    services, asking = office(), principal()
    account = asking.reach(session, given.get("account_id"))
    row = configuring.create(
        session, account, branch_for(session, account, given.get("branch")), given,
        limit=services.settings.series_limit, author=asking.actor, now=services.clock.now(), public_id=public_id,
    )
    return _whole(session, account, row, status=201)


def _bodies(session: Session, account: AccountRecord, rows: list[SeriesRecord]) -> list[dict[str, Any]]:
    last = configuring.last_entries(session, rows)
    wanted = {row.branch_id for row in rows}
    branches = {row.id: row for row in session.scalars(select(BranchRecord).where(BranchRecord.id.in_(wanted)))}
    return [
        answers.series_body(
            row, account, branches[row.branch_id], today=lima(office().clock.now()).date(),
            base_url=office().settings.public_url, last_entry=last.get(row.id),
        )
        for row in rows
    ]


def _whole(session: Session, account: AccountRecord, row: SeriesRecord, *, status: int = 200) -> Response:
    session.flush()
    gaps = session.scalars(
        select(DeclaredGapRecord).where(DeclaredGapRecord.series_id == row.id).order_by(DeclaredGapRecord.id)
    ).all()
    body = {
        **_bodies(session, account, [row])[0],
        **answers.history_body(contingency.ranges_of(session, row.id), gaps),
    }
    answer = jsonify(body)
    answer.status_code = status
    answer.headers.extend(etag(row))
    if status == 201:
        answer.headers["Location"] = body["_links"]["self"]["href"]
    return answer


