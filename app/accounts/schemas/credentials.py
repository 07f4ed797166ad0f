"""Tokens, keys and certificates on the wire (contract/v1.md 1 and 2.4)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.accounts.keys import SCOPES
from app.accounts.models import MODES
from app.accounts.schemas.shapes import ID, Base64, Loose, text


class AuthRequest(Loose):
    """``POST /V1/auth``: the password grant, or the refresh of a token."""

    grant_type = text(50)
    client_id = text(100)
    client_secret = text(200)
    username = text(254)
    password = text(200)
    refresh_token = text(2000)


class AuthAnswer(Schema):
    """Exactly the five members that clients check."""

    access_token = fields.String(required=True)
    expires_in = fields.Integer(required=True)
    token_type = fields.String(required=True)
    scope = fields.String(required=True, allow_none=True)
    refresh_token = fields.String(required=True)


class CertificateRequest(Loose):
    """``POST /V1/digital_certificates``: a PFX or PEM in ``certificate_file``, or certificate and key apart."""

    account_id = fields.Integer(validate=ID)
    certificate_password = text(200, load_default="", load_only=True)
    certificate_file = Base64(metadata={"type": "string", "format": "byte"})
    certificate_cer = Base64(metadata={"type": "string", "format": "byte"})
    certificate_key = Base64(load_only=True, metadata={"type": "string", "format": "byte"})
    certificate_name_internal = text(250, load_default="")

    @validates_schema
    def one_form(self, data: dict[str, Any], **_: Any) -> None:
        """One file, or both halves."""
        if "certificate_file" not in data and not ("certificate_cer" in data and "certificate_key" in data):
            raise ValidationError(
                "Envíe certificate_file, o certificate_cer y certificate_key."
                " / Send certificate_file, or certificate_cer and certificate_key.", "certificate_file",
            )


class CertificateAnswer(Schema):
    """A certificate as it is read; its times are Lima's."""

    account_id = fields.Integer(required=True)
    certificate_id = fields.String(required=True)
    certificate_valid_from = fields.String(required=True)
    certificate_valid_to = fields.String(required=True)
    certificate_name_internal = fields.String(required=True)
    certificate_name = fields.String(required=True)
    certificate_tax_id_type = fields.String(required=True)
    certificate_tax_id_code = fields.String(required=True)
    active = fields.Boolean(required=True)
    fingerprint_sha256 = fields.String(required=True)


class KeyRequest(Loose):
    """``POST /V1/api_keys``."""

    account_id = fields.Integer(validate=ID)
    name = text(100, load_default="")
    mode = fields.String(validate=validate.OneOf(MODES))
    branch = fields.Integer(validate=ID, allow_none=True, metadata={"description": "company_branch_id"})
    scopes = fields.List(fields.String(validate=validate.OneOf(SCOPES)), validate=validate.Length(min=1, max=20))


class KeyAnswer(Schema):
    """A key as it is read; ``api_key`` is there in the answer that makes it only."""

    api_key_id = fields.Integer(required=True)
    account_id = fields.Integer(required=True)
    api_key = fields.String()
    prefix = fields.String(required=True)
    name = fields.String(required=True)
    mode = fields.String(required=True)
    branch = fields.Integer(required=True, allow_none=True)
    scopes = fields.List(fields.String(), required=True)
    created_at = fields.String(required=True)
    last_used_at = fields.String(required=True, allow_none=True)
