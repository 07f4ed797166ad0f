"""``header.additional.pe_header`` on the wire: what Peru wants said of a whole voucher.

The names are the contract's (extensions); codes are those of SUNAT's catalogues, percentages are written as 18 for
18 %, amounts are in the voucher's currency unless a member says soles.
"""

from __future__ import annotations

from typing import Final

from marshmallow import fields, validate

from app.documents.schemas.body import NOT_NEGATIVE, Body, told
from app.documents.schemas.certificate_body import PerceptionHeader, RetentionHeader
from app.documents.schemas.fields import Amount, Day, Hour, LooseBool, LooseText
from app.documents.schemas.settlement_body import PurchaseSettlementBody
from app.documents.schemas.shipping_body import Shipping

_MOST_ADVANCES: Final = 99
_MOST_ADJUSTMENTS: Final = 20


class ChargeDiscount(Body):
    """A discount or charge of the whole voucher, or of one line."""

    code = LooseText(required=True, metadata=told(
        "Catalogue 53. Of the whole voucher: 02 and 03 discounts, 45 FISE, 46 service charge, 49 and 50 charges. Of a "
        "line: 00 and 01 discounts, 47 and 48 charges. 00, 02, 47 and 49 move the base of the IGV, the others do not",
        "02",
    ))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told("Money; either this or rate", "50.00"))
    rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent of the base; either this or amount", "5"))
    base = Amount(validate=NOT_NEGATIVE, metadata=told(
        "What it is counted on; without it, the value of the line or of the lines it belongs to", "1000.00"
    ))


class Instalment(Body):
    """One payment to come."""

    amount = Amount(required=True, metadata=told("In the voucher's currency", "590.00"))
    due_date = Day(required=True, metadata=told("After the issue date", "2026-12-20"))


class PaymentMeansBody(Body):
    """By what means it is paid."""

    code = LooseText(required=True, metadata=told("Catalogue 59", "003"))
    id = LooseText(metadata=told("The number of that payment", "OP-123456"))


class Payment(Body):
    """How the voucher is paid."""

    kind = fields.String(required=True, validate=validate.OneOf(("cash", "credit")), metadata=told("cash or credit"))
    pending_amount = Amount(metadata=told(
        "What is still owed, net of detraction and retention; without it, the sum of the instalments", "1180.00"
    ))
    instalments = fields.List(fields.Nested(Instalment), validate=validate.Length(max=999))
    means = fields.Nested(PaymentMeansBody)


class AdvanceBody(Body):
    """A payment in advance that this sale uses up, by the voucher that was issued for it."""

    payment_id = LooseText(metadata=told("Ties payment and voucher together; 1, 2, 3 without it", "1"))
    document_type = LooseText(metadata=told(
        "Catalogue 12: 02 factura, 03 boleta, 10 purchase settlement; without it, by the number's first letter", "02"
    ))
    number = LooseText(required=True, metadata=told("The advance's voucher, padded or not", "F001-00000087"))
    issuer_tax_id_code = LooseText(metadata=told("Who issued it: the issuer himself unless told"))
    affectation = fields.String(
        load_default="taxed", validate=validate.OneOf(("taxed", "exempt", "unaffected")),
        metadata=told("How the advance was taxed"),
    )
    base_amount = Amount(validate=NOT_NEGATIVE, metadata=told(
        "Its value without taxes; worked out of the total by the lines' rate where it is left out", "100.00"
    ))
    isc_amount = Amount(validate=NOT_NEGATIVE, metadata=told("The ISC within it", "0.00"))
    total_amount = Amount(required=True, validate=NOT_NEGATIVE, metadata=told("All that was paid", "118.00"))
    date = Day(metadata=told("The day of the payment"))
    income_tax_amount = Amount(validate=NOT_NEGATIVE, metadata=told(
        "Income tax that was kept back of it (purchase settlements)", "6.00"
    ))


class DetractionBody(Body):
    """What the customer pays into the issuer's account at the Banco de la Nación (SPOT)."""

    code = LooseText(required=True, metadata=told("Catalogue 54: the good or service", "037"))
    rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent of the total payable", "12"))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told(
        "Soles, whatever the currency; worked out of the rate where it is left out", "141.60"
    ))
    whole_soles = LooseBool(metadata=told("Rounds the amount worked out to whole soles; it is not rounded unless told"))
    account = LooseText(metadata=told("The account; without it, pe_account.detraction_account", "00-011-123456"))
    payment_means = LooseText(metadata=told("Catalogue 59; 001, deposit into an account, unless told", "001"))


class PerceptionBody(Body):
    """A perception of the IGV that the issuer collects beside the price; all amounts in soles."""

    code = LooseText(required=True, metadata=told("Catalogue 53: 51 domestic sale, 52 fuels, 53 special rate", "51"))
    base = Amount(validate=NOT_NEGATIVE, metadata=told("Soles; the total payable unless told", "1180.00"))
    rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent; catalogue 22's for the code unless told", "2"))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told("Soles; checked against base and rate", "23.60"))
    total = Amount(validate=NOT_NEGATIVE, metadata=told("Soles; checked: payable and perception", "1203.60"))


