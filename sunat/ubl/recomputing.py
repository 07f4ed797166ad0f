"""The amounts of a voucher worked out again from its own lines, and every céntimo that differs named with its cause.

Each line is worked out by the method of ``taxes``, first from its unit value and then from its price with taxes: the
one that fits is how its system counted. What that method does not cover yet (free transfers, ISC, ICBPER, discounts of
the whole voucher ...) is said to be beyond it, never called wrong. SUNAT lets a sum differ by one unit of the
currency (3271, 3103, 3294 and their like), so a difference is a finding about the other system, not about validity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from sunat.errors import FormatError
from sunat.money import share, total
from sunat.taxes import AFFECTATIONS, IGV, TOLERANCE, Adjustment, LineInput, PriceMode, compute_line, rates_in_force
from sunat.ubl.reading import ReadLine, VoucherFacts

_COVERED: Final = frozenset({"10", "20", "30", "40"})
_ROUNDING: Final = Decimal("0.05")

Cause = Literal["rounding", "tolerated", "wrong", "rate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An amount that the lines do not give.

    ``field`` is value, tax_total, payable, or ``lines.<index>.value``, ``.tax`` and ``.rate`` (a percentage).
    ``cause`` says how far it is off: a few céntimos of rounding, within SUNAT's tolerance, wrong; or a rate that was
    not in force on the issue date.
    """

    field: str
    expected: Decimal
    given: Decimal
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """``differences`` in document order; ``beyond`` are words for what could not be worked out, each once:
    quantity, affectation, tribute, line_discount, and the voucher's own adjustments."""

    differences: tuple[Difference, ...]
    beyond: tuple[str, ...]


def recompute(facts: VoucherFacts) -> Recomputation:
    """Works a voucher out again."""
    beyond: list[str] = list(facts.adjustments)
    differences: list[Difference] = []
    rates = {rate.percent for rate in rates_in_force(IGV, facts.issue_date)}
    for index, line in enumerate(facts.lines):
        found = _beyond(line)
        if found:
            beyond.append(found)
            continue
        differences += _line(line, f"lines.{index}")
        if AFFECTATIONS[line.affectation].taxed and rates and line.rate not in rates:
            differences.append(Difference(
                field=f"lines.{index}.rate", expected=max(rates), given=line.rate, cause="rate",
            ))
    if not beyond:
        differences += _sums(facts)
    return Recomputation(differences=tuple(differences), beyond=tuple(dict.fromkeys(beyond)))


def _beyond(line: ReadLine) -> str:
    if line.quantity <= 0:
        return "quantity"
    if line.affectation not in _COVERED:
        return "affectation"
    if set(line.tributes) - {AFFECTATIONS[line.affectation].tribute}:
        return "tribute"
    return "line_discount" if line.apart or (line.discount and line.charge) else ""


def _line(line: ReadLine, field: str) -> Iterator[Difference]:
    modes = [(PriceMode.NET, line.unit_value, line.charge - line.discount)]
    if line.unit_price is not None and line.rate >= 0 and not line.charge and not line.discount:
        modes.append((PriceMode.GROSS, line.unit_price, line.charge))
    for mode, unit_amount, modifier in modes:
        worked = _worked(line, mode, unit_amount, modifier)
        if worked == (line.value, line.tax_total):
            return
    value = _worked(line, *modes[0])
    tax = share(line.value, line.rate) if AFFECTATIONS[line.affectation].taxed else Decimal(0)
    if value is not None:
        yield from _compared(f"{field}.value", value[0], line.value)
    yield from _compared(f"{field}.tax", tax, line.tax_total)


def _worked(
    line: ReadLine, mode: PriceMode, unit_amount: Decimal, modifier: Decimal
) -> tuple[Decimal, Decimal] | None:
    try:
        amounts = compute_line(LineInput(
            quantity=line.quantity, unit_amount=unit_amount, affectation=line.affectation, rate=line.rate,
            price_mode=mode, adjustments=_adjustment(modifier),
        ))
    except FormatError:
        return None
    return amounts.value, amounts.tax_total


def _adjustment(modifier: Decimal) -> tuple[Adjustment, ...]:
    return (Adjustment(code="47" if modifier > 0 else "00", amount=abs(modifier)),) if modifier else ()


def _sums(facts: VoucherFacts) -> Iterator[Difference]:
    value = total(line.value for line in facts.lines)
    taxes = total(line.tax_total for line in facts.lines)
    yield from _compared("value", value, facts.value)
    yield from _compared("tax_total", taxes, facts.tax_total)
    yield from _compared("payable", value + taxes, facts.payable)


def _compared(field: str, expected: Decimal, given: Decimal) -> Iterator[Difference]:
    off = abs(expected - given)
    if off:
        cause: Cause = "rounding" if off <= _ROUNDING else "tolerated" if off <= TOLERANCE else "wrong"
        yield Difference(field=field, expected=expected, given=given, cause=cause)
