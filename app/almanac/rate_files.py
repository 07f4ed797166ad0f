"""Exchange rates from a file, judged line by line in the words of whoever wrote it.

Ours is CSV with a first line of names, commas or semicolons between: ``day,currency,buy,sell`` and, if wanted,
``source``; days as 2026-11-20 or 20/11/2026, decimals with a point. SUNAT's daily text is read too: ``day|buy|sell|``
without a first line, always US dollars.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from app.almanac.rates import DayRate, faults_of
from app.problems import Item, Malformed, Refused, Text, refusal
from sunat.errors import FormatError
from sunat.money import decimal

COLUMNS: Final = ("day", "currency", "buy", "sell", "source")
_NEEDED: Final = COLUMNS[:4]
_SUNAT: Final = re.compile(r"\s*\d{2}/\d{2}/\d{4}\s*\|")
_SUNAT_COLUMNS: Final = ("day", "buy", "sell")
_DAY: Final = re.compile(r"(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})")
_MOST_LINES: Final = 100_000
_MOST_TOLD: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a file, counted from 1, by its columns."""

    number: int
    cells: Mapping[str, str]


def read_rates(content: bytes, today: date) -> list[DayRate]:
    """The rates of a file. Raises Malformed for what is no such file, Refused naming every line that is wrong."""
    rates: dict[tuple[str, date], DayRate] = {}
    wrong: list[Item] = []
    for line in _lines(_text(content)):
        rate = _rate(line, today, wrong)
        if rate is None:
            continue
        former = rates.setdefault((rate.currency, rate.day), rate)
        if (former.buy, former.sell) != (rate.buy, rate.sell):
            wrong.append(_at(line.number, Text(
                f"{rate.currency} del {rate.day} ya vino con otro valor ({former.buy}, {former.sell})",
                f"{rate.currency} of {rate.day} came before with another value ({former.buy}, {former.sell})",
            )))
    if wrong:
        more = len(wrong) - _MOST_TOLD
        if more > 0:
            wrong[_MOST_TOLD:] = [Item(code="RATE_LINE", message=Text(f"y {more} más", f"and {more} more"))]
        raise refusal(wrong)
    if not rates:
        raise Refused("RATES_EMPTY", Text("El archivo no trae ningún tipo de cambio", "The file holds no rate"))
    return list(rates.values())


def day_of(text: str) -> date | None:
    """The day that a text means, as AAAA-MM-DD or DD/MM/AAAA, or None.

    >>> day_of("20/11/2026"), day_of("2026-11-20"), day_of("11/20/2026")
    (datetime.date(2026, 11, 20), datetime.date(2026, 11, 20), None)
    """
    written = text.strip()
    match = _DAY.fullmatch(written)
    try:
        if match is not None:
            return date(int(match["y"]), int(match["m"]), int(match["d"]))
        return date.fromisoformat(written) if len(written) == 10 else None
    except ValueError:
        return None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("CSV", Text("El archivo no es UTF-8", "The file is not UTF-8")) from error


def _lines(text: str) -> Iterator[Line]:
    if _SUNAT.match(text):
        rows = ((number, row.split("|")) for number, row in enumerate(text.splitlines(), 1))
        names: tuple[str, ...] = _SUNAT_COLUMNS
        preset = {"currency": "USD", "source": "SUNAT"}
    else:
        first = text.partition("\n")[0]
        reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
        names, preset = _named(reader), {}
        rows = ((reader.line_num, row) for row in reader)
    try:
        for number, row in rows:
            if number > _MOST_LINES:
                raise Refused("RATE_LINES", Text(
                    f"El archivo pasa de {_MOST_LINES} líneas", f"The file has more than {_MOST_LINES} lines"
                ))
            if any(cell.strip() for cell in row):
                cells = dict(zip(names, (cell.strip() for cell in row), strict=False))
                yield Line(number=number, cells={**cells, **preset})
    except csv.Error as error:
        raise Malformed("CSV", Text("El archivo no es CSV", "The file is not CSV")) from error


def _named(reader: Iterator[list[str]]) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in next(reader, []))
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise Refused("CSV_COLUMNS", Text(
            f"Faltan columnas: {', '.join(missing)}", f"Columns are missing: {', '.join(missing)}"
        ), hint=Text(
            f"La primera línea nombra las columnas: {','.join(COLUMNS)}",
            f"The first line names the columns: {','.join(COLUMNS)}",
        ))
    return names


def _rate(line: Line, today: date, wrong: list[Item]) -> DayRate | None:
    """The rate of a line, or None with what is wrong noted."""
    cells = line.cells
    before = len(wrong)
    day = day_of(cells.get("day", ""))
    if day is None:
        wrong.append(_at(line.number, Text(
            f"{cells.get('day', '')!r} no es un día (AAAA-MM-DD o DD/MM/AAAA)",
            f"{cells.get('day', '')!r} is no day (YYYY-MM-DD or DD/MM/YYYY)",
        )))
    buy, sell = (_amount(line, name, wrong) for name in ("buy", "sell"))
    if day is None or buy is None or sell is None:
        return None
    rate = DayRate(
        currency=cells.get("currency", "").upper(), day=day, buy=buy, sell=sell, source=cells.get("source", "")
    )
    wrong += [_at(line.number, text) for _, text in faults_of(rate, today)]
    return rate if len(wrong) == before else None


def _amount(line: Line, name: str, wrong: list[Item]) -> Decimal | None:
    written = line.cells.get(name, "")
    try:
        return decimal(written)
    except FormatError:
        wrong.append(_at(line.number, Text(
            f"{name}: {written!r} no es un número con punto decimal", f"{name}: {written!r} is no number with a point"
        )))
        return None


def _at(number: int, text: Text) -> Item:
    return Item(code="RATE_LINE", message=Text(f"Línea {number}: {text.es}", f"Line {number}: {text.en}"))
