"""The amounts of a voucher worked out again from its own lines, and every céntimo that differs named with its cause.

Each line is worked out by the method of ``taxes``, first from its unit value and then from its price with taxes: the
one that fits is how its system counted. Its ISC, bags and other tributes are held against their own base and rate; the
totals against the lines as they are written, with the discounts, charges, advances and rounding of the whole. What
cannot be worked out is said to be beyond it, never called wrong. SUNAT lets a sum differ by one unit of the currency
(3271, 3103, 3294 and their like), so a difference is a finding about the other system, not about validity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from sunat.errors import FormatError
from sunat.money import EXACT, ZERO, cents, share, total
from sunat.taxes import (
    AFFECTATIONS,
    BAGS,
    FREE,
    IGV,
    INCOME_TAX,
    ISC,
    IVAP,
    OTHER,
    TOLERANCE,
    Adjustment,
    AdvanceInput,
    AllowanceCharge,
    Excise,
    LineAmounts,
    LineInput,
    PriceMode,
    Reckoning,
    Tax,
    Totals,
    compute_line,
    compute_totals,
    rates_in_force,
    settle,
)
from sunat.ubl.reading import ReadLine, VoucherFacts
from sunat.ubl.written import MAINS

_BESIDE_MAIN: Final = frozenset({ISC, BAGS, OTHER, INCOME_TAX})
_LINE_CODES: Final = frozenset({"00", "01", "47", "48"})
_ON_BASE: Final = frozenset({"00", "47"})
_OF_THE_WHOLE: Final = frozenset({"02", "03", "45", "46", "49", "50", "63"})
_BESIDE: Final = frozenset({"51", "52", "53", "61", "62"})
"""Perceptions and retentions, which change no sum."""
_ADVANCES: Final[dict[str, Literal["taxed", "exempt", "unaffected"]]] = {
    "04": "taxed", "05": "exempt", "06": "unaffected",
}
_ADVANCE_ISC: Final = "20"
_KEPT_OF_ADVANCE: Final = "61"
_NRUS: Final = "0113"
"""The operation of sellers in the NRUS, whose receipts show no IGV."""
_ROUNDING: Final = Decimal("0.05")
_PERCENT_STEP: Final = Decimal("0.00001")

Cause = Literal["rounding", "tolerated", "wrong", "rate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An amount that the lines do not give.

    ``field`` is value, tax_total, payable, discount_total or charge_total; ``base.<code>`` or ``tax.<code>`` of a
    tribute's totals; or ``lines.<index>.`` and value, tax, rate (a percentage), free_tax, isc, bags or other.
    ``cause`` says how far it is off: a few céntimos of rounding, within SUNAT's tolerance, wrong; or a rate that was
    not in force on the issue date.
    """

    field: str
    expected: Decimal
    given: Decimal
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """``differences`` in document order; ``beyond`` are words for what could not be worked out, each once: quantity,
    affectation, tribute, line_discount for a line; discount, charge, prepaid, rounding for the whole."""

    differences: tuple[Difference, ...]
    beyond: tuple[str, ...]


def recompute(facts: VoucherFacts) -> Recomputation:
    """Works a voucher out again."""
    beyond: list[str] = []
    differences: list[Difference] = []
    rates = {tribute: {rate.percent for rate in rates_in_force(tribute, facts.issue_date)} for tribute in (IGV, IVAP)}
    for index, line in enumerate(facts.lines):
        found = _beyond(line)
        if found:
            beyond.append(found)
            continue
        differences += _line(line, f"lines.{index}")
        ruling = rates[IVAP if line.affectation == "17" else IGV]
        without_igv = facts.operation_type == _NRUS and not line.rate
        if AFFECTATIONS[line.affectation].taxed and ruling and line.rate not in ruling and not without_igv:
            differences.append(Difference(
                field=f"lines.{index}.rate", expected=max(ruling), given=line.rate, cause="rate",
            ))
    if not beyond:
        try:
            differences += _sums(facts)
        except FormatError as error:
            beyond.append(_reason(facts, error))
    return Recomputation(differences=tuple(differences), beyond=tuple(dict.fromkeys(beyond)))


def _beyond(line: ReadLine) -> str:
    """What keeps a line from being worked out, "" when nothing does."""
    if line.quantity <= 0:
        return "quantity"
    row = AFFECTATIONS.get(line.affectation)
    free = line.amounts.free
    if row is None or (row.always_free and not free) or (free and not row.free):
        return "affectation"
    mains = [tribute for tribute in line.tributes if tribute in MAINS]
    others = [tribute for tribute in line.tributes if tribute not in MAINS]
    if mains != [FREE if free else row.tribute] or set(others) - _BESIDE_MAIN or len(set(others)) < len(others):
        return "tribute"
    return "line_discount" if {each.code for each in line.amounts.allowances} - _LINE_CODES else ""


