"""What the XML schema of a sale asks for and no other rule looks at (0306), schemas at hand or not.

SUNAT validates by schema before any rule. Where the official schemas are not at hand, these rows stand in for the
elements that the schema makes compulsory and whose absence would otherwise pass without a word. Source: UBL 2.1
(OASIS), the cardinalities of Invoice, CreditNote and DebitNote.
"""

from __future__ import annotations

from typing import Final

from sunat.rules.checks import calendar_day, exists
from sunat.rules.conditions import there
from sunat.rules.engine import Rule

_MISSING: Final = ("falta, y el esquema XML lo exige", "is missing, and the XML schema asks for it")
_NEEDED: Final = exists()


def _within(parent: str, child: str) -> Rule:
    return Rule("0306", f"{parent}/{child}", _NEEDED, when=there(parent), message=_MISSING)


SALE: Final = (
    Rule("0306", "cbc:ID", _NEEDED, message=_MISSING),
    Rule("0306", "cbc:IssueDate", _NEEDED, message=_MISSING),
    Rule("0306", "cbc:IssueDate", calendar_day()),
    Rule("0306", "total", _NEEDED, message=_MISSING),
    Rule("0306", "line/cbc:ID", _NEEDED, message=_MISSING),
    _within("cac:TaxTotal", "cbc:TaxAmount"),
    _within("taxes", "cbc:TaxAmount"),
    _within("line/cac:TaxTotal", "cbc:TaxAmount"),
    _within("line/taxes", "cbc:TaxAmount"),
    _within("line/cac:Price", "cbc:PriceAmount"),
    _within("line/price", "cbc:PriceAmount"),
    _within("guide", "cbc:ID"),
    _within("related", "cbc:ID"),
)
"""Of all four kinds."""

VALUED: Final = (Rule("0306", "line/cbc:LineExtensionAmount", _NEEDED, message=_MISSING),)
"""What 01, 03 and 08 add; a line of a credit note may lack its value."""

BILL: Final = (
    *VALUED,
    _within("line/allowance", "cbc:ChargeIndicator"),
    _within("allowance", "cbc:ChargeIndicator"),
    _within("means", "cbc:PaymentMeansCode"),
)
"""What 01 and 03 add."""

NOTE: Final = (_within("modified", "cbc:ID"),)
"""What the notes add."""
