"""Percentages by date: what a voucher issued on a day may carry.

Sources: TUO of the IGV law (DS 055-99-EF) art. 17, Ley 32387 (IGV/IPM split from 2026), Ley 31556 and 32219 (reduced
rate of restaurants and hotels), Ley 28211 (IVAP).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.taxes.tributes import IGV, IVAP


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
    Rate(tribute=IVAP, percent=Decimal(4), law_from=date(2004, 4, 27), accepted_from=date(2004, 4, 27),
         valid_until=None, reduced=False, source="Ley 28211, modified by Ley 28309 (rice)"),
)


def rates_in_force(tribute: str, day: date) -> tuple[Rate, ...]:
    """The rates a voucher issued that day may carry, the general one first."""
    rows = (rate for rate in RATES if rate.tribute == tribute and rate.rules_on(day))
    return tuple(sorted(rows, key=lambda rate: rate.reduced))


def general_rate(day: date, tribute: str = IGV) -> Decimal:
    """The general percentage of a tribute (the IGV with its IPM) in force that day."""
    for rate in rates_in_force(tribute, day):
        if not rate.reduced:
            return rate.percent
    raise FormatError(f"There is no IGV rate for {day.isoformat()}")


_BAG_TAX: Final = (
    (date(2019, 8, 1), Decimal("0.10")), (date(2020, 1, 1), Decimal("0.20")), (date(2021, 1, 1), Decimal("0.30")),
    (date(2022, 1, 1), Decimal("0.40")), (date(2023, 1, 1), Decimal("0.50")),
)


def bag_tax(day: date) -> Decimal:
    """Soles for each plastic bag that day (Ley 30884). Raises FormatError before 2019-08-01, when there was none."""
    amounts = [amount for start, amount in _BAG_TAX if start <= day]
    if not amounts:
        raise FormatError(f"There was no ICBPER on {day.isoformat()}")
    return amounts[-1]
