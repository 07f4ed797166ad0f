"""Retention and perception of the IGV: what is withheld from, or collected with, one payment.

Amounts withheld are in soles whatever the payment's currency. Sources: catalogues 22 and 23 (percentages by regime),
validation workbook of 2026-02-12, rows 2608 and 2623 (SUNAT tolerates one sol; none of it is used here).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sunat.errors import FormatError
from sunat.money import EXACT, cents, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """One payment in soles: ``base`` as paid, ``amount`` withheld or collected on it, ``net`` what changes hands."""

    base: Decimal
    amount: Decimal
    net: Decimal


def withhold(paid: Decimal, percent: Decimal, *, rate: Decimal = Decimal(1), added: bool) -> Withheld:
    """Works out one payment.

    ``paid`` is in the payment's currency, ``rate`` its soles for one unit. ``added`` is True for a perception, which
    the customer pays on top, and False for a retention, which the agent keeps back. Raises FormatError for a payment,
    percentage or rate that is not positive.
    """
    if paid <= 0 or percent <= 0 or rate <= 0:
        raise FormatError("Payment, percentage and exchange rate are greater than zero", reason="withholding")
    base = cents(EXACT.multiply(paid, rate))
    amount = share(base, percent)
    return Withheld(base=base, amount=amount, net=base + amount if added else base - amount)
