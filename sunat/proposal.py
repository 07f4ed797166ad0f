"""SUNAT's own list of what it holds of an issuer: the proposal of the sales register (RVIE) that SIRE offers a month.

It is downloaded in SOL (SIRE, Registro de Ventas, descargar propuesta) as text, one voucher a line. For each kind and
series this reads the highest number, which is how far SUNAT knows the series. Boletas are in it too, also those that
went by summary.
Sources: RS 112-2021/SUNAT, RS 040-2022/SUNAT and their annexes; the export's first columns are RUC, name, period, CAR,
issue date, due date, kind, series, first number, last number; CAR is RUC, kind, series and ten digits of number.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sunat.errors import FormatError
from sunat.numbering import MAX_NUMBER

_RUC: Final = re.compile(r"\d{11}")
_PERIOD: Final = re.compile(r"(\d{6})(00)?")
_KIND: Final = re.compile(r"\d{2}")
_SERIES: Final = re.compile(r"[0-9A-Z]{1,20}")
_NUMBER: Final = re.compile(r"\d{1,10}")
_CAR: Final = re.compile(r"(\d{11})(\d{2})([0-9A-Z]{4})(\d{10})")
_COLUMNS: Final = 10
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Highest:
    """How far a series goes in a proposal: kind, series, its highest number, and the line that says so."""

    kind: str
    series: str
    number: int
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What proposals say: whose (RUC), of which months (``YYYYMM``), and how far each series goes."""

    ruc: str
    periods: frozenset[str]
    highest: tuple[Highest, ...]
    rows: int

    def of(self, kind: str, series: str) -> Highest | None:
        """How far one series goes; None where it is not listed."""
        return next((one for one in self.highest if (one.kind, one.series) == (kind, series)), None)


def read_proposal(lines: Iterable[str]) -> Proposal:
    """Reads a proposal's text; a line of headings may come first, pipes, commas, semicolons or tabs between columns.

    Raises FormatError naming the first line that is no voucher of one RUC, or that contradicts its own CAR.
    """
    ruc, periods, rows = "", set[str](), 0
    highest: dict[tuple[str, str], Highest] = {}
    for place, line, columns in _split(lines):
        if not columns[0].isdecimal() and rows == 0 and not ruc:
            continue  # headings
        voucher, period, holder = _voucher(columns, place, line)
        if ruc and holder != ruc:
            raise FormatError(f"Line {place} is of RUC {holder}, not of {ruc}")
        ruc = holder
        rows += 1
        periods.add(period)
        former = highest.get((voucher.kind, voucher.series))
        if former is None or voucher.number > former.number:
            highest[voucher.kind, voucher.series] = voucher
    if not rows:
        raise FormatError("The proposal lists no voucher")
    return Proposal(ruc=ruc, periods=frozenset(periods), highest=tuple(highest.values()), rows=rows)


def merged(proposals: Iterable[Proposal]) -> Proposal:
    """Several proposals of one RUC as one. Raises FormatError for several RUCs, or for none at all."""
    found = list(proposals)
    if len({one.ruc for one in found}) != 1:
        raise FormatError("The proposals are of several RUCs")
    highest: dict[tuple[str, str], Highest] = {}
    for one in (each for proposal in found for each in proposal.highest):
        former = highest.get((one.kind, one.series))
        if former is None or one.number > former.number:
            highest[one.kind, one.series] = one
    return Proposal(
        ruc=found[0].ruc, periods=frozenset().union(*(one.periods for one in found)),
        highest=tuple(highest.values()), rows=sum(one.rows for one in found),
    )


def _split(lines: Iterable[str]) -> Iterator[tuple[int, str, list[str]]]:
    """The lines that are not blank, with their place from 1 and their columns."""
    mark = ""
    for place, raw in enumerate(lines, 1):
        line = raw.strip("\r\n").lstrip("\ufeff")
        if not line.strip():
            continue
        if len(line) > _LONGEST:
            raise FormatError(f"Line {place} is too long for a voucher")
        mark = mark or next((each for each in "|\t;," if each in line), "|")
        # Pipes and tabs separate plain text; only comma and semicolon files quote.
        plain = mark in "|\t"
        try:
            columns = line.split(mark) if plain else next(csv.reader([line], delimiter=mark))
        except csv.Error as error:
            raise FormatError(f"Line {place} cannot be read: {error}") from error
        if len(columns) < _COLUMNS:
            raise FormatError(f"Line {place} has {len(columns)} columns, too few for a voucher")
        yield place, line, [column.strip() for column in columns]


def _voucher(columns: list[str], place: int, line: str) -> tuple[Highest, str, str]:
    ruc, _, period, car, _, _, kind, series, first, last, *_ = columns
    month = _PERIOD.fullmatch(period)
    texts = ((_RUC, ruc), (_KIND, kind), (_SERIES, series), (_NUMBER, first), (_NUMBER, last or first))
    if month is None or not all(pattern.fullmatch(value) for pattern, value in texts):
        raise FormatError(f"Line {place} is no voucher of a proposal")
    number = int(last or first)
    if not int(first) <= number <= MAX_NUMBER:
        raise FormatError(f"Line {place}: numbers {first} to {last} cannot be")
    coded = _CAR.fullmatch(car)
    if coded is not None and (coded[1], coded[2], coded[3], int(coded[4])) != (ruc, kind, series, int(first)):
        raise FormatError(f"Line {place}: its CAR {car} is another voucher's")
    return Highest(kind=kind, series=series, number=number, line=line), month[1], ruc
