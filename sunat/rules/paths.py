"""Short names for the paths that rules repeat, per voucher kind, and the nodes that repeat (the scopes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SALE: Final = {
    "supplier": "cac:AccountingSupplierParty/cac:Party",
    "customer": "cac:AccountingCustomerParty/cac:Party",
    "identity": "cac:PartyIdentification/cbc:ID",
    "legal": "cac:PartyLegalEntity",
    "registered": "cac:PartyLegalEntity/cac:RegistrationAddress",
    "taxes": "cac:TaxTotal/cac:TaxSubtotal",
    "scheme": "cac:TaxCategory/cac:TaxScheme",
    "tribute": "cac:TaxCategory/cac:TaxScheme/cbc:ID",
    "percent": "cac:TaxCategory/cbc:Percent",
    "affectation": "cac:TaxCategory/cbc:TaxExemptionReasonCode",
    "allowance": "cac:AllowanceCharge",
    "reason": "cbc:AllowanceChargeReasonCode",
    "price": "cac:PricingReference/cac:AlternativeConditionPrice",
    "product": "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode",
    "property": "cac:Item/cac:AdditionalItemProperty",
    "terms": "cac:PaymentTerms",
    "means": "cac:PaymentMeans",
    "place": "cac:Delivery/cac:DeliveryLocation/cac:Address",
    "guide": "cac:DespatchDocumentReference",
    "related": "cac:AdditionalDocumentReference",
    "modified": "cac:BillingReference/cac:InvoiceDocumentReference",
    "operation": "cbc:InvoiceTypeCode/@listID",
    "motive": "cac:DiscrepancyResponse/cbc:ResponseCode",
    "legend": "cbc:Note/@languageLocaleID",
    "currency": "cbc:DocumentCurrencyCode",
    "total": "totals/cbc:PayableAmount",
}


def _sale(stem: str, quantity: str, totals: str) -> dict[str, str]:
    own = {"line": f"cac:{stem}Line", "quantity": f"cbc:{quantity}Quantity", "totals": f"cac:{totals}MonetaryTotal"}
    return _SALE | own


INVOICE: Final = _sale("Invoice", "Invoiced", "Legal")
CREDIT_NOTE: Final = _sale("CreditNote", "Credited", "Legal")
DEBIT_NOTE: Final = _sale("DebitNote", "Debited", "Requested")

SETTLEMENT: Final = INVOICE | {
    "supplier": "cac:AccountingCustomerParty/cac:Party",
    "customer": "cac:AccountingSupplierParty/cac:Party",
    "location": "cac:DeliveryTerms/cac:DeliveryLocation",
    "place": "cac:DeliveryTerms/cac:DeliveryLocation/cac:Address",
}
"""A purchase settlement is a sale whose buyer issues it: the two parties stand in each other's places."""

SALE_SCOPES: Final = (
    "line", "line/taxes", "line/allowance", "line/price", "line/property", "taxes", "allowance", "terms", "means",
    "guide", "related", "cac:BillingReference", "cac:PrepaidPayment", "cbc:Note", "cac:DiscrepancyResponse",
    "line/cac:Delivery/cac:DeliveryTerms",
    "line/cac:Delivery/cac:Shipment/cac:Consignment/cac:TransportHandlingUnit/cac:MeasurementDimension",
)
"""The nodes that repeat in a sale."""

_SIGNATURE: Final = {"signature": "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/ds:Signature"}
SIGNED: Final = _SALE | _SIGNATURE
"""The names of the signature rows in a sale."""


def _withholding(word: str, moved: str) -> dict[str, str]:
    return {
        "supplier": "cac:AgentParty",
        "customer": "cac:ReceiverParty",
        "identity": "cac:PartyIdentification/cbc:ID",
        "legal": "cac:PartyLegalEntity",
        "address": "cac:PostalAddress",
        "line": f"sac:SUNAT{word}DocumentReference",
        "payment": "cac:Payment",
        "withheld": f"sac:SUNAT{word}Information",
        "amount": f"sac:SUNAT{word}Amount",
        "net": f"sac:SUNATNetTotal{moved}",
        "exchange": "cac:ExchangeRate",
        "system": f"sac:SUNAT{word}SystemCode",
        "percent": f"sac:SUNAT{word}Percent",
        "total": "cbc:TotalInvoiceAmount",
        "whole": f"sac:SUNATTotal{moved}",
    }


RETENTION: Final = _withholding("Retention", "Paid")
PERCEPTION: Final = _withholding("Perception", "Cashed")
WITHHOLDING_SCOPES: Final = ("line",)
"""The nodes that repeat in a certificate: the vouchers that were paid."""

