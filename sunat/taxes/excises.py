"""ISC, bags and other tributes of a line.

A tribute given as money still names a percentage in the XML, and SUNAT holds base x percentage against the amount
(3108, 3109); so the base is the line's value where a percentage of five decimals can say it, else the amount itself
at 100 %. Sources: TUO of the IGV law (DS 055-99-EF) art. 50 to 60; Ley 30884 art. 12; catalogue 08.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import EXACT, ZERO, cents, share, unit_value
from sunat.taxes.amounts import Excise, LineInput, PriceMode, Tax
from sunat.taxes.tributes import BAGS, ISC, OTHER

AD_VALOREM: Final = "01"
"""The ISC by percentage of the value (catalogue 08)."""
PERCENT_STEP: Final = Decimal("0.00001")
"""A percentage is n(3,5)."""
_PERCENT_END: Final = Decimal(1000)
_FACTOR_STEP: Final = Decimal("0.001")
"""The factor that takes the IGV out of a suggested retail price has three decimals (art. 56 of the IGV law)."""
_WHOLE: Final = Decimal(100)
_NEAR: Final = Decimal("0.5")
_MOST_BAGS: Final = 99999


def excise_tax(excise: Excise, line: LineInput, value: Decimal, rate: Decimal) -> Tax:
    """The ISC of a line of a value, ``rate`` being its percentage of IGV. Raises FormatError (reason excise)."""
    if excise.system == "02":
        if excise.unit_tax is None or excise.unit_tax <= 0:
            raise FormatError("The ISC by fixed amount needs the money for each unit", reason="excise")
        amount = cents(EXACT.multiply(line.quantity, excise.unit_tax))
        base, percent = in_percent(amount, value if excise.base is None else cents(excise.base))
    else:
        if excise.percent is None or excise.percent <= 0:
            raise FormatError("This ISC needs its percentage", reason="excise")
        base, percent = _base_of(excise, line, value, rate), excise.percent
        amount = share(base, percent)
    return Tax(tribute=ISC, base=base, amount=amount, rate=percent, system=excise.system)


def in_percent(amount: Decimal, base: Decimal) -> tuple[Decimal, Decimal]:
    """Base and percentage whose product SUNAT finds to be the amount.

    >>> in_percent(Decimal("2.31"), Decimal(10))
    (Decimal('10'), Decimal('23.10000'))
    """
    if base > 0:
        percent = max(EXACT.divide(amount * 100, base).quantize(PERCENT_STEP), PERCENT_STEP)
        if percent < _PERCENT_END and abs(EXACT.multiply(base, percent) / 100 - amount) <= _NEAR:
            return base, percent
    return amount, _WHOLE


def five_places(number: Decimal) -> Decimal:
    """A percentage, factor or amount by bag as SUNAT takes it: five decimals at most."""
    exponent = number.as_tuple().exponent
    return number.quantize(PERCENT_STEP) if isinstance(exponent, int) and exponent < -5 else number


def value_within(line: LineInput, rate: Decimal) -> Callable[[Decimal], Decimal]:
    """What takes IGV and ISC out of a price of the line, to the céntimo."""
    igv = 1 + rate / 100
    excise = line.excise
    if excise is None:
        return lambda price: cents(EXACT.divide(price, igv)) if rate else price
    if excise.system == AD_VALOREM and excise.base is None:
        both = EXACT.multiply(igv, 1 + (excise.percent or ZERO) / 100)
        return lambda price: cents(EXACT.divide(price, both))
    fixed = excise_tax(excise, line, ZERO, rate).amount

    def value(price: Decimal) -> Decimal:
        found = cents(EXACT.divide(price, igv)) - fixed
        if found < 0:
            raise FormatError("The ISC is larger than the price that includes it", reason="excise")
        return found

    return value


def without_tax(line: LineInput, rate: Decimal) -> LineInput:
    """A free line of gross prices in net ones: nobody pays what its shelf says, only its reference value is written.

    Raises FormatError (reason excise) for a fixed ISC that is larger than the price.
    """
    igv = 1 + rate / 100
    excise, fixed = line.excise, ZERO
    if excise is not None and excise.system == AD_VALOREM and excise.base is None:
        igv = EXACT.multiply(igv, 1 + (excise.percent or ZERO) / 100)
    elif excise is not None:
        fixed = EXACT.divide(excise_tax(excise, line, ZERO, rate).amount, line.quantity)
    unit = unit_value(EXACT.divide(line.unit_amount, igv) - fixed)
    if unit < 0:
        raise FormatError("The ISC is larger than the price that includes it", reason="excise")

    def net(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else cents(EXACT.divide(amount, igv))

    return replace(line, unit_amount=unit, price_mode=PriceMode.NET, adjustments=tuple(
        replace(row, amount=net(row.amount), base=net(row.base)) for row in line.adjustments
    ))


def on_top(line: LineInput, value: Decimal) -> Iterator[Tax]:
    """Bags and other tributes of a line. Raises FormatError (reason bags or other)."""
    if line.bags:
        if line.bags != line.quantity or not 0 < line.bags <= _MOST_BAGS:
            raise FormatError("The bags are as many as the units of their line, 99,999 at most", reason="bags")
        unit_tax = five_places(line.bag_tax)
        if unit_tax <= 0:
            raise FormatError("There is no tax on bags without its amount for each", reason="bags")
        yield Tax(tribute=BAGS, base=ZERO, amount=cents(line.bags * unit_tax), units=line.bags, unit_tax=unit_tax)
    if line.other_amount or line.other_percent:
        if min(line.other_amount, line.other_percent) < 0 or (line.other_amount and line.other_percent):
            raise FormatError("Another tribute is money or a percentage, not both", reason="other")
        if line.other_percent:
            yield Tax(tribute=OTHER, base=value, amount=share(value, line.other_percent), rate=line.other_percent)
        else:
            amount = cents(line.other_amount)
            base, percent = in_percent(amount, value)
            yield Tax(tribute=OTHER, base=base, amount=amount, rate=percent)


def _base_of(excise: Excise, line: LineInput, value: Decimal, rate: Decimal) -> Decimal:
    if excise.base is not None:
        return cents(excise.base)
    if excise.system == AD_VALOREM:
        return value
    if excise.system == "03" and excise.retail_price is not None and excise.retail_price > 0:
        factor = EXACT.divide(Decimal(1), 1 + rate / 100).quantize(_FACTOR_STEP)
        return cents(EXACT.multiply(EXACT.multiply(excise.retail_price, line.quantity), factor))
    raise FormatError("The ISC is by system 01, 02 or 03, the last with its retail price", reason="excise")
