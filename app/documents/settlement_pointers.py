"""Where a body says what only a purchase settlement says: its part of the tables of `app.documents.pointers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

_NAME: Final = "pe_purchase_settlement"
_OWN: Final = f"/header/additional/{_NAME}"
_PE: Final = "/header/additional/pe_header"
_ADDRESS: Final = ("ubigeo", "urbanization", "district", "province", "department", "country")

Find = Callable[[Mapping[str, Any], Sequence[int]], str]

TABLE: Final = {
    "place": f"{_OWN}/operation_place",
    "place.line": f"{_OWN}/operation_place/address_line",
    **{f"place.{name}": f"{_OWN}/operation_place/{name}" for name in _ADDRESS},
    "place_type": f"{_OWN}/operation_place/type",
    "seller_address_type": f"{_OWN}/seller_address/type",
    "income_tax": f"{_OWN}/income_tax",
    "income_tax.base": f"{_OWN}/income_tax/base",
    "income_tax.amount": f"{_OWN}/income_tax/amount",
    "settlement.payable": "/totals/total_amount",
}
"""Content field -> pointer."""


def _seller(member: str, older: str) -> Find:
    """A part of the other party's address: a settlement says it in its own member, every other kind in the header."""
    def find(body: Mapping[str, Any], _: Sequence[int]) -> str:
        settles = ((body.get("header") or {}).get("additional") or {}).get(_NAME)
        return older if settles is None else f"{_OWN}/seller_address{member}"
    return find


def _kept(part: str = "") -> Find:
    """The income tax kept back of a line, in the line's own member where it has one."""
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        details = body.get("details") or ()
        line = details[numbers[0]] if numbers[0] < len(details) else {}
        if ((line.get("additional") or {}).get("pe_detail") or {}).get("income_tax"):
            return f"/details/{numbers[0]}/additional/pe_detail/income_tax/rate"
        return f"{_OWN}/income_tax{part}"
    return find


BY_BODY: Final[dict[str, Find]] = {
    **{
        f"customer.address{field}": _seller(member, older) for field, member, older in (
            ("", "", "/header/receiver_address"), (".line", "/address_line", "/header/receiver_address"),
            (".ubigeo", "/ubigeo", f"{_PE}/receiver_ubigeo"),
            (".urbanization", "/urbanization", "/header/receiver_address"),
            (".district", "/district", "/header/receiver_district"),
            (".province", "/province", "/header/receiver_city"),
            (".department", "/department", "/header/receiver_department"),
            (".country", "/country", "/header/receiver_country_id"),
        )
    },
    "lines.#.income_tax": _kept(),
    **{f"lines.#.income_tax.{part}": _kept(f"/{part}") for part in ("base", "rate", "amount")},
}
"""Content field -> how its pointer follows from the body."""
