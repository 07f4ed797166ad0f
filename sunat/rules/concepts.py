"""Item properties (catalogue 55) that an operation asks for, and the form each one has.

Transport of passengers and cargo, fishing, lodging and tourism, credits and insurance say what SUNAT wants to know of
them in ``AdditionalItemProperty`` nodes. Source: validation workbook of 2026-02-12, rows of the sheets 01 and 03.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sunat.rules.checks import (
    amount,
    calendar_day,
    exists,
    holds,
    in_catalogue,
    includes,
    matches,
    one_of,
    present,
    text,
)
from sunat.rules.conditions import has, is_, within
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import observation
from sunat.rules.shapes import Check

CODE: Final = "line/property/cbc:NameCode"
VALUE: Final = "line/property/cbc:Value"
PERIOD: Final = "line/property/cac:UsabilityPeriod"

def _leaves_after_arriving(view: View) -> bool:
    start = "cac:UsabilityPeriod/cbc:StartDate"
    days = {each.text("cbc:NameCode"): each.text(start) for each in view.views("property")}
    return not days.get("4003") or days["4004"] >= days["4003"]


WANTED: Final[dict[str, dict[str, str]]] = {
    "1002": {"3063": "3001", "3130": "3002", "3131": "3003", "3132": "3004", "3133": "3006", "3134": "3005"},
    "0202": {
        "3136": "4009", "3137": "4008", "3138": "4000", "3139": "4007", "3140": "4001", "3141": "4002",
        "3142": "4003", "3143": "4004", "3144": "4006", "3145": "4005",
    },
    "0205": {"3136": "4009", "3137": "4008", "3138": "4000", "3139": "4007"},
    "0301": {"3168": "4030", "3169": "4031", "3170": "4032", "3171": "4033"},
    "0302": {
        "3159": "4040", "3160": "4041", "3204": "4049", "3161": "4042", "3162": "4043", "3163": "4044", "3164": "4045",
        "3165": "4046", "3167": "4048", "3166": "4047",
    },
}
"""By type of operation: the code that answers when a line lacks a concept."""

ONLY_INVOICE: Final = ("0202", "0205")

TOGETHER: Final = {"3146": "5000", "3147": "5001", "3148": "5002", "3149": "5003"}
"""State suppliers: of these four concepts a line has all or none."""

LODGING: Final = (
    observation("4282", "line/property", holds(
        _leaves_after_arriving,
        ("la fecha de salida es anterior a la de ingreso", "the departure precedes the arrival"),
        ("Corrija las fechas de los conceptos 4003 y 4004.", "Correct the dates of concepts 4003 and 4004.")),
        scope="line", when=within("line", is_(CODE, "4004"))),
    observation("4313", f"{PERIOD}/cbc:DurationMeasure/@unitCode", one_of("DAY")),
    Rule("3065", f"{PERIOD}/cbc:StartDate", exists(), when=is_(CODE, "4002", "4003", "4004", "4006")),
    Rule("3135", f"{PERIOD}/cbc:DurationMeasure", exists(), when=is_(CODE, "4005")),
    observation("4281", f"{PERIOD}/cbc:DurationMeasure", matches("[0-9]{1,4}", "un número de días", "a number of days"),
                when=is_(CODE, "4005")),
)
"""Lodging of foreigners, which only 01 has."""

VALUED: Final = (
    "3001", "3002", "3003", "3004", "3050", "3051", "3052", "3053", "3054", "3055", "3056", "3057", "3058", "4000",
    "4001", "4007", "4008", "4009", "4030", "4031", "4032", "4033", "4040", "4041", "4042", "4043", "4044", "4045",
    "4046", "4049", "5000", "5001", "5002", "5003", "7000", "7001", "7002", "7003", "7004", "7005", "7006", "7007",
    "7008", "7009", "7010", "7011", "7012", "7013", "7015", "7016",
)
"""Concepts that need a value (3064)."""

_CREDIT: Final = amount(15, 2, zero=False)

FORMS: Final[dict[str, Check]] = {
    "3001": text(1, 15), "3002": text(1, 100), "3003": text(1, 150), "3004": text(1, 100),
    "3050": text(1, 20, blanks="any"), "3051": text(3, 20, blanks="any"), "3052": text(3, 15, blanks="any"),
    "3053": in_catalogue("06"), "3054": text(3, 200, blanks="any"), "3055": in_catalogue("13"),
    "3056": text(3, 200, blanks="any"), "3057": in_catalogue("13"), "3058": text(3, 200, blanks="any"),
    "4000": in_catalogue("04"), "4001": in_catalogue("04"), "4007": text(3, 200), "4008": in_catalogue("06"),
    "4009": text(3, 20), "4030": in_catalogue("13"), "4031": text(3, 200), "4032": in_catalogue("13"),
    "4033": text(3, 200), "4040": text(3, 200), "4041": in_catalogue("06"), "4042": in_catalogue("13"),
    "4043": text(3, 200), "4044": in_catalogue("13"), "4045": text(3, 200), "4046": text(1, 100), "4049": text(1, 20),
    "5000": text(1, 20), "5001": text(1, 10), "5002": text(1, 30), "5003": text(1, 30),
    "7001": in_catalogue("26"), "7002": in_catalogue("27"), "7003": text(3, 50), "7004": text(3, 50),
    "7005": calendar_day(), "7006": in_catalogue("13"), "7007": text(3, 200), "7012": _CREDIT,
    "7013": text(1, 50), "7015": one_of("1", "2", "3"), "7016": _CREDIT,
}
"""Concepts whose value has a form (4280)."""

_HOME_LOAN: Final = is_("line/product", "84121901")


def lacks(*codes: str) -> tuple[str, str]:
    """What is said of a line that lacks some concepts."""
    shown = ", ".join(codes)
    return (f"falta el concepto {shown} del catálogo 55", f"concept {shown} of catalogue 55 is missing")


def _some_credit(view: View) -> bool:
    return any({"7004", "7005", "7012"} <= set(line.texts("property/cbc:NameCode")) for line in view.views("line"))


def wanted(*operations: str) -> tuple[Rule, ...]:
    """The concepts that each line needs by the type of operation."""
    return tuple(
        Rule(code, CODE, includes(concept), scope="line", when=is_("operation", operation), message=lacks(concept))
        for operation in operations for code, concept in WANTED[operation].items()
    )


def _together() -> tuple[Rule, ...]:
    return tuple(
        Rule(code, CODE, includes(concept), scope="line", message=lacks(concept),
             when=within("line", is_(CODE, *(other for other in TOGETHER.values() if other != concept))))
        for code, concept in TOGETHER.items()
    )


HOUSING: Final = tuple(
    Rule(code, CODE, includes(concept), scope="line", message=lacks(concept), when=_HOME_LOAN)
    for code, concept in {"3150": "7001", "3152": "7004", "3153": "7005"}.items()
) + tuple(
    Rule(code, CODE, includes(concept), scope="line", message=lacks(concept),
         when=_HOME_LOAN & within("line", is_(CODE, "7002") & is_(VALUE, "3")))
    for code, concept in {"3151": "7003", "3154": "7006", "3155": "7007"}.items()
)
"""Home loans (01 07 08)."""

def form(concepts: Collection[str]) -> tuple[Rule, ...]:
    """The form of the concepts that a kind knows; insurance (7014 to 7016) is known to all."""
    valued = tuple(code for code in VALUED if code in concepts)
    return (
        Rule("3064", VALUE, present(), when=is_(CODE, *valued)),
        *(
            observation("4280", VALUE, check, when=is_(CODE, code) & has(VALUE))
            for code, check in FORMS.items() if code in concepts
        ),
        Rule("3243", f"{PERIOD}/cbc:StartDate", exists(), when=is_(CODE, "7014")),
        observation("4280", f"{PERIOD}/cbc:StartDate", calendar_day(), when=is_(CODE, "7014")),
        observation("4366", f"{PERIOD}/cbc:EndDate", exists(), when=is_(CODE, "7014")),
        observation("4280", f"{PERIOD}/cbc:EndDate", calendar_day(), when=is_(CODE, "7014")),
    )


_STAY: Final = ("4000", "4001", "4007", "4008", "4009")
_MORTGAGE: Final = ("7000", "7001", "7002", "7003", "7006", "7007", "7008", "7009", "7010", "7011")
FORM: Final = form(VALUED)
"""The form of the concepts of 01."""
BOLETA_FORM: Final = form([code for code in VALUED if code not in {*_STAY, *_MORTGAGE}])
"""The form of the concepts of 03, which knows neither lodging of foreigners nor home loans."""
NOTE_FORM: Final = form([code for code in VALUED if code.startswith("70") and code != "7000"])
"""The form of the concepts of the notes: loans and insurance."""

INVOICE_FORM: Final = (
    *_together(),
    Rule("3065", f"{PERIOD}/cbc:StartDate", exists(), when=is_(CODE, "3005", "3059", "4048")),
    Rule("3172", f"{PERIOD}/cbc:StartTime", exists(), when=is_(CODE, "3060", "4047")),
    Rule("3135", "line/property/cbc:ValueQuantity", exists(), when=is_(CODE, "3006")),
    observation("4281", "line/property/cbc:ValueQuantity", amount(zero=False), when=is_(CODE, "3006")),
    Rule("3115", "line/property/cbc:ValueQuantity/@unitCode", one_of("TNE"), when=is_(CODE, "3006")),
    observation("4202", VALUE, matches(r"[0-9]{4}-[0-9]{2}-[0-9]{3}-[0-9]{6}", "una DAM (AAAA-NN-NNN-NNNNNN)",
                                       "a DAM (YYYY-NN-NNN-NNNNNN)"), when=is_(CODE, "7021") & has(VALUE)),
    Rule("2898", CODE, includes("7013"), scope="line", message=lacks("7013"),
         when=is_("operation", "2104") & within("line", is_(CODE, "7015") & is_(VALUE, "1", "2"))),
    Rule("2898", CODE, includes("7014"), scope="line", message=lacks("7014"),
         when=is_("operation", "2104") & within("line", is_(CODE, "7015") & is_(VALUE, "1", "2"))),
    Rule("2898", CODE, includes("7016"), scope="line", message=lacks("7016"),
         when=is_("operation", "2104") & within("line", is_(CODE, "7015") & is_(VALUE, "1", "2"))),
    Rule("2899", CODE, includes("7013"), scope="line", message=lacks("7013"),
         when=is_("operation", "2104") & within("line", is_(CODE, "7015") & is_(VALUE, "3"))),
    Rule("3241", CODE, holds(
        _some_credit, lacks("7004", "7005", "7012"),
        ("Agregue los tres conceptos a una línea.", "Add the three concepts to a line.")), scope="",
        when=is_("operation", "2100", "2101", "2102")),
    Rule("3242", CODE, includes("7015"), scope="", message=lacks("7015"), when=is_("operation", "2104")),
)
"""The form of the concepts that only 01 and 03 have."""

PENSIONS: Final = (
    *(
        Rule(code, CODE, includes(concept), scope="", message=lacks(concept), when=is_("operation", "2105"))
        for code, concept in {"2595": "7017", "2596": "7018", "2597": "7019"}.items()
    ),
    Rule("3064", VALUE, present(), when=is_(CODE, "7017", "7018")),
    Rule("3064", "line/property/cbc:ValueQuantity", exists(), when=is_(CODE, "7019")),
    observation("4280", VALUE, text(1, 12, blanks="any"), when=is_(CODE, "7017") & has(VALUE)),
    observation("4280", VALUE, matches("[0-9]{4}-(0[1-9]|1[0-2])", "un periodo AAAA-MM", "a period YYYY-MM"),
                when=is_(CODE, "7018") & has(VALUE)),
    observation("4281", "line/property/cbc:ValueQuantity", amount(), when=is_(CODE, "7019")),
)
"""What pension funds say in boletas."""
