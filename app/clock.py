"""The office's clock: instants in UTC, dates in Lima.

Peru has kept UTC-5 without daylight saving since 1994 (IANA zone America/Lima). SUNAT counts issue dates and
terms in Lima days, so a date is never taken from a UTC instant. Everything below `app` gets its `now` and
`today` from here; the law in `sunat` gets them as arguments.
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

LIMA: Final = ZoneInfo("America/Lima")


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    def today(self) -> date:
        """The date in Lima at this instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return lima(self.now()).date()


class FixedClock:
    """A clock that stands where it is put and moves when told; for tests, demonstrations and campaigns."""

    def __init__(self, at: datetime) -> None:
        self._lock = threading.Lock()
        self._at = _utc(at)

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def today(self) -> date:
        return lima(self.now()).date()

    def set(self, at: datetime) -> None:
        """Puts the clock at an aware instant. Raises ValueError for a naive one."""
        with self._lock:
            self._at = _utc(at)

    def advance(self, by: timedelta) -> None:
        """Moves the clock on (or back, for a negative step)."""
        with self._lock:
            self._at += by


def lima(instant: datetime) -> datetime:
    """An aware instant as the wall clock in Lima shows it.

    >>> lima(datetime(2027, 1, 1, 4, 59, tzinfo=UTC)).date().isoformat()
    '2026-12-31'
    """
    return _utc(instant).astimezone(LIMA)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant needs its zone")
    return instant.astimezone(UTC)
