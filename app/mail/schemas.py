"""Bodies and answers about mails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from app.accounts.schemas.shapes import Loose
from app.mail.models import WAITING, MailAttemptRecord, MailRecord

_MOST_TEXT = 1300


class MailRequest(Loose):
    """Where to send a voucher to; without ``to`` to its ``receiver_email``."""

    to = fields.String(allow_none=True, validate=validate.Length(min=1, max=_MOST_TEXT), metadata={
        "description": "An address, or up to five with commas between", "example": "compras@example.com",
    })


class MailAttemptAnswer(Schema):
    """One attempt at handing a mail to the mail server."""

    at = fields.String(required=True, metadata={"format": "date-time"})
    stage = fields.String(required=True, metadata={
        "enum": ["connect", "secure", "sign_in", "sender", "recipient", "content"],
        "description": "How far it came",
    })
    code = fields.Integer(required=True, allow_none=True, metadata={"description": "The server's reply"})
    text = fields.String(required=True)
    milliseconds = fields.Integer(required=True)


class MailAnswer(Schema):
    """A mail of a voucher. ``sent`` means that the mail server took it over."""

    mail_id = fields.Integer(required=True)
    to = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["waiting", "sent", "failed"]})
    error = fields.String(required=True)
    tries = fields.Integer(required=True)
    message_id = fields.String(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    next_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    sent_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    attempts = fields.List(fields.Nested(MailAttemptAnswer), required=True)


class MailsAnswer(Schema):
    """The mails of a voucher, the newest first. ``stopped``: the mail server takes nothing of this installation."""

    document_id = fields.Integer(required=True)
    stopped = fields.Boolean(required=True)
    mails = fields.List(fields.Nested(MailAnswer), required=True)


def mail_body(row: MailRecord, attempts: Sequence[MailAttemptRecord] = ()) -> dict[str, Any]:
    """A mail with its attempts."""
    return {
        "mail_id": row.id, "to": row.address, "state": row.state, "error": row.error, "tries": row.tries,
        "message_id": row.message_id, "created_at": row.created_at.isoformat(),
        "next_at": row.next_at.isoformat() if row.state == WAITING else None,
        "sent_at": row.sent_at.isoformat() if row.sent_at is not None else None,
        "attempts": [{
            "at": one.at.isoformat(), "stage": one.stage, "code": one.code, "text": one.text,
            "milliseconds": one.milliseconds,
        } for one in attempts],
    }
