"""How the delivery engines learn that there is work, without asking the database all the time.

On PostgreSQL a job is added in the transaction that makes the work, for workers anywhere; the engine of this process
hears a bell after its commit, and one in another process finds the work by looking.
"""

from __future__ import annotations

import threading
from collections.abc import Collection

from sqlalchemy import event
from sqlalchemy.orm import Session

from app import queue


class Bell:
    """Rung by whoever made work, waited on by whoever does it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def ring(self) -> None:
        """Wakes the engine, or keeps it from its next sleep."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Sleeps until the bell rings or the time is up; says whether it rang."""
        rang = self._event.wait(seconds)
        self._event.clear()
        return rang


BELL = Bell()
"""The bell of this process."""


def announce(session: Session, deliveries: Collection[int]) -> None:
    """Tells that these deliveries are due, if and when the session's transaction is committed."""
    queue.offer(session, deliveries)
    event.listen(session, "after_commit", _ring, once=True)


def _ring(_: Session) -> None:
    BELL.ring()
