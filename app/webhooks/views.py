"""``/V1/webhook_subscriptions``: who is told of what, what came of it, and telling again."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.auth import principal, requires
from app.accounts.models import AccountRecord
from app.accounts.once import answers_secret, once, writing
from app.accounts.schemas.shapes import AccountQuery, Listing
from app.http import ID, ApiBlueprint, office
from app.problems import Forbidden, Text
from app.webhooks import operations, schemas
from app.webhooks.models import NoticeAttemptRecord, NoticeRecord, WebhookRecord
from app.wire.pages import whole_body

blueprint = ApiBlueprint(
    "webhook_subscriptions", __name__, url_prefix="/V1/webhook_subscriptions",
    description="Telling other systems what happens",
)


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.route("")
class Subscriptions(MethodView):
    """All subscriptions of an account."""

    @requires("accounts:write")
    @once
    @blueprint.arguments(schemas.WebhookRequest)
    @blueprint.response(201, schemas.WebhookAnswer)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Subscribe an address; its signing secret is shown this once."""
        with writing() as session:
            account = _account(session, given)
            row, secret = operations.subscribe(
                session, office().vault, office().settings, account, given, now=office().clock.now()
            )
            answers_secret(account)
            return schemas.created_body(row, secret)

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, Listing)
    def get(self, query: dict[str, Any]) -> Response:
        """List the subscriptions."""
        with office().database.read() as session:
            found = session.scalars(operations.webhooks_of(_account(session, query).id).order_by(WebhookRecord.id))
            rows = [schemas.body_of(row) for row in found]
        address = f"{office().settings.public_url}/V1/webhook_subscriptions"
        return jsonify(whole_body("webhook_subscriptions", rows, address=address))


@blueprint.route(f"/<{ID}:webhook_subscription_id>")
class Subscription(MethodView):
    """One subscription."""

    @requires("accounts:read")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, schemas.WebhookAnswer)
    def get(self, query: dict[str, Any], webhook_subscription_id: int) -> dict[str, Any]:
        """Read a subscription."""
        with office().database.read() as session:
            return schemas.body_of(_own(session, query, webhook_subscription_id))

    @requires("accounts:write")
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], webhook_subscription_id: int) -> None:
        """End a subscription; what waits is told no more."""
        with office().database.write() as session:
            operations.remove(session, _own(session, query, webhook_subscription_id))


@blueprint.route(f"/<{ID}:webhook_subscription_id>/secret")
class Secret(MethodView):
    """The signing secret of a subscription."""

    @requires("accounts:write")
    @once
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(200, schemas.SecretAnswer)
    def post(self, query: dict[str, Any], webhook_subscription_id: int) -> dict[str, Any]:
        """Make a new signing secret; the former one signs beside it for a day."""
        with writing() as session:
            row = _own(session, query, webhook_subscription_id)
            secret, until = operations.rotate(session, office().vault, row, now=office().clock.now())
            answers_secret(session.get_one(AccountRecord, row.account_id))
            return {"signing_secret": secret, "former_until": until.isoformat()}


@blueprint.route(f"/<{ID}:webhook_subscription_id>/test")
class Test(MethodView):
    """Trying an address out."""

    @requires("accounts:write")
    @once
    @blueprint.arguments(AccountQuery, location="query")
    @blueprint.response(201, schemas.TestAnswer)
    def post(self, query: dict[str, Any], webhook_subscription_id: int) -> dict[str, Any]:
        """Send a message that tells of nothing and says that it is a test; the log shows what came back."""
        with writing() as session:
            row = _own(session, query, webhook_subscription_id)
            made = operations.test(session, row, now=office().clock.now(), actor=principal().actor)
            return {"notice_id": made.id, "message_id": made.message_id}


@blueprint.route(f"/<{ID}:webhook_subscription_id>/deliveries")
class Log(MethodView):
    """What was told to a subscription."""

    @requires("accounts:read")
    @blueprint.arguments(schemas.LogQuery, location="query")
    @blueprint.response(200, schemas.LogAnswer)
    def get(self, query: dict[str, Any], webhook_subscription_id: int) -> dict[str, Any]:
        """List notices, the newest first, with their attempts and what was received."""
        with office().database.read() as session:
            row = _own(session, query, webhook_subscription_id)
            wanted = select(NoticeRecord).where(NoticeRecord.webhook_id == row.id)
            if "before" in query:
                wanted = wanted.where(NoticeRecord.id < query["before"])
            found = session.scalars(wanted.order_by(NoticeRecord.id.desc()).limit(query["limit"])).all()
            attempts: dict[int, list[NoticeAttemptRecord]] = {one.id: [] for one in found}
            for attempt in session.scalars(
                select(NoticeAttemptRecord).where(NoticeAttemptRecord.notice_id.in_(attempts))
                .order_by(NoticeAttemptRecord.id)
            ):
                attempts[attempt.notice_id].append(attempt)
            return {"notices": [schemas.notice_body(one, attempts[one.id]) for one in found]}


@blueprint.route(f"/<{ID}:webhook_subscription_id>/replay")
class Replay(MethodView):
    """Telling again."""

    @requires("accounts:write")
    @blueprint.arguments(schemas.ReplayRequest)
    @blueprint.response(200, schemas.ReplayAnswer)
    def post(self, given: dict[str, Any], webhook_subscription_id: int) -> dict[str, Any]:
        """Tell one notice or a range again, under the ids they had; a disabled subscription works again."""
        with office().database.write() as session:
            count = operations.tell_again(
                session, _own(session, given, webhook_subscription_id), now=office().clock.now(),
                notice_id=given.get("notice_id"), since=given.get("since"), until=given.get("until"),
            )
            return {"notices": count}


def _account(session: Session, given: dict[str, Any]) -> AccountRecord:
    """The account asked about; a branch's credential is told nothing of the other branches' vouchers."""
    asking = principal()
    if asking.branch_id is not None:
        raise Forbidden("BOUND_TO_BRANCH", Text(
            "Una credencial de establecimiento no ve suscripciones", "A branch's credential sees no subscriptions"
        ))
    return asking.reach(session, given.get("account_id"))


def _own(session: Session, given: dict[str, Any], webhook_id: int) -> WebhookRecord:
    return operations.webhook_of(session, _account(session, given).id, webhook_id)
