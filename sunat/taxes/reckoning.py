"""A whole sale worked out in the one right order: lines, céntimos balanced, notes folded, totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sunat.money import ZERO
from sunat.taxes.amounts import Adjustment, AdvanceInput, LineAmounts, LineInput, PriceMode, Totals
from sunat.taxes.balancing import balance
from sunat.taxes.changes import charges_apart
from sunat.taxes.folding import fold_adjustments
from sunat.taxes.lines import compute_line
from sunat.taxes.tributes import LINE_DISCOUNT_APART
from sunat.taxes.whole import compute_totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """What was asked and what came of it.

    ``rounded`` are the lines as each was rounded by itself, ``lines`` what the voucher says: balanced, and folded on a
    ``note``. ``adjustments``, ``advances`` and ``rounding`` are those of the whole voucher as they were asked for.
    """

    inputs: tuple[LineInput, ...]
    rounded: tuple[LineAmounts, ...]
    lines: tuple[LineAmounts, ...]
    totals: Totals
    adjustments: tuple[Adjustment, ...] = ()
    advances: tuple[AdvanceInput, ...] = ()
    rounding: Decimal = ZERO
    note: bool = False

    @property
    def quantities(self) -> tuple[Decimal, ...]:
        """The quantity of each line."""
        return tuple(line.quantity for line in self.inputs)


def reckon(
    inputs: Iterable[LineInput], *, adjustments: Sequence[Adjustment] = (), advances: Sequence[AdvanceInput] = (),
    rounding: Decimal = ZERO, note: bool = False, rounded: Sequence[LineAmounts] | None = None,
) -> Reckoning:
    """Works a sale out; all lines have one price mode.

    ``rounded`` spares the lines that ``compute_line`` (with ``fold_allowance`` on a note) has worked out already.
    Raises FormatError with the reasons of ``compute_line``, ``fold_adjustments`` and ``compute_totals``.
    """
    asked = tuple(inputs)
    alone = tuple(compute_line(line, fold_allowance=note) for line in asked) if rounded is None else tuple(rounded)
    mode = asked[0].price_mode if asked else PriceMode.NET
    quantities = [line.quantity for line in asked]
    lines = balance(alone, quantities, mode, adjustments=adjustments, advances=advances)
    carried = tuple(adjustments)
    if note:
        carried = (*_as_on_the_sale(asked, carried), *_charges_of_lines(asked, len(carried)))
    if note and carried:
        folded = fold_adjustments(lines, quantities, carried)
        # A discount off the prices is rounded line by line again, and the price must stay what it then is.
        lines, carried = balance(folded.lines, quantities, PriceMode.GROSS), folded.adjustments
    return Reckoning(
        inputs=asked, rounded=alone, lines=lines, adjustments=tuple(adjustments), advances=tuple(advances),
        totals=compute_totals(lines, adjustments=carried, advances=advances, rounding=rounding), rounding=rounding,
        note=note,
    )


def _charges_of_lines(asked: Sequence[LineInput], position: int) -> tuple[Adjustment, ...]:
    """The charges 48 of a sale's lines as a note has place for them: one of the whole each, behind its own."""
    return tuple(
        Adjustment(code="50", amount=row.amount, base=row.base, position=position)
        for line in asked if line.adjustments for row in charges_apart(line)
    )


def _as_on_the_sale(asked: Sequence[LineInput], adjustments: tuple[Adjustment, ...]) -> tuple[Adjustment, ...]:
    """What a note's percentages count on: the sale they take back, whose lines still had their discounts 01 apart."""
    apart = any(change.code == LINE_DISCOUNT_APART for line in asked for change in line.adjustments)
    if not apart or all(row.percent is None or row.base is not None for row in adjustments):
        return adjustments
    sold = balance(
        [compute_line(line) for line in asked], [line.quantity for line in asked], asked[0].price_mode,
        adjustments=adjustments,
    )
    rows = compute_totals(sold, adjustments=adjustments).allowances
    return tuple(
        row if row.percent is None else replace(row, base=row.base if row.base is not None else on_sale.base)
        for row, on_sale in zip(adjustments, rows, strict=True)
    )
