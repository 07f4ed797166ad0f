"""What one reads a request with: the body, who issues, and the remarks collected on the way.

Nothing stops at the first mistake: a refusal is noted with the caller's own field and reading goes on, so that he
hears of everything at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from app.problems import NO_TEXT, Item, Text
from sunat.documents import Address, Voucher
from sunat.taxes import Mismatch

_EMPTY: Final[Mapping[str, Any]] = {}

FindRate = Callable[[str, date], Decimal | None]
"""Finds the published rate that rules on a day: soles for one unit of a currency."""


def no_rate(_: str, __: date) -> None:
    """Knows no published rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerCard:
    """The issuer as account and branch have him; ``anonymous_*`` is how he writes a customer without a name.

    ``detraction_account`` is his account at the Banco de la Nación.
    """

    ruc: str
    legal_name: str
    trade_name: str
    address: Address
    establishment_code: str
    reduced_igv: bool = False
    anonymous_code: str = "-"
    anonymous_number: str = "-"
    detraction_account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A request understood: the content, and the amounts of the caller that differ from the law's."""

    content: Voucher
    mismatches: tuple[Mismatch, ...]
    exchange_rate: Decimal | None


@dataclass(slots=True, kw_only=True)
class Reading:
    """One body being read. ``now`` is Lima's time of day for vouchers that give none.

    ``series`` is the one it is read for, empty where none is meant.
    """

    body: Mapping[str, Any]
    issuer: IssuerCard
    today: date
    now: time
    published: FindRate = no_rate
    series: str = ""
    items: list[Item] = field(default_factory=list)

    @property
    def header(self) -> Mapping[str, Any]:
        """The header."""
        return self.body["header"]  # type: ignore[no-any-return]

    @property
    def pe_header(self) -> Mapping[str, Any]:
        """Peru's part of the header, empty when it is not there."""
        return self.header.get("additional", _EMPTY).get("pe_header", _EMPTY)  # type: ignore[no-any-return]

    @property
    def details(self) -> list[Mapping[str, Any]]:
        """The lines."""
        return self.body["details"]  # type: ignore[no-any-return]

    @property
    def references(self) -> list[Mapping[str, Any]]:
        """The vouchers that a note changes."""
        return self.body.get("references") or []

    @property
    def refused(self) -> bool:
        """Whether anything noted so far forbids the voucher."""
        return any(item.severity == "error" for item in self.items)

    def refuse(self, code: str, pointer: str, es: str, en: str, hint: Text = NO_TEXT) -> None:
        """Notes an error at a field of the body."""
        self.items.append(Item(code=code, pointer=pointer, message=Text(es, en), hint=hint))

    def remark(self, code: str, pointer: str, es: str, en: str, hint: Text = NO_TEXT) -> None:
        """Notes something that does not stand in the way."""
        self.items.append(Item(code=code, pointer=pointer, message=Text(es, en), hint=hint, severity="observation"))

    def pe_detail(self, index: int) -> Mapping[str, Any]:
        """Peru's part of a line, empty when it is not there."""
        return self.details[index].get("additional", _EMPTY).get("pe_detail", _EMPTY)  # type: ignore[no-any-return]
