"""Charts as SVG on the server: bars over days, bars across for parts of a whole; every one says its figures in words.

Geometry only: the drawing is ``pages/charts.html``, colours come by class from the style.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

WIDTH: Final = 420
HEIGHT: Final = 150
_BASE: Final = 124
"""Where the bars stand: days are written below."""

_TOP: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a bar: where it begins and how far it goes, and its tone."""

    y: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of a day with its pieces from the ground up; ``labelled`` whether its day is written below it."""

    x: float
    width: float
    pieces: Sequence[Piece]
    total: int
    top: float
    day: date
    labelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Across:
    """A bar across: its name, its number, and its length in hundredths of the longest."""

    name: str
    number: int
    share: int


def days(figures: Mapping[date, Mapping[str, int]], order: Sequence[date], tones: Sequence[str]) -> Sequence[Bar]:
    """Bars for days in their order; ``figures`` are numbers by tone."""
    most = max((sum(each.values()) for each in figures.values()), default=0) or 1
    step = WIDTH / len(order)
    bars = []
    for place, day in enumerate(order):
        numbers, y, pieces = figures.get(day, {}), float(_BASE), []
        for tone in tones:
            height = numbers.get(tone, 0) / most * (_BASE - _TOP)
            if height:
                y -= height
                pieces.append(Piece(y=round(y, 1), height=round(height, 1), tone=tone))
        bars.append(Bar(
            x=round(place * step + step * 0.15, 1), width=round(step * 0.7, 1), pieces=pieces, top=round(y, 1),
            total=sum(numbers.values()), day=day, labelled=place % 3 == (len(order) - 1) % 3,
        ))
    return bars


def across(figures: Mapping[str, int], names: Callable[[str], str], *, most: int = 6) -> Sequence[Across]:
    """Bars across, the longest first, at most so many."""
    chosen = sorted(figures.items(), key=lambda item: (-item[1], item[0]))[:most]
    longest = max((number for _, number in chosen), default=0) or 1
    return [Across(name=names(key), number=number, share=max(1, number * 100 // longest)) for key, number in chosen]
