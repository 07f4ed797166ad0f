"""What an engine does beside making attempts: frees what dead processes left, tells alarms, lapses what is lost.

It also gathers what goes into summaries, has webhooks told, and vouchers mailed.
"""

from __future__ import annotations

import time
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
from app.webhooks.courier import Courier

WATCH_EVERY: Final = 60.0
"""Seconds between two looks at the deadlines: their terms are hours."""

GATHER_EVERY: Final = 2.0
"""Seconds between two looks at what goes into summaries."""

BEAT_EVERY: Final = 10.0
"""Seconds between two pulses, by which others know that somebody delivers."""

_log = structlog.get_logger("chasqui.delivery")


class Rounds:
    """The rounds of one process's engine."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._watch_next = self._gather_next = self._beat_next = 0.0
        self._gatherer = Gatherer(office)
        self._courier = Courier(office, guard=guarded)
        self._postman = Postman(office, guard=guarded)

    def make(self) -> None:
        """One round. Raises what the database raises while it looks for what was left behind."""
        left_behind = rescue(self._office.database, self._office.clock.now())
        if left_behind:
            _log.warning("deliveries_rescued", count=left_behind)
        if time.monotonic() >= self._watch_next:
            self._watch_next = time.monotonic() + WATCH_EVERY
            guarded(self._watch)

        if time.monotonic() >= self._gather_next:
            self._gather_next = time.monotonic() + GATHER_EVERY
            guarded(self._gather)
        guarded(self._tell)
        guarded(self._mail)
        if time.monotonic() >= self._beat_next:
            self._beat_next = time.monotonic() + BEAT_EVERY
            guarded(self._beat)

    def stop(self, patience: float) -> bool:
        """Has no more told and mailed; waits so many seconds for what is under way, and says whether all ended."""
        end = time.monotonic() + patience
        told = self._courier.stop(patience)
        return self._postman.stop(max(0.0, end - time.monotonic())) and told

    def _tell(self) -> None:
        self._courier.round()

    def _beat(self) -> None:
        with self._office.database.write() as session:
            pulses.beat(session, pulses.ROUND, now=self._office.clock.now(), whose=pulses.here())

    def _mail(self) -> None:
        self._postman.round()

    def _gather(self) -> None:
        self._gatherer.gather()

    def _watch(self) -> None:
        watch(self._office)
        certify(self._office.database, self._office.clock.now())
