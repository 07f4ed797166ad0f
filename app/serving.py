"""Serving in production: gunicorn with threads, and in each of its processes the delivery engine.

The engine starts when a process is ready to serve and stops before it ends, so that a voucher being sent gets its
answer written down. Each process has its own connections; nothing is loaded before the fork. Sources: gunicorn's
settings and server hooks (docs.gunicorn.org), prometheus_client's multiprocess mode.
"""

from __future__ import annotations

import gc
import os
import tempfile
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication
from prometheus_client import multiprocess, values

from app.config import Settings

GRACE_SECONDS: Final = 45
"""How long a process may take to finish what it is doing; what it does not finish is rescued by another."""

_METRICS: Final = "PROMETHEUS_MULTIPROC_DIR"


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

    def load(self) -> Flask:
        """The WSGI application of one process."""
        from app.factory import create_app

        return create_app(self._settings)


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
    if office.settings.delivery:
        worker.chasqui_engine = Engine(office)
        worker.chasqui_engine.start()


def _stop_engine(_: Any, worker: Any) -> None:
    engine = getattr(worker, "chasqui_engine", None)
    if engine is not None:
        engine.stop(GRACE_SECONDS - 5)


def _forget_metrics(_: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
