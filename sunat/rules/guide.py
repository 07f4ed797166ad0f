"""The rules of the sender's despatch guide (09). Source: validation workbook of guides, 2022-10-20, Guía remitente."""

from __future__ import annotations

from typing import Final

from sunat.catalogues import catalogue
from sunat.documents.despatch import (
    CARRIERS_OWN,
    EMPTY_PACKAGES,
    EMPTY_VEHICLE,
    SMALL_VEHICLE,
    TRANSSHIPMENT,
    WHOLE_DECLARATION,
)
from sunat.rules import descriptive, despatch, despatch_goods, despatch_road, norms, paths
from sunat.rules.checks import (
    absent,
    amount,
    calendar_day,
    exists,
    holds,
    in_catalogue,
    includes,
    matches,
    none_of,
    nonzero,
    one_of,
    text,
    unique_by,
)
from sunat.rules.conditions import either, has, is_, is_not, no, somewhere
from sunat.rules.despatch import BLANK, EARLY, NUMBER, PAPER, REQUIRED, SHORT, cites
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.guide_conditions import (
    CARRIER_KEEPS,
    CARRIER_TELLS,
    CUSTOMS,
    DETAILED,
    DRIVEN,
    HIRED,
    INLAND,
    OWN_FLEET,
    PRIVATE,
    PUBLIC,
    SMALL,
    TELLS,
    UNDRIVEN,
)
from sunat.rules.guide_parties import CARRIER, PAPERS, PEOPLE, THIRD
from sunat.rules.guide_stops import STOPS
from sunat.rules.rows import observation

KNOWN: Final = (TRANSSHIPMENT, SMALL_VEHICLE, EMPTY_PACKAGES, EMPTY_VEHICLE, WHOLE_DECLARATION, CARRIERS_OWN)

_NET: Final = "cac:Shipment/cbc:NetWeightMeasure"
_WHY: Final = "cac:Shipment/cbc:Information"
_TEXT: Final = "cac:Shipment/cbc:HandlingInstructions"
_PACKAGES: Final = "cac:Shipment/cbc:TotalTransportHandlingUnitQuantity"
_BOX: Final = has("container/cbc:ID")
_SEAL: Final = "container/cbc:TraceID"
_IN_PARTS: Final = CUSTOMS & DETAILED

SHIPMENT: Final = (
    Rule("3404", "reason", REQUIRED),
    Rule("3405", "reason", in_catalogue("20"), when=has("reason")),
    Rule("3457", _TEXT, REQUIRED, when=is_("reason", "13")),
    observation("4190", _TEXT, matches(
        r"(?=(?:[\s\S]*[^\W\d_]){3})[^\t\n\r\f\v]{3,100}", "de 3 a 100 caracteres, con 3 letras por lo menos",
        "3 to 100 characters, with 3 letters at least"), when=is_("reason", "13") & has(_TEXT)),
    observation("4383", _NET, exists(), when=_IN_PARTS),
    Rule("3395", _NET, absent(), when=INLAND),
    Rule("3397", _NET, amount(12, 3, zero=False)),
    Rule("3398", f"{_NET}/@unitCode", one_of("KGM")),
    observation("4387", _WHY, REQUIRED, when=_IN_PARTS),
    Rule("3418", _WHY, absent(), when=INLAND),
    observation("4428", _WHY, SHORT, when=has(_WHY)),
    *despatch.weight(),
    Rule("3419", _PACKAGES, exists(), when=CUSTOMS & no(somewhere(_BOX))),
    observation("4384", _PACKAGES, matches("[0-9]{1,6}", "hasta 6 dígitos", "up to 6 digits")),
    Rule("3420", "container", holds(
        lambda view: sum(bool(row.text("cbc:ID")) for row in view.views("container")) <= 2,
        ("hay más de dos contenedores", "there are more than two containers"),
        ("Deje dos contenedores por guía.", "Keep two containers a guide."), "container", "container/cbc:ID"),
        scope="", when=CUSTOMS),
    Rule("3421", "container", unique_by("cbc:ID", within="")),
    observation("4071", "container/cbc:ID", text(1, 11), when=_BOX),
    Rule("3422", _SEAL, REQUIRED, when=CUSTOMS & _BOX),
    Rule("3423", "container", unique_by("cbc:TraceID", within=""), when=_BOX),
    observation("4074", _SEAL, matches(
        "(?!0+$)[A-Z0-9]{1,20}", "hasta 20 letras mayúsculas y números", "up to 20 capital letters and digits"),
        when=CUSTOMS & has(_SEAL)),
    Rule("2532", "mode", REQUIRED),
    Rule("2773", "mode", in_catalogue("18"), when=has("mode")),
    Rule("3406", "start", exists(), when=either(PRIVATE, PUBLIC & SMALL, CARRIER_TELLS)),
    Rule("3343", "start", EARLY, scope="", when=either(PRIVATE, PUBLIC & SMALL, CARRIER_TELLS)),
    Rule("3407", "start", calendar_day()),
    observation("4385", "start", exists(), when=CARRIER_KEEPS),
    observation("4386", "start", EARLY, scope="", when=CARRIER_KEEPS),
    *despatch.indicators(KNOWN),
    Rule("3392", "indicator", none_of(WHOLE_DECLARATION), when=INLAND),
    observation("4437", "indicator", includes(WHOLE_DECLARATION), scope="", when=is_("reason", "08")),
    Rule("3450", "indicator", none_of(CARRIERS_OWN), when=PRIVATE),
    Rule("3451", "indicator", none_of(CARRIERS_OWN), when=PUBLIC & SMALL),
)

