"""Discounts and charges of a line: 00 and 47 move its value, 01 and 48 only what is to be paid.

Percentages count on the line as it stands before any of them, or on the base given; they do not compound. With net
prices they count on values, with gross ones on prices: ten per cent off the shelf's price is ten per cent off both.
Source: catalogue 53; validation workbook of 2026-02-12, rows 3052, 3271, 3290.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import EXACT, ZERO, cents, share, total
from sunat.taxes.amounts import Adjustment, AllowanceCharge, LineInput, PriceMode
from sunat.taxes.excises import AD_VALOREM, five_places
from sunat.taxes.tributes import LINE_CHARGE, LINE_CHARGE_APART, LINE_DISCOUNT, LINE_DISCOUNT_APART

_SIGNS: Final = {LINE_DISCOUNT: -1, LINE_DISCOUNT_APART: -1, LINE_CHARGE: 1, LINE_CHARGE_APART: 1}
_APART: Final = frozenset({LINE_DISCOUNT_APART, LINE_CHARGE_APART})
_NEAR: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A line's value ``before`` and after its discounts and charges; ``start`` and ``paid`` are the same in the
    caller's own prices (values with net prices)."""

    start: Decimal
    paid: Decimal
    before: Decimal
    value: Decimal
    rows: tuple[AllowanceCharge, ...]


def check_adjustments(adjustments: Iterable[Adjustment]) -> None:
    """Raises FormatError (reason adjustment) for what is no discount or charge of a line."""
    for adjustment in adjustments:
        if adjustment.code not in _SIGNS:
            raise FormatError("A line's discount or charge is 00, 01, 47 or 48", reason="adjustment")
        check_money(adjustment)


def check_money(adjustment: Adjustment) -> None:
    """Raises FormatError (reason adjustment) unless it is either money or a percentage, and not negative."""
    if (adjustment.amount is None) is (adjustment.percent is None):
        raise FormatError("A discount or charge is in money or in percent, not both", reason="adjustment")
    if min(adjustment.amount or ZERO, adjustment.percent or ZERO, adjustment.base or ZERO) < 0:
        raise FormatError("Its code says whether it is a discount; amounts are positive", reason="adjustment")


def changed(line: LineInput, value_of: Callable[[Decimal], Decimal], rate: Decimal) -> Changed:
    """Applies what changes the base; ``value_of`` turns what the caller counts in into a value without tax."""
    start = reached = cents(EXACT.multiply(line.quantity, line.unit_amount))
    before = value = value_of(start)
    rows = []
    for adjustment in line.adjustments:
        if adjustment.code in _APART:
            continue
        reached += _SIGNS[adjustment.code] * money(adjustment, start)
        if reached < 0:
            raise FormatError("The discount is larger than the line", reason="discount")
        after = value_of(reached)
        if after != value:
            counted = base_of(adjustment, start)
            rows.append(_row(adjustment, abs(after - value), _shown_base(line, counted, value_of, rate)))
        value = after
    return Changed(start=start, paid=reached, before=before, value=value, rows=tuple(rows))


def charges_apart(line: LineInput) -> tuple[AllowanceCharge, ...]:
    """The charges 48 of a line, which a note says among those of the whole."""
    start = cents(EXACT.multiply(line.quantity, line.unit_amount))
    return tuple(row for row in _apart(line, start) if row.is_charge)


def apart(line: LineInput, start: Decimal) -> tuple[AllowanceCharge, ...]:
    """The discounts and charges that leave the base alone."""
    return tuple(_apart(line, start))


def moved_apart(rows: Iterable[AllowanceCharge]) -> Decimal:
    """What the discounts and charges that leave the base alone add to what is to be paid."""
    return total(row.amount if row.is_charge else -row.amount for row in rows if row.code in _APART)


def money(adjustment: Adjustment, whole: Decimal) -> Decimal:
    """A discount or charge in money; a percentage counts on ``whole`` unless it names a base."""
    if adjustment.amount is not None:
        return cents(adjustment.amount)
    return share(base_of(adjustment, whole), adjustment.percent or ZERO)


def base_of(adjustment: Adjustment, whole: Decimal) -> Decimal:
    """What a percentage counts on, to the céntimo: the base named, or ``whole``."""
    return whole if adjustment.base is None else cents(adjustment.base)


def factor_of(percent: Decimal | None, base: Decimal, amount: Decimal) -> Decimal | None:
    """The factor that SUNAT multiplies the base by (3290, 3307); None where five decimals cannot say the amount."""
    if percent is None:
        return None
    factor = five_places(percent / 100)
    return factor if abs(EXACT.multiply(base, factor) - amount) <= _NEAR else None


def _apart(line: LineInput, start: Decimal) -> Iterator[AllowanceCharge]:
    for adjustment in line.adjustments:
        if adjustment.code in _APART and (amount := money(adjustment, start)):
            yield _row(adjustment, amount, base_of(adjustment, start))


def _shown_base(line: LineInput, counted: Decimal, value_of: Callable[[Decimal], Decimal], rate: Decimal) -> Decimal:
    """The base beside an amount without tax: it holds a fixed ISC, which no discount of the price changes."""
    if line.price_mode is PriceMode.NET:
        return counted
    excise = line.excise
    if excise is None or (excise.system == AD_VALOREM and excise.base is None):
        return value_of(counted)
    return cents(EXACT.divide(counted, 1 + rate / 100))


def _row(adjustment: Adjustment, amount: Decimal, base: Decimal) -> AllowanceCharge:
    return AllowanceCharge(
        code=adjustment.code, is_charge=_SIGNS[adjustment.code] > 0, amount=amount, base=base,
        factor=factor_of(adjustment.percent, base, amount), position=adjustment.position,
    )
