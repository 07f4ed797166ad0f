"""Rows about vehicles and drivers, which both guides tell alike and want under different conditions.

Source: SUNAT's validation workbook of guides of 2022-10-20, sheets Guía remitente and Guía transportista.
"""

from __future__ import annotations

from typing import Any, Final

from sunat.rules.checks import holds, in_catalogue, includes, matches, single, text, unique_by
from sunat.rules.conditions import When, has, is_, is_not
from sunat.rules.despatch import ENTITY, REQUIRED, SHORT, identity_at
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import observation

PLATE: Final = matches(
    "(?!0+$)[A-Z0-9]{6,8}", "de 6 a 8 letras mayúsculas y números, sin guion",
    "6 to 8 capital letters and digits, without a hyphen")
_CARD: Final = matches(
    "(?!0+$)[A-Z0-9]{10,15}", "de 10 a 15 letras mayúsculas y números", "10 to 15 capital letters and digits")
_LICENCE: Final = matches(
    "(?!0+$)[A-Z0-9]{9,10}", "de 9 a 10 letras mayúsculas y números", "9 to 10 capital letters and digits")
_TRAILERS: Final = 2
_BEHIND: Final = "cac:AttachedTransportEquipment"
PRINCIPAL: Final = is_("driver/cbc:JobTitle", "Principal")
SECONDARY: Final = is_("driver/cbc:JobTitle", "Secundario")
ID: Final = "driver/cbc:ID"
SCHEME: Final = "driver/cbc:ID/@schemeID"
FIRST: Final = "driver/cbc:FirstName"
FAMILY: Final = "driver/cbc:FamilyName"
LICENCE: Final = "driver/licence"
TOLD: Final = (ID, SCHEME, FIRST, FAMILY, LICENCE)
"""What a guide tells of a driver."""


def both(first: When, second: When | None) -> When:
    """Two conditions, of which the second may be missing."""
    return first & second if second else first


def _vehicle(node: str) -> tuple[Rule, ...]:
    plate, card = f"{node}/cbc:ID", f"{node}/card"
    paper = f"{node}/cac:ShipmentDocumentReference"
    number, entity = f"{paper}/cbc:ID", f"{paper}/cbc:ID/@schemeID"
    return (
        Rule("2567", plate, PLATE, when=has(plate)),
        Rule("3355", card, _CARD, when=has(card)),
        observation("4406", number, text(3, 50), when=has(number)),
        Rule("3356", paper, single(), when=has(number)),
        observation("4403", entity, REQUIRED, when=has(number)),
        observation("4407", entity, ENTITY, when=has(entity)),
        observation("4405", number, REQUIRED, when=has(entity)),
    )


def _few_trailers(view: View) -> bool:
    return len(view.views(_BEHIND)) <= _TRAILERS


def vehicles(needed: When | None, registered: When | None) -> tuple[Rule, ...]:
    """The main vehicle and those that go with it: when a plate is needed, and when its circulation card."""
    return (
        Rule("2566", "vehicle/cbc:ID", REQUIRED, when=needed, scope=""),
        *_vehicle("vehicle"),
        observation("4399", "vehicle/card", REQUIRED, when=both(has("vehicle/cbc:ID"), registered)),
        observation("4389", "trailer", holds(
            _few_trailers, ("hay más de dos", "there are more than two"),
            ("Deje dos vehículos secundarios.", "Keep two secondary vehicles."), _BEHIND), scope="vehicle"),
        *_vehicle("trailer"),
        observation("4399", "trailer/card", REQUIRED, when=both(has("trailer/cbc:ID"), registered)),
    )


def at_most_drivers(code: str, title: str, most: int, **columns: Any) -> Rule:
    """No more drivers of a title than so many."""
    def few(view: View) -> bool:
        return sum(row.text("cbc:JobTitle") == title for row in view.views("driver")) <= most

    return Rule(code, "driver/cbc:JobTitle", holds(
        few, (f"hay más de {most}", f"there are more than {most}"), (f"Deje {most}.", f"Keep {most}."),
        "driver", "driver/cbc:JobTitle"), scope="", **columns)


def drivers(needed: When | None, second: When | None) -> tuple[Rule, ...]:
    """Who drives: ``needed`` when the main driver must be told; ``second`` when a second one's paper goes with it."""
    first = both(PRINCIPAL, needed)
    with_licence = both(SECONDARY & has(LICENCE), needed)
    with_number = both(SECONDARY & has(ID), second)
    return (
        Rule("3357", "driver/cbc:JobTitle", includes("Principal"), scope="", when=needed),
        at_most_drivers("3358", "Principal", 1),
        Rule("3362", "driver", unique_by("licence", within=""), when=SECONDARY & has(LICENCE)),
        Rule("2570", SCHEME, REQUIRED, when=first),
        Rule("2570", SCHEME, REQUIRED, when=with_number),
        Rule("2571", SCHEME, in_catalogue("06", where=lambda code: code != "6"), when=has(SCHEME)),
        Rule("2568", ID, REQUIRED, when=first),
        Rule("2568", ID, REQUIRED, when=both(SECONDARY & has(SCHEME), needed)),
        Rule("2568", ID, REQUIRED, when=with_licence),
        *identity_at("2569", ID, SCHEME, is_not(SCHEME, "6")),
        *(
            row for code, path in (("3360", FIRST), ("3361", FAMILY)) for row in (
                Rule(code, path, REQUIRED, when=first),
                Rule(code, path, REQUIRED, when=with_licence),
                observation("4409", path, SHORT, when=has(path)),
            )
        ),
        Rule("2572", LICENCE, REQUIRED, when=first),
        Rule("2572", LICENCE, REQUIRED, when=with_number),
        Rule("2573", LICENCE, _LICENCE, when=has(LICENCE)),
    )
