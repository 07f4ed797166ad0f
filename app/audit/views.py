"""``/V1/audit``: what an audit finds, its signed report, the key that signs and the program that checks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Api

from app.accounts.auth import principal, requires
from app.accounts.models import AccountRecord
from app.audit import reports
from app.audit.keys import public_keys, signing_key
from app.audit.reading import Scope, snapshot
from app.audit.schemas import AuditAnswer, AuditQuery, AuditReportKeys, scope_of
from app.audit.standalone import checker
from app.http import ApiBlueprint, Office, office

blueprint = ApiBlueprint(
    "audit", __name__, url_prefix="/V1/audit",
    description="Every number accounted for, and proof of it",
)


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.route("")
class Audit(MethodView):
    """The findings."""

    @requires("series:read")
    @blueprint.arguments(AuditQuery, location="query")
    @blueprint.response(200, AuditAnswer)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Audit the series: first, last, count by state, holes, declared gaps, and whether the chain recomputes.

        It reads every signed byte in the scope: a large account is better asked series by series or month by month.
        """
        services, scope = office(), scope_of(query, branch_id=principal().branch_id)
        with snapshot(services.database) as session:
            account = principal().reach(session, query.get("account_id"))
            return reports.audit(session, account, scope, now=services.clock.now())


@blueprint.route("/report")
class Report(MethodView):
    """The proof."""

    @requires("series:read")
    @blueprint.arguments(AuditQuery, location="query")
    @blueprint.response(200, content_type="application/json", description="A signed report, one element to a line")
    def get(self, query: dict[str, Any]) -> Response:
        """Download the signed report: every number with its digest and link, for the stand-alone checker."""
        services, scope = office(), scope_of(query, branch_id=principal().branch_id)
        with services.database.read() as session:
            account_id = principal().reach(session, query.get("account_id")).id
        answer = Response(_report(services, account_id, scope), mimetype="application/json")
        answer.headers["Content-Disposition"] = 'attachment; filename="chasqui-audit.json"'
        return answer


@blueprint.route("/keys")
class Keys(MethodView):
    """The public keys."""

    @requires("series:read")
    @blueprint.response(200, AuditReportKeys)
    def get(self) -> dict[str, Any]:
        """Read the public keys that verify this installation's reports."""
        return {"algorithm": "Ed25519", "public_keys": list(public_keys(office().vault))}


@blueprint.route("/checker")
class Checker(MethodView):
    """The program that checks."""

    @requires("series:read")
    @blueprint.response(200, content_type="text/x-python", description="One file, for Python 3.9 or newer")
    def get(self) -> Response:
        """Download the stand-alone checker: it needs neither this server nor its database."""
        answer = Response(checker(), mimetype="text/x-python")
        answer.headers["Content-Disposition"] = 'attachment; filename="check_report.py"'
        return answer


def _report(services: Office, account_id: int, scope: Scope) -> Iterator[bytes]:
    """The report while it is read; the picture of the database lasts as long as the answer."""
    with snapshot(services.database) as session:
        account = session.get_one(AccountRecord, account_id)
        found = reports.elements(session, account, scope, now=services.clock.now())
        yield from reports.signed(found, signing_key(services.vault))
