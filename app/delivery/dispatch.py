"""Which deliveries go now, and one attempt at each: what every engine shares.

Of what is due, those behind a shut door wait; a door on trial lets one attempt through; and retries spend a budget of
their own, so that after an outage the ones that failed do not crowd out the ones that were never tried.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from app.delivery.attempts import attempt
from app.delivery.backoff import RETRIES, Retries
from app.delivery.breakers import Breakers
from app.delivery.due import Due, pick
from app.delivery.parcels import Report
from app.http import Office
from sunat.transport import Exchange, post

REST: Final = 30.0
"""Seconds a delivery is left alone after an attempt that ended in a fault of our own."""

_QUIET: Final = 0.2
"""Seconds for which "nothing may go" is believed, so that turns in vain cost one look together."""

_log = structlog.get_logger("chasqui.delivery")

_LOOK_AHEAD: Final = 4
"""How many more are looked at than may go, for some may have to wait."""


@dataclass(slots=True)
class Budget:
    """What retries may spend at each door: ``burst`` at once, ``rate`` more a second. First tries are free."""

    rate: float = 10.0
    burst: float = 100.0
    _left: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, door: str, now: datetime) -> bool:
        """Takes one retry; False when there is none left for now."""
        with self._lock:
            left, since = self._left.get(door, (self.burst, now))
            left = min(self.burst, left + self.rate * max(0.0, (now - since).total_seconds()))
            self._left[door] = (left - 1 if left >= 1 else left, now)
            return left >= 1


def guarded(step: Callable[[], None], **about: object) -> bool:
    """Runs a step of an engine; a fault of ours in one delivery must not end the delivery of all others."""
    try:
        step()
    except Exception:
        _log.exception("delivery_failed", **about)
        return False
    return True


class Dispatch:
    """The choice of what goes, and its going, for one process. Safe from any thread."""

    def __init__(
        self, office: Office, *, retries: Retries = RETRIES, exchange: Exchange = post, budget: Budget | None = None,
    ) -> None:
        self._office = office
        self._retries = retries
        self._exchange = exchange
        self._budget = budget or Budget()
        self.breakers = Breakers(office.database, office.clock)
        self._choosing = threading.Lock()
        self._lock = threading.Lock()
        self._busy: set[int] = set()
        self._resting: dict[int, float] = {}
        self._quiet_until = 0.0

    def turn(self) -> bool:
        """Makes one attempt at whatever comes first; False when nothing may go. Raises nothing."""
        if time.monotonic() < self._quiet_until:
            return False
        lost: set[int] = set()
        while (chosen := self._first(lost)) is not None:
            if self.run(chosen) is not None or chosen.id in self._resting:
                return True
            lost.add(chosen.id)  # another process was first
        self._quiet_until = time.monotonic() + _QUIET
        return False

    def _first(self, besides: Collection[int]) -> Due | None:
        """What comes first, claimed; None as well when it cannot be looked for."""
        chosen: list[Due] = []
        with self._choosing:
            guarded(lambda: chosen.extend(self.claim(1, besides=besides)))
        return chosen[0] if chosen else None

    def claim(self, limit: int, *, besides: Collection[int] = ()) -> list[Due]:
        """What may go now and nobody here is at, at most so many; each is this process's until `run` ends."""
        with self._lock:
            present = time.monotonic()
            self._resting = {one: until for one, until in self._resting.items() if until > present}
            taken = {*self._busy, *self._resting, *besides}
        found = self.ready(limit, besides=taken)
        with self._lock:
            self._busy.update(one.id for one in found)
        return found

    def run(self, one: Due) -> Report | None:
        """`make` for what was claimed: a fault of ours in it is logged, and the delivery left alone for a while."""
        made: list[Report | None] = []
        well = guarded(lambda: made.append(self.make(one)), delivery=one.id)
        if not well:
            with self._lock:
                self._resting[one.id] = time.monotonic() + REST
        self.release(one)
        return made[0] if made else None

    def release(self, one: Due) -> None:
        """Gives up what was claimed."""
        with self._lock:
            self._busy.discard(one.id)

    def occupied(self) -> int:
        """How many attempts are under way here."""
        with self._lock:
            return len(self._busy)

    def ready(self, limit: int, *, besides: Collection[int] = ()) -> list[Due]:
        """What may go now, at most so many, in their order.

        What has to wait (behind a door that another attempt tries, or out of budget) is looked past.
        """
        now = self._office.clock.now()
        doors = self.breakers.doors()
        shut, spent = set(doors.shut), set[str]()
        found: list[Due] = []
        while len(found) < limit:
            waiting = len(shut) + len(spent)
            for one in pick(
                self._office.database, now, limit=(limit - len(found)) * _LOOK_AHEAD,
                besides=[*besides, *(each.id for each in found)], shut=shut, spent=spent,
            ):
                if len(found) == limit:
                    break
                if one.door in shut or (one.tries and one.door in spent):
                    continue
                if one.door in doors.probed:
                    shut.add(one.door)
                    if self.breakers.probe(one.door):
                        found.append(one)
                elif one.tries and not self._budget.spend(one.door, now):
                    spent.add(one.door)
                else:
                    found.append(one)
            if len(shut) + len(spent) == waiting:
                break
        return found

    def make(self, one: Due) -> Report | None:
        """One attempt; None when another engine had it meanwhile. Raises as `attempt` does."""
        report = attempt(self._office, one.id, retries=self._retries, exchange=self._exchange)
        if report is not None:
            self.breakers.note(report.door, answered=report.answered, text=report.text)
        return report
