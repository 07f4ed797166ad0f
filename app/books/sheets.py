"""A book as CSV and as a workbook. A text that a spreadsheet would take for a formula stays a text.

CSV is UTF-8 with a mark at its beginning (spreadsheets in Spanish read it rightly), a comma between cells, one line a
row. The workbook has the rows on one sheet and the sums on another and is written row by row: memory does not grow.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

from app.books.registry import FIELDS, Cell, Sums

_MARK: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_CHUNK: Final = 64 * 1024
_MOST_ROWS: Final = 1_048_576
"""Rows that a sheet of a workbook may have (ECMA-376); what is more goes on another sheet."""

_SUMS: Final = (
    ("tipo", "kind"), ("nombre", "name"), ("moneda", "currency"), ("estado", "status"), ("cantidad", "count"),
    ("valor", "net"), ("impuestos", "taxes"), ("total", "total"),
)
_AMOUNTS: Final = ("net", "taxes", "total")


def as_csv(rows: Iterable[tuple[Cell, ...]], headings: Iterable[str] | None = None) -> Iterator[bytes]:
    """The rows as CSV, in pieces of some 64 kB."""
    page = io.StringIO()
    page.write(_MARK)
    write = csv.writer(page, lineterminator="\r\n").writerow
    write(headings if headings is not None else [each.heading for each in FIELDS])
    for row in rows:
        write([_plain(cell) for cell in row])
        if page.tell() > _CHUNK:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


def write_workbook(target: IO[bytes] | Path, rows: Iterable[tuple[Cell, ...]], sums: Sums, *, title: str) -> None:
    """Writes the rows and their sums as a workbook (XLSX)."""
    import xlsxwriter  # half a megabyte that most processes never need

    book = xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": title})
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})

    def sheet(name: str, headings: list[str]) -> Callable[[int, Iterable[Any]], None]:
        page = book.add_worksheet(name)
        page.freeze_panes(1, 0)
        page.set_column(0, len(headings) - 1, 14)
        page.write_row(0, 0, headings, bold)

        def put(place: int, cells: Iterable[Any]) -> None:
            for column, cell in enumerate(cells):
                if isinstance(cell, Decimal):
                    page.write_number(place, column, float(cell), money)
                elif isinstance(cell, int):
                    page.write_number(place, column, cell)
                elif cell:
                    page.write_string(place, column, cell)

        return put

    with book:
        headings = [each.heading for each in FIELDS]
        put, place, sheets = sheet("Comprobantes", headings), 0, 1
        for row in rows:
            place += 1
            if place == _MOST_ROWS:
                sheets, place = sheets + 1, 1
                put = sheet(f"Comprobantes {sheets}", headings)
            put(place, row)
        put = sheet("Resumen", [heading for heading, _ in _SUMS])
        for place, line in enumerate(sums.lines, 1):
            put(place, [Decimal(line[key]) if key in _AMOUNTS else line[key] for _, key in _SUMS])


def _plain(cell: Cell) -> Cell:
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
