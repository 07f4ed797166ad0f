"""The form of a sale: its fields by name, the rows that grow and shrink, and what was typed, tidied up.

Rows have names with their place in them (``lines.0.price``, ``instalments.1.date``). Blank rows are left out and the
others move up, so that the place of a line is its place in the request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

FACTURA: Final = "invoice"
BOLETA: Final = "boleta"
CREDIT: Final = "credit_note"
DEBIT: Final = "debit_note"
KINDS: Final[Mapping[str, str]] = {FACTURA: "01", BOLETA: "03", CREDIT: "07", DEBIT: "08"}
"""The kinds that are issued by hand, and SUNAT's codes of them."""
NOTES: Final = (CREDIT, DEBIT)
NAMED: Final = (FACTURA,)
"""Those whose customer must be named, and that may bear a detraction."""

MOST_LINES: Final = 200
MOST_INSTALMENTS: Final = 36
"""So many rows are offered; whoever has more is served by a program."""

SINGLE: Final = (
    "kind", "series", "issue_date", "currency", "exchange_rate", "prices", "customer_type", "customer_number",
    "customer_name", "customer_address", "customer_email", "remark", "payment", "detraction_code", "detraction_rate",
    "detraction_account", "target", "reason", "reason_text",
)
"""The fields that stand once."""
LINE: Final = ("description", "quantity", "unit", "price", "tax", "discount", "sku", "from")
INSTALMENT: Final = ("amount", "date")
"""The fields of a row; ``from`` is the place of the line it was taken from in the voucher before."""

FRESH: Final[Mapping[str, str]] = {
    "kind": FACTURA, "currency": "PEN", "prices": "gross", "customer_type": "PE-RUC", "payment": "cash",
}
FRESH_LINE: Final[Mapping[str, str]] = {"quantity": "1", "unit": "NIU", "tax": "igv"}
FRESH_CUSTOMER: Final[Mapping[str, str]] = {BOLETA: ""}
"""What a new form, a new line of it, and the customer of some kinds begin with."""

_ROW: Final = re.compile(r"(lines|instalments)\.([0-9]{1,4})\.([a-z]+)")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_NUMBERS: Final = frozenset({"quantity", "price", "discount", "amount", "detraction_rate", "exchange_rate"})
_SAYS_NOTHING: Final = ("quantity", "unit", "tax")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What the form holds: single fields, lines and instalments, all as text."""

    values: Mapping[str, str]
    lines: tuple[Mapping[str, str], ...] = ()
    instalments: tuple[Mapping[str, str], ...] = ()

    def get(self, name: str) -> str:
        """A single field, empty where it has nothing."""
        return self.values.get(name, "")

    @property
    def is_note(self) -> bool:
        """Whether it changes another voucher."""
        return self.get("kind") in NOTES

    @property
    def is_named(self) -> bool:
        """Whether its customer must be named."""
        return self.get("kind") in NAMED

    @property
    def gross(self) -> bool:
        """Whether its prices hold the taxes."""
        return self.get("prices") != "net"

    @property
    def fields(self) -> dict[str, str]:
        """Every field by its name, for the page; at least one line, though it be blank."""
        found = {name: self.values.get(name, "") for name in SINGLE}
        for index, line in enumerate(self.lines or (FRESH_LINE,)):
            found.update({f"lines.{index}.{name}": line.get(name, "") for name in LINE})
        for index, row in enumerate(self.instalments):
            found.update({f"instalments.{index}.{name}": row.get(name, "") for name in INSTALMENT})
        return found


def read(typed: Mapping[str, Sequence[str]]) -> Sale:
    """What was typed: spaces and thousands' commas taken off, blank rows left out, rows beyond the most too."""
    single = {name: _tidy(name, typed[name]) for name in SINGLE if typed.get(name)}
    rows: dict[str, dict[int, dict[str, str]]] = {"lines": {}, "instalments": {}}
    for name, values in typed.items():
        found = _ROW.fullmatch(name)
        known = LINE if found and found[1] == "lines" else INSTALMENT
        if found and values and found[3] in known:
            rows[found[1]].setdefault(int(found[2]), {})[found[3]] = _tidy(found[3], values)
    lines = [row for _, row in sorted(rows["lines"].items()) if _says(row)]
    instalments = [row for _, row in sorted(rows["instalments"].items()) if any(row.values())]
    return Sale(
        values=single, lines=tuple(lines[:MOST_LINES]), instalments=tuple(instalments[:MOST_INSTALMENTS])
    )


def number(text: str) -> Decimal | None:
    """The number somebody wrote, None for what is none."""
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < 16 else None


def _says(row: Mapping[str, str]) -> bool:
    return any(text for name, text in row.items() if name not in _SAYS_NOTHING)


def _tidy(name: str, values: Sequence[str]) -> str:
    text = values[-1].strip()
    if name in _NUMBERS and _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    return text
