"""Serving in production: gunicorn with threads, and the delivery engine its database calls for.

On SQLite the engine is a thread of a serving process: it starts when the process is ready and stops before it ends, so
that a voucher being sent gets its answer written down. On PostgreSQL the head of the processes has a worker beside them
(``chasqui worker``), started again whenever it ends and ending when the head does. Each process has its own
connections; nothing is loaded before the fork. Sources: gunicorn's settings and server hooks (docs.gunicorn.org),
prometheus_client's multiprocess mode.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from prometheus_client import multiprocess, values
from sqlalchemy import make_url

from app.config import Settings

GRACE_SECONDS: Final = 45
"""How long a process may take to finish what it is doing; what it does not finish is rescued by another."""

_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"

_PAUSES: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before a worker that ended is started again; the last one again and again."""
_STEADY: Final = 120.0
"""A worker that lasted so many seconds was well: the next pause is the first one."""

_log = structlog.get_logger("chasqui.serving")


class Beside:
    """A process beside the servers, kept going: `tend` is called about once a second by whoever has it.

    It ends by itself when its standard input does, which is when all who could have started it are gone.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = self._next = 0.0
        self._ends = 0

    def tend(self) -> None:
        """Starts it where it does not run and its pause is over."""
        present = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._process = None
            self._ends = 1 if present - self._begun > _STEADY else self._ends + 1
            pause = _PAUSES[min(self._ends, len(_PAUSES)) - 1]
            self._next = present + pause
            _log.warning("worker_ended", again_in=pause)
        if self._process is None and present >= self._next:
            self._begun = present
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - our own command

    def leave(self) -> None:
        """Tells it to end what it is at."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait(self, patience: float) -> None:
        """Waits for its end, so many seconds at the most."""
        if self._process is None:
            return
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)


class Head(Arbiter):  # type: ignore[misc]
    """gunicorn's head, with a worker beside the servers where there is one to have."""

    beside: Beside | None = None

    def manage_workers(self) -> None:
        super().manage_workers()
        if self.beside is not None:
            self.beside.tend()

    def stop(self, graceful: bool = True) -> None:
        if self.beside is not None:
            self.beside.leave()
        super().stop(graceful)
        if self.beside is not None:
            self.beside.wait(GRACE_SECONDS)


class Application(BaseApplication):  # type: ignore[misc]
    """The office under gunicorn: ``Application(settings, ...).run()`` serves until it is told to stop."""

    def __init__(self, settings: Settings, *, host: str, port: int, workers: int = 2, threads: int = 16) -> None:
        self._settings = settings
        self._options = {
            "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
            "workers": workers, "threads": threads, "worker_class": "gthread", "preload_app": False,
            "graceful_timeout": GRACE_SECONDS, "timeout": 120, "keepalive": 15, "max_requests": 0,
            "proc_name": "chasqui", "loglevel": settings.log_level.lower(), "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112
            "post_worker_init": _start, "worker_exit": _stop_engine, "child_exit": _forget_metrics,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if value is not None:
                self.cfg.set(name, value)

    def run(self) -> None:
        """Serves until it is told to stop."""
        head = Head(self)
        if has_worker(self._settings):
            head.beside = Beside((
                sys.executable, "-m", "app.cli", "worker", "--with-parent", "--data", str(self._settings.data_dir)
            ))
        head.run()

    def load(self) -> Flask:
        """The WSGI application of one process."""
        from app.factory import create_app

        return create_app(self._settings)


def has_worker(settings: Settings) -> bool:
    """Whether a server with these settings keeps a worker beside it."""
    return settings.delivery and make_url(settings.database).get_backend_name() != "sqlite"


def serve(settings: Settings, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serves until the process is told to stop."""
    with tempfile.TemporaryDirectory(prefix="chasqui-metrics-") as folder:
        os.environ.setdefault(_METRICS, folder)
        # prometheus_client settled on its mode when it was imported; now that there is a folder it must look again.
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        Application(settings, host=host, port=port, workers=workers, threads=threads).run()


def _start(worker: Any) -> None:
    from app.delivery.embedded import Engine
    from app.http import office_of

    # What is loaded now stays for good: looking through it for garbage takes a tenth of a second each time.
    gc.collect()
    gc.freeze()
    office = office_of(worker.app.wsgi())
    if office.settings.delivery and not has_worker(office.settings):
        worker.chasqui_engine = Engine(office)
        worker.chasqui_engine.start()


def _stop_engine(_: Any, worker: Any) -> None:
    engine = getattr(worker, "chasqui_engine", None)
    if engine is not None:
        engine.stop(GRACE_SECONDS - 5)


def _forget_metrics(_: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
