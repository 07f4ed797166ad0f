"""What no rule notices when an element of a golden is removed, emptied or altered, and why that is right.

Each row: a pattern of the path (kind's own names folded), the verbs it speaks of (r e a), and the reason. A reason is
one of: SUNAT's workbook has no rule for it (it is free, optional or descriptive), another part judges it (the
signature's sheet, the XML schema), or the change is itself allowed. A mutation that goes unnoticed without a row here
is a rule that stopped working, or an element that nobody has thought about.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Row(NamedTuple):
    """Why some mutations may pass."""

    pattern: str
    verbs: str
    why: str

    def covers(self, path: str, verb: str) -> bool:
        """Whether the row speaks of this path and verb."""
        return verb[0] in self.verbs and re.fullmatch(self.pattern, path) is not None


_CUSTOMER: Final = "cac:AccountingCustomerParty/cac:Party"
_SUPPLIER: Final = "cac:AccountingSupplierParty/cac:Party"
_ADDRESS: Final = "cac:PartyLegalEntity/cac:RegistrationAddress"
_STRETCH: Final = "line/cac:Delivery/cac:Shipment"

ROWS: Final = (
    Row(f"{_CUSTOMER}/{_ADDRESS}(/.*)?", "rea", "the customer's address is optional, and no rule judges it"),
    Row(f"{_CUSTOMER}/cac:PartyIdentification/cbc:ID", "ea",
        "a boleta's customer may be identified by anything, and an unnamed one by nothing up to S/ 700"),
    Row(".*/cbc:RegistrationName|.*/cac:PartyName(/cbc:Name)?", "rea", "names are free, trade names optional"),
    Row(f"{_SUPPLIER}/{_ADDRESS}/cbc:AddressTypeCode", "a",
        "which establishments there are is known to the taxpayers' register, not to a golden's judgement"),
    Row(f"{_SUPPLIER}/{_ADDRESS}/.*", "rea", "the issuer's address is optional: free text, and any district's ubigeo"),
    Row(f"{_SUPPLIER}/cac:AgentParty/cac:PartyIdentification/cbc:ID", "ea",
        "the authorisation of a plague control service has a form in no rule of the workbook"),
    Row("cac:AdditionalDocumentReference/cac:IssuerParty/cac:PartyIdentification/cbc:ID", "a",
        "whose advance it is only SUNAT's record tells (2529, 3218)"),
    Row("(line/)?cac:AllowanceCharge/cbc:(BaseAmount|MultiplierFactorNumeric)", "rea",
        "base and factor are optional, and a sol of tolerance hides small changes (3290, 3307)"),
    Row("cac:AllowanceCharge(/.*)?", "rea", "a note's global charges have rules for their sum only, within a sol"),
    Row("cac:BillingReference/cac:InvoiceDocumentReference/cbc:DocumentTypeCode", "re",
        "the workbook asks the type for its value, not for its presence"),
    Row("cac:Delivery(/.*)?|cac:DeliveryTerms(/.*)?", "rea",
        "where goods are handed over is judged for exports and itinerant sales only"),
    Row("cac:AdditionalDocumentReference(/cbc:(ID|DocumentTypeCode))?", "ra", "papers that come along are optional"),
    Row("cac:TaxTotal/cac:TaxSubtotal", "r", "a tribute of less than a sol is within the tolerance of the sums"),
    Row("line/.*/cbc:TaxExemptionReasonCode", "a", "the next code of the same group is an affectation of it too"),
    Row("cac:DespatchDocumentReference(/cbc:DocumentTypeCode)?|cac:OrderReference(/cbc:ID)?", "rea",
        "papers that come along are optional"),
    Row("cac:DiscrepancyResponse/cbc:(Description|ReferenceID)", "rea",
        "the reason's text is free; the number is read from BillingReference"),
    Row("cac:DiscrepancyResponse/cbc:ResponseCode", "a", "the next code of the catalogue is a reason too"),
    Row("cac:PaymentMeans/.*", "ra", "account, means and authorisation have a form, and any value of it will do"),
    Row("cac:PaymentTerms/cbc:(Amount|PaymentMeansID|PaymentPercent)", "rea",
        "the percentage of a detraction may be left out, and most goods and services have none in the tables"),
    Row("cac:PaymentTerms/cbc:(ID|PaymentDueDate)", "rea",
        "a later day is a day; a note that changes no payment may carry terms or not"),
    Row("cac:PrepaidPayment/cbc:PaidDate", "rea", "the day of an advance is optional and has no rule"),
    Row("cac:Signature(/.*)?", "rea", "the sheet of the signature judges it, once there is one"),
    Row("cbc:(DueDate|IssueTime)", "rea", "optional; their form is the schema's business"),
    Row("cbc:Note", "ra", "the workbook judges the legend's code, not its words, and asks for few legends"),
    Row("line/cac:Delivery/.*/cbc:(Line|ID|Amount|Instructions)", "a",
        "any address, district or value of the right form will do"),
    Row(f"{_STRETCH}(/.*)?", "rea", "stretch, vehicle and load are optional"),
    Row("line/cac:Item|line/cac:Price|line/cac:PricingReference(/cac:AlternativeConditionPrice)?|line/quantity", "re",
        "the workbook asks a note's lines for less than an invoice's; the schema lets them lack these"),
    Row("line/cac:Item/cbc:Description", "ra", "free text, and optional on notes"),
    Row("line/cac:Item/cac:AdditionalItemProperty(/.*)?", "rea",
        "a property's name is descriptive; its value and days are judged for form where the code asks"),
    Row("line/cac:Item/cac:(SellersItemIdentification|StandardItemIdentification|CommodityClassification)(/.*)?", "rea",
        "product codes are optional until 2027, and another code of the list is a code"),
    Row(".*/cac:AlternativeConditionPrice/cbc:PriceAmount", "a", "within a sol of tolerance (3270, 4287)"),
    Row(".*/cac:AlternativeConditionPrice/cbc:PriceTypeCode", "r",
        "asked for its value on invoices, for its presence on notes"),
    Row(".*/cac:TaxScheme/cbc:TaxTypeCode", "r", "the international code of a line's tribute is optional"),
    Row("line/.*/cac:TaxCategory/cbc:(Percent|TierRange|PerUnitAmount)", "ra",
        "a rate without a tax to it has no rule; another ISC system is one too; a bag's amount is optional"),
    Row("line/cbc:ID", "a", "any order from 1 to 999 that is not repeated"),
    Row("cac:BillingReference(/cac:InvoiceDocumentReference)?", "re",
        "a note of other concepts needs no voucher (2524)"),
    Row("cac:BillingReference/cac:InvoiceDocumentReference/cbc:(ID|DocumentTypeCode)", "a",
        "what is no voucher of SUNAT's numbering may have any number, and the next kind of paper is one too"),
    Row("line/(cbc:LineExtensionAmount|cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount)", "r",
        "judged on notes where they are; the schema asks for them"),
    Row("line/quantity", "a", "what is worth nothing is so in any quantity"),
    Row("line/.*/cbc:TaxExemptionReasonCode", "re", "asked on notes of a base above zero only (2371)"),
    Row("line/cac:PricingReference/cac:AlternativeConditionPrice/cbc:PriceTypeCode", "a",
        "the next code of catalogue 16 is one too, and notes are not held to it"),
    Row("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", "a",
        "the tax that a note's free lines show has no sum in the workbook"),
    Row("totals/cbc:(LineExtensionAmount|TaxInclusiveAmount)", "rea", "not asked of notes"),
    Row("totals/cbc:PayableRoundingAmount", "re", "a céntimo less is within the tolerance of the total (3280)"),
)

FLOORS: Final = {"01": 58, "03": 62, "07": 52, "08": 52}
"""Percent of the mutations that must be noticed, by kind."""
