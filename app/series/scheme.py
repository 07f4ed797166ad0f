"""How a series numbers: its template, padding, end and periods, without any row.

A `Scheme` answers what comes next after a position on a day. Counters start anew lazily, at the first number of a new
period by issue date in Lima (FRI-10, OPT-04); a date before the running period is refused (FRI-17). Source:
`domain/numbering.md` 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from app.problems import Conflict, Refused, Text
from app.series.template import LONGEST_TEXT, Names, Template, parse, usual
from sunat.numbering import MAX_NUMBER

FIRST: Final = 1
"""What a counter starts anew with."""

_LATEST: Final = date(2199, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a counter stands: the running period (its first day, ISO, or empty) and the last number used in it."""

    period: str = ""
    last_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """A numbering, checked. ``template`` is empty for the usual one; ``reset`` and ``overflow`` as in the rows.

    Raises Refused where template, reset and lengths do not fit together.
    """

    names: Names
    template: str = ""
    reset: str = "NEVER"
    padding: int = 0
    overflow: str = "stop"
    restart: int = FIRST
    read: Template = field(init=False, repr=False)

    def __post_init__(self) -> None:
        read = parse(self.template or usual(self.reset))
        read.check_reset(self.reset)
        object.__setattr__(self, "read", read)
        if len(self.text(MAX_NUMBER, _LATEST)) > LONGEST_TEXT:
            raise Refused("FORMAT_LONG", Text(
                f"El número completo pasaría de {LONGEST_TEXT} caracteres",
                f"The whole number would be longer than {LONGEST_TEXT} characters",
            ), pointer="/format")

    @property
    def capacity(self) -> int:
        """The last number there is: all nines of the padding where it stops (INV-19), else 99,999,999."""
        digits = self.read.padding(self.padding)
        return min(10**digits - 1, MAX_NUMBER) if digits and self.overflow == "stop" else MAX_NUMBER

    def text(self, number: int, day: date) -> str:
        """The text of a number on a day."""
        return self.read.render(number, day, self.names, padding=self.padding)

    def turned(self, place: Place, day: date) -> Place:
        """The place by which a number of that day is counted: the same, or the new period's beginning.

        Raises Conflict for a day before the running period.
        """
        period = start_of(self.reset, day)
        running = start_of(self.reset, date.fromisoformat(place.period)) if place.period else ""
        if period < running:
            raise Conflict("PERIOD_CLOSED", Text(
                f"La serie ya numera desde {place.period}; no se numera con una fecha anterior",
                f"The series already numbers from {place.period} on; an earlier date gets no number",
            ), pointer="/issue_date")
        if period == running:
            return place
        return Place(period=period, last_number=self.restart - 1 if running else place.last_number)

    def following(self, place: Place, day: date) -> Place:
        """The place after the next number of that day. Raises Conflict for a past period and at the end."""
        at = self.turned(place, day)
        if at.last_number >= self.capacity:
            raise exhausted(self.capacity)
        return Place(period=at.period, last_number=at.last_number + 1)

    def coming(self, place: Place, day: date, count: int) -> Iterator[tuple[int, str]]:
        """The next numbers of that day with their texts, as many as there still are. Raises Conflict at the end."""
        first = self.following(place, day).last_number
        for number in range(first, min(first + count - 1, self.capacity) + 1):
            yield number, self.text(number, day)

    def changed_from(self, place: Place, last_issue_date: date | None) -> Place:
        """The place when a used series takes this scheme: the counter goes on until the next period (FRI-11)."""
        began = start_of(self.reset, last_issue_date) if last_issue_date else ""
        return Place(period=max(began, place.period), last_number=place.last_number)


def start_of(reset: str, day: date) -> str:
    """The first day (ISO) of the period a day belongs to; empty where counters never start anew.

    >>> start_of("MONTHLY", date(2026, 11, 20)), start_of("NEVER", date(2026, 11, 20))
    ('2026-11-01', '')
    """
    return {
        "NEVER": "", "ANNUAL": f"{day.year:04d}-01-01", "MONTHLY": f"{day.year:04d}-{day.month:02d}-01",
        "DAILY": day.isoformat(),
    }[reset]


def usual_reset(template: str) -> str:
    """The reset of a series that says none: by year where the format has one, else never (decision 11, BEE-05)."""
    return "ANNUAL" if template and parse(template).variables & {"YEAR", "YY"} else "NEVER"


def exhausted(capacity: int) -> Conflict:
    """The refusal of a series that has no number left."""
    return Conflict("SERIES_EXHAUSTED", Text(
        f"La serie llegó a su último número, {capacity}", f"The series has reached its last number, {capacity}"
    ), hint=Text(
        "Aumente padding, use overflow \"grow\" o abra otra serie",
        'Increase padding, use overflow "grow", or open another series',
    ))
