"""The body of ``POST /V1/documents`` as the contract writes it, with every loose type of its callers.

Only the shape is judged here (a member of the wrong type is a 400); what the values mean is the business of the
stem's own module, and whether SUNAT would take them is the law's. Members the contract knows but Peru does not use
are accepted and left alone.
"""

from __future__ import annotations

from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from app.documents.schemas.fields import Amount, Day, Hour, LooseInt, LooseText

_MOST_LINES: Final = 999
"""SUNAT's line number has three digits (2023)."""


class Body(Schema):
    """A part of the request: unknown members are passed over, a null is an absent member."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def without_nulls(self, data: Any, **_: Any) -> Any:
        """Clients write null for what they leave out."""
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class Instalment(Body):
    """One payment to come."""

    amount = Amount(required=True)
    due_date = Day(required=True)


class Payment(Body):
    """How the voucher is paid."""

    kind = fields.String(required=True, validate=validate.OneOf(("cash", "credit")))
    pending_amount = Amount()
    instalments = fields.List(fields.Nested(Instalment), validate=validate.Length(max=999))


class NoteReason(Body):
    """Why a note is issued."""

    reason_code = LooseText(required=True)
    reason_text = LooseText()


class RelatedPaper(Body):
    """A purchase order, a guide or another paper."""

    kind = fields.String(required=True, validate=validate.OneOf(("order", "guide", "other")))
    type = LooseText()
    number = LooseText(required=True)


class PeHeader(Body):
    """Peru's own part of the header."""

    operation_type = LooseText()
    signature_id = LooseText()
    issue_time = Hour()
    due_date = Day()
    establishment_code = LooseText()
    issuer_ubigeo = LooseText()
    issuer_trade_name = LooseText()
    receiver_ubigeo = LooseText()
    receiver_trade_name = LooseText()
    receiver_identity_code = LooseText()
    price_mode = fields.String(validate=validate.OneOf(("net", "gross")))
    payment = fields.Nested(Payment)
    note = fields.Nested(NoteReason)
    references = fields.List(fields.Nested(RelatedPaper), validate=validate.Length(max=99))
    service_use_country = LooseText()
    charges_discounts = fields.List(fields.Raw())
    is_advance = fields.Raw()
    advances = fields.List(fields.Raw())
    detraction = fields.Raw()
    perception = fields.Raw()
    retention = fields.Raw()
    income_withholding = fields.Raw()
    legends = fields.List(fields.Raw())
    rounding_amount = Amount()
    incoterm = fields.Raw()
    delivery_address = fields.Raw()


class HeaderAdditional(Body):
    """The header's national parts; only Peru's is read."""

    pe_header = fields.Nested(PeHeader)


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


class PeDetail(Body):
    """Peru's own part of a line."""

    igv_affectation = LooseText()
    igv_rate = Amount()
    price_type = LooseText()
    sunat_product_code = LooseText()
    gtin = fields.Raw()
    reference_price = Amount()
    isc = fields.Raw()
    icbper = fields.Raw()
    other_tax = fields.Raw()
    charges_discounts = fields.List(fields.Raw())
    properties = fields.List(fields.Raw())
    cargo_transport = fields.Raw()
    lodging = fields.Raw()


class DetailAdditional(Body):
    """A line's national parts; only Peru's is read."""

    pe_detail = fields.Nested(PeDetail)


class Detail(Body):
    """One line."""

    quantity = Amount(required=True)
    sku = LooseText()
    line_description = LooseText(required=True)
    long_description = LooseText()
    unit_measure = LooseText(load_default="NIU")
    unit_price = Amount(required=True)
    modifier_amount = Amount()
    modifier_percentage = Amount()
    total_taxes = Amount()
    total_amount_line = Amount()
    currency_id = LooseText()
    taxes = fields.List(fields.Nested(LineTax), required=True, validate=validate.Length(max=9))
    additional = fields.Nested(DetailAdditional)


class Reference(Body):
    """The voucher that a note changes."""

    document_type_id = LooseText()
    document_type_taxbureau = LooseText()
    reference_number = LooseText()
    series = LooseText()
    reference_document_id = LooseInt()
    reference_code = LooseText()
    description = LooseText()
    reference_date = Day()


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
    details = fields.List(fields.Nested(Detail), required=True, validate=validate.Length(
        min=1, max=_MOST_LINES,
        error=f"Debe tener de 1 a {_MOST_LINES} líneas. / Must have 1 to {_MOST_LINES} lines.",
    ))
    references = fields.List(fields.Nested(Reference), validate=validate.Length(max=99))
    globals_discounts_surcharges = fields.List(fields.Raw())
    totals = fields.Nested(TotalsClaim)
    payment_link = fields.Dict()


class BatchRequest(Body):
    """Many vouchers to issue, each by itself."""

    documents = fields.List(
        fields.Dict(), required=True, validate=validate.Length(min=1, max=500),
        metadata={"description": "bodies of single requests, each with an idempotency_key if wanted"},
    )
