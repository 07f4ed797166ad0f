"""One line worked out, in the order in which a person would do it by hand.

1. Its value is quantity x unit value rounded to céntimos, less its discounts, plus its surcharges.
2. Its ISC, where it bears one, is worked out on that value (or on the quantity, or on the retail price).
3. Its IGV or IVAP is (value + ISC) x rate rounded to céntimos.
4. With prices that include tax the line's price is rounded first and the value taken out of it; the IGV is what
   remains, so that the customer pays what the shelf says.
5. The tax on bags and other tributes come on top; nothing is reckoned on them.

A free line is worked out the same way on its reference value, and nobody pays it: it stands under tribute 9996, with
the IGV only shown where the goods are taxed. Sources: TUO of the IGV law (DS 055-99-EF) art. 14, 56 and 60; Ley 30884;
validation workbook of 2026-02-12, rows 3103, 3108, 3109, 3224, 3271, 3272.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import EXACT, ZERO, cents, share, total, unit_value
from sunat.taxes.amounts import Adjustment, AllowanceCharge, Excise, LineAmounts, LineInput, PriceMode, Tax
from sunat.taxes.tributes import (
    AFFECTATIONS,
    BAGS,
    FREE,
    ISC,
    LINE_CHARGE,
    LINE_CHARGE_APART,
    LINE_DISCOUNT,
    LINE_DISCOUNT_APART,
    OTHER,
    Affectation,
)

_SIGNS: Final = {LINE_DISCOUNT: -1, LINE_DISCOUNT_APART: -1, LINE_CHARGE: 1, LINE_CHARGE_APART: 1}
_APART: Final = frozenset({LINE_DISCOUNT_APART, LINE_CHARGE_APART})
_PERCENT_STEP: Final = Decimal("0.00001")
_FACTOR_STEP: Final = Decimal("0.001")
"""The factor that takes the IGV out of a suggested retail price has three decimals (art. 56 of the IGV law)."""


def compute_line(line: LineInput, *, fold_allowance: bool = False) -> LineAmounts:
    """Works out one line.

    ``fold_allowance`` puts what changes the line's value into the unit value: credit and debit notes have no place for
    a line's discount, and SUNAT compares unit value x quantity with the line's value there (3271).

    Raises FormatError with a ``reason``: quantity, unit_amount, affectation, not_free, adjustment (not one of a line,
    or both an amount and a percentage), discount (larger than the line), note_adjustment, excise, bags.
    """
    row = _checked(line)
    free = line.free or row.always_free
    rate = line.rate if row.taxed else ZERO
    gross = line.price_mode is PriceMode.GROSS
    value_of = _value_of(line, rate) if gross else cents

    start = cents(EXACT.multiply(line.quantity, line.unit_amount))
    before, value, allowances = _adjusted(line, start, value_of)
    apart = tuple(_apart(line, start))
    if apart and fold_allowance:
        raise FormatError("A note has no place for a discount that leaves the base alone", reason="note_adjustment")
    excise = _excise_tax(line.excise, line, value, rate)
    isc = excise.amount if excise else ZERO
    base = value + isc
    paid = start + total(_signed(line, start))
    igv = paid - base if gross and not free else share(base, rate)

    taxes = [Tax(tribute=FREE if free else row.tribute, base=base, amount=igv, rate=rate, affectation=row.code)]
    if excise:
        taxes.append(excise)
    taxes += _on_top(line, value)

    folds = fold_allowance and value != before
    if folds or (gross and excise):
        one_value = unit_value(EXACT.divide(value if folds else before, line.quantity))
    elif gross:
        one_value = unit_value(EXACT.divide(line.unit_amount, 1 + rate / 100))
    else:
        one_value = line.unit_amount
    worked = LineAmounts(
        unit_value=ZERO if free else one_value, unit_price=one_value, value=value, taxes=tuple(taxes),
        allowances=apart if fold_allowance else (*allowances, *apart), free=free,
    )
    return worked if free else _priced(worked, line, as_asked=gross and len(taxes) == (2 if excise else 1))


def unit_price(worked: LineAmounts, quantity: Decimal) -> Decimal:
    """What a unit costs the customer: value and taxes, less discounts and plus charges that leave the base alone."""
    moved = total(row.amount if row.is_charge else -row.amount for row in worked.allowances if row.code in _APART)
    return unit_value(EXACT.divide(worked.price + moved, quantity))


def _priced(worked: LineAmounts, line: LineInput, *, as_asked: bool) -> LineAmounts:
    exact = as_asked and not worked.allowances and not line.adjustments
    price = line.unit_amount if exact else unit_price(worked, line.quantity)
    return LineAmounts(
        unit_value=worked.unit_value, unit_price=price, value=worked.value, taxes=worked.taxes,
        allowances=worked.allowances,
    )


def _checked(line: LineInput) -> Affectation:
    if line.quantity <= 0:
        raise FormatError("The quantity must be greater than zero", reason="quantity")
    if line.unit_amount < 0:
        raise FormatError("The unit price cannot be negative", reason="unit_amount")
    row = AFFECTATIONS.get(line.affectation)
    if row is None:
        raise FormatError(f"Catalogue 07 has no affectation {line.affectation!r}", reason="affectation")
    if line.free and not row.free:
        raise FormatError(f"Affectation {line.affectation} is never free", reason="not_free")
    for adjustment in line.adjustments:
        if adjustment.code not in _SIGNS or (adjustment.amount is None) is (adjustment.percent is None):
            raise FormatError("A line's discount or charge is 00, 01, 47 or 48, in money or in percent",
                              reason="adjustment")
        if min(adjustment.amount or ZERO, adjustment.percent or ZERO, adjustment.base or ZERO) < 0:
            raise FormatError("Its code says whether it is a discount; amounts are positive", reason="adjustment")
    return row


# Discounts and charges.

def _money(adjustment: Adjustment, whole: Decimal) -> Decimal:
    if adjustment.amount is not None:
        return cents(adjustment.amount)
    return share(whole if adjustment.base is None else adjustment.base, adjustment.percent or ZERO)


def _signed(line: LineInput, start: Decimal) -> Iterator[Decimal]:
    """What each discount (negative) or charge that changes the base moves, in values or prices as the line counts."""
    for adjustment in line.adjustments:
        if adjustment.code not in _APART:
            yield _SIGNS[adjustment.code] * _money(adjustment, start)


def _adjusted(
    line: LineInput, start: Decimal, value_of: Callable[[Decimal], Decimal]
) -> tuple[Decimal, Decimal, tuple[AllowanceCharge, ...]]:
    """The value before and after the discounts and charges that change the base, and these as money without tax."""
    before = value = value_of(start)
    reached = start
    rows = []
    changing = [adjustment for adjustment in line.adjustments if adjustment.code not in _APART]
    for adjustment, moved in zip(changing, _signed(line, start), strict=True):
        reached += moved
        if reached < 0:
            raise FormatError("The discount is larger than the line", reason="discount")
        after = value_of(reached)
        if after != value:
            base = before if adjustment.base is None else value_of(adjustment.base)
            rows.append(_row(adjustment, abs(after - value), base))
        value = after
    return before, value, tuple(rows)


def _apart(line: LineInput, start: Decimal) -> Iterator[AllowanceCharge]:
    for adjustment in line.adjustments:
        if adjustment.code in _APART and (amount := _money(adjustment, start)):
            yield _row(adjustment, amount, start if adjustment.base is None else adjustment.base)


def _row(adjustment: Adjustment, amount: Decimal, base: Decimal) -> AllowanceCharge:
    factor = None if adjustment.percent is None else adjustment.percent / 100
    return AllowanceCharge(
        code=adjustment.code, is_charge=_SIGNS[adjustment.code] > 0, amount=amount, base=base, factor=factor,
    )


# Taxes.

def _value_of(line: LineInput, rate: Decimal) -> Callable[[Decimal], Decimal]:
    """Takes IGV and ISC out of a price."""
    igv = 1 + rate / 100
    excise = line.excise
    if excise is None:
        return lambda price: cents(EXACT.divide(price, igv)) if rate else price
    if excise.system == "01" and excise.base is None:
        isc = 1 + (excise.percent or ZERO) / 100
        return lambda price: cents(EXACT.divide(price, EXACT.multiply(igv, isc)))
    fixed = _excise_tax(excise, line, ZERO, rate)
    amount = fixed.amount if fixed else ZERO

    def value(price: Decimal) -> Decimal:
        found = cents(EXACT.divide(price, igv)) - amount
        if found < 0:
            raise FormatError("The ISC is larger than the price that includes it", reason="excise")
        return found

    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class _ExciseBase:
    base: Decimal
    amount: Decimal


def _excise_tax(excise: Excise | None, line: LineInput, value: Decimal, rate: Decimal) -> Tax | None:
    if excise is None:
        return None
    if excise.system == "02":
        if excise.unit_tax is None or excise.unit_tax <= 0:
            raise FormatError("The ISC by fixed amount needs the money for each unit", reason="excise")
        found = _ExciseBase(base=value if excise.base is None else excise.base,
                            amount=cents(EXACT.multiply(line.quantity, excise.unit_tax)))
    else:
        if excise.percent is None or excise.percent <= 0:
            raise FormatError("This ISC needs its percentage", reason="excise")
        base = _excise_base(excise, line, value, rate)
        found = _ExciseBase(base=base, amount=share(base, excise.percent))
    percent = excise.percent
    if percent is None:
        percent = EXACT.divide(found.amount * 100, found.base).quantize(_PERCENT_STEP) if found.base else ZERO
    return Tax(tribute=ISC, base=found.base, amount=found.amount, rate=percent, system=excise.system)


def _excise_base(excise: Excise, line: LineInput, value: Decimal, rate: Decimal) -> Decimal:
    if excise.base is not None:
        return excise.base
    if excise.system == "01":
        return value
    if excise.system == "03" and excise.retail_price is not None and excise.retail_price > 0:
        factor = EXACT.divide(Decimal(1), 1 + rate / 100).quantize(_FACTOR_STEP)
        return cents(EXACT.multiply(EXACT.multiply(excise.retail_price, line.quantity), factor))
    raise FormatError("The ISC is by system 01, 02 or 03, the last with its retail price", reason="excise")


def _on_top(line: LineInput, value: Decimal) -> Iterator[Tax]:
    if line.bags:
        if line.bags < 0 or line.bags != line.quantity:
            raise FormatError("The bags are as many as the units of their line", reason="bags")
        yield Tax(tribute=BAGS, base=ZERO, amount=cents(line.bags * line.bag_tax), units=line.bags,
                  unit_tax=line.bag_tax)
    if line.other_amount or line.other_percent:
        amount = cents(line.other_amount) if line.other_amount else share(value, line.other_percent)
        percent = line.other_percent
        if not percent and value:
            percent = EXACT.divide(amount * 100, value).quantize(_PERCENT_STEP)
        yield Tax(tribute=OTHER, base=value, amount=amount, rate=percent)
