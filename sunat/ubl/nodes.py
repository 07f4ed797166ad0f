"""What stands at a path of somebody's XML: text across comments, amounts, dates. Nothing is judged beyond its form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Final

from sunat import xml
from sunat.errors import FormatError
from sunat.money import decimal

_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{0,20})?")
"""What every amount and quantity of a voucher fits into; it also keeps the arithmetic of a hostile file cheap."""


def text(element: xml.Element, path: str) -> str:
    """The text at a path across comments, without the white space around it; "" when there is none."""
    found = xml.find(element, path)
    return "" if found is None else "".join(str(piece) for piece in found.itertext()).strip()


def needed(element: xml.Element, path: str) -> str:
    """The text at a path. Raises FormatError when there is none."""
    found = text(element, path)
    if not found:
        raise FormatError(f"There is no {path}")
    return found


def first(element: xml.Element, *paths: str) -> str:
    """The first text that stands at any of the paths."""
    return next((found for path in paths if (found := text(element, path))), "")


def attribute(element: xml.Element, path: str, name: str) -> str:
    """An attribute of the node at a path; "" when there is none."""
    found = xml.find(element, path)
    return "" if found is None else str(found.get(name, "")).strip()


def amount(element: xml.Element, path: str) -> Decimal | None:
    """The number at a path, None when there is none. Raises FormatError for what is no amount."""
    found = text(element, path)
    if not found:
        return None
    if _AMOUNT.fullmatch(found) is None:
        raise FormatError(f"{path} is {found[:40]!r}, which is no amount")
    return decimal(found)


def flag(element: xml.Element, path: str) -> bool:
    """Whether the node at a path says true."""
    return text(element, path).lower() in {"true", "1"}


def subtotals(element: xml.Element) -> Iterator[xml.Element]:
    """The tax subtotals of a line or a voucher, however many totals they are spread over."""
    for each in xml.find_all(element, "cac:TaxTotal"):
        yield from xml.find_all(each, "cac:TaxSubtotal")


def day(written: str, path: str) -> date:
    """A date as it is written. Raises FormatError for what is none."""
    try:
        return date.fromisoformat(written[:10])
    except ValueError as error:
        raise FormatError(f"{path} is {written[:20]!r}, which is no date") from error


def hour(written: str) -> time | None:
    """A time of day, None for what is none."""
    try:
        return time.fromisoformat(written[:8]).replace(tzinfo=None)
    except ValueError:
        return None
