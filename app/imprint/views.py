"""``/V1/branding/preview``: how papers would look, before anything is stored."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Api
from marshmallow import fields, validate

from app.accounts.auth import principal, requires
from app.accounts.operations import branch_of, head_office
from app.accounts.schemas.shapes import ID, Branding, Loose
from app.clock import lima
from app.http import ApiBlueprint, office
from app.imprint.samples import pictured, sample
from app.series.branding import merged
from app.series.configuring import series_by_public_id

blueprint = ApiBlueprint("branding", __name__, url_prefix="/V1/branding", description="How printed vouchers look")


class BrandingPreview(Loose):
    """A draft of a branding: of a series, of a branch, or of neither (the head office's)."""

    account_id = fields.Integer(validate=ID)
    series = fields.String(validate=validate.Length(max=64), metadata={"description": "Its own branding counts too"})
    branch = fields.Integer(validate=ID)
    branding = fields.Nested(Branding, load_default=dict)


def register(api: Api) -> None:
    """Adds the room's view to the API."""
    api.register_blueprint(blueprint)


@blueprint.route("/preview", methods=["POST"])
@requires("series:read")
@blueprint.arguments(BrandingPreview, example={"branding": {"accent_color": "#0B6E4F", "footer": "Gracias"}})
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
def preview(given: dict[str, Any]) -> Response:
    """A sample factura with this look, as a picture. Nothing is stored."""
    services, asking = office(), principal()
    with services.database.read() as session:
        account = asking.reach(session, given.get("account_id"))
        own: dict[str, Any] = {}
        branch_id = asking.branch_id or given.get("branch")
        if "series" in given:
            row = series_by_public_id(session, account.id, given["series"], branch_id=asking.branch_id)
            own, branch_id = row.branding, row.branch_id
        branch = head_office(session, account.id) if branch_id is None else branch_of(session, account.id, branch_id)
        made, size = sample(
            session, account, branch, merged(own, given["branding"]), today=lima(services.clock.now()).date()
        )
    return Response(pictured(made, size), mimetype="image/png")
