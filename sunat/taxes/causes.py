"""Why somebody's amount differs: the common other ways of counting, tried one after the other.

A way explains an amount only if it gives exactly that amount. They are tried from the plainest to the farthest, and the
first that fits is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import CENT, EXACT, ZERO, cents, total
from sunat.taxes.amounts import Cause, LineInput, PriceMode, Totals
from sunat.taxes.rates import RATES
from sunat.taxes.reckoning import Reckoning, reckon
from sunat.taxes.tributes import AFFECTATIONS, FREE, IGV, ISC, PAID

_PERCEPTIONS: Final = frozenset({"51", "52", "53"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claims:
    """The three amounts a caller claims, as another way of counting gives them."""

    value: Decimal
    tax_total: Decimal
    payable: Decimal


_Way = Callable[[Reckoning], Iterator[_Claims]]


def likely_cause(field: str, given: Decimal, reckoning: Reckoning) -> Cause | None:
    """The way of counting that gives what was given; None where none of the common ones does.

    ``field`` is value, tax_total, payable, or ``lines.<index>.tax`` of the reckoning.
    """
    asked = field
    if field.startswith("lines."):
        index = int(field.split(".")[1])
        reckoning = reckon(reckoning.inputs[index : index + 1], note=reckoning.note)
        asked = "tax_total"
    for code, es, en, way in _WAYS:
        try:
            if any(getattr(claims, asked) == given for claims in way(reckoning)):
                return Cause(code=code, es=es, en=en)
        except FormatError:  # this way of counting does not even work out
            continue
    return None


def _claims(totals: Totals) -> _Claims:
    return _Claims(value=totals.value, tax_total=totals.tax_total, payable=totals.payable)


def _shifted(totals: Totals, *, value: Decimal = ZERO, tax: Decimal = ZERO, payable: Decimal | None = None) -> _Claims:
    """The totals moved; what is to be paid moves along with value and tax unless it is told."""
    return _Claims(
        value=totals.value + value, tax_total=totals.tax_total + tax,
        payable=totals.payable + (value + tax if payable is None else payable),
    )


def _again(reckoning: Reckoning, change: Callable[[LineInput], LineInput], *, whole: bool = True) -> _Claims:
    return _claims(reckon(
        [change(line) for line in reckoning.inputs], adjustments=reckoning.adjustments if whole else (),
        advances=reckoning.advances, rounding=reckoning.rounding, note=reckoning.note,
    ).totals)


def _other_total(reckoning: Reckoning) -> Iterator[_Claims]:
    totals = reckoning.totals
    yield _Claims(value=totals.price, tax_total=totals.price, payable=totals.value)
    yield _Claims(value=totals.payable, tax_total=totals.value, payable=totals.tax_total)
    yield _Claims(value=totals.tax_total, tax_total=totals.payable, payable=totals.payable)


def _unbalanced(reckoning: Reckoning) -> Iterator[_Claims]:
    tax = total(line.tax_total for line in reckoning.rounded) - total(line.tax_total for line in reckoning.lines)
    value = total(line.charged for line in reckoning.rounded) - total(line.charged for line in reckoning.lines)
    yield _shifted(reckoning.totals, value=value, tax=tax)


def _on_the_total(reckoning: Reckoning) -> Iterator[_Claims]:
    """The IGV of the summed base, and everything summed before it is rounded."""
    totals = reckoning.totals
    mains = [line.taxes[0] for line in reckoning.lines if not line.free]
    exact = total(EXACT.multiply(tax.base, tax.rate or ZERO) / 100 for tax in mains)
    yield _shifted(totals, tax=cents(exact) - total(tax.amount for tax in mains))
    values = taxes = ZERO
    for line in reckoning.inputs:
        row = AFFECTATIONS[line.affectation]
        if line.free or row.always_free or line.adjustments or line.excise:
            return
        amount, rate = EXACT.multiply(line.quantity, line.unit_amount), line.rate if row.taxed else ZERO
        value = EXACT.divide(amount, 1 + rate / 100) if line.price_mode is PriceMode.GROSS else amount
        values, taxes = EXACT.add(values, value), EXACT.add(taxes, EXACT.multiply(value, rate) / 100)
    value, tax = cents(values), cents(taxes)
    moved = total(line.charged for line in reckoning.lines), total(tax.amount for tax in mains)
    yield _shifted(totals, value=value - moved[0], tax=tax - moved[1])
    yield _shifted(totals, value=value - moved[0], tax=tax - moved[1],
                   payable=cents(EXACT.add(values, taxes)) - sum(moved))


def _rounded_otherwise(reckoning: Reckoning) -> Iterator[_Claims]:
    """Céntimos cut off, or halves rounded to even."""
    for how in (ROUND_DOWN, ROUND_HALF_EVEN):
        value = tax = ZERO
        for line in reckoning.lines:
            main = line.taxes[0]
            if not line.free:
                tax += (EXACT.multiply(main.base, main.rate or ZERO) / 100).quantize(CENT, how) - main.amount
        yield _shifted(reckoning.totals, tax=tax)
        for line, asked in zip(reckoning.lines, reckoning.inputs, strict=True):
            if not line.free and asked.price_mode is PriceMode.NET:
                exact = EXACT.multiply(asked.quantity, asked.unit_amount)
                value += exact.quantize(CENT, how) - cents(exact)
        yield _shifted(reckoning.totals, value=value)
        yield _shifted(reckoning.totals, value=value, tax=tax)


def _other_mode(reckoning: Reckoning) -> Iterator[_Claims]:
    def turned(line: LineInput) -> LineInput:
        gross = line.price_mode is PriceMode.GROSS
        return replace(line, price_mode=PriceMode.NET if gross else PriceMode.GROSS)

    yield _again(reckoning, turned)


def _without_discounts(reckoning: Reckoning) -> Iterator[_Claims]:
    def bare(line: LineInput) -> LineInput:
        return replace(line, adjustments=())

    if any(line.adjustments for line in reckoning.inputs):
        yield _again(reckoning, bare)
    if reckoning.adjustments:
        yield _again(reckoning, lambda line: line, whole=False)
        yield _again(reckoning, bare, whole=False)


def _tax_before_discounts(reckoning: Reckoning) -> Iterator[_Claims]:
    """The tax as if there were no discount, on a value that has it."""
    for bare in _without_discounts(reckoning):
        yield _shifted(reckoning.totals, tax=bare.tax_total - reckoning.totals.tax_total)


def _without_bags(reckoning: Reckoning) -> Iterator[_Claims]:
    yield _again(reckoning, lambda line: replace(line, bags=0))


def _without_excise(reckoning: Reckoning) -> Iterator[_Claims]:
    yield _again(reckoning, lambda line: replace(line, excise=None))


def _without_others(reckoning: Reckoning) -> Iterator[_Claims]:
    yield _again(reckoning, lambda line: replace(line, other_amount=ZERO, other_percent=ZERO))


def _excise_outside(reckoning: Reckoning) -> Iterator[_Claims]:
    """The IGV worked out on the value without its ISC."""
    tax = ZERO
    for line in reckoning.lines:
        main = line.taxes[0]
        if not line.free and any(row.tribute == ISC for row in line.taxes):
            tax += cents(EXACT.multiply(line.value, main.rate or ZERO) / 100) - main.amount
    yield _shifted(reckoning.totals, tax=tax)


def _only_igv(reckoning: Reckoning) -> Iterator[_Claims]:
    """Only the IGV among the taxes."""
    rest = total(tax.amount for tax in reckoning.totals.taxes if tax.tribute in PAID and tax.tribute != IGV)
    yield _shifted(reckoning.totals, tax=-rest)


def _free_charged(reckoning: Reckoning) -> Iterator[_Claims]:
    free = [line for line in reckoning.lines if line.free]
    value = total(line.value for line in free)
    tax = total(row.amount for line in free for row in line.taxes if row.tribute == FREE)
    yield _shifted(reckoning.totals, value=value)
    yield _shifted(reckoning.totals, tax=tax)
    yield _shifted(reckoning.totals, value=value, tax=tax)


def _other_rate(reckoning: Reckoning) -> Iterator[_Claims]:
    for percent in sorted({rate.percent for rate in RATES}):
        def taxed(line: LineInput, percent: Decimal = percent) -> LineInput:
            return replace(line, rate=percent)

        yield _again(reckoning, taxed)


def _advances(reckoning: Reckoning) -> Iterator[_Claims]:
    """The advances not taken out, or taken out of the value too."""
    totals, used = reckoning.totals, reckoning.advances
    base = total(advance.base for advance in used)
    tax = total(advance.total - advance.base for advance in used)
    yield _Claims(value=totals.value - base, tax_total=totals.tax_total + tax, payable=totals.payable + totals.prepaid)
    yield _Claims(value=totals.value - totals.prepaid, tax_total=totals.tax_total,
                  payable=totals.payable + totals.prepaid - base)


def _outside(reckoning: Reckoning) -> Iterator[_Claims]:
    """What is added after the price left out."""
    totals = reckoning.totals
    for moved in (-totals.charge_total, totals.discount_total, totals.discount_total - totals.charge_total):
        yield _shifted(totals, payable=moved)


def _beside(reckoning: Reckoning) -> Iterator[_Claims]:
    """Perception or retention counted into what is to be paid."""
    totals = reckoning.totals
    for row in totals.allowances:
        if row.code in _PERCEPTIONS:
            yield _shifted(totals, payable=row.amount)
        if row.code == "62":
            yield _shifted(totals, payable=-row.amount)


def _unrounded(reckoning: Reckoning) -> Iterator[_Claims]:
    yield _shifted(reckoning.totals, payable=-reckoning.rounding)


_WAYS: Final[tuple[tuple[str, str, str, _Way], ...]] = (
    ("other_total", "Es otro de los totales del comprobante", "It is another total of the voucher", _other_total),
    ("total_rounding", "Se redondeó sobre el total y no línea por línea",
     "It was rounded on the total and not line by line", _on_the_total),
    ("unbalanced", "Es la suma de las líneas antes de repartir los céntimos que SUNAT no tolera",
     "It is the sum of the lines before moving the céntimos that SUNAT does not bear", _unbalanced),
    ("rounding_way", "Los céntimos se truncaron o se redondearon al par", "Céntimos were cut off or rounded to even",
     _rounded_otherwise),
    ("bags", "Falta el ICBPER", "The ICBPER is missing", _without_bags),
    ("excise", "Falta el ISC", "The ISC is missing", _without_excise),
    ("others", "Faltan los otros tributos", "The other tributes are missing", _without_others),
    ("only_igv", "Solo se contó el IGV", "Only the IGV was counted", _only_igv),
    ("excise_base", "El IGV se calculó sin el ISC en su base", "The IGV was worked out without the ISC in its base",
     _excise_outside),
    ("advances", "Los anticipos no se restaron, o se restaron sin su impuesto",
     "The advances were not taken out, or without their tax", _advances),
    ("outside", "Faltan los cargos o descuentos que no afectan la base",
     "Charges or discounts that leave the base alone are missing", _outside),
    ("beside", "La percepción o la retención no cambian el importe total",
     "Perception and retention do not change what is to be paid", _beside),
    ("rounding", "Falta el redondeo del importe total", "The rounding of the total is missing", _unrounded),
    ("free", "Se cobraron las líneas gratuitas o su IGV", "Free lines or their IGV were charged", _free_charged),
    ("discounts", "Faltan los descuentos y cargos", "Discounts and charges are missing", _without_discounts),
    ("discount_tax", "El impuesto se calculó antes del descuento", "The tax was worked out before the discount",
     _tax_before_discounts),
    ("price_mode", "Los precios se tomaron con impuestos en vez de sin ellos, o al revés",
     "Prices were taken with tax instead of without, or the other way round", _other_mode),
    ("rate", "Se usó otra tasa", "Another rate was used", _other_rate),
)
"""Code, Spanish, English and the amounts of each other way of counting, the plainest first."""
