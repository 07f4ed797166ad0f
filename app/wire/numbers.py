"""Amounts as the contract's answers write them: some as JSON numbers, some as text. Nothing is computed with these."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sunat.money import plain


def number(amount: Decimal) -> int | float:
    """A JSON number: whole amounts without decimals, the rest with their céntimos."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def six_decimals(value: Any) -> str:
    """A quantity or a unit price as the contract's details carry it, ``1.000000``; more decimals are kept.

    >>> six_decimals("3.5"), six_decimals(1000)
    ('3.500000', '1000.000000')
    """
    return plain(Decimal(str(value)), 6)


def two_decimals(amount: Decimal) -> str:
    """An amount with its céntimos, ``1180.00``."""
    return f"{amount:.2f}"
