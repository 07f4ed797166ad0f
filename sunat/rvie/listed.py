"""SUNAT's own list of a month's vouchers, as SOL and SIRE's service offer it for download, read line by line.

The text is divided by pipes, commas, semicolons or tabs, with or without a line of headings; what was left out at the
end of a line counts as empty. Amounts are as written there, negative for what is taken away.
Source: annex 3 of RS 112-2021/SUNAT; the list of August 2026 as SOL writes it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from sunat.errors import FormatError
from sunat.numbering import MAX_NUMBER
from sunat.rvie.columns import COLUMNS

_PLACES: Final = {column.key: place for place, column in enumerate(COLUMNS)}
_NAMES: Final = {column.key: column.name for column in COLUMNS}
_FEWEST: Final = _PLACES["receiver_code"]
_MARKS: Final = "|\t;,"
_QUOTING: Final = ";,"
_LONGEST: Final = 20_000
_PATTERNS: Final = {
    "ruc": re.compile(r"\d{11}"), "period": re.compile(r"\d{6}(00)?"), "kind": re.compile(r"[0-9A-Z]{2}"),
    "series": re.compile(r"[0-9A-Z]{1,20}"), "number": re.compile(r"\d{1,20}"),
    "last_number": re.compile(r"\d{0,20}"),
}
_DATES: Final = (re.compile(r"(\d{2})/(\d{2})/(\d{4})"), re.compile(r"(\d{4})-(\d{2})-(\d{2})"))
_CAR: Final = re.compile(r"(\d{11})(\d{2})([0-9A-Z]{4})(\d{10})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the list: ``place`` is its line in the file (from 1), ``period`` ``YYYYMM``.

    ``total`` is the line's whole amount and ``rate`` soles for one unit, None where it is not said; ``last_number``
    equals ``number`` unless the line stands for a range. ``state`` is as SUNAT wrote it, perhaps empty.
    """

    place: int
    line: str
    ruc: str
    period: str
    issue_date: date
    kind: str
    series: str
    number: int
    last_number: int
    receiver_number: str
    total: Decimal | None
    currency: str
    rate: Decimal | None
    state: str


def read_listed(lines: Iterable[str]) -> Iterator[Listed]:
    """The lines of a list, in their order. Raises FormatError naming the first line that is none, and its column."""
    mark = ""
    headed = False
    for place, raw in enumerate(lines, 1):
        line = raw.strip("\r\n").lstrip("\ufeff")
        if not line.strip():
            continue
        if len(line) > _LONGEST:
            raise FormatError(f"Line {place} is too long for a voucher")
        mark = mark or next((each for each in _MARKS if each in line), _MARKS[0])
        cells = _cells(line, mark, place)
        if not headed:
            headed = True
            if not cells[0].isdecimal():
                continue
        yield _listed(cells, line, place)


def _cells(line: str, mark: str, place: int) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=mark, strict=True)) if mark in _QUOTING else line.split(mark)
    except csv.Error as error:
        raise FormatError(f"Line {place} cannot be read: {error}") from error
    if len(cells) < _FEWEST:
        raise FormatError(f"Line {place} has {len(cells)} columns; a list of SUNAT's has {len(COLUMNS)}")
    return [cell.strip() for cell in cells] + [""] * (len(COLUMNS) - len(cells))


def _listed(cells: list[str], line: str, place: int) -> Listed:
    said = {key: cells[where] for key, where in _PLACES.items()}
    for key, pattern in _PATTERNS.items():
        if not pattern.fullmatch(said[key]):
            raise _wrong(place, key, said[key])
    first = int(said["number"])
    last = int(said["last_number"]) if said["last_number"].strip("0") else first
    if not 0 < first <= last <= MAX_NUMBER:
        raise _wrong(place, "number", f"{said['number']}-{said['last_number']}")
    coded = _CAR.fullmatch(said["car"])
    if coded is not None and (coded[1], coded[2], coded[3], int(coded[4])) != (
        said["ruc"], said["kind"], said["series"], first
    ):
        raise _wrong(place, "car", said["car"])
    return Listed(
        place=place, line=line, ruc=said["ruc"], period=said["period"][:6],
        issue_date=_date(said["issue_date"], place), kind=said["kind"], series=said["series"], number=first,
        last_number=last, receiver_number=said["receiver_number"].strip("-"),
        total=_amount(said, "total", place), currency=said["currency"] or "PEN",
        rate=_amount(said, "rate", place), state=said["state"],
    )


def _date(written: str, place: int) -> date:
    for pattern in _DATES:
        found = pattern.fullmatch(written)
        if found is not None:
            parts = [int(part) for part in found.groups()]
            year, month, day = parts if parts[0] > 31 else parts[::-1]
            try:
                return date(year, month, day)
            except ValueError:
                break
    raise _wrong(place, "issue_date", written)


def _amount(said: dict[str, str], key: str, place: int) -> Decimal | None:
    if not said[key]:
        return None
    try:
        found = Decimal(said[key])
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) >= Decimal(10) ** 12:
        raise _wrong(place, key, said[key])
    return found


def _wrong(place: int, key: str, value: str) -> FormatError:
    return FormatError(f"Line {place}, {_NAMES[key]}: {value[:40]!r} cannot be")
