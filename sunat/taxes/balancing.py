"""Céntimos moved between lines, and only where SUNAT's tolerance makes it necessary.

Hundreds of small lines that round the same way can drift more than SUNAT tolerates from the rate of their summed base
(3291, 3295, 3279). Then, and only then, céntimos move on the lines that gained most by rounding. Discounts of the whole
voucher and the tax of its advances round too; what they may add is kept free within the tolerance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat.money import CENT, EXACT, total
from sunat.taxes.amounts import Adjustment, AdvanceInput, LineAmounts, PriceMode
from sunat.taxes.lines import UNTAXED_AT_MOST, unit_price
from sunat.taxes.moves import MOVES_BASE
from sunat.taxes.tributes import IGV, IVAP
from sunat.taxes.whole import TOLERANCE

_HALF: Final = Decimal("0.005")
_TOO_FEW: Final = 40
"""Lines of one tax each that cannot drift by a unit: rounding moves none by more than two céntimos."""


def balance(
    lines: Sequence[LineAmounts], quantities: Sequence[Decimal], mode: PriceMode, *,
    adjustments: Sequence[Adjustment] = (), advances: Sequence[AdvanceInput] = (),
) -> tuple[LineAmounts, ...]:
    """The lines with their IGV within SUNAT's tolerance of the rate of their summed base; as they are if it already is.

    A line that gives or takes a céntimo changes its IGV alone with net prices; with gross ones its value moves the
    other way, so that the customer still pays what the shelf says. ``adjustments`` and ``advances`` are those of the
    whole voucher.
    """
    if len(lines) <= _TOO_FEW and not adjustments and not advances and all(len(line.taxes) == 1 for line in lines):
        return tuple(lines)
    result: list[LineAmounts] | None = None
    for rate, rows in _taxed(lines).items():
        bearable = TOLERANCE - min(_outside(adjustments, advances, rate), TOLERANCE)
        drift = _drift([lines[index] for index in rows], rate)
        if abs(drift) <= bearable:
            continue
        result = result or list(lines)
        step = CENT if drift > 0 else -CENT
        moved = abs(step) * (1 if mode is PriceMode.NET else 1 + rate / 100)
        gained = {index: _excess(lines[index], rate) * step for index in rows if _may_move(lines[index], step)}
        for index in sorted(gained, key=lambda index: (-gained[index], index))[: int(abs(drift) / moved)]:
            result[index] = _moved(lines[index], quantities[index], step, mode)
    return tuple(lines if result is None else result)


def _outside(adjustments: Iterable[Adjustment], advances: Iterable[AdvanceInput], rate: Decimal) -> Decimal:
    """The most that discounts, charges and advances can be off the rate of their base."""
    return total((
        *(_HALF for row in adjustments if row.code in MOVES_BASE),
        *(abs(each.total - each.base - each.isc - (each.base + each.isc) * rate / 100)
          for each in advances if each.affectation == "taxed"),
    ))


def _taxed(lines: Sequence[LineAmounts]) -> dict[Decimal, list[int]]:
    """The positions of the lines that bear IGV or IVAP, by their rate; the two never stand together (2644)."""
    by_rate: dict[Decimal, list[int]] = {}
    for index, line in enumerate(lines):
        tax = line.taxes[0]
        if tax.rate and tax.tribute in (IGV, IVAP):
            by_rate.setdefault(tax.rate, []).append(index)
    return by_rate


def _may_move(line: LineAmounts, step: Decimal) -> bool:
    """Whether a line may give the céntimo: never below zero, nor down to zero over a base that must bear one (3111)."""
    left = line.taxes[0].amount - step
    return left > 0 or (left == 0 and line.taxes[0].base + CENT <= UNTAXED_AT_MOST)


def _excess(line: LineAmounts, rate: Decimal) -> Decimal:
    """What a line's IGV has gained (or lost) by rounding."""
    return line.taxes[0].amount - line.taxes[0].base * rate / 100


def _drift(lines: Sequence[LineAmounts], rate: Decimal) -> Decimal:
    """What all of them have gained together, against the exact rate of their summed base."""
    base = total(line.taxes[0].base for line in lines)
    return EXACT.subtract(total(line.taxes[0].amount for line in lines), EXACT.multiply(base, rate) / 100)


def _moved(line: LineAmounts, quantity: Decimal, step: Decimal, mode: PriceMode) -> LineAmounts:
    """The line with ``step`` less IGV."""
    tax = replace(line.taxes[0], amount=line.taxes[0].amount - step)
    others = line.taxes[1:]
    if mode is PriceMode.GROSS:
        return replace(line, value=line.value + step, taxes=(replace(tax, base=tax.base + step), *others))
    moved = replace(line, taxes=(tax, *others))
    return replace(moved, unit_price=unit_price(moved, quantity))
