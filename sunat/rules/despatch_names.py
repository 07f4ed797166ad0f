"""What the nodes of a despatch guide are called, in Spanish and English, for messages (see ``fields``).

Keys are paths with the parts of a guide folded: ``truck`` for the main vehicle, ``trailer`` for one that goes with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_STAGE: Final = "^cac:Shipment/cac:ShipmentStage"
_LOAD: Final = "^cac:Shipment/cac:TransportHandlingUnit"
_FROM: Final = "^cac:Shipment/cac:Delivery/cac:Despatch"

FOLD: Final = (
    (re.compile(r"cac:DespatchLine\b"), "line"),
    (re.compile(r"cbc:DeliveredQuantity"), "quantity"),
    (re.compile(r"cac:DespatchSupplierParty/cac:Party"), "supplier"),
    (re.compile(r"cac:DeliveryCustomerParty/cac:Party"), "addressee"),
    (re.compile(r"cac:SellerSupplierParty/cac:Party"), "seller"),
    (re.compile(r"cac:BuyerCustomerParty/cac:Party"), "buyer"),
    (re.compile(r"cac:OriginatorCustomerParty/cac:Party"), "payer"),
    (re.compile(f"{_STAGE}/cac:CarrierParty"), "carrier"),
    (re.compile(f"{_STAGE}/cac:DriverPerson"), "driver"),
    (re.compile(_STAGE), "stage"),
    (re.compile(f"{_LOAD}/cac:TransportEquipment/cac:AttachedTransportEquipment"), "trailer"),
    (re.compile(f"{_LOAD}/cac:TransportEquipment"), "truck"),
    (re.compile(f"{_LOAD}/cac:Package"), "container"),
    (re.compile(f"{_FROM}/cac:DespatchAddress"), "origin"),
    (re.compile(f"{_FROM}/cac:DespatchParty"), "sender"),
    (re.compile("^cac:Shipment/cac:Delivery/cac:DeliveryAddress"), "arrival"),
    (re.compile("^cac:Shipment/cac:Consignment/cac:LogisticsOperatorParty"), "subcontractor"),
    (re.compile("^cac:Shipment/cac:FirstArrivalPortLocation"), "port"),
    (re.compile("^cac:Shipment"), "shipment"),
)
"""How the long paths of a guide are shortened."""

_PARTIES: Final = {
    "addressee": ("del destinatario", "addressee's"),
    "seller": ("del proveedor", "supplier's"),
    "buyer": ("del comprador", "buyer's"),
    "payer": ("de quien paga el flete", "freight payer's"),
    "carrier": ("del transportista", "carrier's"),
    "sender": ("del remitente", "sender's"),
    "subcontractor": ("del subcontratador", "subcontractor's"),
}
_VEHICLES: Final = {"truck": ("del vehículo", "vehicle's"), "trailer": ("del vehículo secundario", "second vehicle's")}
_STOPS: Final = {"origin": ("del punto de partida", "starting point's"),
                 "arrival": ("del punto de llegada", "point of arrival's")}


def _composed() -> Iterator[tuple[str, tuple[str, str]]]:
    number = "cac:PartyIdentification/cbc:ID"
    for party, (es, en) in _PARTIES.items():
        yield f"{party}/{number}", (f"número de documento {es}", f"{en} identity number")
        yield f"{party}/{number}/@schemeID", (f"tipo de documento {es}", f"{en} identity document type")
        yield f"{party}/cac:PartyLegalEntity", (f"nombre {es}", f"{en} name")
        yield f"{party}/cac:PartyLegalEntity/cbc:RegistrationName", (f"nombre o razón social {es}", f"{en} name")
        yield f"{party}/cac:PartyLegalEntity/cbc:CompanyID", (f"registro MTC {es}", f"{en} MTC registration")
        agent = f"{party}/cac:AgentParty/cac:PartyLegalEntity"
        yield agent, (f"autorización especial {es}", f"{en} special authorisation")
        yield f"{agent}/cbc:CompanyID", (f"autorización especial {es}", f"{en} special authorisation")
        yield f"{agent}/cbc:CompanyID/@schemeID", (f"entidad de la autorización {es}", f"{en} authorising entity")
    for vehicle, (es, en) in _VEHICLES.items():
        yield f"{vehicle}/cbc:ID", (f"placa {es}", f"{en} plate")
        yield f"{vehicle}/cac:ApplicableTransportMeans/cbc:RegistrationNationalityID", (
            f"tarjeta de circulación {es}", f"{en} circulation card")
        paper = f"{vehicle}/cac:ShipmentDocumentReference"
        yield paper, (f"autorización {es}", f"{en} authorisation")
        yield f"{paper}/cbc:ID", (f"autorización {es}", f"{en} authorisation")
        yield f"{paper}/cbc:ID/@schemeID", (f"entidad de la autorización {es}", f"{en} authorising entity")
    for stop, (es, en) in _STOPS.items():
        yield f"{stop}/cbc:ID", (f"ubigeo {es}", f"{en} ubigeo")
        yield f"{stop}/cac:AddressLine/cbc:Line", (f"dirección {es}", f"{en} address")
        yield f"{stop}/cbc:AddressTypeCode", (f"establecimiento {es}", f"{en} establishment")
        yield f"{stop}/cbc:AddressTypeCode/@listID", (f"RUC del establecimiento {es}", f"{en} establishment's RUC")
        yield f"{stop}/cac:LocationCoordinate/cbc:LatitudeDegreesMeasure", (f"latitud {es}", f"{en} latitude")
        yield f"{stop}/cac:LocationCoordinate/cbc:LongitudeDegreesMeasure", (f"longitud {es}", f"{en} longitude")


NAMES: Final = dict(_composed()) | {
    "line": ("bienes", "goods"),
    "cbc:IssueTime": ("hora de emisión", "issue time"),
    "cbc:DespatchAdviceTypeCode": ("tipo de guía", "kind of guide"),
    "cac:AdditionalDocumentReference/cbc:DocumentType": (
        "descripción del documento relacionado", "related document's description"),
    "shipment/cbc:HandlingCode": ("motivo de traslado", "reason for the transport"),
    "shipment/cbc:HandlingInstructions": ("descripción del motivo de traslado", "description of the reason"),
    "shipment/cbc:Information": ("sustento de la diferencia de pesos", "explanation of the difference in weight"),
    "shipment/cbc:GrossWeightMeasure": ("peso bruto", "gross weight"),
    "shipment/cbc:GrossWeightMeasure/@unitCode": ("unidad del peso bruto", "unit of the gross weight"),
    "shipment/cbc:NetWeightMeasure": ("peso bruto de los ítems seleccionados", "gross weight of the chosen items"),
    "shipment/cbc:NetWeightMeasure/@unitCode": ("unidad del peso de los ítems", "unit of the items' weight"),
    "shipment/cbc:TotalTransportHandlingUnitQuantity": ("número de bultos o pallets", "number of packages or pallets"),
    "shipment/cbc:SpecialInstructions": ("indicador del traslado", "indicator of the transport"),
    "stage/cbc:TransportModeCode": ("modalidad de traslado", "mode of transport"),
    "stage/cac:TransitPeriod/cbc:StartDate": (
        "fecha de inicio del traslado o de entrega al transportista", "start or handover date"),
    "stage/cac:TransportEvent/cbc:TransportEventTypeCode": ("evento del traslado", "event of the transport"),
    "driver": ("conductor", "driver"),
    "driver/cbc:JobTitle": ("tipo de conductor", "kind of driver"),
    "driver/cbc:ID": ("número de documento del conductor", "driver's identity number"),
    "driver/cbc:ID/@schemeID": ("tipo de documento del conductor", "driver's identity document type"),
    "driver/cbc:FirstName": ("nombres del conductor", "driver's first name"),
    "driver/cbc:FamilyName": ("apellidos del conductor", "driver's family name"),
    "driver/cac:IdentityDocumentReference/cbc:ID": ("licencia de conducir", "driving licence"),
    "trailer": ("vehículo secundario", "second vehicle"),
    "container": ("contenedor", "container"),
    "container/cbc:ID": ("número de contenedor", "container number"),
    "container/cbc:TraceID": ("número de precinto", "seal number"),
    "port/cbc:ID": ("código del puerto o aeropuerto", "port's or airport's code"),
    "port/cbc:LocationTypeCode": ("tipo de locación (1 puerto, 2 aeropuerto)", "kind of place (1 port, 2 airport)"),
    "port/cbc:Name": ("nombre del puerto o aeropuerto", "port's or airport's name"),
}
"""The names."""
