"""Bodies and answers of the logos."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from app.accounts.schemas.shapes import ID, Base64, Loose
from app.clock import lima
from app.printing.models import LogoRecord

NAME = validate.Regexp(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


class LogoRequest(Loose):
    """A picture to be kept under a name."""

    name = fields.String(required=True, validate=NAME, metadata={
        "description": "What branding.logo calls it", "example": "tienda.png",
    })
    content = Base64(required=True, metadata={
        "type": "string", "format": "byte",
        "description": "PNG, JPEG or SVG in base64, 300 KiB at most; an SVG holds shapes, paths and gradients only",
    })
    account_id = fields.Integer(validate=ID)


class LogoAnswer(Schema):
    """A logo without its bytes, which have an address of their own."""

    name = fields.String(required=True)
    media_type = fields.String(required=True, metadata={"enum": ["image/png", "image/jpeg", "image/svg+xml"]})
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})


def body_of(row: LogoRecord) -> dict[str, Any]:
    """A logo as the API answers it."""
    return {
        "name": row.name, "media_type": row.media, "width": row.width, "height": row.height, "sha256": row.sha256,
        "created_at": lima(row.created_at).isoformat(timespec="seconds"),
    }
