"""Despatch guides: every rule keeps and breaks as its row says, and no rule is without a pair."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

import pytest

from sunat.documents import Authorization, Container, Party, Port, RoadVehicle, Stop
from sunat.documents.despatch import (
    CARRIERS_OWN,
    PAID_BY_OTHER,
    SMALL_VEHICLE,
    SUBCONTRACTED,
    TRANSSHIPMENT,
    WHOLE_DECLARATION,
    WHOLE_LOAD,
)
from sunat.rules import carrier_guide as carrier_rules
from sunat.rules import guide as guide_rules
from sunat.ubl.pointers import field_of
from tests.sunat.rules.certain import Bench, Broken
from tests.sunat.rules.despatch_cases import CARRIER_CASES, GUIDE_CASES
from tests.support.despatch import (
    ADDRESSEE,
    DRIVER,
    FROM,
    ISSUED,
    ISSUER,
    SECOND_DRIVER,
    TO,
    carried,
    carrier_guide,
    exported,
    goods,
    guide,
    imported,
    paper,
    said,
)

D = Decimal
SUPPLIER: Final = Party(identity_code="6", identity_number="20555555556", name="PROVEEDOR DE PRUEBA S.A.C.")
BUYER: Final = Party(identity_code="6", identity_number="20555555556", name="COMPRADOR DE PRUEBA S.A.C.")
PAYER: Final = Party(identity_code="1", identity_number="12345678", name="PAGADOR DE PRUEBA")
PERMIT: Final = Authorization(number="AUT-77", entity="06")
TRAIN: Final = (
    RoadVehicle(plate="ABC123", authorization=PERMIT), RoadVehicle(plate="DEF456", authorization=PERMIT),
)
CARDED: Final = tuple(replace(each, card=f"TUC000000{n}") for n, each in enumerate(TRAIN))
STANDARD: Final = (said("7020", "1006300000"), said("7022", "1"))

BENCHES: Final = {
    "09": Bench(
        table=guide_rules.RULES, template="guide.xml", series="T001", received=ISSUED,
        contents={
            "plain": guide,
            "carried": carried,
            "small": lambda: carried(indicators=(SMALL_VEHICLE,)),
            "registered": lambda: carried(
                indicators=(CARRIERS_OWN,), vehicles=CARDED, drivers=(DRIVER, SECOND_DRIVER)),
            "train": lambda: guide(
                vehicles=TRAIN, drivers=(DRIVER, SECOND_DRIVER), sender_authorization=PERMIT,
                indicators=(TRANSSHIPMENT,),
                origin=replace(FROM, latitude=D("-12.0464"), longitude=D("-77.0428")),
                destination=replace(TO, latitude=D("-12.1"), longitude=D("-77.03"))),
            "bought": lambda: guide(
                reason="02", customer=ISSUER, supplier=SUPPLIER, papers=(paper(issuer_ruc="20555555556"),)),
            "transformed": lambda: guide(reason="07", customer=ISSUER, supplier=SUPPLIER, papers=()),
            "third": lambda: guide(reason="03", buyer=BUYER),
            "between": lambda: guide(
                reason="04", customer=ISSUER, papers=(),
                origin=replace(FROM, establishment_code="0000", establishment_ruc="20123456786"),
                destination=replace(TO, establishment_code="0001", establishment_ruc="20123456786")),
            "returned": lambda: guide(reason="06", papers=(paper(issuer_ruc="20987654326"),)),
            "to_premises": lambda: guide(
                destination=replace(TO, establishment_code="0001", establishment_ruc="20987654326")),
            "from_premises": lambda: guide(
                reason="02", customer=ISSUER, supplier=SUPPLIER, papers=(),
                origin=replace(FROM, establishment_code="0001", establishment_ruc="20555555556")),
            "imported": lambda: imported(indicators=(WHOLE_DECLARATION,), net_weight=None, weight_note=""),
            "exported": exported,
            "exported_in_boxes": lambda: exported(containers=(Container(number="MSCU1234567", seal="SEAL001"),)),
            "flown": lambda: imported(
                indicators=(WHOLE_DECLARATION,), port=Port(type_code="2", code="LIM", name="Jorge Chávez"),
                origin=Stop(ubigeo="070101", line="AEROPUERTO")),
            "from_depot": lambda: imported(
                indicators=(WHOLE_DECLARATION,), port=None,
                origin=replace(FROM, establishment_code="0001", establishment_ruc="20555555556")),
            "to_depot": lambda: exported(
                port=None, destination=replace(TO, establishment_code="0001", establishment_ruc="20987654326")),
            "other": lambda: guide(
                reason="13", reason_note="Traslado para exhibición", supplier=SUPPLIER, buyer=BUYER, papers=()),
            "itinerant": lambda: guide(reason="18", destination=None, customer=ADDRESSEE, papers=()),
            "rice": lambda: guide(
                papers=(paper(), paper("80", "1234567", "")),
                goods=(goods(sunat_code="50221101", properties=STANDARD),)),
            "cited": lambda: guide(papers=(
                paper(), paper("03", "B001-1"), paper("12", "A1-1"), paper("49", "55", ""), paper("73", "GTF-1", ""),
                paper("81", "SCOP 1", ""), paper("04", "L001-1"), paper("09", "T001-1"), paper("48", "1-1"),
            ), goods=(goods(properties=(said("7020", "1006300000"),)),)),
            "person": lambda: guide(customer=Party(identity_code="1", identity_number="45678912", name="ANA")),
            "foreigner": lambda: guide(customer=Party(identity_code="7", identity_number="AB12345", name="JOHN")),
        },
    ),
    "31": Bench(
        table=carrier_rules.RULES, template="carrier_guide.xml", series="V001", received=ISSUED,
        contents={
            "plain": carrier_guide,
            "train": lambda: carrier_guide(
                vehicles=CARDED, drivers=(DRIVER, SECOND_DRIVER),
                origin=replace(FROM, latitude=D("-12.0464"), longitude=D("-77.0428")),
                destination=replace(TO, latitude=D("-12.1"), longitude=D("-77.03"))),
            "told": lambda: carrier_guide(
                papers=(paper("09", "T001-5", "20555555556"),), goods=(goods(quantity=None, unit="", description=""),)),
            "annotated": lambda: carrier_guide(
                papers=(paper("09", "1-5", "20555555556"),),
                goods=(goods(0, quantity=None, unit="", description="CAJAS DE CAFE"),)),
            "several": lambda: carrier_guide(
                papers=(paper("09", "T001-5", "20555555556"), paper("31", "V001-9", "20123456786")),
                goods=(goods(quantity=None, unit="", description=""),)),
            "whole": lambda: carrier_guide(
                indicators=("SUNAT_Envio_IndicadorPagadorFlete_Remitente", WHOLE_LOAD),
                goods=(goods(quantity=None, unit="", description=""),)),
            "customs": lambda: carrier_guide(
                papers=(paper("50", "118-2026-10-123456", ""),), goods=(goods(unit="12U"),)),
            "moving": lambda: carrier_guide(
                papers=(paper("82", "DJ-1", ""),), goods=(goods(0, quantity=None, unit="", description="MUDANZA"),)),
            "rice": lambda: carrier_guide(
                papers=(paper("80", "1234567", ""),), goods=(goods(sunat_code="50221101", properties=STANDARD),)),
            "passed_on": lambda: carrier_guide(
                indicators=(PAID_BY_OTHER, SUBCONTRACTED), payer=PAYER,
                subcontractor=Party(identity_code="6", identity_number="20987654326", name="SUBCONTRATADOR S.A.")),
        },
    ),
}
CASES: Final = [("09", case) for case in GUIDE_CASES] + [("31", case) for case in CARRIER_CASES]


@pytest.mark.parametrize("kind", BENCHES)
def test_what_the_template_writes_is_clean(kind: str) -> None:
    BENCHES[kind].keeps()


@pytest.mark.parametrize("kind", BENCHES)
def test_what_the_template_writes_is_valid_by_schema(kind: str) -> None:
    BENCHES[kind].refuse_what_the_schema_refuses()


@pytest.mark.parametrize(("kind", "case"), CASES, ids=[f"{kind}-{case.code}-{case.base}" for kind, case in CASES])
def test_a_broken_rule_is_reported_and_nothing_undeclared_comes_along(kind: str, case: Broken) -> None:
    BENCHES[kind].breaks(case)


@pytest.mark.parametrize("kind", BENCHES)
def test_no_rule_is_without_a_pair(kind: str) -> None:
    paired = {case.code for at, case in CASES if at == kind}
    assert BENCHES[kind].table.codes() - paired == set()




@pytest.mark.parametrize("kind", BENCHES)
def test_every_node_that_a_rule_speaks_of_has_a_field(kind: str) -> None:
    bench = BENCHES[kind]
    members = set(type(bench.contents["plain"]()).__dataclass_fields__) | {"series"}
    elsewhere = {"carrier": "authorization", "sender_authorization": "sender"}  # the two guides share a root
    fixed = ("cbc:UBLVersionID", "cbc:CustomizationID", "cbc:DespatchAdviceTypeCode", "cac:TransportEvent")
    for row in bench.table.rows():
        field = field_of(f"/DespatchAdvice/{row.path}").partition(".")[0]
        if row.path and not any(node in row.path for node in fixed):
            assert field in members or elsewhere.get(field) in members, f"{row.path}: {field!r}"


@pytest.mark.parametrize(("path", "field"), [
    ("cac:DespatchLine[2]/cac:Item/cac:AdditionalItemProperty[1]/cbc:Value", "goods.1.properties.0.value"),
    ("cac:DespatchLine[1]/cbc:DeliveredQuantity/@unitCode", "goods.0.unit"),
    ("cac:Shipment/cac:ShipmentStage/cac:DriverPerson[2]/cac:IdentityDocumentReference/cbc:ID", "drivers.1.licence"),
    ("cac:Shipment/cac:TransportHandlingUnit/cac:TransportEquipment[1]/cbc:ID", "vehicles.0.plate"),
    ("cac:Shipment/cac:TransportHandlingUnit/cac:TransportEquipment[1]/cac:AttachedTransportEquipment[1]/cbc:ID",
     "vehicles.1.plate"),
    ("cac:Shipment/cac:TransportHandlingUnit/cac:Package[2]/cbc:TraceID", "containers.1.seal"),
    ("cac:Shipment/cac:Delivery/cac:Despatch/cac:DespatchAddress/cbc:AddressTypeCode/@listID",
     "origin.establishment_ruc"),
    ("cac:AdditionalDocumentReference[1]/cac:IssuerParty/cac:PartyIdentification/cbc:ID", "papers.0.issuer_ruc"),
])
def test_a_finding_points_at_the_field_that_it_is_about(path: str, field: str) -> None:
    assert field_of(f"/DespatchAdvice/{path}") == field


def test_a_driver_that_is_missing_is_missing_from_the_drivers() -> None:
    path = "/DespatchAdvice/cac:Shipment/cac:ShipmentStage/cac:DriverPerson/cbc:JobTitle"
    assert field_of(path, guide(drivers=())) == "drivers"
