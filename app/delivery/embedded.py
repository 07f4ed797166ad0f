"""The embedded engine: one thread that looks for what is due and a few that make the attempts.

It runs in the serving processes where the database is SQLite, and only one process's engine works at a time, by a lock
on a file that falls free when its process ends. It works on PostgreSQL too, any number of them: the conditional update
of the attempt keeps them apart. It looks when the bell rings (a voucher was stored here) and at a steady interval
(elsewhere).
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from app.delivery.backoff import RETRIES, Retries
from app.delivery.dispatch import Dispatch, guarded
from app.delivery.due import Due
from app.delivery.parcels import Report
from app.delivery.rounds import Rounds
from app.http import Office
from app.ledger.wake import BELL, Bell


class Engine:
    """Makes attempts at whatever is due, until it is stopped.

    ``senders`` are the attempts under way at once. `start` and `stop` are called once each, by the process's owner.
    """

    def __init__(self, office: Office, *, senders: int = 4, retries: Retries = RETRIES, bell: Bell = BELL) -> None:
        self._office = office
        self._senders = senders
        self._dispatch = Dispatch(office, retries=retries)
        self._rounds = Rounds(office)
        self._bell = bell
        self._turn = _Turn(office)
        self._stopping = threading.Event()
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
        while self._dispatch.occupied() and time.monotonic() < end:
            time.sleep(0.02)
        told = self._rounds.stop(max(0.0, end - time.monotonic()))
        self._turn.give_up()
        return told and not self._dispatch.occupied() and not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            guarded(self._look)
            self._bell.wait(self._office.settings.delivery_interval_seconds)

    def _look(self) -> None:
        """Hands what is due to the senders that are free."""
        if not self._turn.taken():
            return
        guarded(self._rounds.make)
        free = self._senders - self._dispatch.occupied()
        if free <= 0:
            return
        for one in self._dispatch.claim(free):
            self._pool.submit(self._dispatch.run, one).add_done_callback(self._done(one))

    def _done(self, one: Due) -> Callable[[Future[Report | None]], None]:
        def free(_: Future[Report | None]) -> None:
            self._dispatch.release(one)  # an attempt that was called off has not done so itself
            self._bell.ring()

        return free


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
