"""Rows about transport of cargo subject to detraction (operation 1004): the route and its reference values, by line.

Source: validation workbook of 2026-02-12, sheets Factura and Boleta.
"""

from __future__ import annotations

from typing import Final

from sunat.rules.checks import amount, exists, in_catalogue, includes, one_of, present, text, unique_by
from sunat.rules.conditions import has, is_
from sunat.rules.engine import Rule
from sunat.rules.rows import observation

CARGO: Final = is_("operation", "1004")
FROM: Final = "line/cac:Delivery/cac:Despatch"
TO: Final = "line/cac:Delivery/cac:DeliveryLocation/cac:Address"
VALUES: Final = "line/cac:Delivery/cac:DeliveryTerms"
STRETCH: Final = "line/cac:Delivery/cac:Shipment/cac:Consignment"
UNIT: Final = f"{STRETCH}/cac:TransportHandlingUnit"
LOAD: Final = f"{UNIT}/cac:MeasurementDimension"

_ORIGIN: Final = ("origen del transporte", "origin of the transport")
_TARGET: Final = ("destino del transporte", "destination of the transport")
_VALUE: Final = ("valor referencial del transporte", "reference value of the transport")
_STRETCH: Final = ("tramo del transporte", "stretch of the transport")
_LOAD: Final = ("carga del vehículo", "load of the vehicle")


def _reference(code: str, kind: str) -> tuple[Rule, Rule]:
    return (
        Rule(code, f"{VALUES}/cbc:ID", includes(kind), scope="line", when=CARGO, field=_VALUE),
        Rule(code, VALUES, unique_by("cbc:ID", within="line"), field=_VALUE,
             when=CARGO & is_(f"{VALUES}/cbc:ID", kind)),
    )


ROWS: Final = (
    Rule("3116", f"{FROM}/cac:DespatchAddress/cbc:ID", present(), scope="line", when=CARGO, field=_ORIGIN),
    Rule("3117", f"{FROM}/cac:DespatchAddress/cac:AddressLine/cbc:Line", present(), scope="line", when=CARGO,
         field=_ORIGIN),
    Rule("3118", f"{TO}/cbc:ID", present(), scope="line", when=CARGO, field=_TARGET),
    Rule("3119", f"{TO}/cac:AddressLine/cbc:Line", exists(), scope="line", when=CARGO, field=_TARGET),
    Rule("3120", f"{FROM}/cbc:Instructions", present(), scope="line", when=CARGO,
         field=("detalle del viaje", "details of the journey")),
    Rule("3122", f"{VALUES}/cbc:Amount", exists(), when=CARGO, field=_VALUE),
    Rule("3123", f"{VALUES}/cbc:Amount", amount(zero=False), when=CARGO, field=_VALUE),
    *_reference("3124", "01"),
    *_reference("3125", "02"),
    *_reference("3126", "03"),
    Rule("3208", f"{VALUES}/cbc:Amount/@currencyID", one_of("PEN"), field=_VALUE),
    observation("4200", f"{FROM}/cac:DespatchAddress/cbc:ID", in_catalogue("13"), field=_ORIGIN,
                when=has(f"{FROM}/cac:DespatchAddress/cbc:ID")),
    observation("4200", f"{TO}/cbc:ID", in_catalogue("13"), field=_TARGET, when=has(f"{TO}/cbc:ID")),
    observation("4236", f"{FROM}/cac:DespatchAddress/cac:AddressLine/cbc:Line", text(3, 200), field=_ORIGIN,
                when=has(f"{FROM}/cac:DespatchAddress/cac:AddressLine/cbc:Line")),
    observation("4236", f"{TO}/cac:AddressLine/cbc:Line", text(3, 200), field=_TARGET),
    observation("4270", f"{FROM}/cbc:Instructions", text(3, 500), when=has(f"{FROM}/cbc:Instructions"),
                field=("detalle del viaje", "details of the journey")),
    observation("4200", f"{STRETCH}/cac:PlannedPickupTransportEvent/cac:Location/cbc:ID", in_catalogue("13"),
                when=CARGO, field=_STRETCH),
    observation("4200", f"{STRETCH}/cac:PlannedDeliveryTransportEvent/cac:Location/cbc:ID", in_catalogue("13"),
                when=CARGO, field=_STRETCH),
    observation("4271", f"{STRETCH}/cbc:CarrierServiceInstructions", text(3, 100), when=CARGO, field=_STRETCH),
    observation("4272", f"{STRETCH}/cac:DeliveryTerms/cbc:Amount", amount(zero=False), when=CARGO, field=_STRETCH),
    Rule("3208", f"{STRETCH}/cac:DeliveryTerms/cbc:Amount/@currencyID", one_of("PEN"), field=_STRETCH),
    observation("4273", f"{UNIT}/cac:TransportEquipment/cbc:SizeTypeCode", text(1, 15), when=CARGO, field=_LOAD),
    observation("4274", f"{LOAD}/cbc:AttributeID", one_of("01", "02"), when=CARGO, field=_LOAD),
    observation("4275", f"{LOAD}/cbc:Measure", exists(), when=CARGO & has(f"{LOAD}/cbc:AttributeID"), field=_LOAD),
    observation("4276", f"{LOAD}/cbc:Measure", amount(zero=False), when=CARGO, field=_LOAD),
    observation("4277", f"{LOAD}/cbc:Measure/@unitCode", one_of("TNE"), when=CARGO, field=_LOAD),
    observation("4278", f"{STRETCH}/cbc:DeclaredForCarriageValueAmount", amount(zero=False), when=CARGO,
                field=_STRETCH),
    Rule("3208", f"{STRETCH}/cbc:DeclaredForCarriageValueAmount/@currencyID", one_of("PEN"), field=_STRETCH),
)
"""Cargo of 01 and 03."""
