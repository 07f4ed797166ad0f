"""Who uses the processors while something is measured, and which sessions of PostgreSQL wait for a lock."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import psutil
import psycopg

_EVERY: Final = 0.02
_WAITS: Final = (
    "SELECT wait_event_type, wait_event FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
)


def postmaster(url: str) -> int:
    """The process id of the PostgreSQL behind a URL on this machine."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    if row is None:
        raise LookupError("PostgreSQL does not say where its data are")
    return int((Path(row[0]) / "postmaster.pid").read_text(encoding="ascii").split()[0])


class Watch:
    """Watches while its block runs: ``cores`` used by each tree of processes and by the machine, ``waits`` seen.

    ``waits`` counts what the busy sessions were found doing, ``Lock:transactionid`` and the like; ``Running`` is none.
    """

    def __init__(self, trees: dict[str, int], url: str = "") -> None:
        self._trees = {name: psutil.Process(pid) for name, pid in trees.items()}
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.samples = 0
        self.waits: Counter[str] = Counter()
        self.samples_with_lock = 0
        self.cores: dict[str, float] = {}

    def __enter__(self) -> Watch:
        self._before = {name: _used(tree) for name, tree in self._trees.items()}
        self._machine, self._begun = psutil.cpu_times(), time.perf_counter()
        if self._url:
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        seconds = time.perf_counter() - self._begun
        for name, tree in self._trees.items():
            self.cores[name] = (_used(tree) - self._before[name]) / seconds
        now, then = psutil.cpu_times(), self._machine
        idle = now.idle + now.iowait - then.idle - then.iowait
        self.cores["machine"] = (psutil.cpu_count() or 1) - idle / seconds
        self._stop.set()
        if self._url:
            self._thread.join(10)

    def locks(self) -> dict[str, Any] | None:
        """What was seen of waiting; None where there is nothing to ask."""
        if not self._url:
            return None
        return {"samples": self.samples, "samples_with_lock": self.samples_with_lock, "waits": dict(self.waits)}

    def _sample(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.wait(_EVERY):
                rows = connection.execute(_WAITS).fetchall()
                self.samples += 1
                self.waits.update(f"{kind}:{event}" if kind else "Running" for kind, event in rows)
                self.samples_with_lock += any(kind == "Lock" for kind, _ in rows)


def _used(tree: psutil.Process) -> float:
    """Processor seconds of a process and all its descendants that are alive."""
    total = 0.0
    for process in (tree, *tree.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total
