"""What was typed into the form, read as people write it: ``000123``, ``f001``, ``20/11/2026``, ``S/ 1,180.00``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.problems import Text
from sunat.kinds import KINDS
from sunat.money import to_cents

_CODES: Final = frozenset(row.code for row in KINDS)
_DAY: Final = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_LOCAL_DAY: Final = re.compile(r"(?P<day>[0-9]{1,2})[/-](?P<month>[0-9]{1,2})[/-](?P<year>[0-9]{4})")
_AMOUNT: Final = re.compile(
    r"(?:S/\.?|US\$|\$|€)?\s*(?P<amount>(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9]{1,12})(?:\.[0-9]{1,2})?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A voucher by everything that its paper says: ``sunat_code`` of catalogue 01, ``total`` in céntimos."""

    ruc: str
    sunat_code: str
    series: str
    number: int
    issue_date: date
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the form: what its text means, and what is said of a text that means nothing.

    ``reads`` raises ValueError.
    """

    reads: Callable[[str], Any]
    complaint: Text


def read(form: Mapping[str, str]) -> Asked | dict[str, Text]:
    """What is asked for; else the complaints, by the names of their fields."""
    values: dict[str, Any] = {}
    complaints: dict[str, Text] = {}
    for name, field in FIELDS.items():
        try:
            values[name] = field.reads(form.get(name, "").strip())
        except ValueError:
            complaints[name] = field.complaint
    if complaints:
        return complaints
    return Asked(
        ruc=values["ruc"], sunat_code=values["kind"], series=values["series"], number=values["number"],
        issue_date=values["date"], total=values["total"],
    )


def _matching(pattern: str) -> Callable[[str], str]:
    def reads(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(text)
        return text
    return reads


def _kind(text: str) -> str:
    if text not in _CODES:
        raise ValueError(text)
    return text


def _series(text: str) -> str:
    return _matching("[A-Z0-9]{1,4}")(text.upper())


def _number(text: str) -> int:
    number = int(_matching("[0-9]{1,8}")(text))
    if number < 1:
        raise ValueError(text)
    return number


def _day(text: str) -> date:
    found = _DAY.fullmatch(text) or _LOCAL_DAY.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return date(int(found["year"]), int(found["month"]), int(found["day"]))


def _total(text: str) -> int:
    """A guide has no total: an empty field is zero."""
    if not text:
        return 0
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return to_cents(Decimal(found["amount"].replace(",", "")))


FIELDS: Final[Mapping[str, Field]] = {
    "ruc": Field(reads=_matching("[0-9]{11}"), complaint=Text(
        "El RUC del emisor tiene 11 dígitos", "The issuer's RUC has 11 digits"
    )),
    "kind": Field(reads=_kind, complaint=Text("Elija el tipo de comprobante", "Choose the kind of voucher")),
    "series": Field(reads=_series, complaint=Text(
        "La serie es lo que va antes del guion, como F001", "The series is what stands before the dash, such as F001"
    )),
    "number": Field(reads=_number, complaint=Text(
        "El número es lo que va después del guion: de 1 a 8 dígitos",
        "The number is what stands after the dash: 1 to 8 digits",
    )),
    "date": Field(reads=_day, complaint=Text(
        "La fecha de emisión se escribe día/mes/año, como 20/11/2026",
        "The date of issue is written day/month/year, such as 20/11/2026",
    )),
    "total": Field(reads=_total, complaint=Text(
        "El total se escribe con punto decimal, como 1180.00", "The total has a decimal point, such as 1180.00"
    )),
}
"""The fields of the form, in their order."""
