"""``GET /V1/documents/{id}/evidence``."""

from __future__ import annotations

from flask import Response
from flask_smorest import Api

from app.accounts.auth import principal, requires
from app.documents.views import caller_of, own
from app.evidence.papers import bundled
from app.http import ID, ApiBlueprint, office

blueprint = ApiBlueprint(
    "evidence", __name__, url_prefix="/V1", description="Everything about one voucher in a file that proves itself"
)


def register(api: Api) -> None:
    """Adds the room's view to the API."""
    api.register_blueprint(blueprint)


@blueprint.route(f"/documents/<{ID}:document_id>/evidence")
@requires("documents:read")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/zip")
def evidence(document_id: int) -> Response:
    """Everything of a voucher as a zip: request, signed XML, attempts, answers, CDR, paper, signed by SHA-256.

    ``chasqui evidence verify`` judges it without a database.
    """
    caller = caller_of(principal())
    name, content = bundled(office(), lambda session: own(session, caller, document_id))
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-evidence.zip"'
    return answer
