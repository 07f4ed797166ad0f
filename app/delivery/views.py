"""``/V1/deliveries``, and what may be done with one of them, by its own id or its voucher's. `handling` does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts.auth import Principal, principal, requires
from app.accounts.keys import mode_for
from app.accounts.models import ENVIRONMENTS, AccountRecord
from app.delivery import handling, holds
from app.delivery.overview import ledger_of, open_deliveries, standing, summary
from app.delivery.schemas import (
    AttemptsAnswer,
    DeliveriesAnswer,
    DeliveriesQuery,
    HoldRequest,
    IssuerHoldAnswer,
    IssuerHoldRequest,
    IssuerRequest,
    StandingAnswer,
)
from app.http import ID, ApiBlueprint, office
from app.ledger import store
from app.ledger.models import DeliveryRecord, DocumentRecord
from app.problems import NotFound, Text
from app.wire.pages import page_body

blueprint = ApiBlueprint(
    "deliveries", __name__, url_prefix="/V1", description="Telling SUNAT: the queue, and what a person may do with it"
)


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.route("/deliveries")
class Deliveries(MethodView):
    """The queue."""

    @requires("accounts:read")
    @blueprint.arguments(DeliveriesQuery, location="query")
    @blueprint.response(200, DeliveriesAnswer)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """See what is not done yet, nearest deadline first, and what stands in the way.

        Held issuers, series stopped by a foreign number, and addresses that are left alone for a while are named.
        """
        services, who = office(), principal()
        now = services.clock.now()
        with services.database.read() as session:
            accounts = _accounts(session, who, query.get("account_id"))
            items, total = open_deliveries(
                session, accounts, query, page=query["page"], size=query["per_page"], now=now,
                branch_id=who.branch_id,
            )
            said = summary(session, accounts, now=now)
        given = {name: value for name, value in request.args.items() if name != "page"}
        return said | page_body(
            "deliveries", items, address=f"{services.settings.public_url}/V1/deliveries", filters=given,
            page=query["page"], size=query["per_page"], total=total,
        )


@blueprint.route("/deliveries/hold")
class HoldIssuer(MethodView):
    """Stopping an issuer's sending."""

    @requires("accounts:write")
    @blueprint.arguments(IssuerHoldRequest)
    @blueprint.response(200, IssuerHoldAnswer)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Stop sending for an issuer. Vouchers are still issued, and wait."""
        services, who = office(), principal()
        with services.database.write() as session:
            account = who.reach(session, body.get("account_id"))
            holds.hold(
                session, account.id, reason=handling.PERSON, code="", text=body["text"], now=services.clock.now(),
                actor=who.actor,
            )
            return {"account_id": account.id, "held": True}


@blueprint.route("/deliveries/release")
class ReleaseIssuer(MethodView):
    """Letting an issuer's sending go on."""

    @requires("accounts:write")
    @blueprint.arguments(IssuerRequest)
    @blueprint.response(200, IssuerHoldAnswer)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let an issuer's vouchers go again, once the SOL user or its profile is mended."""
        services, who = office(), principal()
        with services.database.write() as session:
            account = who.reach(session, body.get("account_id"))
            holds.release(session, account.id, now=services.clock.now(), actor=who.actor)
            return {"account_id": account.id, "held": False}


@blueprint.route(f"/documents/<{ID}:document_id>/attempts")
class Attempts(MethodView):
    """The attempt ledger."""

    @requires("documents:read")
    @blueprint.response(200, AttemptsAnswer)
    def get(self, document_id: int) -> dict[str, Any]:
        """Read every attempt at telling SUNAT about a voucher, with hashes of what was sent and received."""
        with office().database.read() as session:
            document = _own(session, document_id)
            return _tried(session, store.delivery_of(session, document), document)


@blueprint.route(f"/documents/<{ID}:document_id>/retry")
class Retry(MethodView):
    """Trying again."""

    @requires("documents:write")
    @blueprint.response(200, StandingAnswer)
    def post(self, document_id: int) -> dict[str, Any]:
        """Try a voucher's delivery now. What SUNAT may hold is asked about first; the bytes never change."""
        return _ordered(document_id, handling.retry)


@blueprint.route(f"/documents/<{ID}:document_id>/reconcile")
class Reconcile(MethodView):
    """Asking."""

    @requires("documents:write")
    @blueprint.response(200, StandingAnswer)
    def post(self, document_id: int) -> dict[str, Any]:
        """Ask SUNAT now what it holds of a voucher, before anything is sent again."""
        return _ordered(document_id, handling.reconcile)


@blueprint.route(f"/documents/<{ID}:document_id>/hold")
class Hold(MethodView):
    """Stopping."""

    @requires("documents:write")
    @blueprint.arguments(HoldRequest)
    @blueprint.response(200, StandingAnswer)
    def post(self, body: dict[str, Any], document_id: int) -> dict[str, Any]:
        """Stop a voucher's delivery until it is released."""
        return _ordered(document_id, handling.hold, text=body["text"])


