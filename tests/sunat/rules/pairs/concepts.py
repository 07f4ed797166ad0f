"""Pairs of the item properties: one missing concept for each that an operation wants, and wrong values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sunat.rules import concepts
from sunat.rules.conditions import Both, is_
from tests.sunat.rules.bases import BASES, KINDS_OF
from tests.sunat.rules.pairs.edits import TABLES, Pair, drop, pair, to

CODE: Final = "line/property/cbc:NameCode"
VALUE: Final = "line/property/cbc:Value"
PERIOD: Final = "line/property/cac:UsabilityPeriod"
SHAPES: Final = {"1002": "fishing", "0202": "lodging", "0205": "tour", "0301": "airway", "0302": "railway"}


def _nth(base: str, concept: str) -> int:
    kind = KINDS_OF.get(base, ("01",))[0]
    codes = [each.partition("<cbc:NameCode>")[2].partition("<")[0] for each in BASES[base](kind).rows[0].properties]
    return codes.index(concept)


def _without(code: str, base: str, concept: str, *, kinds: str = "", also: str = "") -> Pair:
    return pair(code, drop("line/property", _nth(base, concept)), base=base, kinds=kinds, also=also)


JOURNEY: Final = "line/cac:Delivery"
STRETCH: Final = f"{JOURNEY}/cac:Shipment/cac:Consignment"
LOAD: Final = f"{STRETCH}/cac:TransportHandlingUnit"
TOO_MUCH: Final = "X" * 300
"""Longer than any concept may be, and no code, date, number or period either."""


def _has_form(kind: str, concept: str) -> bool:
    return any(
        rule.code == "4280" and isinstance(rule.when, Both) and is_(CODE, concept) in rule.when.parts
        for rule in TABLES[kind]
    )


def _misshapen() -> Iterator[Pair]:
    """For each concept with a form, a shape that has it, with a value that has not."""
    done = set()
    for base, make in BASES.items():
        for kind in KINDS_OF.get(base, ("01", "03", "07", "08")):
            rows = [each for each in make(kind).rows[0].properties if "<cbc:Value>" in each]
            for nth, each in enumerate(rows):
                concept = each.partition("<cbc:NameCode>")[2].partition("<")[0]
                if (kind, concept) not in done and _has_form(kind, concept):
                    done.add((kind, concept))
                    yield pair("4280", to(VALUE, TOO_MUCH, nth), base=base, kinds=kind)


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
    pair("3064", drop(VALUE), base="airway"),
    pair("3064", drop(VALUE), base="home_loan", kinds="01 07 08"),
    pair("3065", drop(f"{PERIOD}/cbc:StartDate"), base="lodging"),
    *(pair("4280", to(f"{PERIOD}/cbc:{end}Date", "mañana"), base="insurance") for end in ("Start", "End")),
    *_misshapen(),
    pair("3243", drop(f"{PERIOD}/cbc:StartDate"), base="insurance"),
    pair("4366", drop(f"{PERIOD}/cbc:EndDate"), base="insurance"),
    pair("3065", drop(f"{PERIOD}/cbc:StartDate"), base="fishing"),
    pair("3172", drop(f"{PERIOD}/cbc:StartTime"), base="railway"),
    pair("3135", drop("line/property/cbc:ValueQuantity"), base="fishing"),
    pair("4281", to("line/property/cbc:ValueQuantity", "0.00"), base="fishing"),
    pair("4281", to("line/property/cbc:ValueQuantity", "diez"), base="pension"),
    pair("3135", drop(f"{PERIOD}/cbc:DurationMeasure"), base="lodging"),
    pair("4281", to(f"{PERIOD}/cbc:DurationMeasure", "tres"), base="lodging"),
    pair("3064", to(VALUE, ""), base="pension"),
    pair("3064", drop("line/property/cbc:ValueQuantity"), base="pension"),
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
    pair("3124", to(f"{JOURNEY}/cac:DeliveryTerms/cbc:ID", "01", 1), base="cargo", also="3125"),
    pair("3125", to(f"{JOURNEY}/cac:DeliveryTerms/cbc:ID", "02", 2), base="cargo", also="3126"),
    pair("3126", to(f"{JOURNEY}/cac:DeliveryTerms/cbc:ID", "03", 1), base="cargo", also="3125"),
    *(pair("4200", to(path, "999999"), base="cargo") for path in (
        f"{JOURNEY}/cac:Despatch/cac:DespatchAddress/cbc:ID", f"{JOURNEY}/cac:DeliveryLocation/cac:Address/cbc:ID",
        f"{STRETCH}/cac:PlannedPickupTransportEvent/cac:Location/cbc:ID",
        f"{STRETCH}/cac:PlannedDeliveryTransportEvent/cac:Location/cbc:ID",
    )),
    *(pair("4236", to(f"{path}/cac:AddressLine/cbc:Line", "AV"), base="cargo") for path in (
        f"{JOURNEY}/cac:Despatch/cac:DespatchAddress", f"{JOURNEY}/cac:DeliveryLocation/cac:Address",
    )),
    *(pair("3208", to(f"{path}/@currencyID", "USD"), base="cargo") for path in (
        f"{JOURNEY}/cac:DeliveryTerms/cbc:Amount", f"{STRETCH}/cac:DeliveryTerms/cbc:Amount",
        f"{STRETCH}/cbc:DeclaredForCarriageValueAmount",
    )),
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
