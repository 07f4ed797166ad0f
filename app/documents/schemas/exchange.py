"""Soles for one unit of the voucher's currency: the caller's own rate, else the one published for the issue date.

S/ 700.00 of a boleta, detraction, perception and retention of a sale in another currency are judged by it
(decision 18).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from app.almanac.rates import SOLES
from app.documents.schemas.reading import Reading
from app.problems import Text

_FIELD: Final = "/header/exchange_rate_value"
_FAR: Final = Decimal("0.05")
"""How far, as a part of it, the caller's rate may lie from the published one before he is told."""


def exchange_rate_of(reading: Reading, currency: str) -> Decimal | None:
    """The rate that counts; None for soles, and where neither the caller nor the almanac knows one."""
    told: Decimal | None = reading.header.get("exchange_rate_value")
    if told is not None and told <= 0:
        reading.refuse(
            "EXCHANGE_RATE", _FIELD, "El tipo de cambio debe ser mayor que cero",
            "The exchange rate must be greater than zero",
            Text("Envíe los soles por unidad de la moneda", "Send the soles for one unit of the currency"),
        )
        return None
    if currency == SOLES:
        return None
    published = reading.published(currency, reading.header["issue_date"])
    if told is None or published is None:
        return told or published
    if abs(told - published) > published * _FAR:
        reading.remark(
            "CHQ-EXCHANGE-RATE", _FIELD,
            f"El tipo de cambio {told:f} se aparta del publicado para la fecha de emisión, {published:f}; vale el suyo",
            f"The exchange rate {told:f} is far from the one published for the issue date, {published:f}; yours counts",
            Text("Revise el número: son soles por unidad de la moneda", "Check it: soles for one unit of the currency"),
        )
    return told
