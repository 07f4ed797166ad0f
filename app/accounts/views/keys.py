"""``/V1/api_keys``: make, list, revoke."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView

from app.accounts import answers, credentials
from app.accounts.auth import Principal, principal, requires
from app.accounts.keys import ACCOUNT_SCOPES, BRANCH_SCOPES
from app.accounts.models import ApiKeyRecord
from app.accounts.once import answers_secret, once, writing
from app.accounts.schemas.credentials import KeyAnswer, KeyRequest
from app.accounts.schemas.shapes import AccountQuery, Listing
from app.http import ID, ApiBlueprint, office
from app.problems import Forbidden, Text
from app.wire.pages import whole_body

blueprint = ApiBlueprint("api_keys", __name__, url_prefix="/V1/api_keys", description="Static keys")


@blueprint.route("")
class Keys(MethodView):
    """All keys of an account."""

    @requires("keys:write")
    @once
    @blueprint.arguments(KeyRequest)
    @blueprint.response(201, KeyAnswer)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Make a key; its text is in this answer and, under an Idempotency-Key, in its repetitions.

        Without ``scopes`` it gets the usual ones, as far as the asking credential has them. A credential cannot give
        what it does not have; a branch's credential makes keys of that branch only. Operators give any scope.
        """
        services, asking = office(), principal()
        branch = given.get("branch") if asking.branch_id is None else asking.branch_id
        if given.get("branch") not in (None, branch):
            raise Forbidden("BOUND_TO_BRANCH", Text(
                "La credencial solo puede crear claves de su establecimiento",
                "The credential may make keys of its own branch only",
            ), pointer="/branch")
        with writing() as session:
            account = asking.reach(session, given.get("account_id"))
            answers_secret(account)
            row, text = credentials.create_key(
                session, services.vault, account=account, now=services.clock.now(), mode=given.get("mode"),
                scopes=_scopes(asking, given.get("scopes"), bound=branch is not None), branch_id=branch,
                name=given["name"],
            )
            return answers.key(row, text)

    @requires("keys:write")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, Listing)
    def get(self, query: dict[str, Any]) -> Response:
        """List the keys that are not revoked, by their beginnings."""
        asking = principal()
        with office().database.read() as session:
            account = asking.reach(session, query.get("account_id"))
            rows = credentials.keys_of(account.id).order_by(ApiKeyRecord.id)
            if asking.branch_id is not None:
                rows = rows.where(ApiKeyRecord.branch_id == asking.branch_id)
            items = [answers.key(row) for row in session.scalars(rows)]
        return jsonify(whole_body("api_keys", items, address=f"{office().settings.public_url}/V1/api_keys"))


@blueprint.route(f"/<{ID}:api_key_id>")
class Key(MethodView):
    """One key."""

    @requires("keys:write")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], api_key_id: int) -> None:
        """Revoke a key at once."""
        services, asking = office(), principal()
        with services.database.write() as session:
            account = asking.reach(session, query.get("account_id"))
            credentials.revoke_key(
                session, account.id, api_key_id, now=services.clock.now(), branch_id=asking.branch_id
            )


def _scopes(asking: Principal, wanted: list[str] | None, *, bound: bool) -> list[str] | None:
    """What the new key gets: what was wanted, bounded by what an account's credential has itself."""
    if asking.account_id is None:
        return wanted
    if wanted is None:
        return [scope for scope in (BRANCH_SCOPES if bound else ACCOUNT_SCOPES) if asking.may(scope)]
    foreign = [scope for scope in wanted if not asking.may(scope)]
    if foreign:
        raise Forbidden("SCOPE_MISSING", Text(
            f"La credencial no puede dar permisos que no tiene: {', '.join(foreign)}",
            f"The credential cannot give scopes that it lacks: {', '.join(foreign)}",
        ), pointer="/scopes")
    return wanted
