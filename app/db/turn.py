"""Whose turn it is to write into a SQLite file: one thread of one process at a time.

Waiting in line here costs less than SQLite's own polling for its lock (decision 9).
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Final

PATIENCE: Final = 30.0
"""Seconds a writer waits for its turn, a statement may run and SQLite may be busy."""


class Busy(Exception):
    """The database's turn did not come in time."""


class Turn:
    """One writer at a time: among the threads by a lock, among the processes by a lock on a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._descriptor = -1

    def __enter__(self) -> None:
        deadline = time.monotonic() + PATIENCE
        if not self._threads.acquire(timeout=PATIENCE):
            raise Busy
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            pause = 0.0002
            while not _locked(self._descriptor):
                if time.monotonic() > deadline:
                    raise Busy
                time.sleep(pause)
                pause = min(pause * 1.5, 0.005)
        except BaseException:
            self._release()
            raise

    def __exit__(self, *_: object) -> None:
        self._release()

    def _release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._threads.release()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
