"""The discounts 02 and charges 49 of a whole voucher, which move its taxed value and the IGV with it.

They count on the value of the taxed lines as it stands before any of them. What each moves of the tax is its own
share rounded to céntimos; where nothing is left of the base nothing is left of the tax either. Lines that bear no IGV
or IVAP have no such discount in SUNAT's sums (3273 to 3275): a discount of theirs goes on the lines (00) or is one that
leaves the base alone (03). Source: validation workbook of 2026-02-12, rows 3277, 3278, 3279, 3291, 3293, 3295.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import ZERO, share, total
from sunat.taxes.amounts import Adjustment, AllowanceCharge, LineAmounts
from sunat.taxes.changes import base_of, check_money, factor_of, money
from sunat.taxes.tributes import IGV, IVAP

MOVES_BASE: Final = {"02": -1, "49": 1}
"""Codes of catalogue 53 of a whole voucher that change the tax base -> their sign."""


def taxed_by(lines: Iterable[LineAmounts]) -> tuple[str, Decimal]:
    """The one tribute and rate of the taxed lines (zero in the NRUS). Raises FormatError (reason adjustment_base)."""
    rates = {(line.taxes[0].tribute, line.taxes[0].rate) for line in lines if line.taxes[0].tribute in (IGV, IVAP)}
    if len(rates) != 1:
        raise FormatError("A discount or charge that moves the base needs taxed lines of one rate",
                          reason="adjustment_base")
    tribute, rate = rates.pop()
    return tribute, rate or ZERO


def base_moves(
    lines: Sequence[LineAmounts], adjustments: Iterable[Adjustment]
) -> tuple[tuple[AllowanceCharge, ...], Decimal, Decimal]:
    """The rows, and what they move together of value and of tax (negative: down).

    Raises FormatError with a reason: adjustment, adjustment_base, discount (more than the taxed lines are worth).
    """
    given = tuple(adjustments)
    if not given:
        return (), ZERO, ZERO
    tribute, rate = taxed_by(lines)
    mains = [line.taxes[0] for line in lines if line.taxes[0].tribute == tribute]
    worth = total(line.value for line in lines if line.taxes[0].tribute == tribute)
    base, tax = total(main.base for main in mains), total(main.amount for main in mains)
    rows: list[AllowanceCharge] = []
    moved = taxed = ZERO
    for adjustment in given:
        check_money(adjustment)
        counted = base_of(adjustment, worth)
        amount = money(adjustment, counted)
        sign = MOVES_BASE[adjustment.code]
        moved += sign * amount
        share_of = sign * share(amount, rate)
        taxed += share_of
        rows.append(AllowanceCharge(
            code=adjustment.code, is_charge=sign > 0, amount=amount, base=counted, tax=abs(share_of),
            factor=factor_of(adjustment.percent, counted, amount), position=adjustment.position,
        ))
    if worth + moved < 0:
        raise FormatError("The discount is larger than the taxed lines", reason="discount")
    rest = tax + taxed
    if rest and (rest < 0 or base + moved == 0):
        last = max(index for index, row in enumerate(rows) if not row.is_charge)
        rows[last] = replace(rows[last], tax=rows[last].tax + rest)
        taxed = -tax
    return tuple(rows), moved, taxed
