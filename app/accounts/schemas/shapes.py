"""What the schemas of this room are built from, and the two shapes that all lists share."""

from __future__ import annotations

import base64
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, validate

from app.wire.formats import FORMATS, TEMPLATES

ID: Final = validate.Range(min=1, max=2**63 - 1)
"""What an id may be."""


def text(longest: int, *, shortest: int = 0, **more: Any) -> fields.String:
    """A text of bounded length."""
    return fields.String(validate=validate.Length(min=shortest, max=longest), **more)


class Loose(Schema):
    """A body in which members we do not know are passed over, as the contract's clients expect."""

    class Meta:
        unknown = EXCLUDE


class Base64(fields.Field[bytes]):
    """Bytes in base64, with or without line breaks."""

    default_error_messages = {"invalid": "Debe ser base64. / Must be base64."}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            return base64.b64decode("".join(value.split()), validate=True)
        except (AttributeError, ValueError) as error:
            raise self.make_error("invalid") from error


class Branding(Loose):
    """How papers look; a null or empty field falls back, from a series to its branch, from there to the account."""

    logo = fields.String(allow_none=True, validate=validate.Length(max=500), metadata={
        "description": "Name of a picture of /V1/logos; company_logo is the one the account was opened with",
        "example": "tienda.png",
    })
    trade_name = fields.String(allow_none=True, validate=validate.Length(max=250))
    accent_color = fields.String(allow_none=True, validate=validate.Regexp(r"(#[0-9A-Fa-f]{6})?\Z"), metadata={
        "example": "#0B6E4F",
    })
    footer = fields.String(allow_none=True, validate=validate.Length(max=500))
    template = fields.String(allow_none=True, validate=validate.OneOf(("", *TEMPLATES)), metadata={
        "description": "How sheets look: classic has rules and a framed number, banded has bands in the accent colour",
    })
    format = fields.String(allow_none=True, validate=validate.OneOf(("", *FORMATS)), metadata={
        "description": "The paper of whoever asks for none",
    })


class AccountQuery(Loose):
    """Which account a list is about: an operator names it, an account's own credential need not."""

    account_id = fields.Integer(validate=ID)


class Listing(Schema):
    """Every collection: HAL links, ``_embedded``, the plain array under the collection's name, counters."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(required=True)
    page_count = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total_items = fields.Integer(required=True)
