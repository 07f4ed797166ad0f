"""Exact amounts: Decimal everywhere, SUNAT's half-up rounding, no binary floating point.

Amounts of a voucher are n(12,2), unit values and quantities n(12,10), rates n(3,5) (programmer's manual and the
validation workbook of 2026-02-12). Céntimos are the hundredth part of the voucher's currency, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import reduce

from sunat.errors import FormatError

ZERO = Decimal(0)
CENT = Decimal("0.01")
UNIT = Decimal("0.0000000001")
"""Smallest step of a unit value or a quantity: ten decimals."""

MAX_AMOUNT = Decimal("999999999999.99")

EXACT = Context(prec=50)
"""The context of all arithmetic with amounts: precise enough that nothing is rounded but where the law says so."""


def decimal(value: str | int | Decimal) -> Decimal:
    """The exact decimal that a caller wrote, as text, integer or Decimal.

    >>> decimal("1180.50")
    Decimal('1180.50')

    Raises FormatError for anything that is not a finite plain number.
    """
    try:
        number = Decimal(value.strip() if isinstance(value, str) else value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise FormatError(f"{value!r} is not a number") from error
    if not number.is_finite():
        raise FormatError(f"{value!r} is not a finite number")
    return number


def cents(value: Decimal) -> Decimal:
    """Rounds an amount half up to céntimos, as SUNAT does.

    >>> cents(Decimal("1.005"))
    Decimal('1.01')
    """
    return _quantize(value, CENT)


def unit_value(value: Decimal) -> Decimal:
    """Rounds a unit value half up to ten decimals."""
    return _quantize(value, UNIT)


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum, zero for none."""
    return reduce(EXACT.add, values, ZERO)


def share(amount: Decimal, rate: Decimal) -> Decimal:
    """``rate`` percent of an amount, rounded to céntimos.

    >>> share(Decimal("8.47"), Decimal(18))
    Decimal('1.52')
    """
    return cents(EXACT.divide(EXACT.multiply(amount, rate), 100))


def to_cents(amount: Decimal) -> int:
    """The amount as a whole number of céntimos, for storage."""
    return int(cents(amount).scaleb(2))


def from_cents(number: int) -> Decimal:
    """The amount that a whole number of céntimos stands for."""
    return Decimal(number).scaleb(-2)


def plain(value: Decimal, decimals: int = 2) -> str:
    """The amount as XML text: at least ``decimals`` places, no exponent, no superfluous zeros beyond them.

    >>> plain(Decimal("1E+3")), plain(Decimal("8.4745762712")), plain(Decimal("2.50000")), plain(Decimal("10.000"), 0)
    ('1000.00', '8.4745762712', '2.50', '10')
    """
    text = str(value)
    if decimals == 2 and text[-3:-2] == ".":  # nearly every amount: two decimals already
        return text
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -decimals:
        return f"{value:.{decimals}f}"
    text = f"{value:f}".rstrip("0")
    missing = decimals - len(text.partition(".")[2])
    return text + "0" * missing if missing > 0 else text.removesuffix(".")


def _quantize(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, ROUND_HALF_UP, EXACT)
