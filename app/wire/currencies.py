"""The contract's currency ids. Source: contract v1, 4.3."""

from __future__ import annotations

from typing import Final

CURRENCIES: Final = {"7": "PEN", "5": "USD", "38": "EUR"}
"""Currency id -> ISO 4217."""

CURRENCY_IDS: Final = {code: int(number) for number, code in CURRENCIES.items()}
"""ISO 4217 -> currency id."""
