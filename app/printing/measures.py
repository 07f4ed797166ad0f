"""How wide the columns of a table must be, and how small its letters where they would not fit otherwise.

Figures never break, so their columns are as wide as their longest one; the wide column takes what is left and always
keeps a share of the paper. Widths are in em of the table's letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from sunat.ubl.printed import Column, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """A format: its room in em of its letters, the widths of a figure and of a letter, what stands between columns.

    ``left`` is the share of the room kept for the wide column (a ticket has it on a line of its own), ``longest`` how
    many letters of a word fit into that column.
    """

    room: float
    figure: float
    letter: float
    between: float
    left: float
    longest: int

    @property
    def ticket(self) -> bool:
        """Whether it is a roll."""
        return not self.left


_PAPERS: Final = {
    "a4": _Paper(room=56, figure=0.5, letter=0.62, between=0.9, left=0.28, longest=16),
    "a5": _Paper(room=47, figure=0.5, letter=0.62, between=0.9, left=0.26, longest=12),
    "80mm": _Paper(room=27.5, figure=0.61, letter=0.61, between=0.4, left=0, longest=42),
    "58mm": _Paper(room=22.2, figure=0.61, letter=0.61, between=0.4, left=0, longest=33),
}
_BROKEN_AT: Final = 11
"""A narrow column of words is no wider than this many letters."""
_LEAST_FIGURES: Final = 3.4
_MOST_BESIDE: Final = 4
"""More columns than these stand one below the other on a roll, each with its title."""
_MOST_IN_LINE: Final = 3
"""A table of no more columns keeps its wide one in line on a roll."""


def longest(size: str) -> int:
    """How many letters of a word fit beside each other."""
    return _PAPERS[size].longest


def measured(columns: Sequence[Column], rows: Sequence[Row], size: str) -> dict[str, Any]:
    """A table as the layouts read it: the columns and cells that this format shows, widths and scale.

    ``widths`` has None for the wide column, which a roll has on a line of its own unless ``inline``. ``scale`` is the
    share of the usual size of letters, ``stacked`` says that the cells stand one below the other. A column that is
    empty in every row is left out.
    """
    paper = _PAPERS[size]
    unwanted = "sheet" if paper.ticket else "ticket"
    shown = [
        index for index, column in enumerate(columns)
        if column.where != unwanted and (column.wide or not rows or any(row.cells[index] for row in rows))
    ]
    kept = [columns[index] for index in shown]
    cells = [[row.cells[index] for index in shown] for row in rows]
    stacked = paper.ticket and len(kept) - 1 > _MOST_BESIDE
    widths = [_width(paper, column, [row[index] for row in cells]) for index, column in enumerate(kept)]
    needed = sum(width for width in widths if width is not None)
    fits = paper.room * (1 - paper.left) / needed if needed else 1.0
    return {
        "columns": [asdict(column) for column in kept],
        "rows": [{"cells": row, "remarks": list(told.remarks)} for row, told in zip(cells, rows, strict=True)],
        "inline": paper.ticket and len(kept) <= _MOST_IN_LINE, "stacked": stacked, "widths": widths,
        "scale": 1.0 if stacked else round(min(1.0, fits), 3),
    }


def _width(paper: _Paper, column: Column, cells: Sequence[str]) -> float | None:
    if column.wide:
        return None
    title = max(map(len, column.title.split()), default=0) * paper.letter
    most = max(map(len, cells), default=0)
    if column.figures:
        least = 0 if paper.ticket else _LEAST_FIGURES
        return round(max(title, most * paper.figure, least) + paper.between, 2)
    return round(max(title, min(most, _BROKEN_AT) * paper.letter) + paper.between, 2)
