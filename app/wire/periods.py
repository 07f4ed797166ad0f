"""A period as people write it: one month of issue dates, ``AAAA-MM``."""

from __future__ import annotations

import calendar
from datetime import date

from app.problems import Malformed, Text


def month_of(text: str) -> tuple[date, date]:
    """The first and the last day (Lima) of a month. Raises Malformed for what is no month.

    >>> month_of("2026-02")
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Malformed("PERIOD", Text(
            f"{text!r} no es un mes: AAAA-MM", f"{text!r} is not a month: YYYY-MM"
        ), pointer="/period") from error
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