class RetentionBody(Body):
    """The IGV that the customer, an agent of retention, will keep back (62 of catalogue 53)."""

    code = LooseText(load_default="62", validate=validate.OneOf(("62",)), metadata=told("62 of catalogue 53"))
    base = Amount(validate=NOT_NEGATIVE, metadata=told("The total payable unless told", "1180.00"))
    rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent; 3 unless told", "3"))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told("Checked against base and rate", "35.40"))


class IncomeWithholdingBody(Body):
    """The income tax of the second category that the customer keeps back (63; operation 2002)."""

    code = LooseText(load_default="63", validate=validate.OneOf(("63",)), metadata=told("63 of catalogue 53"))
    base = Amount(validate=NOT_NEGATIVE, metadata=told("The value of the sale unless told", "1000.00"))
    rate = Amount(validate=NOT_NEGATIVE, metadata=told("Percent", "5"))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told("Money where there is no rate; else checked", "50.00"))


class NoteReason(Body):
    """Why a note is issued."""

    reason_code = LooseText(required=True, metadata=told(
        "Catalogue 09 of credit notes, 10 of debit notes; with 10 of the one and 03 of the other the references may "
        "name no voucher, or be left out", "01"))
    reason_text = LooseText(metadata=told("Why, in words", "Devolución de la mercadería"))


class RelatedPaper(Body):
    """A purchase order, a guide or another paper."""

    kind = fields.String(required=True, validate=validate.OneOf(("order", "guide", "other")))
    type = LooseText(metadata=told("Of a guide catalogue 01 (09, 31), of another paper catalogue 12", "09"))
    number = LooseText(required=True, metadata=told("Its number", "T001-123"))


class DeliveryAddress(Body):
    """Where the goods are handed over."""

    ubigeo = LooseText(metadata=told("Six digits", "150101"))
    address_line = LooseText(metadata=told("Street and number", "AV. EJEMPLO 123"))
    urbanization = LooseText()
    district = LooseText()
    province = LooseText()
    department = LooseText()
    country = LooseText(metadata=told("Two letters of catalogue 04; PE unless told", "PE"))


class PeHeader(Body):
    """Peru's own part of the header."""

    operation_type = LooseText(metadata=told(
        "Catalogue 51. Where it is left out: 0101, or the one that detraction, perception or income_withholding needs; "
        "of a purchase settlement 0501, or 0502 where it is an advance",
        "0101",
    ))
    signature_id = LooseText()
    issue_time = Hour()
    due_date = Day()
    establishment_code = LooseText(metadata=told("SUNAT's annex of four digits", "0000"))
    issuer_ubigeo = LooseText()
    issuer_trade_name = LooseText()
    receiver_ubigeo = LooseText()
    receiver_trade_name = LooseText()
    agent_tax_id_code = LooseText(metadata=told("RUC of who sold in the issuer's name (operation 0302)", "20100070970"))
    receiver_identity_code = LooseText(metadata=told("Catalogue 06 or -, where receiver_tax_id_type cannot say it"))
    price_mode = fields.String(validate=validate.OneOf(("net", "gross")), metadata=told(
        "net: unit_price is without taxes. gross: it holds IGV, IVAP and ISC, as on a shelf's label"
    ))
    payment = fields.Nested(Payment)
    note = fields.Nested(NoteReason)
    references = fields.List(fields.Nested(RelatedPaper), validate=validate.Length(max=99))
    service_use_country = LooseText(metadata=told(
        "Where an exported service is used, two letters of catalogue 04 (operations 0201 and 0208)", "US"
    ))
    charges_discounts = fields.List(
        fields.Nested(ChargeDiscount), validate=validate.Length(max=_MOST_ADJUSTMENTS),
        metadata=told("Discounts and charges of the whole voucher"),
    )
    is_advance = LooseBool(metadata=told("The voucher is issued for a payment in advance"))
    advances = fields.List(fields.Nested(AdvanceBody), validate=validate.Length(max=_MOST_ADVANCES))
    detraction = fields.Nested(DetractionBody)
    perception = fields.Nested(PerceptionBody)
    retention = fields.Nested(RetentionBody)
    income_withholding = fields.Nested(IncomeWithholdingBody)
    legends = fields.List(LooseText(), validate=validate.Length(max=20), metadata=told(
        "Extra codes of catalogue 52; those that follow from the content are added by themselves", ["2001"]
    ))
    rounding_amount = Amount(metadata=told("Added to the total, one unit of the currency at most", "-0.03"))
    incoterm = LooseText(metadata=told("Terms of delivery", "FOB"))
    delivery_address = fields.Nested(DeliveryAddress)


class HeaderAdditional(Body):
    """The header's national parts; only Peru's are read."""

    pe_header = fields.Nested(PeHeader)
    pe_retention_header = fields.Nested(RetentionHeader)
    pe_perception_header = fields.Nested(PerceptionHeader)
    pe_shipping = fields.Nested(Shipping)
    pe_purchase_settlement = fields.Nested(PurchaseSettlementBody)
