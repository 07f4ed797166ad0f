"""One line worked out, in the order in which a person would do it by hand.

1. Its value is quantity x unit value rounded to céntimos, less its discounts, plus its surcharges.
2. Its ISC, where it bears one, is worked out on that value (or on the quantity, or on the retail price).
3. Its IGV or IVAP is (value + ISC) x rate rounded to céntimos; a base above 0.06 bears one céntimo at least (3111).
4. With prices that include tax the line's price is rounded first and the value taken out of it; the IGV is what
   remains, so that the customer pays what the shelf says.
5. The tax on bags and other tributes come on top; nothing is reckoned on them.

A free line is worked out the same way on its reference value, and nobody pays it: it stands under tribute 9996, with
the IGV only shown where the goods are taxed. Sources: TUO of the IGV law (DS 055-99-EF) art. 14, 56 and 60; Ley 30884;
validation workbook of 2026-02-12, rows 3103, 3108, 3109, 3111, 3224, 3270, 3271, 3272.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import CENT, EXACT, ZERO, cents, share, total, unit_value
from sunat.taxes.amounts import LineAmounts, LineInput, PriceMode, Tax
from sunat.taxes.changes import Changed, apart, changed, check_adjustments, moved_apart
from sunat.taxes.excises import excise_tax, on_top, value_within, without_tax
from sunat.taxes.tributes import AFFECTATIONS, FREE, ON_TOP, Affectation

UNTAXED_AT_MOST: Final = Decimal("0.06")
"""Above this base SUNAT wants a tax that is not zero (3111)."""


def compute_line(line: LineInput, *, fold_allowance: bool = False) -> LineAmounts:
    """Works out one line.

    ``fold_allowance`` puts what changes the line's value or price into the unit value: credit and debit notes have no
    place for a line's discount, and SUNAT compares unit value x quantity with the line's value there (3271). Its
    charges 48 are left out: they are among those of the whole note (``charges_apart``).

    Raises FormatError with a ``reason``: quantity, unit_amount, affectation, not_free, adjustment (not one of a line,
    or both an amount and a percentage), discount (larger than the line), free_adjustment (one that leaves the base
    alone on a line that nobody pays), excise, bags, other.
    """
    row = _checked(line)
    free = line.free or row.always_free
    rate = line.rate if row.taxed else ZERO
    if free and line.price_mode is PriceMode.GROSS:
        line = without_tax(line, rate)
    gross = line.price_mode is PriceMode.GROSS
    if not (line.adjustments or line.excise or line.bags or line.other_amount or line.other_percent):
        return _plain(line, row, rate, gross=gross, free=free)
    changes = changed(line, value_within(line, rate) if gross else cents, rate)
    rows = apart(line, changes.start)
    if rows and free:
        raise FormatError("Nobody pays a free line, so nothing can be taken off it", reason="free_adjustment")
    if fold_allowance:
        rows = tuple(row for row in rows if not row.is_charge)

    value = changes.value
    excise = excise_tax(line.excise, line, value, rate) if line.excise else None
    if excise and gross and not rate:
        # No IGV takes up the céntimo that is left between price and ISC, so the value does.
        value = changes.paid - excise.amount
    base = value + excise.amount if excise else value
    igv = changes.paid - base if gross else share(base, rate)
    if min(igv, value) < 0:
        raise FormatError("The ISC is larger than the price that includes it", reason="excise")
    if rate and not igv and base > UNTAXED_AT_MOST:
        igv = CENT
        if gross:
            base, value = base - CENT, value - CENT

    taxes = [Tax(tribute=FREE if free else row.tribute, base=base, amount=igv, rate=rate, affectation=row.code)]
    if excise:
        taxes.append(excise)
    taxes += on_top(line, value)
    worked = LineAmounts(
        unit_value=ZERO, unit_price=ZERO, value=value, taxes=tuple(taxes), free=free,
        allowances=rows if fold_allowance else (*changes.rows, *rows),
    )
    one_value = _one_value(line, changes, value, rate, folds=fold_allowance)
    if free:
        return replace(worked, unit_price=one_value)
    worked = replace(worked, unit_value=one_value)
    if rows and fold_allowance:
        return _folded(worked, line.quantity)
    return _priced(worked, line, as_asked=gross and len(taxes) == (2 if excise else 1) and not line.adjustments)


def _plain(line: LineInput, row: Affectation, rate: Decimal, *, gross: bool, free: bool) -> LineAmounts:
    """A line with nothing but its IGV: nearly every one."""
    value = start = cents(EXACT.multiply(line.quantity, line.unit_amount))
    one_value = line.unit_amount
    if gross and rate:
        value = cents(EXACT.divide(start, 1 + rate / 100))
        one_value = unit_value(EXACT.divide(one_value, 1 + rate / 100))
    igv = start - value if gross else share(value, rate)
    if rate and not igv and value > UNTAXED_AT_MOST:
        igv = CENT
        if gross:
            value -= CENT
    tax = Tax(tribute=FREE if free else row.tribute, base=value, amount=igv, rate=rate, affectation=row.code)
    if free:
        return LineAmounts(unit_value=ZERO, unit_price=one_value, value=value, taxes=(tax,), free=True)
    one_price = line.unit_amount
    if not gross or _far(one_price, line.quantity, start):
        one_price = unit_value(EXACT.divide(value + igv, line.quantity))
    return LineAmounts(unit_value=one_value, unit_price=one_price, value=value, taxes=(tax,))


def unit_price(worked: LineAmounts, quantity: Decimal) -> Decimal:
    """What a unit costs the customer: value and taxes, less discounts and plus charges that leave the base alone."""
    return unit_value(EXACT.divide(worked.price + moved_apart(worked.allowances), quantity))


def reprice(worked: LineAmounts, quantity: Decimal, price: Decimal) -> LineAmounts:
    """A taxed or untaxed line at another price (with its IGV and ISC, without what comes on top); its ISC stays.

    Raises FormatError (reason discount) where the price does not even cover the ISC.
    """
    main = worked.taxes[0]
    rate = main.rate or ZERO
    base = cents(EXACT.divide(price, 1 + rate / 100))
    if rate and base == price and base > UNTAXED_AT_MOST:
        base -= CENT
    value = worked.value + base - main.base
    if value < 0:
        raise FormatError("The discount is larger than the line", reason="discount")
    return revalue(worked, quantity, value, price - base)


def revalue(worked: LineAmounts, quantity: Decimal, value: Decimal, igv: Decimal) -> LineAmounts:
    """The line with another value and IGV; unit value and unit price follow."""
    main = worked.taxes[0]
    moved = replace(
        worked, value=value, unit_value=unit_value(EXACT.divide(value, quantity)),
        taxes=(replace(main, base=main.base + value - worked.value, amount=igv), *worked.taxes[1:]),
    )
    return replace(moved, unit_price=unit_price(moved, quantity))


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
    if line.adjustments:
        check_adjustments(line.adjustments)
    return row


def _one_value(line: LineInput, changes: Changed, value: Decimal, rate: Decimal, *, folds: bool) -> Decimal:
    """The value of a unit, before the line's discounts and charges unless they are folded into it."""
    if folds and value != changes.before:
        return unit_value(EXACT.divide(value, line.quantity))
    if line.price_mode is PriceMode.NET:
        return line.unit_amount
    if line.excise:
        return unit_value(EXACT.divide(changes.before, line.quantity))
    return unit_value(EXACT.divide(line.unit_amount, 1 + rate / 100))


def _folded(worked: LineAmounts, quantity: Decimal) -> LineAmounts:
    """The line with its discounts 01 in its price, as a note must say them."""
    price = worked.charged + total(tax.amount for tax in worked.taxes if tax.tribute not in ON_TOP)
    price += moved_apart(worked.allowances)
    if price < 0:
        raise FormatError("The discount is larger than the line", reason="discount")
    return reprice(replace(worked, allowances=()), quantity, price)


def _priced(worked: LineAmounts, line: LineInput, *, as_asked: bool) -> LineAmounts:
    price = unit_price(worked, line.quantity)
    if price < 0:
        raise FormatError("The discount is larger than the line", reason="discount")
    if as_asked and not _far(line.unit_amount, line.quantity, worked.price):
        price = line.unit_amount
    return replace(worked, unit_price=price)


def _far(one: Decimal, quantity: Decimal, whole: Decimal) -> bool:
    """Whether SUNAT would find the unit price more than one unit off (3270): céntimos over a tiny quantity are."""
    return quantity < CENT and abs(EXACT.multiply(one, quantity) - whole) > quantity
