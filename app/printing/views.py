"""``/V1/logos``: the pictures that brandings name."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from flask_smorest import Api

from app.accounts.auth import principal, requires
from app.accounts.once import once, writing
from app.accounts.schemas.shapes import AccountQuery, Listing
from app.http import ApiBlueprint, office
from app.printing.models import LogoRecord
from app.printing.operations import add_logo, logo_of, logos_of
from app.printing.schemas import LogoAnswer, LogoRequest, body_of
from app.wire.pages import whole_body

blueprint = ApiBlueprint("logos", __name__, url_prefix="/V1/logos", description="Pictures on printed vouchers")


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.route("")
class Logos(MethodView):
    """All logos of an account."""

    @requires("accounts:write")
    @once
    @blueprint.arguments(LogoRequest)
    @blueprint.response(201, LogoAnswer)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Upload a logo; account, branch or series show it once their ``branding.logo`` names it."""
        with writing() as session:
            account = principal().reach(session, given.get("account_id"))
            return body_of(add_logo(session, account, given["name"], given["content"], now=office().clock.now()))

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, Listing)
    def get(self, query: dict[str, Any]) -> Response:
        """List the logos."""
        with office().database.read() as session:
            account = principal().reach(session, query.get("account_id"))
            rows = [body_of(row) for row in session.scalars(logos_of(account.id).order_by(LogoRecord.name))]
        return jsonify(whole_body("logos", rows, address=f"{office().settings.public_url}/V1/logos"))


@blueprint.route("/<string(maxlength=100):logo_name>")
class One(MethodView):
    """One logo."""

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/*")
    def get(self, query: dict[str, Any], logo_name: str) -> Response:
        """The picture as it was uploaded; a browser is told not to run anything in it."""
        with office().database.read() as session:
            row = logo_of(session, principal().reach(session, query.get("account_id")).id, logo_name)
            return Response(row.content, mimetype=row.media, headers={"Content-Security-Policy": "sandbox"})

    @requires("accounts:write")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], logo_name: str) -> None:
        """Remove a logo; papers that named it are printed without."""
        with office().database.write() as session:
            session.delete(logo_of(session, principal().reach(session, query.get("account_id")).id, logo_name))
