"""The nodes of despatch guides, and the content fields they show (see ``places``).

Both guides have the same root; a node that only one of them has is known for both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sunat.ubl.places import Place, each, under

_IDENTITY: Final = "cac:PartyIdentification/cbc:ID"
_PARTY: Final = {
    "": "identity_number",
    f"{_IDENTITY}/@schemeID": "identity_code",
    "cac:PartyLegalEntity": "name",
}
_PERMIT: Final = {
    "cac:AgentParty": "number",
    "cac:AgentParty/cac:PartyLegalEntity/cbc:CompanyID/@schemeID": "entity",
}
_STAGE: Final = "cac:Shipment/cac:ShipmentStage"
_CARRIER: Final = f"{_STAGE}/cac:CarrierParty"
_LOAD: Final = "cac:Shipment/cac:TransportHandlingUnit"
_TRUCK: Final = f"{_LOAD}/cac:TransportEquipment"
_FROM: Final = "cac:Shipment/cac:Delivery/cac:Despatch"
_PORT: Final = "cac:Shipment/cac:FirstArrivalPortLocation"

_VEHICLE: Final = {
    "": "plate",
    "cac:ApplicableTransportMeans": "card",
    "cac:ShipmentDocumentReference": "authorization.number",
    "cac:ShipmentDocumentReference/cbc:ID/@schemeID": "authorization.entity",
}
_STOP: Final = {
    "": "line",
    "cbc:ID": "ubigeo",
    "cac:AddressLine": "line",
    "cbc:AddressTypeCode": "establishment_code",
    "cbc:AddressTypeCode/@listID": "establishment_ruc",
    "cac:LocationCoordinate/cbc:LatitudeDegreesMeasure": "latitude",
    "cac:LocationCoordinate/cbc:LongitudeDegreesMeasure": "longitude",
}
_PAPER: Final = Place(fields={
    "": "number",
    "cbc:DocumentTypeCode": "type_code",
    "cbc:DocumentType": "name",
    "cac:IssuerParty": "issuer_ruc",
})
_DRIVER: Final = Place(fields={
    "": "licence",
    "cbc:ID": "identity_number",
    "cbc:ID/@schemeID": "identity_code",
    "cbc:FirstName": "first_name",
    "cbc:FamilyName": "family_name",
})
_CONTAINER: Final = Place(fields={"": "number", "cbc:TraceID": "seal"})
_PROPERTY: Final = Place(fields={"": "value", "cbc:Name": "name", "cbc:NameCode": "code"})
_GOODS: Final = Place(
    fields={
        "": "",
        "cbc:ID": "position",
        "cbc:DeliveredQuantity": "quantity",
        "cbc:DeliveredQuantity/@unitCode": "unit",
        "cac:Item": "description",
        "cac:Item/cac:SellersItemIdentification": "seller_code",
        "cac:Item/cac:StandardItemIdentification": "gtin",
        "cac:Item/cac:StandardItemIdentification/cbc:ID/@schemeID": "gtin_type",
        "cac:Item/cac:CommodityClassification": "sunat_code",
        "cac:Item/cac:AdditionalItemProperty": "properties",
    },
    repeated={"cac:Item/cac:AdditionalItemProperty": each("properties", _PROPERTY)},
)
_INDICATOR: Final = Place(fields={})
_TRAILER: Final = Place(fields=_VEHICLE)


def _behind(told: Any, index: int) -> tuple[str, Place, Any] | None:
    """The vehicles that go with the main one follow it in the content."""
    return f"vehicles.{index + 1}", _TRAILER, None


_GUIDE: Final = Place(
    fields={
        "cbc:ID": "series",
        "cbc:IssueDate": "issue_date",
        "cbc:IssueTime": "issue_time",
        "cbc:Note": "remark",
        "cac:Signature": "signature_id",
        "cac:Signature/cac:SignatoryParty": "issuer.identity_number",
        **under("cac:DespatchSupplierParty/cac:Party", "issuer.", _PARTY),
        **under("cac:DeliveryCustomerParty/cac:Party", "customer.", _PARTY),
        **under("cac:SellerSupplierParty/cac:Party", "supplier.", _PARTY),
        "cac:SellerSupplierParty": "supplier.identity_number",
        **under("cac:BuyerCustomerParty/cac:Party", "buyer.", _PARTY),
        "cac:BuyerCustomerParty": "buyer.identity_number",
        **under("cac:OriginatorCustomerParty/cac:Party", "payer.", _PARTY),
        **under("cac:Shipment/cac:Consignment/cac:LogisticsOperatorParty", "subcontractor.", _PARTY),
        **under(f"{_FROM}/cac:DespatchParty", "sender.", _PARTY),
        **under(f"{_FROM}/cac:DespatchParty", "sender_authorization.", _PERMIT),
        "cac:Shipment/cbc:HandlingCode": "reason",
        "cac:Shipment/cbc:HandlingInstructions": "reason_note",
        "cac:Shipment/cbc:Information": "weight_note",
        "cac:Shipment/cbc:GrossWeightMeasure": "gross_weight",
        "cac:Shipment/cbc:GrossWeightMeasure/@unitCode": "weight_unit",
        "cac:Shipment/cbc:NetWeightMeasure": "net_weight",
        "cac:Shipment/cbc:TotalTransportHandlingUnitQuantity": "packages",
        "cac:Shipment/cbc:SpecialInstructions": "indicators",
        f"{_STAGE}/cbc:TransportModeCode": "mode",
        f"{_STAGE}/cac:TransitPeriod": "start_date",
        f"{_STAGE}/cac:DriverPerson": "drivers",
        **under(_CARRIER, "carrier.", _PARTY),
        f"{_CARRIER}/cac:PartyLegalEntity/cbc:CompanyID": "carrier.registration",
        **under(_CARRIER, "carrier.authorization.", _PERMIT),
        **under(_TRUCK, "vehicles.0.", _VEHICLE),
        f"{_LOAD}/cac:Package": "containers",
        **under(f"{_FROM}/cac:DespatchAddress", "origin.", _STOP),
        **under("cac:Shipment/cac:Delivery/cac:DeliveryAddress", "destination.", _STOP),
        _PORT: "port.code",
        f"{_PORT}/cbc:LocationTypeCode": "port.type_code",
        f"{_PORT}/cbc:Name": "port.name",
        "cac:AdditionalDocumentReference": "papers",
        "cac:DespatchLine": "goods",
    },
    repeated={
        "cac:AdditionalDocumentReference": each("papers", _PAPER),
        "cac:Shipment/cbc:SpecialInstructions": each("indicators", _INDICATOR),
        f"{_STAGE}/cac:DriverPerson": each("drivers", _DRIVER),
        f"{_TRUCK}/cac:AttachedTransportEquipment": _behind,
        f"{_LOAD}/cac:Package": each("containers", _CONTAINER),
        "cac:DespatchLine": each("goods", _GOODS),
    },
)

GUIDES: Final[Mapping[str, Place]] = {"DespatchAdvice": _GUIDE}
"""A whole guide, by its root."""
