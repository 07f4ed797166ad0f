"""The two parties of a voucher and where they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address in SUNAT's parts; ``ubigeo`` is INEI's six digits, ``country`` two letters (catalogue 04)."""

    line: str = ""
    ubigeo: str = ""
    urbanization: str = ""
    district: str = ""
    province: str = ""
    department: str = ""
    country: str = "PE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who issues or who buys.

    ``identity_code`` is a code of catalogue 06 or ``-``. ``establishment_code`` is the issuer's four-digit annex
    (0000 is the fiscal domicile) and is empty for a customer. ``agent_ruc`` is who sold in the issuer's name (tickets
    of passengers by rail, operation 0302).
    """

    identity_code: str
    identity_number: str
    name: str
    trade_name: str = ""
    address: Address | None = None
    establishment_code: str = ""
    agent_ruc: str = ""
