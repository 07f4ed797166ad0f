"""The tables behind ``sunat.ubl.pointers``: for each part of a sale, its nodes and the content fields they show.

A ``Place`` is the inside of the voucher or of a repeated node. Order is that of the templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sunat.documents import Line, Sale
from sunat.documents.legends import DETRACTIONS
from sunat.taxes import BAGS, INCOME_TAX, ISC, OTHER

Repeated = Callable[[Any, int], "tuple[str, Place, Any] | None"]
"""Which member of the content the n-th node (from 0) shows: its field, the place inside, and the member itself.

The first argument is the content around it, or None where no content is known.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The nodes of one part of a voucher.

    ``fields`` goes from a path below it to a field, ``repeated`` finds the member behind a node that may repeat, and
    ``missing`` answers for a node that a rule wants and does not find.
    """

    fields: Mapping[str, str]
    repeated: Mapping[str, Repeated] = field(default_factory=dict)
    missing: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)


def each(name: str, place: Place, members: Callable[[Any], Sequence[Any]] | None = None) -> Repeated:
    """Nodes that repeat one for one with the members of a tuple."""
    def found(told: Any, index: int) -> tuple[str, Place, Any] | None:
        if told is None:
            return f"{name}.{index}", place, None
        rows = members(told) if members else getattr(told, name, ())
        return (f"{name}.{index}", place, rows[index]) if index < len(rows) else None

    return found


def _listed(rows: Callable[[Any], Sequence[tuple[str, Place]]], unknown: Repeated | None = None) -> Repeated:
    """Nodes whose meaning is told by what the content has; ``unknown`` answers where there is no content."""
    def found(told: Any, index: int) -> tuple[str, Place, Any] | None:
        if told is None:
            return unknown(told, index) if unknown else None
        known = rows(told)
        return (*known[index], None) if index < len(known) else None

    return found


_WHOLE: Final = Place(fields={})

# Lines.

_PROPERTY: Final = Place(fields={
    "cbc:Name": "name",
    "cbc:NameCode": "code",
    "cbc:Value": "value",
    "cbc:ValueQuantity": "quantity",
    "cbc:ValueQuantity/@unitCode": "unit",
    "cac:UsabilityPeriod": "start_date",
    "cac:UsabilityPeriod/cbc:StartTime": "start_time",
    "cac:UsabilityPeriod/cbc:EndDate": "end_date",
    "cac:UsabilityPeriod/cbc:DurationMeasure": "days",
})
_ALLOWANCE: Final = Place(fields={
    "cbc:AllowanceChargeReasonCode": "code",
    "cbc:MultiplierFactorNumeric": "factor",
    "cbc:Amount": "amount",
    "cbc:BaseAmount": "base",
})
_MAIN_TAX: Final = Place(fields={
    "": "taxes",
    "cbc:TaxAmount": "taxes.amount",
    "cac:TaxCategory/cbc:Percent": "taxes.rate",
    "cac:TaxCategory/cbc:TaxExemptionReasonCode": "affectation",
})
_OTHER_TAX: Final = Place(fields={
    "cbc:TaxableAmount": "base",
    "cbc:TaxAmount": "amount",
    "cbc:BaseUnitMeasure": "units",
    "cac:TaxCategory/cbc:Percent": "rate",
    "cac:TaxCategory/cbc:TierRange": "system",
    "cac:TaxCategory/cbc:PerUnitAmount": "unit_tax",
})
_BESIDE: Final = {ISC: "excise", BAGS: "bags", OTHER: "other_tax", INCOME_TAX: "income_tax"}


def _taxes(line: Line) -> Sequence[tuple[str, Place]]:
    return [
        (_BESIDE[tax.tribute], _OTHER_TAX) if tax.tribute in _BESIDE else ("", _MAIN_TAX) for tax in line.amounts.taxes
    ]


_LOADS: Final = ("useful_load", "effective_load")
_VEHICLE: Final = Place(
    fields={"": "configuration"},
    repeated={"cac:MeasurementDimension": _listed(
        lambda vehicle: [(load, _WHOLE) for load in _LOADS if getattr(vehicle, load) is not None],
    )},
)
_LEG: Final = Place(
    fields={
        "cbc:CarrierServiceInstructions": "description",
        "cbc:DeclaredForCarriageValueAmount": "nominal_value",
        "cac:PlannedPickupTransportEvent": "origin_ubigeo",
        "cac:PlannedDeliveryTransportEvent": "destination_ubigeo",
        "cac:DeliveryTerms": "preliminary_value",
    },
    repeated={"cac:TransportHandlingUnit": each("vehicles", _VEHICLE)},
)
_VALUES: Final = ("service_value", "effective_value", "nominal_value")


def _cargo_values(line: Line) -> Sequence[tuple[str, Place]]:
    return [(f"cargo.{name}", _WHOLE) for name in _VALUES if getattr(line.cargo, name, None) is not None]


_LINE: Final = Place(
    fields={
        "cbc:InvoicedQuantity": "quantity",
        "cbc:CreditedQuantity": "quantity",
        "cbc:DebitedQuantity": "quantity",
        "cbc:InvoicedQuantity/@unitCode": "unit",
        "cbc:CreditedQuantity/@unitCode": "unit",
        "cbc:DebitedQuantity/@unitCode": "unit",
        "cbc:LineExtensionAmount": "unit_amount",
        "cac:PricingReference": "unit_amount",
        "cac:Delivery": "cargo",
        "cac:Delivery/cac:DeliveryLocation": "cargo.destination",
        "cac:Delivery/cac:DeliveryLocation/cac:Address/cbc:ID": "cargo.destination.ubigeo",
        "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:AddressLine": "cargo.destination.line",
        "cac:Delivery/cac:Despatch": "cargo.origin",
        "cac:Delivery/cac:Despatch/cbc:Instructions": "cargo.trip",
        "cac:Delivery/cac:Despatch/cac:DespatchAddress/cbc:ID": "cargo.origin.ubigeo",
        "cac:Delivery/cac:Despatch/cac:DespatchAddress/cac:AddressLine": "cargo.origin.line",
        "cac:Delivery/cac:Shipment": "cargo.legs",
        "cac:AllowanceCharge": "allowances",
        "cac:TaxTotal": "taxes",
        "cac:Item": "description",
        "cac:Item/cac:SellersItemIdentification": "seller_code",
        "cac:Item/cac:StandardItemIdentification": "gtin",
        "cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID": "gtin_type",
        "cac:Item/cac:CommodityClassification": "sunat_code",
        "cac:Item/cac:AdditionalItemProperty": "properties",
        "cac:Price": "unit_amount",
    },
    repeated={
        "cac:Delivery/cac:DeliveryTerms": _listed(_cargo_values),
        "cac:Delivery/cac:Shipment/cac:Consignment": each(
            "cargo.legs", _LEG, lambda line: line.cargo.legs if line.cargo else ()
        ),
        "cac:AllowanceCharge": each("allowances", _ALLOWANCE, lambda line: line.amounts.allowances),
        "cac:TaxTotal/cac:TaxSubtotal": _listed(_taxes, lambda _, index: ("", _MAIN_TAX, None)),
        "cac:Item/cac:AdditionalItemProperty": each("properties", _PROPERTY),
    },
    missing={
        "cac:Item/cac:AdditionalItemProperty/cbc:NameCode": lambda _: "properties",
        "cac:Delivery/cac:DeliveryTerms/cbc:ID": lambda _: "cargo",
    },
)

# How it is paid.

_FORM: Final = Place(fields={"": "payment", "cbc:Amount": "payment.pending"})
_INSTALMENT: Final = Place(fields={"cbc:Amount": "amount", "cbc:PaymentDueDate": "due_date"})
_DETRACTION: Final = Place(fields={
    "cbc:PaymentMeansID": "code",
    "cbc:PaymentPercent": "percent",
    "cbc:Amount": "amount",
    "cbc:PaymentMeansCode": "means",
    "cac:PayeeFinancialAccount": "account",
})
_PERCEPTION: Final = Place(fields={"cbc:Amount": "total"})
_MEANS: Final = Place(fields={"cbc:PaymentMeansCode": "code", "cbc:PaymentID": "payment_id"})
_ADVANCE_PAPER: Final = Place(fields={
    "cbc:ID": "number",
    "cbc:DocumentTypeCode": "document_type",
    "cbc:DocumentStatusCode": "payment_id",
    "cac:IssuerParty": "issuer_number",
    "cac:IssuerParty/cac:PartyIdentification/cbc:ID/@schemeID": "issuer_code",
})
_ADVANCE_PAID: Final = Place(fields={
    "cbc:ID": "payment_id", "cbc:PaidAmount": "amounts.total", "cbc:PaidDate": "paid_on",
})
_ADVANCE_BASE: Final = Place(fields={
    "cbc:AllowanceChargeReasonCode": "amounts.affectation",
    "cbc:Amount": "amounts.base",
    "cbc:BaseAmount": "amounts.base",
})
_ADVANCE_ISC: Final = Place(fields={"": "amounts.isc"})
_DEDUCTED: Final = frozenset({"04", "05", "06"})
_NAMED: Final = {
    "51": "perception", "52": "perception", "53": "perception", "62": "retention", "63": "income_withholding",
}


def _payment_terms(sale: Sale) -> Sequence[tuple[str, Place]]:
    rows = []
    if sale.payment is not None and sale.STATES_PAYMENT:
        rows.append(("", _FORM))
        rows += [(f"payment.instalments.{index}", _INSTALMENT) for index in range(len(sale.payment.instalments))]
    if getattr(sale, "detraction", None):
        rows.append(("detraction", _DETRACTION))
    if getattr(sale, "perception", None):
        rows.append(("perception", _PERCEPTION))
    return rows


def _plain_terms(_: Any, index: int) -> tuple[str, Place, Any]:
    # The first PaymentTerms is the kind of payment, those behind it are the instalments.
    return (f"payment.instalments.{index - 1}", _INSTALMENT, None) if index else ("", _FORM, None)


def _payment_means(sale: Sale) -> Sequence[tuple[str, Place]]:
    account = [("detraction", _DETRACTION)] if getattr(sale, "detraction", None) else []
    return account + [(f"means.{index}", _MEANS) for index in range(len(getattr(sale, "means", ())))]


def _allowances(sale: Sale) -> Sequence[tuple[str, Place]]:
    rows = []
    advance = -1
    for index, row in enumerate(sale.totals.allowances):
        if row.code in _DEDUCTED:
            advance += 1
            rows.append((f"advances.{advance}", _ADVANCE_BASE))
        elif row.code == _KEPT_OF_ADVANCE:
            rows.append(("advances", _WHOLE))
        elif row.code == _ISC_OF_ADVANCE:
            rows.append((f"advances.{max(advance, 0)}", _ADVANCE_ISC))
        else:
            rows.append((_NAMED.get(row.code, f"totals.allowances.{index}"), _ALLOWANCE))
    return rows


_ISC_OF_ADVANCE: Final = "20"
_KEPT_OF_ADVANCE: Final = "61"


def _wanted_form(sale: Sale | None) -> str:
    """What a missing mark of a payment term or means asks for, by the operation."""
    operation = getattr(sale, "operation_type", "")
    if operation in DETRACTIONS and getattr(sale, "detraction", None) is None:
        return "detraction"
    if operation == _WITH_PERCEPTION and getattr(sale, "perception", None) is None:
        return "perception"
    return "payment"


_WITH_PERCEPTION: Final = "2001"
_CHARGE_OF: Final = {_WITH_PERCEPTION: "perception", "2002": "income_withholding"}

# The papers, notes and totals of the whole.

_NOTE: Final = Place(fields={"": "text", "@languageLocaleID": "code"})
_PAPER: Final = Place(fields={"cbc:ID": "number", "cbc:DocumentTypeCode": "type_code"})
_TAX: Final = Place(fields={"cbc:TaxableAmount": "base", "cbc:TaxAmount": "amount"})


def _notes(sale: Sale) -> Sequence[tuple[str, Place]]:
    rows = [(f"legends.{index}", _NOTE) for index in range(len(sale.legends))]
    return [*rows, ("remark", _WHOLE)] if sale.remark else rows


def _papers(kind: str) -> Callable[[Sale], Sequence[tuple[str, Place]]]:
    return lambda sale: [
        (f"related.{index}", _PAPER) for index, paper in enumerate(sale.related) if paper.kind == kind
    ]


def _other_papers(sale: Sale) -> Sequence[tuple[str, Place]]:
    return [*_papers("other")(sale), *_prepayments(sale, _ADVANCE_PAPER)]


def _prepayments(sale: Sale, place: Place) -> Sequence[tuple[str, Place]]:
    return [(f"advances.{paid.index}", place) for paid in getattr(sale, "prepayments", ())]


_TOTALS: Final = {
    "": "totals.payable",
    "cbc:LineExtensionAmount": "totals.value",
    "cbc:TaxInclusiveAmount": "totals.price",
    "cbc:AllowanceTotalAmount": "totals.discount_total",
    "cbc:ChargeTotalAmount": "totals.charge_total",
    "cbc:PrepaidAmount": "totals.prepaid",
    "cbc:PayableRoundingAmount": "totals.rounding",
}
ADDRESS: Final = {
    "": "line",
    "cbc:ID": "ubigeo",
    "cbc:CitySubdivisionName": "urbanization",
    "cbc:CityName": "province",
    "cbc:CountrySubentity": "department",
    "cbc:District": "district",
    "cac:Country": "country",
}
PARTY: Final = {
    "": "identity_number",
    "cac:PartyIdentification/cbc:ID/@schemeID": "identity_code",
    "cac:PartyName": "trade_name",
    "cac:PartyLegalEntity/cbc:RegistrationName": "name",
    "cac:PartyLegalEntity/cac:RegistrationAddress/cbc:AddressTypeCode": "establishment_code",
    "cac:AgentParty": "agent_ruc",
    **{
        "/".join(filter(None, ("cac:PartyLegalEntity/cac:RegistrationAddress", path))): f"address.{name}"
        for path, name in ADDRESS.items()
    },
}


def under(node: str, prefix: str, table: Mapping[str, str]) -> dict[str, str]:
    return {f"{node}/{path}" if path else node: f"{prefix}{name}" for path, name in table.items()}


def _delivery(sale: Sale | None, _: int) -> tuple[str, Place, Any]:
    abroad = getattr(sale, "service_country", "") or getattr(sale, "operation_type", "") in _USED_ABROAD
    return "", _ABROAD if abroad else _DELIVERED, None


_USED_ABROAD: Final = frozenset({"0201", "0208"})
_PLACE: Final = "cac:DeliveryLocation/cac:Address"
_DELIVERED: Final = Place(fields={"": "delivery", **under(_PLACE, "delivery.", ADDRESS)})
_ABROAD: Final = Place(fields={**_DELIVERED.fields, f"{_PLACE}/cac:Country": "service_country"})

VOUCHER: Final = Place(
    fields={
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
        **under("cac:AccountingSupplierParty", "issuer.", {"": "identity_number"}),
        **under("cac:AccountingSupplierParty/cac:Party", "issuer.", PARTY),
        **under("cac:AccountingCustomerParty", "customer.", {"": "identity_number"}),
        **under("cac:AccountingCustomerParty/cac:Party", "customer.", PARTY),
        "cac:Delivery": "delivery",
        "cac:DeliveryTerms": "incoterm",
        "cac:PaymentMeans": "means",
        "cac:PaymentTerms": "payment",
        "cac:PrepaidPayment": "advances",
        "cac:AllowanceCharge": "totals.allowances",
        "cac:TaxTotal": "totals.tax_total",
        **under("cac:LegalMonetaryTotal", "", _TOTALS),
        **under("cac:RequestedMonetaryTotal", "", _TOTALS),
    },
    repeated={
        **dict.fromkeys(("cac:InvoiceLine", "cac:CreditNoteLine", "cac:DebitNoteLine"), each("lines", _LINE)),
        "cbc:Note": _listed(_notes),
        "cac:OrderReference": _listed(_papers("order")),
        "cac:DespatchDocumentReference": _listed(_papers("guide")),
        "cac:AdditionalDocumentReference": _listed(_other_papers),
        "cac:Delivery": _delivery,
        "cac:PaymentMeans": _listed(_payment_means),
        "cac:PaymentTerms": _listed(_payment_terms, _plain_terms),
        "cac:PrepaidPayment": _listed(
            lambda sale: _prepayments(sale, _ADVANCE_PAID), each("advances", _ADVANCE_PAID)),
        "cac:AllowanceCharge": _listed(_allowances, each("totals.allowances", _ALLOWANCE)),
        "cac:TaxTotal/cac:TaxSubtotal": each("totals.taxes", _TAX, lambda sale: sale.totals.taxes),
    },
    missing={
        "cac:PaymentTerms/cbc:ID": _wanted_form,
        "cac:PaymentTerms/cbc:PaymentMeansID": lambda _: "payment",
        "cac:PaymentMeans/cbc:ID": _wanted_form,
        "cac:PaymentMeans/cbc:PaymentMeansCode": lambda _: "means",
        "cac:PaymentMeans/cbc:PaymentID": lambda _: "means",
        "cbc:Note/@languageLocaleID": lambda _: "legends",
        "cac:AllowanceCharge/cbc:AllowanceChargeReasonCode": lambda sale: _CHARGE_OF.get(
            getattr(sale, "operation_type", ""), "totals.allowances"
        ),
    },
)
"""A whole sale."""
