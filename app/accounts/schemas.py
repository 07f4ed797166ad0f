"""What the accounts room reads and writes on the wire (contract/v1.md 1, 2.3 to 2.5; contract/extensions.md)."""

from __future__ import annotations

import base64
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from app.accounts.keys import SCOPES
from app.accounts.models import (
    ANONYMOUS_CUSTOMERS,
    BOLETA_CHANNELS,
    CHANNELS,
    ENVIRONMENTS,
    MODES,
    SIGNATURE_ALGORITHMS,
    TAX_REGIMES,
)

_BIGGEST = 2**63 - 1
_ID = validate.Range(min=1, max=_BIGGEST)
_FLAG = validate.OneOf((0, 1))


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


class PeAccount(Loose):
    """``additional.pe_account``: what Peru needs; the secrets are written and never read out."""

    environment = fields.String(validate=validate.OneOf(ENVIRONMENTS))
    tax_regime = fields.String(validate=validate.OneOf(TAX_REGIMES))
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    ose_url = fields.URL(schemes={"https"})
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
    trade_name = text(250)


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


class AccountQuery(Loose):
    """Which account a list is about: an operator names it, an account's own credential need not."""

    account_id = fields.Integer(validate=_ID)


class BranchChange(Loose):
    """``PUT /V1/company_branches/{id}``."""

    account_id = fields.Integer(validate=_ID)
    name = text(250, shortest=1)
    is_headquarters = fields.Integer(validate=_FLAG)
    branch_type = fields.Integer(validate=validate.OneOf((1, 2)))
    address = text(250)
    district = text(100)
    city = text(100)
    department = text(100)
    phone = text(50)
    ubigeo = fields.String(validate=validate.Regexp(r"(\d{6})?\Z"))
    company_branch_tax_code = fields.String(validate=validate.Regexp(r"\d{4}\Z"))
    establishment_code = fields.String(validate=validate.Regexp(r"\d{4}\Z"))
    company_branch_internal_code = text(50, shortest=1)
    parent_company_branch_id = fields.Integer(validate=_ID, allow_none=True)
    document_sequence_codes = fields.List(text(4), validate=validate.Length(max=200))


class BranchRequest(BranchChange):
    """``POST /V1/company_branches``."""

    name = text(250, shortest=1, required=True)


class BranchAnswer(Schema):
    """A branch as it is read."""

    company_branch_id = fields.Integer(required=True)
    account_id = fields.Integer(required=True)
    name = fields.String(required=True)
    is_headquarters = fields.Integer(required=True)
    branch_type = fields.Integer(required=True)
    address = fields.String(required=True)
    district = fields.String(required=True)
    city = fields.String(required=True)
    department = fields.String(required=True)
    phone = fields.String(required=True)
    ubigeo = fields.String(required=True)
    company_branch_tax_code = fields.String(required=True)
    establishment_code = fields.String(required=True)
    company_branch_internal_code = fields.String(required=True)
    parent_company_branch_id = fields.Integer(required=True, allow_none=True)
    document_sequence_codes = fields.List(fields.String(), required=True)
    user_permissions = fields.List(fields.Dict(), required=True)


class CertificateRequest(Loose):
    """``POST /V1/digital_certificates``: a PFX or PEM in ``certificate_file``, or certificate and key apart."""

    account_id = fields.Integer(validate=_ID)
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

    account_id = fields.Integer(validate=_ID)
    name = text(100, load_default="")
    mode = fields.String(validate=validate.OneOf(MODES))
    branch = fields.Integer(validate=_ID, allow_none=True, metadata={"description": "company_branch_id"})
    scopes = fields.List(fields.String(validate=validate.OneOf(SCOPES)), validate=validate.Length(min=1, max=20))


class KeyAnswer(Schema):
    """A key as it is read; ``api_key`` is there once, in the answer that makes it."""

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


class Listing(Schema):
    """Every collection: HAL links, ``_embedded``, the plain array under the collection's name, counters."""

    class Meta:
        unknown = EXCLUDE

    page = fields.Integer(required=True)
    page_count = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total_items = fields.Integer(required=True)
