"""The printed form of despatch guides (09 of the sender, 31 of the carrier): the journey, and what travels.

Source: RS 123-2022/SUNAT, annexes on the printed representation of the electronic guides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sunat import xml
from sunat.catalogues import UBIGEO, catalogue
from sunat.documents import Party
from sunat.documents.despatch import PREFIX
from sunat.errors import FormatError
from sunat.ubl.nodes import amount, attribute, hour, needed, text
from sunat.ubl.printed.form import Column, PrintedForm, Row, Section
from sunat.ubl.printed.words import clean, described, facts, note, padded, party, quantity, unit, written_day

_STAGE: Final = "cac:Shipment/cac:ShipmentStage"
_FROM: Final = "cac:Shipment/cac:Delivery/cac:Despatch/cac:DespatchAddress"
_TO: Final = "cac:Shipment/cac:Delivery/cac:DeliveryAddress"
_TRUCK: Final = "cac:Shipment/cac:TransportHandlingUnit/cac:TransportEquipment"
_CARD: Final = "cac:ApplicableTransportMeans/cbc:RegistrationNationalityID"
_PEOPLE: Final = (
    ("Remitente", "cac:Shipment/cac:Delivery/cac:Despatch/cac:DespatchParty"),
    ("Proveedor", "cac:SellerSupplierParty/cac:Party"), ("Comprador", "cac:BuyerCustomerParty/cac:Party"),
    ("Transportista", f"{_STAGE}/cac:CarrierParty"),
    ("Subcontratador", "cac:Shipment/cac:Consignment/cac:LogisticsOperatorParty"),
    ("Paga el flete", "cac:OriginatorCustomerParty/cac:Party"),
)
_SAID: Final = {
    "TransbordoProgramado": "Transbordo programado", "TrasladoVehiculoM1L": "Vehículo de categoría M1 o L",
    "RetornoVehiculoEnvaseVacio": "Retorno con envases vacíos", "RetornoVehiculoVacio": "Retorno de vehículo vacío",
    "TrasladoTotalDAMoDS": "Traslado total de la DAM o DS", "TrasladoTotal": "Traslado total de los bienes",
    "VehiculoConductoresTransp": "Vehículos y conductores del transportista",
    "TrasporteSubcontratado": "Transporte subcontratado", "PagadorFlete_Remitente": "Paga el flete el remitente",
    "PagadorFlete_Subcontratador": "Paga el flete el subcontratador",
    "PagadorFlete_Tercero": "Paga el flete un tercero",
}


def despatch_form(root: xml.Element) -> PrintedForm:
    """The printed form of a guide. Raises FormatError for a field that is not there."""
    at = hour(text(root, "cbc:IssueTime"))
    gross = amount(root, "cac:Shipment/cbc:GrossWeightMeasure")
    if gross is None:
        raise FormatError("There is no cac:Shipment/cbc:GrossWeightMeasure")
    weight = f"{quantity(gross)} {attribute(root, 'cac:Shipment/cbc:GrossWeightMeasure', 'unitCode')}"
    return PrintedForm(
        issuer=party(_party(root, "cac:DespatchSupplierParty/cac:Party"), "Emisor"),
        receiver=party(_party(root, "cac:DeliveryCustomerParty/cac:Party"), "Destinatario"),
        facts=facts(
            ("Fecha de emisión", written_day(needed(root, "cbc:IssueDate"))),
            ("Hora", "" if at is None else f"{at:%H:%M:%S}"),
            ("Inicio o entrega", written_day(text(root, f"{_STAGE}/cac:TransitPeriod/cbc:StartDate"))),
            ("Motivo", described("20", text(root, "cac:Shipment/cbc:HandlingCode"))),
            ("Descripción", clean(text(root, "cac:Shipment/cbc:HandlingInstructions"))),
            ("Modalidad", described("18", text(root, f"{_STAGE}/cbc:TransportModeCode"))),
            ("Peso bruto", weight),
            ("Bultos", text(root, "cac:Shipment/cbc:TotalTransportHandlingUnitQuantity")),
        ),
        columns=(
            Column(title="N.°"), Column(title="Código", where="sheet"), Column(title="Descripción", wide=True),
            Column(title="Unidad"), Column(title="Cantidad", figures=True),
        ),
        rows=tuple(map(_goods, xml.find_all(root, "cac:DespatchLine"))), figures=(), sections=tuple(_sections(root)),
        remark=note(root),
    )


def _party(root: xml.Element, path: str) -> Party:
    node = xml.find(root, path)
    if node is None:
        raise FormatError(f"There is no {path}")
    return Party(
        identity_code=attribute(node, "cac:PartyIdentification/cbc:ID", "schemeID"),
        identity_number=text(node, "cac:PartyIdentification/cbc:ID"),
        name=text(node, "cac:PartyLegalEntity/cbc:RegistrationName"),
    )


def _goods(line: xml.Element) -> Row:
    found, code = amount(line, "cbc:DeliveredQuantity"), attribute(line, "cbc:DeliveredQuantity", "unitCode")
    return Row(
        cells=(
            text(line, "cbc:ID"), clean(text(line, "cac:Item/cac:SellersItemIdentification/cbc:ID")),
            clean(text(line, "cac:Item/cbc:Description")), unit(code) if code else "",
            "" if found is None else quantity(found),
        ),
        remarks=tuple(
            clean(f"{text(each, 'cbc:Name')}: {text(each, 'cbc:Value')}")
            for each in xml.find_all(line, "cac:Item/cac:AdditionalItemProperty")
        ),
    )


def _sections(root: xml.Element) -> Iterator[Section]:
    yield Section(title="Traslado", facts=facts(
        ("Punto de partida", _stop(root, _FROM)), ("Punto de llegada", _stop(root, _TO)),
        ("Puerto o aeropuerto", text(root, "cac:Shipment/cac:FirstArrivalPortLocation/cbc:Name")),
        *(("Indicador", _said(each)) for each in xml.find_all(root, "cac:Shipment/cbc:SpecialInstructions")),
    ))
    people = [
        (role, who) for role, path in _PEOPLE if xml.find(root, path) is not None and (who := _who(root, path))
    ]
    if people:
        yield Section(title="Intervienen", facts=facts(*people))
    road = facts(*_vehicles(root), *_drivers(root))
    if road:
        yield Section(title="Vehículos y conductores", facts=road)
    papers = tuple(
        Row(cells=(
            clean(text(each, "cbc:DocumentType")) or described("61", text(each, "cbc:DocumentTypeCode")),
            padded(text(each, "cbc:ID")), text(each, "cac:IssuerParty/cac:PartyIdentification/cbc:ID"),
        )) for each in xml.find_all(root, "cac:AdditionalDocumentReference")
    )
    if papers:
        yield Section(title="Documentos relacionados", columns=(
            Column(title="Documento", wide=True), Column(title="Número"), Column(title="Emisor"),
        ), rows=papers)
    boxes = [
        ("Contenedor", clean(f"{text(each, 'cbc:ID')} {text(each, 'cbc:TraceID')}"))
        for each in xml.find_all(root, "cac:Shipment/cac:TransportHandlingUnit/cac:Package")
    ]
    if boxes:
        yield Section(title="Contenedores y precintos", facts=facts(*boxes))


def _who(root: xml.Element, path: str) -> str:
    told = party(_party(root, path), "")
    permit = text(root, f"{path}/cac:PartyLegalEntity/cbc:CompanyID")
    return clean(f"{told.name} {told.identity} {'MTC ' + permit if permit else ''}")


def _stop(root: xml.Element, path: str) -> str:
    code = text(root, f"{path}/cbc:ID")
    entry = catalogue(UBIGEO).get(code)
    where = f"{entry.description}, {entry.attributes['province']}, {entry.attributes['department']}" if entry else ""
    line = clean(text(root, f"{path}/cac:AddressLine/cbc:Line"))
    return " - ".join(part for part in (line, where, code) if part)


def _said(indicator: xml.Element) -> str:
    written = (indicator.text or "").strip().removeprefix(PREFIX)
    return _SAID.get(written, clean(written))


def _vehicles(root: xml.Element) -> Iterator[tuple[str, str]]:
    for truck in xml.find_all(root, _TRUCK):
        yield "Vehículo", clean(f"{text(truck, 'cbc:ID')} {text(truck, _CARD)}")
        for each in xml.find_all(truck, "cac:AttachedTransportEquipment"):
            yield "Vehículo secundario", clean(f"{text(each, 'cbc:ID')} {text(each, _CARD)}")


def _drivers(root: xml.Element) -> Iterator[tuple[str, str]]:
    for each in xml.find_all(root, f"{_STAGE}/cac:DriverPerson"):
        name = f"{text(each, 'cbc:FirstName')} {text(each, 'cbc:FamilyName')}"
        licence = text(each, "cac:IdentityDocumentReference/cbc:ID")
        yield f"Conductor {text(each, 'cbc:JobTitle').lower()}", clean(
            f"{name} {text(each, 'cbc:ID')} {'Lic. ' + licence if licence else ''}"
        )
