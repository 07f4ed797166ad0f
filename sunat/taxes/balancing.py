"""Céntimos moved between lines, and only where SUNAT's tolerance makes it necessary.

Hundreds of small lines that round the same way can drift more than SUNAT tolerates from the rate of their summed base
(3291, 3279). Then, and only then, céntimos move on the lines that gained most by rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat.money import CENT, EXACT, total
from sunat.taxes.amounts import LineAmounts, PriceMode
from sunat.taxes.lines import unit_price
from sunat.taxes.tributes import IGV

TOLERANCE: Final = Decimal(1)
"""What SUNAT's validator allows a sum to differ, in units of the currency."""


def balance(lines: Sequence[LineAmounts], quantities: Sequence[Decimal], mode: PriceMode) -> tuple[LineAmounts, ...]:
    """The lines with their IGV within SUNAT's tolerance of the rate of their summed base; as they are if it already is.

    A line that gives or takes a céntimo changes its IGV alone with net prices; with gross ones its value moves the
    other way, so that the customer still pays what the shelf says.
    """
    result = list(lines)
    for rate, rows in _taxed(lines).items():
        drift = _drift([lines[index] for index in rows], rate)
        if abs(drift) <= TOLERANCE:
            continue
        step = CENT if drift > 0 else -CENT
        moved = abs(step) * (1 if mode is PriceMode.NET else 1 + rate / 100)
        gained = {index: _excess(lines[index], rate) * step for index in rows}
        for index in sorted(rows, key=lambda index: (-gained[index], index))[: int(abs(drift) / moved)]:
            result[index] = _moved(lines[index], quantities[index], step, mode)
    return tuple(result)


def _taxed(lines: Sequence[LineAmounts]) -> dict[Decimal, list[int]]:
    """The positions of the lines that bear IGV, by their rate."""
    by_rate: dict[Decimal, list[int]] = {}
    for index, line in enumerate(lines):
        tax = line.taxes[0]
        if tax.tribute == IGV and tax.rate:
            by_rate.setdefault(tax.rate, []).append(index)
    return by_rate


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