@blueprint.route(f"/documents/<{ID}:document_id>/release")
class Release(MethodView):
    """Letting go."""

    @requires("documents:write")
    @blueprint.response(200, StandingAnswer)
    def post(self, document_id: int) -> dict[str, Any]:
        """Let a stopped delivery go on where it was."""
        return _ordered(document_id, handling.release)


@blueprint.route(f"/deliveries/<{ID}:delivery_id>/attempts")
class DeliveryAttempts(MethodView):
    """The attempt ledger of any delivery."""

    @requires("documents:read")
    @blueprint.response(200, AttemptsAnswer)
    def get(self, delivery_id: int) -> dict[str, Any]:
        """Read every attempt at telling SUNAT about a voucher or a summary, by the delivery's id."""
        with office().database.read() as session:
            delivery = _reached(session, delivery_id)
            return _tried(session, delivery, handling.about_of(session, delivery))


@blueprint.route(f"/deliveries/<{ID}:delivery_id>/retry")
class RetryDelivery(MethodView):
    """Trying again, a summary too."""

    @requires("documents:write")
    @blueprint.response(200, StandingAnswer)
    def post(self, delivery_id: int) -> dict[str, Any]:
        """Try a voucher's or a summary's delivery now. What SUNAT may hold is asked about first."""
        return _ordered_by_delivery(delivery_id, handling.retry)


@blueprint.route(f"/deliveries/<{ID}:delivery_id>/reconcile")
class ReconcileDelivery(MethodView):
    """Asking, about a summary too."""

    @requires("documents:write")
    @blueprint.response(200, StandingAnswer)
    def post(self, delivery_id: int) -> dict[str, Any]:
        """Ask SUNAT now what it holds of a voucher or a summary, before anything is sent again."""
        return _ordered_by_delivery(delivery_id, handling.reconcile)


@blueprint.route(f"/deliveries/<{ID}:delivery_id>/hold")
class HoldDelivery(MethodView):
    """Stopping, a summary too."""

    @requires("documents:write")
    @blueprint.arguments(HoldRequest)
    @blueprint.response(200, StandingAnswer)
    def post(self, body: dict[str, Any], delivery_id: int) -> dict[str, Any]:
        """Stop the delivery of a voucher or a summary until it is released."""
        return _ordered_by_delivery(delivery_id, handling.hold, text=body["text"])


@blueprint.route(f"/deliveries/<{ID}:delivery_id>/release")
class ReleaseDelivery(MethodView):
    """Letting go, a summary too."""

    @requires("documents:write")
    @blueprint.response(200, StandingAnswer)
    def post(self, delivery_id: int) -> dict[str, Any]:
        """Let a stopped delivery of a voucher or a summary go on where it was."""
        return _ordered_by_delivery(delivery_id, handling.release)


def _ordered(document_id: int, order: Callable[..., DeliveryRecord], **more: Any) -> dict[str, Any]:
    services, who = office(), principal()
    with services.database.write() as session:
        document = _own(session, document_id)
        delivery = order(session, document, now=services.clock.now(), actor=who.actor, **more)
        return standing(delivery, document)


def _ordered_by_delivery(delivery_id: int, order: Callable[..., DeliveryRecord], **more: Any) -> dict[str, Any]:
    services, who = office(), principal()
    with services.database.write() as session:
        about = handling.about_of(session, _reached(session, delivery_id))
        delivery = order(session, about, now=services.clock.now(), actor=who.actor, **more)
        return standing(delivery, about)


def _tried(session: Session, delivery: DeliveryRecord, about: handling.About) -> dict[str, Any]:
    said = standing(delivery, about)
    del said["delivery"]
    return {**said, "attempts": ledger_of(session, delivery)}


def _reached(session: Session, delivery_id: int) -> DeliveryRecord:
    """A delivery of the caller's account; with a branch's key of that branch, to which no summary belongs."""
    who = principal()
    row = session.scalar(
        select(DeliveryRecord).where(
            DeliveryRecord.id == delivery_id, DeliveryRecord.account_id == who.account
        )
    )
    if row is None or (
        who.branch_id is not None
        and (row.document_id is None or session.get_one(DocumentRecord, row.document_id).branch_id != who.branch_id)
    ):
        raise NotFound("DELIVERY_NOT_FOUND", Text("El envío no existe", "The delivery does not exist"))
    return row


def _own(session: Session, document_id: int) -> DocumentRecord:
    who = principal()
    row = store.document_of(session, who.account, document_id)
    if who.branch_id not in (None, row.branch_id):
        raise NotFound("DOCUMENT_NOT_FOUND", Text("El comprobante no existe", "The document does not exist"))
    return row


def _accounts(session: Session, who: Principal, account_id: int | None) -> ColumnElement[bool]:
    """The accounts that the caller may see: one, or for an operator all of his key's mode."""
    if who.account_id is None and account_id is None:
        return AccountRecord.environment.in_([one for one in ENVIRONMENTS if mode_for(one) == who.mode])
    return AccountRecord.id == who.reach(session, account_id).id