def _line(line: ReadLine, field: str) -> Iterator[Difference]:
    amounts = line.amounts
    main, others = amounts.taxes[0], amounts.taxes[1:]
    value = _counted(line, PriceMode.NET)
    written = (line.value, main.amount)
    if written != value and written not in (_counted(line, PriceMode.GROSS), _counted(line, PriceMode.GROSS, True)):
        if value is not None:
            yield from compared(f"{field}.value", value[0], line.value)
        expected = share(line.value + _amount(others, ISC), main.rate or ZERO) if _taxed(line) else ZERO
        if amounts.free:
            yield from compared(f"{field}.free_tax", expected, main.amount)
    else:
        expected = main.amount
    for tax in others:
        yield from _beside(tax, line, field)
    paid = ZERO if amounts.free else expected
    yield from compared(
        f"{field}.tax", paid + total(tax.amount for tax in others if tax.tribute != INCOME_TAX), line.tax_total
    )


def _counted(line: ReadLine, mode: PriceMode, by_percent: bool = False) -> tuple[Decimal, Decimal] | None:
    """Value and tax of a line by its unit value or by its price; None where it does not say that one.

    ``by_percent`` takes an ISC out of the price by its percentage, else its amount is taken out.
    """
    amounts = line.amounts
    if mode is PriceMode.NET:
        unit = amounts.unit_price if amounts.free else line.unit_value
        whole, changes = EXACT.multiply(line.quantity, unit), amounts.allowances
    else:
        if line.unit_price is None or amounts.free or (main_rate := amounts.taxes[0].rate or ZERO) < 0:
            return None
        apart = total(row.amount if row.is_charge else -row.amount
                      for row in amounts.allowances if row.code not in _ON_BASE)
        top = total(tax.amount for tax in amounts.taxes[1:] if tax.tribute in (BAGS, OTHER))
        whole, changes = cents(EXACT.multiply(line.quantity, line.unit_price)) - top - apart, ()
        if not main_rate and not _taxed(line):
            whole -= _amount(amounts.taxes[1:], ISC)
            return whole, ZERO
    isc = next((tax for tax in amounts.taxes[1:] if tax.tribute == ISC and (tax.amount > 0 or by_percent)), None)
    try:
        worked = compute_line(LineInput(
            quantity=Decimal(1), unit_amount=whole, affectation=line.affectation, rate=line.rate, price_mode=mode,
            free=amounts.free and not AFFECTATIONS[line.affectation].always_free,
            adjustments=tuple(
                Adjustment(code=row.code, amount=row.amount) for row in changes if row.code in _ON_BASE
            ),
            excise=None if isc is None else Excise(system="01", percent=isc.rate) if by_percent
            else Excise(system="02", unit_tax=isc.amount),
        ))
    except FormatError:
        return None
    return worked.value, worked.taxes[0].amount


def _taxed(line: ReadLine) -> bool:
    return AFFECTATIONS[line.affectation].taxed


def _amount(taxes: tuple[Tax, ...], tribute: str) -> Decimal:
    return total(tax.amount for tax in taxes if tax.tribute == tribute)


def _beside(tax: Tax, line: ReadLine, field: str) -> Iterator[Difference]:
    """ISC, bags and other tributes against their own base and rate."""
    if tax.tribute == BAGS:
        if tax.units and tax.unit_tax:
            yield from compared(f"{field}.bags", cents(tax.units * tax.unit_tax), tax.amount)
        return
    # A tribute of fixed money has its percentage cut at five decimals, which a large base multiplies.
    blur = EXACT.multiply(abs(tax.base), _PERCENT_STEP) / 200
    expected = share(tax.base, tax.rate or ZERO)
    if abs(expected - tax.amount) > cents(blur):
        yield from compared(f"{field}.{'isc' if tax.tribute == ISC else 'other'}", expected, tax.amount)


