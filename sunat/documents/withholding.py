"""What certificates of retention (20) and of perception (40) share: payments of other vouchers, and what was withheld.

Amounts withheld and net are in soles; what was paid is in the currency of the voucher it paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from sunat.documents.voucher import Sums, Voucher
from sunat.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRate:
    """Soles for one unit of a currency on a day."""

    currency: str
    rate: Decimal
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidVoucher:
    """A voucher that was paid, and what was withheld with that payment.

    ``type_code`` is of catalogue 01, ``number`` series and number without padding. A credit note (07) has no payment:
    its members from ``payment_id`` on are left out.
    """

    type_code: str
    number: str
    issue_date: date
    currency: str
    total: Decimal
    payment_id: str = ""
    paid: Decimal | None = None
    paid_on: date | None = None
    amount: Decimal | None = None
    withheld_on: date | None = None
    net: Decimal | None = None
    rate: ExchangeRate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding(Voucher):
    """A certificate of what was withheld from one party in one month.

    ``system`` is the regime (catalogue 23 for retentions, 22 for perceptions) and ``percent`` its rate. ``amount`` is
    all that was withheld, ``net`` all that changed hands, with ``rounding`` in it. ``issuer`` is the agent.
    """

    ADDED: ClassVar[bool]
    """Whether it is collected on top of the issuer's own sales, rather than kept back from the payment of others'."""

    system: str
    percent: Decimal
    vouchers: tuple[PaidVoucher, ...]
    amount: Decimal
    net: Decimal
    rounding: Decimal = ZERO

    @property
    def sums(self) -> Sums:
        """Its total is what was withheld; a certificate has no IGV of its own."""
        return Sums(net=self.net, taxes=ZERO, payable=self.amount, igv=ZERO)
