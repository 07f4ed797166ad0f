"""Purchase settlements on the wire: ``header.additional.pe_purchase_settlement``.

The receiver of the header is the seller, a person without a RUC; what he is paid stands in ``totals.total_amount``.
"""

from __future__ import annotations

from marshmallow import fields

from app.documents.schemas.body import NOT_NEGATIVE, Body, told
from app.documents.schemas.fields import Amount, LooseText


class SettledAddress(Body):
    """An address of a purchase settlement with its sort."""

    type = LooseText(metadata=told(
        "Catalogue 60: 01 point of sale, 02 production, 03 extraction, 04 exploitation, 05 others", "02"
    ))
    ubigeo = LooseText(metadata=told("Six digits", "220101"))
    address_line = LooseText(metadata=told("Street or place, with what helps to find it", "CASERIO EL PORVENIR S/N"))
    urbanization = LooseText()
    district = LooseText()
    province = LooseText()
    department = LooseText()
    country = LooseText(metadata=told("PE unless told: SUNAT observes any other", "PE"))


class IncomeTaxBody(Body):
    """The income tax that the buyer keeps back of what he pays (3000 of catalogue 05)."""

    rate = Amount(validate=NOT_NEGATIVE, metadata=told(
        "Percent of the value of each line that names none of its own; the one in force unless told: 1.5, of gold 4",
        "1.5",
    ))
    base = Amount(validate=NOT_NEGATIVE, metadata=told("Checked: the value of the lines that bear it", "1000.00"))
    amount = Amount(validate=NOT_NEGATIVE, metadata=told("Checked: the sum of what the lines bear", "15.00"))


class PurchaseSettlementBody(Body):
    """What only a purchase settlement says: where the seller lives, where the operation was made, income tax."""

    seller_address = fields.Nested(SettledAddress, metadata=told(
        "The seller's home; the receiver's members of the header fill what is left out"
    ))
    operation_place = fields.Nested(SettledAddress, metadata=told("Where the operation was made"))
    income_tax = fields.Nested(IncomeTaxBody, metadata=told("Without it none is kept back"))
