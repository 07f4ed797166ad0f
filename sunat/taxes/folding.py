"""What a note does with the discounts and charges of a whole voucher: they go into its lines.

SUNAT's sums of a note know neither discounts of lines nor of the whole (3271, 3277, 3280 of sheets 07 and 08), yet a
credit note takes back an invoice that had them, and may not be above it (3286). So a discount 02 or charge 49 is spread
over the values of the taxed lines and its tax over their tax, a discount 03 over the prices of all lines, to the
céntimo: the note's totals are those of the invoice. Charges 45, 46 and 50 stay: a note has their sum. What a discount
03 takes beyond the prices of all lines it takes from them, the last first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import CENT, EXACT, ZERO, total
from sunat.taxes.amounts import Adjustment, LineAmounts
from sunat.taxes.changes import check_money, money
from sunat.taxes.lines import UNTAXED_AT_MOST, reprice, revalue
from sunat.taxes.moves import MOVES_BASE, base_moves, taxed_by
from sunat.taxes.tributes import ON_TOP
from sunat.taxes.whole import SERVICE

_PRICE_DISCOUNT: Final = "03"
_CARRIED: Final = frozenset({"45", SERVICE, "50"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The lines with what was folded into them, and the ``adjustments`` that a note still carries, on the base that
    they would have without the folding."""

    lines: tuple[LineAmounts, ...]
    adjustments: tuple[Adjustment, ...]


def fold_adjustments(
    lines: Sequence[LineAmounts], quantities: Sequence[Decimal], adjustments: Sequence[Adjustment]
) -> Folded:
    """Spreads the discounts 02 and 03 and the charges 49 of a note over its lines.

    Raises FormatError with a reason: note_adjustment (a note cannot carry it), and those of ``compute_totals``.
    """
    for adjustment in adjustments:
        if adjustment.code not in _CARRIED and adjustment.code not in (*MOVES_BASE, _PRICE_DISCOUNT):
            raise FormatError(f"A note has no place for {adjustment.code} of catalogue 53", reason="note_adjustment")
        check_money(adjustment)
    worked = tuple(lines)
    moving = [row for row in adjustments if row.code in MOVES_BASE]
    if moving:
        worked = _moved(worked, quantities, moving)
    price, value = total(line.price for line in worked), total(line.charged for line in worked)
    carried = tuple(
        replace(row, base=row.base if row.base is not None else value if row.code == SERVICE else price)
        for row in adjustments if row.code in _CARRIED
    )
    off = [row for row in adjustments if row.code == _PRICE_DISCOUNT]
    if off:
        discount = total(money(row, price) for row in off)
        prices = total(_price(line) for line in worked)
        worked = _discounted(worked, quantities, min(discount, prices))
        carried = _less(carried, max(discount - prices, ZERO))
    return Folded(lines=worked, adjustments=carried)


def apportion(amount: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """An amount in céntimos shared by weights: rounded down, and the céntimos left go to the largest remainders.

    >>> apportion(Decimal("1.00"), [Decimal(1), Decimal(1), Decimal(1)])
    (Decimal('0.34'), Decimal('0.33'), Decimal('0.33'))
    """
    whole, cents = total(weights), int(amount.scaleb(2))
    exact = [EXACT.divide(EXACT.multiply(Decimal(cents), weight), whole) for weight in weights]
    shares = [int(each) for each in exact]
    order = sorted(range(len(shares)), key=lambda index: (shares[index] - exact[index], index))
    for index in order[: cents - sum(shares)]:
        shares[index] += 1
    return tuple(each * CENT for each in shares)


def _price(line: LineAmounts) -> Decimal:
    """What a line costs without what comes on top: as much as a discount 03 may take of it."""
    if line.free or not line.value:
        return ZERO
    return line.value + total(tax.amount for tax in line.taxes if tax.tribute not in ON_TOP)


def _less(charges: tuple[Adjustment, ...], off: Decimal) -> tuple[Adjustment, ...]:
    """The charges without an amount, taken from the last of them first; those that are gone are left out."""
    kept: list[Adjustment] = []
    for row in reversed(charges):
        amount = money(row, row.base or ZERO)
        taken = min(amount, off)
        off -= taken
        if not taken:
            kept.append(row)
        elif amount > taken:
            kept.append(replace(row, amount=amount - taken, percent=None))
    if off:
        raise FormatError("The discount is larger than the lines of the note", reason="discount")
    return tuple(reversed(kept))


def _moved(
    lines: tuple[LineAmounts, ...], quantities: Sequence[Decimal], adjustments: Sequence[Adjustment]
) -> tuple[LineAmounts, ...]:
    tribute, _ = taxed_by(lines)
    _, moved, taxed = base_moves(lines, adjustments)
    rows = [index for index, line in enumerate(lines) if line.taxes[0].tribute == tribute and line.value]
    worth = [lines[index].value for index in rows]
    values = apportion(total(worth) + moved, worth)
    bases = [lines[index].taxes[0].base + value - lines[index].value
             for index, value in zip(rows, values, strict=True)]
    tax = total(lines[index].taxes[0].amount for index in rows) + taxed
    shares = _taxes(tax, bases)
    result = list(lines)
    for index, value, igv in zip(rows, values, shares, strict=True):
        result[index] = revalue(lines[index], quantities[index], value, igv)
    return tuple(result)


def _taxes(tax: Decimal, bases: Sequence[Decimal]) -> Sequence[Decimal]:
    """The tax by bases; one above 0.06 has a céntimo of the largest where it would have none (3111)."""
    if not total(bases):
        return [ZERO] * len(bases)
    shares = list(apportion(tax, bases))
    for index, base in enumerate(bases):
        most = max(range(len(shares)), key=lambda each: (shares[each], -each))
        if tax and base > UNTAXED_AT_MOST and not shares[index] and shares[most] > CENT:
            shares[index], shares[most] = CENT, shares[most] - CENT
    return shares


def _discounted(
    lines: tuple[LineAmounts, ...], quantities: Sequence[Decimal], discount: Decimal
) -> tuple[LineAmounts, ...]:
    rows = [index for index, line in enumerate(lines) if not line.free and line.value]
    prices = [_price(lines[index]) for index in rows]
    result = list(lines)
    for index, price in zip(rows, apportion(total(prices) - discount, prices), strict=True):
        result[index] = reprice(lines[index], quantities[index], price)
    return tuple(result)
