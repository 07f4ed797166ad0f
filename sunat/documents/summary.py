"""What a daily summary says (*resumen diario de boletas y notas*, SUNAT's RC)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from sunat.documents.communication import Communication
from sunat.money import ZERO

ADD = "1"
MODIFY = "2"
VOID = "3"
"""What a line does with its voucher: the conditions of catalogue 19."""

MOST_LINES = 500
"""Lines of one summary at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryTax:
    """The total of one tribute of a boleta or note."""

    tribute: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryValue:
    """The value of one sort of sale in it: ``code`` of catalogue 11 (01 taxed, 02 exempt, 03 unaffected ...)."""

    code: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPerception:
    """The perception of a boleta, in soles: regime (catalogue 22), percentage, base, amount, and the total with it."""

    system: str
    percent: Decimal
    base: Decimal
    amount: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryLine:
    """One boleta, or note of one, in its currency.

    ``number`` is series and number without padding. The customer's ``identity_code`` is empty where he is not told.
    ``target_type`` and ``target_number`` are those of the voucher that a note changes. ``charges`` are the charges that
    leave the base alone.
    """

    type_code: str
    number: str
    condition: str
    currency: str
    total: Decimal
    values: tuple[SummaryValue, ...]
    taxes: tuple[SummaryTax, ...]
    charges: Decimal = ZERO
    identity_code: str = ""
    identity_number: str = ""
    target_type: str = ""
    target_number: str = ""
    perception: SummaryPerception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Communication):
    """Boletas and their notes of one day, added, changed or voided; 1 to 500 lines."""

    TYPE_CODE: ClassVar[str] = "RC"

    lines: tuple[SummaryLine, ...]
