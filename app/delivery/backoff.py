"""How long to wait before trying again.

Full jitter: the wait is drawn evenly between nothing and a ceiling that doubles with every try up to a cap, so that a
thousand tills that failed together do not come back together.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

Draw = Callable[[float, float], float]
"""Draws a number between two bounds."""

_DRAW: Final[Draw] = random.SystemRandom().uniform


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """A retry policy, in seconds: the ceiling of the first wait, the highest ceiling, and what is always waited."""

    first: float
    cap: float
    least: float = 0.0

    def ceiling(self, tries: int) -> float:
        """The longest wait after so many tries (1 or more), in seconds."""
        if tries < 1:
            raise ValueError("There is nothing to wait for before the first try")
        doublings = min(tries - 1, 64)  # far beyond any cap, and still a float
        return max(self.least, min(self.cap, self.first * 2.0**doublings))

    def delay(self, tries: int, draw: Draw = _DRAW) -> timedelta:
        """The wait after so many tries (1 or more)."""
        return timedelta(seconds=draw(self.least, self.ceiling(tries)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """The policies of one installation, by what went wrong.

    ``unreached``: nobody was there. ``unanswered``: it may have been read. ``in_process``: SUNAT says it is at it, and
    asks for about a quarter of an hour. ``slow``: a refusal that is sometimes an outage. ``soon``: the next step of the
    protocol. ``fetch``: a CDR that must be somewhere. ``spaced``: between two answers "not there", which lag behind;
    the least of it is what makes them two. ``ticket``: the authority is at it, for seconds or minutes.
    """

    unreached: Backoff = Backoff(first=2, cap=300)
    unanswered: Backoff = Backoff(first=10, cap=900, least=2)
    in_process: Backoff = Backoff(first=900, cap=3600, least=900)
    slow: Backoff = Backoff(first=120, cap=3600, least=60)
    soon: Backoff = Backoff(first=2, cap=60, least=1)
    fetch: Backoff = Backoff(first=10, cap=3600, least=3)
    spaced: Backoff = Backoff(first=900, cap=900, least=660)
    ticket: Backoff = Backoff(first=3, cap=300, least=1)


RETRIES: Final = Retries()
