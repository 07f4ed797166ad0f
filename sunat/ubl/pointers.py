"""From a node of the XML back to the field of the content that filled it.

SUNAT names nodes; the caller sent fields. A rule's finding carries a concrete path
(``/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity``); this table gives the content's field (``lines.1.quantity``),
and the office turns that into a pointer of the body it received. A node without a row of its own belongs to its
nearest ancestor that has one.
"""

from __future__ import annotations

import re
from typing import Final

_LINE: Final = re.compile(r"^cac:(?:Invoice|CreditNote|DebitNote)Line(?:\[(\d+)\])?(?:/|$)")
_TERM: Final = re.compile(r"^cac:PaymentTerms(?:\[(\d+)\])?(?:/|$)")
_INDEX: Final = re.compile(r"\[\d+\]")

_DOCUMENT: Final = {
    "cbc:ID": "series",
    "cbc:IssueDate": "issue_date",
    "cbc:IssueTime": "issue_time",
    "cbc:DueDate": "due_date",
    "cbc:InvoiceTypeCode": "kind",
    "cbc:InvoiceTypeCode/@listID": "operation_type",
    "cbc:Note": "legends",
    "cbc:DocumentCurrencyCode": "currency",
    "cac:OrderReference": "related",
    "cac:DespatchDocumentReference": "related",
    "cac:AdditionalDocumentReference": "related",
    "cac:DiscrepancyResponse": "target",
    "cac:DiscrepancyResponse/cbc:ReferenceID": "target.number",
    "cac:DiscrepancyResponse/cbc:ResponseCode": "reason_code",
    "cac:DiscrepancyResponse/cbc:Description": "reason_text",
    "cac:BillingReference": "target.number",
    "cac:BillingReference/cac:InvoiceDocumentReference/cbc:DocumentTypeCode": "target.type_code",
    "cac:Signature": "signature_id",
    "cac:Signature/cac:SignatoryParty": "issuer.identity_number",
    "cac:PaymentTerms": "payment",
    "cac:TaxTotal": "totals.tax_total",
    "cac:LegalMonetaryTotal": "totals.payable",
    "cac:LegalMonetaryTotal/cbc:LineExtensionAmount": "totals.value",
    "cac:RequestedMonetaryTotal": "totals.payable",
    "cac:RequestedMonetaryTotal/cbc:LineExtensionAmount": "totals.value",
}

_PARTY: Final = {
    "": "identity_number",
    "cac:PartyIdentification/cbc:ID": "identity_number",
    "cac:PartyIdentification/cbc:ID/@schemeID": "identity_code",
    "cac:PartyName": "trade_name",
    "cac:PartyLegalEntity/cbc:RegistrationName": "name",
    "cac:PartyLegalEntity/cac:RegistrationAddress": "address.line",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cbc:ID": "address.ubigeo",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cbc:AddressTypeCode": "establishment_code",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cbc:CitySubdivisionName": "address.urbanization",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cbc:CityName": "address.province",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cbc:CountrySubentity": "address.department",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cbc:District": "address.district",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cac:Country": "address.country",
}

_LINE_FIELDS: Final = {
    "": "",
    "cbc:InvoicedQuantity": "quantity",
    "cbc:CreditedQuantity": "quantity",
    "cbc:DebitedQuantity": "quantity",
    "cbc:InvoicedQuantity/@unitCode": "unit",
    "cbc:CreditedQuantity/@unitCode": "unit",
    "cbc:DebitedQuantity/@unitCode": "unit",
    "cbc:LineExtensionAmount": "unit_amount",
    "cac:PricingReference": "unit_amount",
    "cac:AllowanceCharge": "modifier",
    "cac:TaxTotal": "taxes",
    "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount": "taxes.amount",
    "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent": "taxes.rate",
    "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReasonCode": "affectation",
    "cac:Item": "description",
    "cac:Item/cac:SellersItemIdentification": "seller_code",
    "cac:Item/cac:CommodityClassification": "sunat_code",
    "cac:Price": "unit_amount",
}

_PARTIES: Final = {
    "cac:AccountingSupplierParty/cac:Party": "issuer",
    "cac:AccountingSupplierParty": "issuer",
    "cac:AccountingCustomerParty/cac:Party": "customer",
    "cac:AccountingCustomerParty": "customer",
}


def field_of(path: str) -> str:
    """The dotted content field behind a node; "" when the node belongs to the voucher as a whole.

    >>> field_of("/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity/@unitCode")
    'lines.1.unit'
    >>> field_of("/Invoice/cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID")
    'customer.identity_number'
    """
    below = path.lstrip("/").partition("/")[2]
    line = _LINE.match(below)
    if line:
        field = _nearest(_INDEX.sub("", below[line.end():]), _LINE_FIELDS)
        return f"lines.{int(line[1] or 1) - 1}" + (f".{field}" if field else "")
    term = _TERM.match(below)
    if term and below[term.end():] in {"cbc:Amount", "cbc:PaymentDueDate"}:
        # The first PaymentTerms is the kind of payment, those behind it are the instalments.
        index = int(term[1] or 1) - 2
        return "payment.pending" if index < 0 else f"payment.instalments.{index}"
    below = _INDEX.sub("", below)
    for prefix, party in _PARTIES.items():
        if below == prefix or below.startswith(prefix + "/"):
            return f"{party}.{_nearest(below[len(prefix) + 1:], _PARTY)}"
    return _nearest(below, _DOCUMENT)


def _nearest(path: str, table: dict[str, str]) -> str:
    while path:
        if path in table:
            return table[path]
        path = path.rpartition("/")[0]
    return table.get("", "")
