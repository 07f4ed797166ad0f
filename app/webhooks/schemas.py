"""Bodies and answers of the subscriptions (contract v1, 2.6)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.accounts.schemas.shapes import ID, AccountQuery, Loose, text
from app.webhooks.models import NoticeAttemptRecord, NoticeRecord, WebhookRecord
from app.webhooks.payloads import SELECTED

_HEADER = validate.Regexp(r"[^\x00-\x1f\x7f]{0,100}\Z")


class WebhookRequest(Loose):
    """A subscription; without ``event_id`` it is to vouchers' changes."""

    account_id = fields.Integer(validate=ID)
    callback_url = text(500, shortest=1, required=True)
    callback_username = fields.String(
        allow_none=True, validate=[_HEADER, validate.ContainsNoneOf(":")], metadata={"description": "HTTP Basic"}
    )
    callback_password = fields.String(allow_none=True, validate=_HEADER)
    event_id = fields.String(allow_none=True, validate=validate.OneOf(tuple(SELECTED)))


class WebhookAnswer(Schema):
    """A subscription; ``webhook_data`` repeats its members. The password is never given back."""

    account_id = fields.Integer(required=True)
    webhook_subscription_id = fields.String(required=True)
    webhook_data = fields.Dict()
    event_id = fields.String()
    subscription_creation_date = fields.String()
    subscription_output_type = fields.String()
    callback_url = fields.String()
    callback_username = fields.String()
    callback_password = fields.String(allow_none=True)
    user_id = fields.Integer(allow_none=True)
    product_location_id = fields.Integer(allow_none=True)
    state = fields.String(metadata={"enum": ["active", "disabled"]})
    signing_secret = fields.String(metadata={"description": "Shown once; verifies webhook-signature"})


class SecretAnswer(Schema):
    """A new signing secret; the former one signs beside it until then."""

    signing_secret = fields.String(required=True)
    former_until = fields.String(required=True, metadata={"format": "date-time"})


class TestAnswer(Schema):
    """The notice that was made; ``message_id`` is its ``webhook-id``."""

    notice_id = fields.Integer(required=True)
    message_id = fields.String(required=True)


class LogQuery(AccountQuery):
    """Which part of a log."""

    before = fields.Integer(validate=ID, metadata={"description": "The last id of the page before"})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class ReplayRequest(Loose):
    """What to tell again: one notice, or those of events in a range of time (``since`` included, ``until`` not)."""

    account_id = fields.Integer(validate=ID)
    notice_id = fields.Integer(validate=ID)
    since = fields.AwareDateTime(default_timezone=None)
    until = fields.AwareDateTime(default_timezone=None)

    @validates_schema
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if not data.keys() & {"notice_id", "since"}:
            raise ValidationError("Indique notice_id o since. / Give notice_id or since.", "notice_id")


class ReplayAnswer(Schema):
    """How many notices are told again."""

    notices = fields.Integer(required=True)


class LogAnswer(Schema):
    """Notices, the newest first, with what came of them."""

    notices = fields.List(fields.Dict(), required=True)


def body_of(row: WebhookRecord) -> dict[str, Any]:
    """A subscription as it is listed."""
    return {
        "account_id": row.account_id, "webhook_subscription_id": str(row.id), **_data(row), "state": row.state,
    }


def created_body(row: WebhookRecord, secret: str) -> dict[str, Any]:
    """A new subscription, with its secret."""
    return {
        "account_id": row.account_id, "webhook_subscription_id": str(row.id), "webhook_data": _data(row),
        "state": row.state, "signing_secret": secret,
    }


def notice_body(row: NoticeRecord, attempts: list[NoticeAttemptRecord]) -> dict[str, Any]:
    """A notice with its attempts."""
    return {
        "id": row.id, "message_id": row.message_id, "state": row.state, "body": row.body, "tries": row.tries,
        "happened_at": row.happened_at.isoformat(),
        "next_at": row.next_at.isoformat() if row.state == "waiting" else None,
        "attempts": [{
            "at": one.at.isoformat(), "status": one.status, "error": one.error, "received": one.received,
            "milliseconds": one.milliseconds,
        } for one in attempts],
    }


def _data(row: WebhookRecord) -> dict[str, Any]:
    return {
        "event_id": row.event_id, "subscription_creation_date": row.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "subscription_output_type": "APINOTIFICATION", "callback_url": row.url, "callback_username": row.username,
        "callback_password": None, "user_id": None, "product_location_id": None,
    }
