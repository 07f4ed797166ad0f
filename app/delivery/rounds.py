"""What an engine does beside making attempts: frees what dead processes left, tells alarms, lapses what is lost.

It also gathers what goes into summaries, has webhooks told, vouchers mailed, and old notices cleared away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog

from app.delivery.deadlines import watch
from app.delivery.dispatch import guarded
from app.delivery.due import rescue
from app.delivery.gathering import Gatherer
from app.http import Office
from app.ledger import pulses
from app.mail.postman import Postman
from app.webhooks.certifying import certify
from app.webhooks.clearing import clear
from app.webhooks.courier import Courier

WATCH_EVERY: Final = 60.0
"""Seconds between two looks at the deadlines: their terms are hours."""

GATHER_EVERY: Final = 2.0
"""Seconds between two looks at what goes into summaries."""

CLEAR_EVERY: Final = 3600.0
"""Seconds between two looks at what webhooks were told long ago."""

BEAT_EVERY: Final = 10.0
"""Seconds between two pulses, by which others know that somebody delivers."""

_log = structlog.get_logger("chasqui.delivery")


class Rounds:
    """The rounds of one process's engine."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._gatherer = Gatherer(office)
        self._courier = Courier(office, guard=guarded)
        self._postman = Postman(office, guard=guarded)
        self._chores: tuple[tuple[float, Callable[[], None]], ...] = (
            (WATCH_EVERY, self._watch), (GATHER_EVERY, self._gather), (0.0, self._tell), (0.0, self._mail),
            (CLEAR_EVERY, self._clear), (BEAT_EVERY, self._beat),
        )
        self._next = [0.0] * len(self._chores)

    def make(self) -> None:
        """One round. Raises what the database raises while it looks for what was left behind."""
        left_behind = rescue(self._office.database, self._office.clock.now())
        if left_behind:
            _log.warning("deliveries_rescued", count=left_behind)
        for place, (every, chore) in enumerate(self._chores):
            if time.monotonic() >= self._next[place]:
                self._next[place] = time.monotonic() + every
                guarded(chore)

    def stop(self, patience: float) -> bool:
        """Has no more told and mailed; waits so many seconds for what is under way, and says whether all ended."""
        end = time.monotonic() + patience
        for each in (self._courier, self._postman):
            each.stop(0.0)
        told = self._courier.rest(max(0.0, end - time.monotonic()))
        return self._postman.rest(max(0.0, end - time.monotonic())) and told

    def _watch(self) -> None:
        watch(self._office)
        certify(self._office.database, self._office.clock.now())

    def _gather(self) -> None:
        self._gatherer.gather()

    def _tell(self) -> None:
        self._courier.round()

    def _mail(self) -> None:
        self._postman.round()

    def _clear(self) -> None:
        clear(self._office.database, self._office.clock.now(), days=self._office.settings.notices_days)

    def _beat(self) -> None:
        with self._office.database.write() as session:
            pulses.beat(session, pulses.ROUND, now=self._office.clock.now(), whose=pulses.here())
