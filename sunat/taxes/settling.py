"""What a buyer who issues the voucher himself keeps back: a purchase settlement added up.

The sale is worked out as any other; then the buyer keeps the IGV and other tributes, which he pays to SUNAT in the
seller's place, and of the lines that bear it the income tax (3000 of catalogue 05): a percentage of the line's value,
rounded to céntimos. What an advance paid is its base less the income tax that was kept back of it. Source: RS
234-2005/SUNAT; validation workbook of 2026-02-12, rows 4310, 4312, 4345 and 4346 of sheet 04.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import ZERO, share, total
from sunat.taxes.amounts import AllowanceCharge, LineAmounts, Tax, Totals
from sunat.taxes.reckoning import Reckoning
from sunat.taxes.tributes import INCOME_TAX

KEPT_OF_ADVANCE: Final = "61"
"""Catalogue 53: the income tax that was kept back of an advance."""


def settle(
    reckoning: Reckoning, rates: Sequence[Decimal | None], *, advances: Sequence[Decimal] = (), rounding: Decimal = ZERO
) -> Reckoning:
    """A reckoned sale as a settlement.

    ``rates`` are the percentages of income tax of the lines, None for one that bears none; what is free bears none.
    ``advances`` is the income tax kept back of each advance of the reckoning, which was made without ``rounding``.
    Raises FormatError with a ``reason``: advance (larger than what is left), kept (more income tax of the advances than
    of the lines).
    """
    lines = tuple(_withheld(line, rate) for line, rate in zip(reckoning.lines, rates, strict=True))
    return replace(
        reckoning, lines=lines, rounding=rounding,
        totals=_totals(reckoning, lines, tuple(advances) or (ZERO,) * len(reckoning.advances), rounding),
    )


def _withheld(line: LineAmounts, rate: Decimal | None) -> LineAmounts:
    if rate is None or line.free:
        return line
    return replace(line, taxes=(
        *line.taxes, Tax(tribute=INCOME_TAX, base=line.value, amount=share(line.value, rate), rate=rate),
    ))


def _totals(
    reckoning: Reckoning, lines: Sequence[LineAmounts], kept_before: Sequence[Decimal], rounding: Decimal
) -> Totals:
    totals = reckoning.totals
    withheld = [tax for line in lines for tax in line.taxes if tax.tribute == INCOME_TAX]
    income = total(tax.amount for tax in withheld)
    if total(kept_before) > income:
        raise FormatError("More income tax was kept back of the advances than of the lines", reason="kept")
    prepaid = total(advance.base for advance in reckoning.advances) - total(kept_before)
    kept = income + total(line.paid_taxes for line in lines)
    payable = totals.price - kept - prepaid + rounding
    if payable < 0:
        raise FormatError("The advances are larger than what is left", reason="advance" if prepaid else "rounding")
    taxes = totals.taxes
    if withheld:
        row = Tax(tribute=INCOME_TAX, base=total(tax.base for tax in withheld), amount=income - total(kept_before))
        taxes = tuple(sorted((*taxes, row), key=lambda tax: tax.tribute))
    return replace(
        totals, taxes=taxes, payable=payable, prepaid=prepaid, rounding=rounding, kept=kept,
        allowances=(*totals.allowances, *(
            AllowanceCharge(code=KEPT_OF_ADVANCE, is_charge=False, amount=amount, base=advance.base)
            for advance, amount in zip(reckoning.advances, kept_before, strict=True) if amount
        )),
    )
