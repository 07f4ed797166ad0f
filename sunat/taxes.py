"""Dated rates, and the amounts of a sale by one canonical method in exact decimals.

The method, in the order in which a person would do it by hand:

1. A line's value is quantity x unit value rounded to céntimos, less its discount, plus its surcharge.
2. Its IGV is value x rate rounded to céntimos. With prices that include tax the line's price is rounded first, the
   value is that price / (1 + rate) rounded, and the IGV is what remains: the customer pays what the shelf says.
3. Every total is the plain sum of its lines. Nothing is ever rounded twice.
4. Hundreds of small lines that round the same way can drift more than SUNAT tolerates from the rate of their summed
   base (3291, 3279). Then, and only then, ``balance`` moves céntimos on the lines that gained most by rounding.

SUNAT's validator allows one unit of currency on most sums (rules 3103, 3271, 3278, 3279, 3291, 3294); that tolerance
is never used to hide a céntimo of ours. Amounts are in the voucher's currency.
Sources: TUO of the IGV law (DS 055-99-EF) art. 17, Ley 32387 (IGV/IPM split from 2026), catalogues 05, 07 and 53.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final

from sunat.errors import FormatError
from sunat.money import CENT, EXACT, ZERO, cents, share, total, unit_value

IGV: Final = "1000"
EXPORT: Final = "9995"
EXEMPT: Final = "9997"
UNAFFECTED: Final = "9998"

TOLERANCE: Final = Decimal(1)
"""What SUNAT's validator allows a sum to differ, in units of the currency."""

LINE_DISCOUNT: Final = "00"
"""Catalogue 53: a line's discount that lowers the tax base."""
LINE_CHARGE: Final = "47"
"""Catalogue 53: a line's surcharge that raises the tax base."""


