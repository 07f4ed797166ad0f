"""What is left for the customer to pay to the issuer: the amount that instalments must add up to.

The detraction goes to the Banco de la Nación and the retention of the IGV to SUNAT, so neither is part of what the
issuer collects. Source: RS 193-2020 (net amount pending of a factura on credit); workbook rows 3251, 3265, 3319.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import EXACT, ZERO, cents, total
from sunat.taxes.amounts import Totals

_RETENTION: Final = "62"


def net_pending(totals: Totals, *, detraction: Decimal = ZERO, paid: Decimal = ZERO) -> Decimal:
    """The net amount pending, in the voucher's currency: payable, less detraction, less retention (62), less ``paid``.

    ``detraction`` is in the voucher's currency (see ``in_currency``); the retention is read from the totals. Raises
    FormatError (reason pending) when more is taken away than there is to pay.
    """
    retained = total(row.amount for row in totals.allowances if row.code == _RETENTION)
    left = totals.payable - detraction - retained - paid
    if left < 0:
        raise FormatError("Detraction, retention and payments are larger than what is to be paid", reason="pending")
    return left


def in_currency(soles: Decimal, exchange_rate: Decimal | None) -> Decimal:
    """An amount in soles in the voucher's currency, ``exchange_rate`` being soles for one unit (None: it is soles).

    >>> in_currency(Decimal("375.00"), Decimal("3.75"))
    Decimal('100.00')
    """
    if exchange_rate is None:
        return soles
    if exchange_rate <= 0:
        raise FormatError("The exchange rate must be greater than zero", reason="exchange_rate")
    return cents(EXACT.divide(soles, exchange_rate))


def in_soles(amount: Decimal, exchange_rate: Decimal | None) -> Decimal:
    """An amount of the voucher's currency in soles, to the céntimo."""
    return amount if exchange_rate is None else cents(EXACT.multiply(amount, exchange_rate))
