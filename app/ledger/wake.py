"""How the delivery engine of this process learns that there is work, without asking the database all the time.

Set after the commit that made the work; an engine in another process finds it by looking.
"""

from __future__ import annotations

import threading


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
