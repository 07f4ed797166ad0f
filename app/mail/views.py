"""``/V1/documents/{id}/mails``: what was sent of a voucher, and sending it again."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.auth import principal, requires
from app.accounts.once import once, writing
from app.http import ID, ApiBlueprint, office
from app.ledger import store
from app.ledger.models import DocumentRecord
from app.mail import operations, schemas
from app.mail.models import MailDoorRecord
from app.mail.smtp import server_of
from app.problems import NotFound, Text

blueprint = ApiBlueprint("mails", __name__, url_prefix="/V1", description="Vouchers sent to their receivers")

_SHOWN = 200


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.route(f"/documents/<{ID}:document_id>/mails")
class Mails(MethodView):
    """The mails of a voucher."""

    @requires("documents:read")
    @blueprint.response(200, schemas.MailsAnswer)
    def get(self, document_id: int) -> dict[str, Any]:
        """List what was mailed of a voucher, the newest first, with every attempt and what the mail server said."""
        with office().database.read() as session:
            row = _own(session, document_id)
            return {
                "document_id": row.id, "stopped": session.scalar(select(MailDoorRecord.id)) is not None,
                "mails": operations.logged(session, operations.mails_of(row).limit(_SHOWN)),
            }

    @requires("documents:write")
    @once
    @blueprint.arguments(schemas.MailRequest)
    @blueprint.response(201, schemas.MailsAnswer)
    def post(self, given: dict[str, Any], document_id: int) -> dict[str, Any]:
        """Mail a voucher that SUNAT has accepted, to its receiver or to the addresses in ``to``.

        It needs no setting of the account, only a mail server of the installation; 20 a voucher and day.
        """
        services = office()
        with writing() as session:
            row = _own(session, document_id)
            made = operations.send_again(
                session, server_of(services.settings), row, given.get("to"), now=services.clock.now(),
                actor=principal().actor,
            )
            return {
                "document_id": row.id, "stopped": session.scalar(select(MailDoorRecord.id)) is not None,
                "mails": [schemas.mail_body(one) for one in made],
            }


def _own(session: Session, document_id: int) -> DocumentRecord:
    who = principal()
    row = store.document_of(session, who.account, document_id)
    if who.branch_id not in (None, row.branch_id):
        raise NotFound("DOCUMENT_NOT_FOUND", Text("El comprobante no existe", "The document does not exist"))
    return row
