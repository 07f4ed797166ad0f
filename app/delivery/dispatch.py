"""Which deliveries go now, and one attempt at each: what every engine shares.

Of what is due, those behind a shut door wait; a door on trial lets one attempt through; and retries spend a budget of
their own, so that after an outage the ones that failed do not crowd out the ones that were never tried.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.delivery.attempts import attempt
from app.delivery.backoff import RETRIES, Retries
from app.delivery.breakers import Breakers
from app.delivery.due import Due, pick
from app.delivery.parcels import Report
from app.http import Office
from sunat.transport import Exchange, post

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
