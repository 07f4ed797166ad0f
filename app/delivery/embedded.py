"""The embedded engine: one thread that looks for what is due and a few that make the attempts.

It runs in the serving process on both databases. On SQLite only one process's engine works at a time, by a lock on a
file that falls free when its process ends; on PostgreSQL any number work, and the conditional update of the attempt
keeps them apart. It looks when the bell rings (a voucher was stored here) and at a steady interval (elsewhere).
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import structlog

from app.delivery.backoff import RETRIES, Retries
from app.delivery.deadlines import watch
from app.delivery.dispatch import Dispatch
from app.delivery.due import Due, rescue
from app.http import Office
from app.ledger.wake import BELL, Bell

REST: Final = 30.0
"""Seconds a delivery is left alone after an attempt that ended in a fault of our own."""

WATCH_EVERY: Final = 60.0
"""Seconds between two looks at the deadlines."""

_log = structlog.get_logger("chasqui.delivery")


class Engine:
    """Makes attempts at whatever is due, until it is stopped.

    ``senders`` are the attempts under way at once. `start` and `stop` are called once each, by the process's owner.
    """

    def __init__(self, office: Office, *, senders: int = 4, retries: Retries = RETRIES, bell: Bell = BELL) -> None:
        self._office = office
        self._senders = senders
        self._dispatch = Dispatch(office, retries=retries)
        self._bell = bell
        self._turn = _Turn(office)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._busy: set[int] = set()
        self._resting: dict[int, float] = {}
        self._watch_next = 0.0
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="chasqui-send")
        self._thread = threading.Thread(target=self._run, name="chasqui-delivery", daemon=True)

    def start(self) -> None:
        """Starts looking for work."""
        self._thread.start()

    def stop(self, patience: float | None = None) -> bool:
        """Takes no more work and waits for what is under way, ``patience`` seconds or as long as a call may take.

        Says whether all of it ended; what did not is rescued when its lease has run out.
        """
        limit = self._office.settings.sunat_total_seconds + 5 if patience is None else patience
        end = time.monotonic() + limit
        self._stopping.set()
        self._bell.ring()
        self._thread.join(limit)
        self._pool.shutdown(wait=False, cancel_futures=True)
        while self._occupied() and time.monotonic() < end:
            time.sleep(0.02)
        self._turn.give_up()
        return not self._occupied() and not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self._look)
            self._bell.wait(self._office.settings.delivery_interval_seconds)

    def _look(self) -> None:
        """Hands what is due to the senders that are free."""
        if not self._turn.taken():
            return
        left_behind = rescue(self._office.database, self._office.clock.now())
        if left_behind:
            _log.warning("deliveries_rescued", count=left_behind)
        self._guarded(self._watch)
        besides = self._not_now()
        free = self._senders - self._occupied()
        if free <= 0:
            return
        for one in self._dispatch.ready(free, besides=besides):
            with self._lock:
                self._busy.add(one.id)
            self._pool.submit(self._make, one).add_done_callback(self._done(one.id))

    def _watch(self) -> None:
        """Alarms and lapsed vouchers, once in a while: their terms are hours."""
        if time.monotonic() >= self._watch_next:
            self._watch_next = time.monotonic() + WATCH_EVERY
            watch(self._office)

    def _make(self, one: Due) -> None:
        def make() -> None:
            self._dispatch.make(one)

        if not self._guarded(make, delivery=one.id):
            with self._lock:
                self._resting[one.id] = time.monotonic() + REST

    def _done(self, delivery_id: int) -> Callable[[Future[None]], None]:
        def free(_: Future[None]) -> None:
            with self._lock:
                self._busy.discard(delivery_id)
            self._bell.ring()

        return free

    def _not_now(self) -> set[int]:
        with self._lock:
            present = time.monotonic()
            self._resting = {one: until for one, until in self._resting.items() if until > present}
            return self._busy | self._resting.keys()

    def _occupied(self) -> int:
        with self._lock:
            return len(self._busy)

    def _guarded(self, step: Callable[[], None], **about: object) -> bool:
        """Runs a step of the loop; a fault of ours in one delivery must not end the delivery of all others."""
        try:
            step()
        except Exception:
            _log.exception("delivery_failed", **about)
            return False
        return True


class _Turn:
    """Whether this process's engine is the one that works on its database."""

    def __init__(self, office: Office) -> None:
        database = office.database
        self._path = Path(f"{database.url.database}.delivery.lock") if database.dialect == "sqlite" else None
        self._descriptor = -1

    def taken(self) -> bool:
        """Takes the turn where it is free; says whether it is ours."""
        if self._path is None or self._descriptor >= 0:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def give_up(self) -> None:
        """Leaves the turn to another process."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