def _sums(facts: VoucherFacts) -> Iterator[Difference]:
    """The totals against the lines as they are written. Raises FormatError for what has no such sums."""
    said = facts.totals
    whole = _settled(facts) if said.kept else compute_totals(
        [line.amounts for line in facts.lines], adjustments=tuple(_adjustments(facts)),
        advances=tuple(_advances(said)), rounding=said.rounding,
    )
    yield from compared("value", whole.value, facts.value)
    given = {tax.tribute: tax for tax in said.taxes}
    for tax in whole.taxes:
        mine = given.get(tax.tribute)
        if mine is not None and tax.tribute != BAGS:
            yield from compared(f"base.{tax.tribute}", tax.base, mine.base)
        if mine is not None:
            yield from compared(f"tax.{tax.tribute}", tax.amount, mine.amount)
    yield from compared("tax_total", whole.tax_total, facts.tax_total)
    yield from compared("discount_total", whole.discount_total, said.discount_total)
    yield from compared("charge_total", whole.charge_total, said.charge_total)
    yield from compared("payable", whole.payable, facts.payable)


def _settled(facts: VoucherFacts) -> Totals:
    """The totals of a purchase settlement: its advances paid neither the IGV nor the income tax (61) of their base."""
    said = facts.totals
    lines = [line.amounts for line in facts.lines]
    sold = tuple(
        replace(line, taxes=tuple(tax for tax in line.taxes if tax.tribute != INCOME_TAX)) for line in lines
    )
    rate = next((tax.rate for line in sold for tax in line.taxes if tax.tribute == IGV and tax.rate), ZERO) or ZERO
    advances = tuple(
        AdvanceInput(affectation=affectation, base=row.amount, total=row.amount + (
            share(row.amount, rate) if affectation == "taxed" else ZERO
        ))
        for row in said.allowances if (affectation := _ADVANCES.get(row.code)) is not None
    )
    kept = total(row.amount for row in said.allowances if row.code == _KEPT_OF_ADVANCE)
    reckoning = Reckoning(
        inputs=(), rounded=sold, lines=sold, totals=compute_totals(sold, advances=advances), advances=advances,
    )
    return settle(
        reckoning, [_income_rate(line) for line in lines], rounding=said.rounding,
        advances=[kept, *(ZERO for _ in advances[1:])] if advances else (),
    ).totals


def _income_rate(line: LineAmounts) -> Decimal | None:
    return next((tax.rate for tax in line.taxes if tax.tribute == INCOME_TAX), None)


def _adjustments(facts: VoucherFacts) -> Iterator[Adjustment]:
    said = facts.totals
    for row in said.allowances:
        if row.code in _OF_THE_WHOLE:
            yield Adjustment(code=row.code, amount=row.amount, base=row.base or None)
        elif row.code not in (*_ADVANCES, *_BESIDE, _ADVANCE_ISC):
            raise FormatError(f"{row.code} is not a discount or charge of a whole voucher",
                              reason="charge" if row.is_charge else "discount")
    if said.charge_total and facts.target is not None and not said.allowances:
        yield Adjustment(code="50", amount=said.charge_total)  # a note has only their sum


def _advances(said: Totals) -> Iterator[AdvanceInput]:
    if said.prepaid and not any(row.code in _ADVANCES for row in said.allowances):
        raise FormatError("It does not say what the advances were of", reason="advance")
    rows = said.allowances
    used = [(row, _isc_of(rows, index)) for index, row in enumerate(rows) if row.code in _ADVANCES]
    # The céntimos that an advance paid more than there is tax left stand in no row, only in the total prepaid.
    rest = said.prepaid - total(row.amount + isc + row.tax for row, isc in used)
    for row, isc in sorted(used, key=lambda pair: pair[0].code):
        yield AdvanceInput(
            affectation=_ADVANCES[row.code], base=row.amount, isc=isc, total=row.amount + isc + row.tax + rest,
        )
        rest = ZERO


def _isc_of(rows: tuple[AllowanceCharge, ...], index: int) -> Decimal:
    following = rows[index + 1 : index + 2]
    return total(row.amount for row in following if row.code == _ADVANCE_ISC)


def _reason(facts: VoucherFacts, error: FormatError) -> str:
    """The word for what the whole has that cannot be worked out."""
    if error.reason in {"rounding", "charge"}:
        return error.reason
    return "prepaid" if error.reason.startswith("advance") and facts.totals.prepaid else "discount"


def compared(field: str, expected: Decimal, given: Decimal) -> Iterator[Difference]:
    """The difference of two amounts with how far it is off; none where there is none."""
    off = abs(expected - given)
    if off:
        cause: Cause = "rounding" if off <= _ROUNDING else "tolerated" if off <= TOLERANCE else "wrong"
        yield Difference(field=field, expected=expected, given=given, cause=cause)
