"""Pairs of the item properties: one missing concept for each that an operation wants, and wrong values."""

from __future__ import annotations

from typing import Final

from sunat.rules import concepts
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.pairs.edits import Pair, drop, pair, to

CODE: Final = "line/property/cbc:NameCode"
VALUE: Final = "line/property/cbc:Value"
PERIOD: Final = "line/property/cac:UsabilityPeriod"
SHAPES: Final = {"1002": "fishing", "0202": "lodging", "0301": "airway", "0302": "railway"}


def _nth(base: str, concept: str) -> int:
    kind = KINDS_OF.get(base, ("01",))[0]
    codes = [each.partition("<cbc:NameCode>")[2].partition("<")[0] for each in BASES[base](kind).rows[0].properties]
    return codes.index(concept)


def _without(code: str, base: str, concept: str, *, kinds: str = "", also: str = "") -> Pair:
    return pair(code, drop("line/property", _nth(base, concept)), base=base, kinds=kinds, also=also)


JOURNEY: Final = "line/cac:Delivery"
LOAD: Final = f"{JOURNEY}/cac:Shipment/cac:Consignment/cac:TransportHandlingUnit"

PAIRS: Final = (
    *(
        _without(code, SHAPES[operation], concept)
        for operation, wants in concepts.WANTED.items() if operation in SHAPES
        for code, concept in wants.items()
    ),
    *(_without(code, "state_supplier", concept) for code, concept in concepts.TOGETHER.items()),
    _without("3150", "home_loan", "7001"),
    _without("3151", "home_loan", "7003"),
    _without("3152", "home_loan", "7004", also="3241"),
    _without("3153", "home_loan", "7005", also="3241"),
    _without("3154", "home_loan", "7006"),
    _without("3155", "home_loan", "7007"),
    _without("3241", "home_loan", "7012", kinds="01 03"),
    _without("3242", "car_insurance", "7015"),
    _without("2898", "insurance", "7013"),
    _without("2898", "insurance", "7014"),
    _without("2898", "insurance", "7016"),
    _without("2899", "car_insurance", "7013"),
    _without("2595", "pension", "7017"),
    _without("2596", "pension", "7018"),
    _without("2597", "pension", "7019"),
    pair("3064", drop(VALUE), base="home_loan"),
    pair("4280", to(VALUE, "9999", 5), base="home_loan"),
    pair("3243", drop(f"{PERIOD}/cbc:StartDate"), base="insurance"),
    pair("4366", drop(f"{PERIOD}/cbc:EndDate"), base="insurance"),
    pair("3065", drop(f"{PERIOD}/cbc:StartDate"), base="fishing"),
    pair("3172", drop(f"{PERIOD}/cbc:StartTime"), base="railway"),
    pair("3135", drop("line/property/cbc:ValueQuantity"), base="fishing"),
    pair("4281", to("line/property/cbc:ValueQuantity", "0.00"), base="fishing"),
    pair("3115", to("line/property/cbc:ValueQuantity/@unitCode", "KGM"), base="fishing"),
    pair("4282", to(f"{PERIOD}/cbc:StartDate", "2026-11-20", 2), base="lodging"),
    pair("4313", to(f"{PERIOD}/cbc:DurationMeasure/@unitCode", "MON"), base="lodging"),
    pair("4202", to(VALUE, "118-2026-01"), base="customs"),
    pair("3116", drop(f"{JOURNEY}/cac:Despatch/cac:DespatchAddress/cbc:ID"), base="cargo"),
    pair("3117", drop(f"{JOURNEY}/cac:Despatch/cac:DespatchAddress/cac:AddressLine"), base="cargo"),
    pair("3118", drop(f"{JOURNEY}/cac:DeliveryLocation/cac:Address/cbc:ID"), base="cargo"),
    pair("3119", drop(f"{JOURNEY}/cac:DeliveryLocation/cac:Address/cac:AddressLine"), base="cargo"),
    pair("3120", drop(f"{JOURNEY}/cac:Despatch/cbc:Instructions"), base="cargo"),
    pair("3122", drop(f"{JOURNEY}/cac:DeliveryTerms/cbc:Amount"), base="cargo"),
    pair("3123", to(f"{JOURNEY}/cac:DeliveryTerms/cbc:Amount", "0"), base="cargo"),
    pair("3124", drop(f"{JOURNEY}/cac:DeliveryTerms", 0), base="cargo"),
    pair("3125", drop(f"{JOURNEY}/cac:DeliveryTerms", 1), base="cargo"),
    pair("3126", drop(f"{JOURNEY}/cac:DeliveryTerms", 2), base="cargo"),
    pair("3126", to(f"{JOURNEY}/cac:DeliveryTerms/cbc:ID", "03", 1), base="cargo", also="3125"),
    pair("4200", to(f"{JOURNEY}/cac:Despatch/cac:DespatchAddress/cbc:ID", "999999"), base="cargo"),
    pair("4270", to(f"{JOURNEY}/cac:Despatch/cbc:Instructions", "AB"), base="cargo"),
    pair("4271", to(f"{JOURNEY}/cac:Shipment/cac:Consignment/cbc:CarrierServiceInstructions", "AB"), base="cargo"),
    pair("4272", to(f"{JOURNEY}/cac:Shipment/cac:Consignment/cac:DeliveryTerms/cbc:Amount", "0"), base="cargo"),
    pair("4273", to(f"{LOAD}/cac:TransportEquipment/cbc:SizeTypeCode", "X" * 16), base="cargo"),
    pair("4274", to(f"{LOAD}/cac:MeasurementDimension/cbc:AttributeID", "03"), base="cargo"),
    pair("4275", drop(f"{LOAD}/cac:MeasurementDimension/cbc:Measure"), base="cargo"),
    pair("4276", to(f"{LOAD}/cac:MeasurementDimension/cbc:Measure", "0"), base="cargo"),
    pair("4277", to(f"{LOAD}/cac:MeasurementDimension/cbc:Measure/@unitCode", "KGM"), base="cargo"),
    pair("4278", to(f"{JOURNEY}/cac:Shipment/cac:Consignment/cbc:DeclaredForCarriageValueAmount", "0"), base="cargo"),
)