_PERMIT: Final = "cac:ShipmentDocumentReference/cbc:ID"

ROAD: Final = (
    *despatch_road.vehicles(DRIVEN, CARRIER_TELLS),
    Rule("3354", "vehicle/cbc:ID", BLANK, when=CARRIER_KEEPS),
    Rule("3452", "vehicle/card", BLANK, when=no(TELLS)),
    Rule("3452", f"vehicle/{_PERMIT}", BLANK, when=UNDRIVEN),
    Rule("3453", "trailer/cbc:ID", BLANK, when=UNDRIVEN),
    Rule("3454", "trailer/card", BLANK, when=no(TELLS)),
    Rule("3454", f"trailer/{_PERMIT}", BLANK, when=UNDRIVEN),
    *despatch_road.drivers(DRIVEN, either(OWN_FLEET, HIRED)),
    *(Rule("3455", path, BLANK, when=despatch_road.PRINCIPAL & UNDRIVEN) for path in despatch_road.TOLD),
    *(Rule("3456", path, BLANK, when=despatch_road.SECONDARY & UNDRIVEN) for path in despatch_road.TOLD),
)


_UNIT: Final = "line/quantity/@unitCode"


def _declared(view: View) -> bool:
    numbers = {
        paper.text("cbc:ID") for paper in view.whole.views("paper")
        if paper.text("cbc:DocumentTypeCode") in ("50", "52")
    }
    return view.text("cbc:Value") in numbers


_ANY_UNIT: Final = in_catalogue("03", also=tuple(entry.code for entry in catalogue("65")))
_DECLARES: Final = is_(despatch_goods.CODE, despatch_goods.DECLARATION) & has(despatch_goods.VALUE)

GOODS: Final = (
    *despatch_goods.rows(DETAILED, ("7020", "7021", "7022", "7023"), loose=None),
    Rule("2580", "line/quantity", nonzero(), when=DETAILED),
    observation("4320", _UNIT, in_catalogue("03"), when=DETAILED & has(_UNIT) & is_not("reason", "08", "09", "13")),
    observation("4320", _UNIT, _ANY_UNIT, when=DETAILED & has(_UNIT) & is_("reason", "13")),
    Rule("3446", _UNIT, in_catalogue("65"), when=DETAILED & has(_UNIT) & CUSTOMS),
    Rule("3427", despatch_goods.CODE, includes("7021"), scope="line", when=CUSTOMS & DETAILED),
    Rule("3428", despatch_goods.CODE, includes("7023"), scope="line", when=CUSTOMS & DETAILED),
    Rule("3379", despatch_goods.VALUE, none_of("1"),
         when=is_(despatch_goods.CODE, despatch_goods.STANDARD) & DETAILED & no(cites("49", "80")),
         message=("un bien normalizado necesita una constancia de depósito (49 u 80) entre los documentos relacionados",
                  "standardised goods need a certificate of deposit (49 or 80) among the related papers")),
    Rule("2769", despatch_goods.VALUE, matches(
        "[0-9]{3}-[0-9]{4}-[0-9]{2}-[0-9]{1,6}", "aduana-año-régimen-número (118-2026-10-123456)",
        "customs-year-regime-number (118-2026-10-123456)"), when=_DECLARES),
    Rule("3430", despatch_goods.VALUE, holds(
        _declared, ("no es ninguna de las declaraciones relacionadas", "is none of the related declarations"),
        ("Relacione la DAM o la DS.", "Relate the customs declaration."),
        "cbc:Value", "/paper", f"/{PAPER}", f"/{NUMBER}"), when=_DECLARES & CUSTOMS & DETAILED),
    Rule("3431", despatch_goods.VALUE, matches("[0-9]{1,4}", "hasta 4 dígitos", "up to 4 digits"),
         when=is_(despatch_goods.CODE, despatch_goods.SERIAL) & has(despatch_goods.VALUE)),
)

RULES: Final = RuleTable(
    "09", "DespatchAdvice",
    (*despatch.head("09", "T"), *PAPERS, *PEOPLE, *THIRD, *SHIPMENT, *CARRIER, *ROAD, *STOPS, *GOODS,
     *descriptive.GUIDE, *norms.PARTIES, *norms.CARRIER),
    short=paths.DESPATCH, scopes=paths.DESPATCH_SCOPES,
)
