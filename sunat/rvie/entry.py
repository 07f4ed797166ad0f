"""A voucher as an entry of the register of sales.

The register is kept in soles: a voucher in another currency is converted column by column at the rate of the day its
tax arose, and its total is the sum of what was converted, so that every entry adds up. A credit note takes away: from
the columns of the month where what it changes is of the same month, from the discount columns where it is of an
earlier one. What a customer pays beside bases and tributes (a service charge, a tip, a discount that leaves the base
alone, a rounding) is under "others".
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Final

from sunat.money import ZERO, cents, total
from sunat.numbering import VoucherId
from sunat.taxes import BAGS, EXEMPT, EXPORT, IGV, ISC, IVAP, UNAFFECTED, Totals

CREDIT_NOTE: Final = "07"
SOLES: Final = "PEN"
_INCOME_WITHHELD: Final = "63"
"""Catalogue 53: income tax that the customer withholds. He pays less; the sale is not smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What a voucher is made of, in its own currency or in soles; ``others`` is all that is no base and no tribute."""

    export: Decimal = ZERO
    taxed: Decimal = ZERO
    taxed_discount: Decimal = ZERO
    igv: Decimal = ZERO
    igv_discount: Decimal = ZERO
    exempt: Decimal = ZERO
    unaffected: Decimal = ZERO
    isc: Decimal = ZERO
    rice: Decimal = ZERO
    ivap: Decimal = ZERO
    bags: Decimal = ZERO
    others: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """The sum of all."""
        return total(self.amounts)

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """The shares in the order of the register's columns."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def times(self, factor: Decimal) -> Shares:
        """Each share multiplied and rounded to the céntimo; nothing is never negative."""
        return Shares(**{field.name: cents(getattr(self, field.name) * factor) or ZERO for field in fields(self)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Modified:
    """The voucher that a note changes; ``issue_date`` is None where nobody says it."""

    kind: str
    series: str
    number: int
    issue_date: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry: ``shares`` in soles with the sign they have in the register, ``rate`` soles for one unit.

    Dates are Lima's. ``receiver_code`` is of catalogue 06, all three of the receiver empty where nobody is named.
    """

    voucher: VoucherId
    issuer_name: str
    issue_date: date
    due_date: date | None
    receiver_code: str
    receiver_number: str
    receiver_name: str
    shares: Shares
    currency: str
    rate: Decimal
    modified: Modified | None

    @property
    def period(self) -> str:
        """The month it belongs to, ``YYYYMM``."""
        return f"{self.issue_date:%Y%m}"


def shares_of(totals: Totals) -> Shares:
    """What a voucher is made of, from its totals; together they are what is to be paid, and what of it is withheld.

    Reference values of what is given away (9996) are in no column: nobody owes them.
    """
    bases, taxes = dict[str, Decimal](), dict[str, Decimal]()
    for tax in totals.taxes:
        bases[tax.tribute] = bases.get(tax.tribute, ZERO) + tax.base
        taxes[tax.tribute] = taxes.get(tax.tribute, ZERO) + tax.amount
    told = Shares(
        export=bases.get(EXPORT, ZERO), taxed=bases.get(IGV, ZERO), igv=taxes.get(IGV, ZERO),
        exempt=bases.get(EXEMPT, ZERO), unaffected=bases.get(UNAFFECTED, ZERO), isc=taxes.get(ISC, ZERO),
        rice=bases.get(IVAP, ZERO), ivap=taxes.get(IVAP, ZERO), bags=taxes.get(BAGS, ZERO),
    )
    withheld = total(row.amount for row in totals.allowances if row.code == _INCOME_WITHHELD)
    return replace(told, others=totals.payable + withheld - told.total)


def entry_of(
    voucher: VoucherId, shares: Shares, *, issuer_name: str, issue_date: date, due_date: date | None,
    receiver: tuple[str, str, str], currency: str, rate: Decimal, modified: Modified | None,
) -> Entry:
    """The entry of a voucher: ``shares`` in its currency, ``rate`` soles for one unit of it (1 for soles)."""
    soles = shares if currency == SOLES else shares.times(rate)
    if voucher.type_code == CREDIT_NOTE:
        soles = soles.times(Decimal(-1))
        if modified is not None and modified.issue_date is not None and _earlier(modified.issue_date, issue_date):
            soles = replace(soles, taxed=ZERO, igv=ZERO, taxed_discount=soles.taxed, igv_discount=soles.igv)
    code, number, name = receiver
    known = number.strip("0-") != ""
    return Entry(
        voucher=voucher, issuer_name=issuer_name, issue_date=issue_date, due_date=due_date,
        receiver_code=code if known else "", receiver_number=number if known else "", receiver_name=name,
        shares=soles, currency=currency, rate=rate, modified=modified,
    )


def _earlier(before: date, now: date) -> bool:
    return (before.year, before.month) < (now.year, now.month)
