"""Rows about the goods of a guide: quantities, codes, customs data.

Both guides tell them alike; when detail is needed differs. Standardised goods (*bienes normalizados*: sugar, rice,
alcohol, minerals) carry their tariff heading. Source: SUNAT's validation workbook of guides of 2022-10-20.
"""

from __future__ import annotations

from typing import Final

from sunat.rules.checks import (
    amount,
    exists,
    filled,
    in_catalogue,
    includes,
    matches,
    one_of,
    present,
    text,
    unique_by,
)
from sunat.rules.conditions import When, has, is_, is_not, within
from sunat.rules.engine import Rule
from sunat.rules.rows import observation

TARIFF: Final = "7020"
DECLARATION: Final = "7021"
STANDARD: Final = "7022"
SERIAL: Final = "7023"
"""Properties of catalogue 55: tariff heading, customs declaration, standardised good, its line in the declaration."""
CODE: Final = "line/property/cbc:NameCode"
VALUE: Final = "line/property/cbc:Value"
STANDARDISED: Final = within("line", is_(CODE, STANDARD) & is_(VALUE, "1"))
NOTE: Final = is_("line/cbc:ID", "0")
"""The line is an optional note about all the goods."""
_DESCRIBED: Final = "line/cac:Item/cbc:Description"


def rows(detailed: When, customs: tuple[str, ...], *, loose: When | None) -> tuple[Rule, ...]:
    """The rows of a kind: ``detailed`` when goods must be told, ``customs`` the properties whose value is needed,
    ``loose`` which lines are described by code 4084 (all where it is None)."""
    unit, gtin = "line/quantity/@unitCode", "line/cac:Item/cac:StandardItemIdentification/cbc:ID"
    standard = STANDARDISED & detailed
    told = has(_DESCRIBED)
    return (
        Rule("2023", "line/cbc:ID", matches("[0-9]{1,4}", "hasta 4 dígitos", "up to 4 digits")),
        Rule("2752", "line", unique_by("cbc:ID", within="")),
        Rule("2580", "line/quantity", exists(), when=detailed),
        Rule("2780", "line/quantity", amount(12, 10)),
        Rule("2883", unit, present(), when=detailed),
        Rule("2781", _DESCRIBED, present(), when=detailed),
        observation("4084", _DESCRIBED, text(3, 500, blanks="any"), when=told & loose if loose else told),
        observation("4085", "line/cac:Item/cac:SellersItemIdentification/cbc:ID", text(1, 30)),
        Rule("3372", "line/product", present(), when=standard),
        Rule("3002", "line/product", matches("(?!0+$)[0-9]{1,8}", "hasta 8 dígitos", "up to 8 digits"),
             when=has("line/product")),
        Rule("3373", "line/product", in_catalogue("25"), when=has("line/product")),
        Rule("3425", "line/product", in_catalogue("62A"), when=has("line/product") & STANDARDISED),
        Rule("3375", gtin, matches("[A-Za-z0-9]{1,14}", "hasta 14 letras y números", "up to 14 letters and digits"),
             when=has(gtin)),
        observation("4335", f"{gtin}/@schemeID", one_of("GTIN-8", "GTIN-12", "GTIN-13", "GTIN-14")),
        observation("4235", "line/property/cbc:Name", filled()),
        Rule("3426", CODE, includes(TARIFF), scope="line", when=standard),
        Rule("3064", VALUE, present(), when=is_(CODE, *customs)),
        Rule("3377", VALUE, matches("(?!0+$)[0-9]{1,10}", "hasta 10 dígitos", "up to 10 digits"),
             when=is_(CODE, TARIFF) & has(VALUE)),
        Rule("3429", VALUE, in_catalogue("62"), when=is_(CODE, TARIFF) & has(VALUE) & STANDARDISED),
        Rule("3396", VALUE, one_of("0", "1"), when=is_(CODE, STANDARD) & has(VALUE)),
    )


GOODS: Final = is_not("line/cbc:ID", "0")
"""The line is goods, no note about them."""