_DESPATCH_STAGE: Final = "cac:Shipment/cac:ShipmentStage"
_DESPATCH_LOAD: Final = "cac:Shipment/cac:TransportHandlingUnit"
_DESPATCH_START: Final = "cac:Shipment/cac:Delivery/cac:Despatch"
DESPATCH: Final = {
    "supplier": "cac:DespatchSupplierParty/cac:Party",
    "customer": "cac:DeliveryCustomerParty/cac:Party",
    "seller": "cac:SellerSupplierParty/cac:Party",
    "buyer": "cac:BuyerCustomerParty/cac:Party",
    "payer": "cac:OriginatorCustomerParty/cac:Party",
    "identity": "cac:PartyIdentification/cbc:ID",
    "legal": "cac:PartyLegalEntity",
    "name": "cac:PartyLegalEntity/cbc:RegistrationName",
    "permit": "cac:PartyLegalEntity/cbc:CompanyID",
    "line": "cac:DespatchLine",
    "quantity": "cbc:DeliveredQuantity",
    "product": "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode",
    "property": "cac:Item/cac:AdditionalItemProperty",
    "paper": "cac:AdditionalDocumentReference",
    "reason": "cac:Shipment/cbc:HandlingCode",
    "indicator": "cac:Shipment/cbc:SpecialInstructions",
    "stage": _DESPATCH_STAGE,
    "mode": f"{_DESPATCH_STAGE}/cbc:TransportModeCode",
    "start": f"{_DESPATCH_STAGE}/cac:TransitPeriod/cbc:StartDate",
    "carrier": f"{_DESPATCH_STAGE}/cac:CarrierParty",
    "driver": f"{_DESPATCH_STAGE}/cac:DriverPerson",
    "licence": "cac:IdentityDocumentReference/cbc:ID",
    "vehicle": f"{_DESPATCH_LOAD}/cac:TransportEquipment",
    "trailer": f"{_DESPATCH_LOAD}/cac:TransportEquipment/cac:AttachedTransportEquipment",
    "card": "cac:ApplicableTransportMeans/cbc:RegistrationNationalityID",
    "container": f"{_DESPATCH_LOAD}/cac:Package",
    "origin": f"{_DESPATCH_START}/cac:DespatchAddress",
    "sender": f"{_DESPATCH_START}/cac:DespatchParty",
    "destination": "cac:Shipment/cac:Delivery/cac:DeliveryAddress",
    "subcontractor": "cac:Shipment/cac:Consignment/cac:LogisticsOperatorParty",
    "port": "cac:Shipment/cac:FirstArrivalPortLocation",
}
"""The names of both guides."""
DESPATCH_SCOPES: Final = (
    "line", "line/property", "paper", "driver", "vehicle", "trailer", "container", "indicator",
)
"""The nodes that repeat in a guide."""

_SIGNED: Final = {
    "Retention": RETENTION | _SIGNATURE, "Perception": PERCEPTION | _SIGNATURE, "DespatchAdvice": DESPATCH | _SIGNATURE,
    "SelfBilledInvoice": SETTLEMENT | _SIGNATURE,
}


def signed(root: str) -> Mapping[str, str]:
    """The names of the rows about any voucher's signature and parcel, for a root element."""
    return _SIGNED.get(root, SIGNED)

_COMMUNICATION: Final = {
    "supplier": "cac:AccountingSupplierParty",
    "identity": "cbc:CustomerAssignedAccountID",
    "legal": "cac:Party/cac:PartyLegalEntity",
}
VOIDED: Final = _COMMUNICATION | {
    "line": "sac:VoidedDocumentsLine",
    "series": "sac:DocumentSerialID",
    "number": "sac:DocumentNumberID",
    "why": "sac:VoidReasonDescription",
}
SUMMARY: Final = _COMMUNICATION | {
    "line": "sac:SummaryDocumentsLine",
    "customer": "cac:AccountingCustomerParty",
    "modified": "cac:BillingReference/cac:InvoiceDocumentReference",
    "perceived": "sac:SUNATPerceptionSummaryDocumentReference",
    "condition": "cac:Status/cbc:ConditionCode",
    "total": "sac:TotalAmount",
    "value": "sac:BillingPayment",
    "allowance": "cac:AllowanceCharge",
    "taxes": "cac:TaxTotal",
    "part": "cac:TaxSubtotal",
    "scheme": "cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme",
    "tribute": "cac:TaxSubtotal/cac:TaxCategory/cac:TaxScheme/cbc:ID",
}
VOIDED_SCOPES: Final = ("line",)
SUMMARY_SCOPES: Final = ("line", "line/value", "line/allowance", "line/taxes")
"""The nodes that repeat in communications to SUNAT."""
