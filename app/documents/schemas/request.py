"""The body of ``POST /V1/documents`` as the contract writes it, with every loose type of its callers.

Only the shape is judged here (a member of the wrong type is a 400); what the values mean is the business of the
stem's own module, and whether SUNAT would take them is the law's. Members the contract knows but Peru does not use
are accepted and left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import ValidationError, fields, validate, validates_schema

from app.documents.schemas.body import NOT_NEGATIVE, Body, told
from app.documents.schemas.certificate_body import ReferenceAdditional
from app.documents.schemas.fields import Amount, Day, LooseInt, LooseText
from app.documents.schemas.sale_detail import DetailAdditional
from app.documents.schemas.sale_header import HeaderAdditional
from app.wire.document_types import has_lines, has_prices

_MOST_LINES: Final = 999
"""SUNAT's line number has three digits (2023)."""
_MOST_GOODS: Final = 9999
"""That of a guide has four."""
_PRICED: Final = ("quantity", "line_description", "unit_price", "taxes")
"""What every line of a sale says; goods that only move have no prices."""
_MISSING: Final = str(fields.Field.default_error_messages["required"])
_LINES: Final = f"Debe tener de 1 a {_MOST_LINES} líneas. / Must have 1 to {_MOST_LINES} lines."


class Header(Body):
    """Who sells what kind of voucher to whom, when and in which currency."""

    account_id = LooseInt()
    document_type_id = LooseText(metadata={"example": "96"})
    document_type_taxbureau = LooseText(metadata={"description": "SUNAT's code, instead of document_type_id."})
    document_sequence_code = LooseText(metadata={"example": "F001"})
    sequence_mode = fields.String(validate=validate.OneOf(("static", "dynamic")), metadata={
        "description": "For internal papers (901 quotation, 902 order, 903 sale note): static needs a chosen series, "
                       "dynamic makes the series on first use, padding 6, start 1."
    })
    document_number = LooseInt(metadata={"description": "Forces the number; needs the scope numbers:force."})
    received_issued_flag = LooseInt(metadata={"description": "Ignored on input."})
    issue_date = Day(required=True)
    issuer_tax_id_code = LooseText()
    issuer_tax_id_type = LooseText()
    issuer_legal_name = LooseText()
    issuer_address = LooseText()
    issuer_district = LooseText()
    issuer_city = LooseText()
    issuer_department = LooseText()
    issuer_country_id = LooseText()
    issuer_phone = LooseText()
    issuer_activity = LooseText()
    issuer_postalcode = LooseText()
    receiver_tax_id_code = LooseText()
    receiver_tax_id_type = LooseText()
    receiver_legal_name = LooseText()
    receiver_address = LooseText()
    receiver_district = LooseText()
    receiver_city = LooseText()
    receiver_department = LooseText()
    receiver_country_id = LooseText()
    receiver_phone = LooseText()
    receiver_activity = LooseText()
    receiver_postalcode = LooseText()
    receiver_email = LooseText()
    payment_conditions = LooseText(metadata={"description": "Due days separated by commas; 0 is cash."})
    currency_id = LooseText(metadata={"description": "7 PEN, 5 USD, 38 EUR."})
    exchange_rate_value = Amount()
    branch_office_code = LooseText()
    observations = LooseText()
    deployment_observations = LooseInt()
    seller_id = LooseText()
    external_id = LooseText(validate=validate.Length(min=1, max=120))
    additional = fields.Nested(HeaderAdditional)


class LineTax(Body):
    """One tax of a line."""

    tax_type_id = LooseText(required=True)
    tax_percentage = Amount(required=True)
    tax_amount = Amount(required=True)


class Detail(Body):
    """One line."""

    quantity = Amount(metadata=told("Needed by every kind that has prices"))
    sku = LooseText()
    line_description = LooseText(metadata=told("Needed by every kind that has prices"))
    long_description = LooseText()
    unit_measure = LooseText(load_default="NIU")
    unit_price = Amount(metadata=told("Needed by all but guides"))
    modifier_amount = Amount()
    modifier_percentage = Amount()
    total_taxes = Amount()
    total_amount_line = Amount()
    currency_id = LooseText()
    taxes = fields.List(
        fields.Nested(LineTax), validate=validate.Length(max=9), metadata=told("Needed by all but guides"))
    additional = fields.Nested(DetailAdditional)


class Reference(Body):
    """The voucher that a note changes, or one that a certificate lists with a payment of it."""

    document_type_id = LooseText()
    document_type_taxbureau = LooseText()
    reference_number = LooseText()
    series = LooseText()
    reference_document_id = LooseInt()
    reference_code = LooseText()
    description = LooseText()
    reference_date = Day()
    additional = fields.Nested(ReferenceAdditional)


class GlobalModifier(Body):
    """A discount or surcharge of the whole voucher as the contract's first version writes it."""

    discount_surcharge_code = fields.String(
        required=True, validate=validate.OneOf(("DA", "RA", "DE", "RE")), metadata=told(
            "DA discount (02 of catalogue 53) and RA surcharge (49) on what is taxed, moving the base of the IGV; DE "
            "discount (03) and RE surcharge (50) that leave it alone", "DA",
        ))
    discount_surcharge_type = fields.String(
        load_default="$", validate=validate.OneOf(("$", "%")), metadata=told("$ money, % percent")
    )
    discount_surcharge_value = Amount(required=True, validate=NOT_NEGATIVE, metadata=told("Never negative", "50.00"))


class TotalsClaim(Body):
    """The totals as the caller has them; each one given is checked."""

    net_amount = Amount()
    taxes_amount = Amount()
    total_amount = Amount()
    currency_id = LooseText()


class DocumentRequest(Body):
    """A voucher to issue."""

    options = fields.Dict()
    header = fields.Nested(Header, required=True)
    details = fields.List(
        fields.Nested(Detail), load_default=list, validate=validate.Length(max=_MOST_GOODS, error=_LINES),
        metadata=told(
            "The lines, 999 at most and 9999 of a guide. Certificates of retention and perception have none: they list "
            "references"),
    )
    references = fields.List(fields.Nested(Reference), validate=validate.Length(max=_MOST_LINES))
    globals_discounts_surcharges = fields.List(fields.Nested(GlobalModifier), validate=validate.Length(max=20))
    totals = fields.Nested(TotalsClaim)
    payment_link = fields.Dict()

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def with_lines(self, data: Mapping[str, Any], given: Any, **_: Any) -> None:
        """Every kind but those without lines has at least one, and every line of a sale its price."""
        if not isinstance(given, Mapping):
            return
        header, lines = data.get("header") or {}, given.get("details")
        asked = (header.get("document_type_id", ""), header.get("document_type_taxbureau", ""))
        if lines in (None, []):
            if has_lines(*asked):
                raise ValidationError({"details": [_LINES]})
        elif has_prices(*asked) and isinstance(lines, list):
            _priced(lines)


def _priced(lines: Sequence[Any]) -> None:
    """Raises ValidationError for sales with too many lines, or with one that lacks what every sale says."""
    if len(lines) > _MOST_LINES:
        raise ValidationError({"details": [_LINES]})
    wrong = {
        index: missing for index, line in enumerate(lines) if isinstance(line, Mapping)
        and (missing := {name: [_MISSING] for name in _PRICED if line.get(name) is None})
    }
    if wrong:
        raise ValidationError({"details": wrong})


class BatchRequest(Body):
    """Many vouchers to issue, each by itself."""

    documents = fields.List(
        fields.Dict(), required=True, validate=validate.Length(min=1, max=500),
        metadata={"description": "bodies of single requests, each with an idempotency_key if wanted"},
    )
