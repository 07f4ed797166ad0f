"""Accounts on the wire (contract/v1.md 2.3; contract/extensions.md, ``additional.pe_account``)."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.accounts.models import (
    ANONYMOUS_CUSTOMERS,
    BOLETA_CHANNELS,
    CHANNELS,
    ENVIRONMENTS,
    SIGNATURE_ALGORITHMS,
    TAX_REGIMES,
)
from app.accounts.schemas.shapes import Base64, Branding, Loose, text
from app.wire.mailboxes import mailbox

_ONE_LINE = validate.Regexp(r"[^\x00-\x1f\x7f]*\Z")
_LINES = validate.Regexp(r"[^\x00-\x09\x0b-\x1f\x7f]*\Z")


def _one_mailbox(given: str) -> None:
    if given and mailbox(given) is None:
        raise ValidationError("No es un correo electrónico válido. / Not a valid email address.")


class MailWishes(Loose):
    """What an account wants of mail to its customers; what is left out stays as it is."""

    enabled = fields.Boolean(metadata={
        "description": "Send each voucher to its receiver_email once SUNAT has accepted it. Off unless asked for",
    })
    reply_to = fields.String(allow_none=True, validate=_one_mailbox, metadata={
        "description": "Where customers' answers go", "example": "ventas@example.com",
    })
    subject = fields.String(allow_none=True, validate=[validate.Length(max=150), _ONE_LINE], metadata={
        "description": "{tipo}, {numero}, {emisor}, {fecha} and {total} stand for the voucher's",
        "example": "{tipo} {numero} de {emisor}",
    })
    footer = fields.String(allow_none=True, validate=[validate.Length(max=1000), _LINES], metadata={
        "description": "The last lines of the message",
    })


class PeAccount(Loose):
    """``additional.pe_account``: what Peru needs; the secrets are written and never read out."""

    environment = fields.String(validate=validate.OneOf(ENVIRONMENTS))
    tax_regime = fields.String(validate=validate.OneOf(TAX_REGIMES))
    channel = fields.String(validate=validate.OneOf(CHANNELS), metadata={
        "description": "Who receives the vouchers. What is open at the former one is asked about there first",
    })
    ose_url = fields.URL(schemes={"https"}, metadata={
        "description": "The OSE's service; channel ose needs it, but in the sandbox, which is an OSE too",
    })
    pse_tax_id_code = fields.String(attribute="pse_ruc", validate=validate.Regexp(r"(\d{11})?\Z"))
    sol_user = text(50)
    sol_password = text(100, load_only=True)
    gre_client_id = text(100)
    gre_client_secret = text(200, load_only=True)
    consult_client_id = text(100)
    consult_client_secret = text(200, load_only=True)
    boleta_channel = fields.String(validate=validate.OneOf(BOLETA_CHANNELS))
    signature_algorithm = fields.String(validate=validate.OneOf(SIGNATURE_ALGORITHMS))
    detraction_account = text(50)
    summary_start_number = fields.Integer(validate=validate.Range(min=1, max=99999))
    reduced_igv = fields.Boolean()
    anonymous_customer = fields.String(validate=validate.OneOf(ANONYMOUS_CUSTOMERS))
    boleta_today_only = fields.Boolean()
    duplicate_guard_minutes = fields.Integer(validate=validate.Range(min=0, max=1440))
    allow_number_gaps = fields.Boolean()
    strict_observations = fields.Boolean(metadata={
        "description": "Refuse, before a number is spent, what SUNAT still observes and is turning into an error"
    })
    trade_name = text(250)
    branding = fields.Nested(Branding, allow_none=True)
    mail = fields.Nested(MailWishes)


class Additional(Loose):
    """``additional`` of an account."""

    pe_account = fields.Nested(PeAccount)


class RegistrationData(Loose):
    """What v1 sends along with a registration; a certificate is taken when the account is opened."""

    company_logo = text(1_000_000, metadata={"description": "PNG in base64"})
    certificate_file = Base64(load_only=True, metadata={"type": "string", "format": "byte"})
    certificate_password = text(200, load_only=True)


class AccountChange(Loose):
    """``PATCH /V1/accounts/{id}``."""

    country_id = fields.Integer(validate=validate.Equal(83, error="Solo Perú (83). / Only Peru (83)."))
    contact_name = text(250)
    contact_phone = text(50)
    admin_email = fields.Email(validate=validate.Length(max=254))
    registration_legal_name_company = text(250, shortest=1)
    registration_tax_id_code = text(20)
    registration_tax_id_type = fields.String(validate=validate.OneOf(("PE-RUC",)))
    registration_company_size = fields.Integer(validate=validate.Range(min=1, max=4))
    registration_company_industry_sector = text(100)
    registration_type_use = fields.Integer(validate=validate.Range(min=0, max=99))
    registration_terms_of_use = fields.Integer(validate=validate.Range(min=0, max=99))
    registration_additional_data = fields.Nested(RegistrationData)
    account_config = fields.Dict(keys=fields.String(), values=fields.Raw())
    additional = fields.Nested(Additional)


class AccountRequest(AccountChange):
    """``POST /V1/accounts``."""

    registration_legal_name_company = text(250, shortest=1, required=True)
    registration_tax_id_code = text(20, required=True)
    admin_password = text(200, shortest=8, load_only=True)

    @validates_schema
    def a_password_needs_a_name(self, data: dict[str, Any], **_: Any) -> None:
        """The password is that of the user ``admin_email``."""
        if data.get("admin_password") and not data.get("admin_email"):
            raise ValidationError("Falta este campo obligatorio. / Missing data for required field.", "admin_email")


class ApiUser(Schema):
    """The user for ``POST /V1/auth``, shown once."""

    client_id = fields.String(required=True)
    client_secret = fields.String(required=True)
    username = fields.String(required=True)


class AccountCreated(Schema):
    """The new account with its credentials, shown once."""

    account_id = fields.Integer(required=True)
    api_key = fields.String(required=True)
    api_user = fields.Nested(ApiUser)


class AccountAnswer(Schema):
    """An account as it is read: v1's ``account_created`` and Peru's settings."""

    account_id = fields.Integer(required=True)
    account_created = fields.Dict(required=True)
    additional = fields.Dict(required=True)