class PriceMode(Enum):
    """What a unit price means: ``NET`` is without taxes, ``GROSS`` is what the customer pays."""

    NET = "net"
    GROSS = "gross"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A percentage and the days it rules.

    ``law_from`` is when the norm starts, ``accepted_from`` when SUNAT's validator knows it; the later one counts
    for issuing. ``valid_until`` is the last day, None while it is open.
    """

    tribute: str
    percent: Decimal
    law_from: date
    accepted_from: date
    valid_until: date | None
    reduced: bool
    source: str

    def rules_on(self, day: date) -> bool:
        """Whether a voucher issued that day may carry this rate."""
        starts = max(self.law_from, self.accepted_from)
        return starts <= day and (self.valid_until is None or day <= self.valid_until)


RATES: Final = (
    Rate(tribute=IGV, percent=Decimal(18), law_from=date(2011, 3, 1), accepted_from=date(2011, 3, 1),
         valid_until=None, reduced=False, source="Ley 29666 (16 % IGV + 2 % IPM); split by Ley 32387 from 2026"),
    Rate(tribute=IGV, percent=Decimal(10), law_from=date(2022, 9, 1), accepted_from=date(2022, 9, 1),
         valid_until=date(2025, 12, 31), reduced=True, source="Ley 31556 (restaurants, hotels, MYPE), Ley 32219"),
    Rate(tribute=IGV, percent=Decimal("10.5"), law_from=date(2026, 1, 1), accepted_from=date(2026, 2, 13),
         valid_until=date(2026, 12, 31), reduced=True, source="Ley 32219 and 32387; loaded by SUNAT on 2026-02-13"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affectation:
    """How a line stands towards the IGV (a code of catalogue 07): the tribute it is reported under."""

    code: str
    tribute: str
    taxed: bool


AFFECTATIONS: Final = {
    row.code: row
    for row in (
        Affectation(code="10", tribute=IGV, taxed=True),
        Affectation(code="20", tribute=EXEMPT, taxed=False),
        Affectation(code="30", tribute=UNAFFECTED, taxed=False),
        Affectation(code="40", tribute=EXPORT, taxed=False),
    )
}
"""The onerous kinds. Free transfers, IVAP, ISC and ICBPER change the arithmetic and bring rows of their own."""


def rates_in_force(tribute: str, day: date) -> tuple[Rate, ...]:
    """The rates a voucher issued that day may carry, the general one first."""
    rows = (rate for rate in RATES if rate.tribute == tribute and rate.rules_on(day))
    return tuple(sorted(rows, key=lambda rate: rate.reduced))


def general_rate(day: date) -> Decimal:
    """The general IGV percentage (with IPM) in force that day."""
    for rate in rates_in_force(IGV, day):
        if not rate.reduced:
            return rate.percent
    raise FormatError(f"There is no IGV rate for {day.isoformat()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """What the caller says of a line.

    ``unit_amount`` is a value or a price according to ``price_mode``. A modifier is a discount when negative and a
    surcharge when positive; it is money (``modifier_amount``) or percent of the line (``modifier_percent``), never
    both, and is counted on values in net mode and on prices in gross mode.
    """

    quantity: Decimal
    unit_amount: Decimal
    affectation: str
    rate: Decimal
    price_mode: PriceMode = PriceMode.NET
    modifier_amount: Decimal = ZERO
    modifier_percent: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """A discount or surcharge in money: ``amount`` of ``base``, ``factor`` being their quotient where one was given."""

    code: str
    is_charge: bool
    amount: Decimal
    base: Decimal
    factor: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One tribute of a line or of the whole voucher."""

    tribute: str
    base: Decimal
    amount: Decimal
    rate: Decimal | None = None
    affectation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAmounts:
    """A line worked out. ``unit_value`` and ``unit_price`` have up to ten decimals, the rest are céntimo amounts."""

    unit_value: Decimal
    unit_price: Decimal
    value: Decimal
    taxes: tuple[Tax, ...]
    allowances: tuple[AllowanceCharge, ...] = ()

    @property
    def tax_total(self) -> Decimal:
        """All taxes of the line."""
        return total(tax.amount for tax in self.taxes)

    @property
    def price(self) -> Decimal:
        """What the customer pays for the line."""
        return self.value + self.tax_total


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a voucher: ``value`` without taxes, ``price`` with them, ``payable`` what is to be paid."""

    value: Decimal
    tax_total: Decimal
    price: Decimal
    payable: Decimal
    taxes: tuple[Tax, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """An amount that the caller gave and that the law works out otherwise.

    ``field`` is value, tax_total, payable, or ``lines.<index>.tax``. ``steps`` are the amounts behind ``expected``,
    line by line, so that the caller can find the one that is off.
    """

    field: str
    expected: Decimal
    given: Decimal
    steps: tuple[Decimal, ...]


def compute_line(line: LineInput, *, fold_allowance: bool = False) -> LineAmounts:
    """Works out one line.

    ``fold_allowance`` puts the modifier into the unit value: credit and debit notes have no place for a line's
    discount, and SUNAT compares unit value x quantity with the line's value there (3271).

    Raises FormatError for a quantity that is not positive, a discount larger than the line, two modifiers, or an
    affectation whose arithmetic is not this one.
    """
    if line.quantity <= 0:
        raise FormatError("The quantity must be greater than zero", reason="quantity")
    if line.unit_amount < 0:
        raise FormatError("The unit price cannot be negative", reason="unit_amount")
    if line.modifier_amount and line.modifier_percent:
        raise FormatError("A line's modifier is an amount or a percentage, not both", reason="two_modifiers")
    affectation = AFFECTATIONS.get(line.affectation)
    if affectation is None:
        raise FormatError(f"The IGV affectation {line.affectation!r} is not worked out here", reason="affectation")
    rate = line.rate if affectation.taxed else ZERO

    gross_of = _Modifier(line)
    if line.price_mode is PriceMode.NET:
        before = cents(EXACT.multiply(line.quantity, line.unit_amount))
        value = gross_of.applied_to(before)
        igv = share(value, rate)
        one_value = line.unit_amount
    else:
        price = cents(EXACT.multiply(line.quantity, line.unit_amount))
        paid = gross_of.applied_to(price)
        before, value = _without_tax(price, rate), _without_tax(paid, rate)
        igv = paid - value
        one_value = unit_value(EXACT.divide(line.unit_amount, 1 + rate / 100))

    allowances: tuple[AllowanceCharge, ...] = ()
    if value != before and not fold_allowance:
        is_charge = value > before
        allowances = (
            AllowanceCharge(
                code=LINE_CHARGE if is_charge else LINE_DISCOUNT, is_charge=is_charge, amount=abs(value - before),
                base=before, factor=gross_of.factor,
            ),
        )
    elif value != before:
        one_value = unit_value(EXACT.divide(value, line.quantity))
    if value == before and line.price_mode is PriceMode.GROSS:
        one_price = line.unit_amount
    else:
        one_price = unit_value(EXACT.divide(value + igv, line.quantity))
    tax = Tax(tribute=affectation.tribute, base=value, amount=igv, rate=rate, affectation=affectation.code)
    return LineAmounts(unit_value=one_value, unit_price=one_price, value=value, taxes=(tax,), allowances=allowances)


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


def compute_totals(lines: Iterable[LineAmounts]) -> Totals:
    """Adds up the lines: one tax row per tribute in the order of their codes, and the three sums."""
    worked = tuple(lines)
    by_tribute: dict[str, list[Tax]] = {}
    for line in worked:
        for tax in line.taxes:
            by_tribute.setdefault(tax.tribute, []).append(tax)
    taxes = tuple(
        Tax(tribute=tribute, base=total(tax.base for tax in rows), amount=total(tax.amount for tax in rows))
        for tribute, rows in sorted(by_tribute.items())
    )
    value = total(line.value for line in worked)
    tax_total = total(tax.amount for tax in taxes)
    return Totals(value=value, tax_total=tax_total, price=value + tax_total, payable=value + tax_total, taxes=taxes)


def compare(
    totals: Totals,
    lines: Sequence[LineAmounts],
    *,
    value: Decimal | None = None,
    tax_total: Decimal | None = None,
    payable: Decimal | None = None,
) -> tuple[Mismatch, ...]:
    """The totals the caller claims that differ from ours by a céntimo or more; None claims nothing."""
    claims = (
        ("value", totals.value, value, [line.value for line in lines]),
        ("tax_total", totals.tax_total, tax_total, [line.tax_total for line in lines]),
        ("payable", totals.payable, payable, [line.price for line in lines]),
    )
    return tuple(
        Mismatch(field=name, expected=expected, given=given, steps=tuple(steps))
        for name, expected, given, steps in claims
        if given is not None and given != expected
    )


def compare_lines(lines: Sequence[LineAmounts], claimed: Sequence[Decimal | None]) -> tuple[Mismatch, ...]:
    """The taxes of lines, as rounded before any balancing, that the caller claims otherwise; None claims nothing."""
    return tuple(
        Mismatch(field=f"lines.{index}.tax", expected=line.tax_total, given=given, steps=(line.value, line.tax_total))
        for index, (line, given) in enumerate(zip(lines, claimed, strict=True))
        if given is not None and given != line.tax_total
    )


class _Modifier:
    """The caller's discount or surcharge, applied to a value or to a price."""

    def __init__(self, line: LineInput) -> None:
        self._amount = line.modifier_amount
        self._percent = line.modifier_percent

    @property
    def factor(self) -> Decimal | None:
        return abs(self._percent) / 100 if self._percent else None

    def applied_to(self, amount: Decimal) -> Decimal:
        change = share(amount, self._percent) if self._percent else cents(self._amount)
        result = amount + change
        if result < 0:
            raise FormatError("The discount is larger than the line", reason="discount")
        return result


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
    if mode is PriceMode.GROSS:
        value = line.value + step
        return replace(line, value=value, taxes=(replace(tax, base=value),))
    return replace(line, taxes=(tax,), unit_price=unit_value(EXACT.divide(line.value + tax.amount, quantity)))


def _without_tax(price: Decimal, rate: Decimal) -> Decimal:
    return cents(EXACT.divide(price, 1 + rate / 100)) if rate else price
