"""A worker as a program: it delivers until it is told to stop, and then ends what it is at.

SIGTERM or SIGINT, or the end of standard input where a server started it: no more jobs are taken, attempts under way
are ended and written down, at most `GRACE_SECONDS`. What is not ended by then is rescued by another worker.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Final

import structlog

from app.delivery.backoff import RETRIES, Retries
from app.delivery.worker import HANDS, crew_of
from app.http import Office
from app.http.telemetry import configure_logging

GRACE_SECONDS: Final = 40.0
"""How long attempts under way may take to end."""

_log = structlog.get_logger("chasqui.worker")


def work(office: Office, *, hands: int = HANDS, with_parent: bool = False, retries: Retries = RETRIES) -> None:
    """Delivers until the process is told to stop; ``with_parent`` also when standard input ends.

    Ends the process with 1 when attempts were still under way after the grace: their threads cannot be called off.
    """
    configure_logging(office.settings.log_level)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    if with_parent:
        threading.Thread(target=_until_parent_ends, args=(told,), name="chasqui-parent", daemon=True).start()
    crew = crew_of(office, hands=hands, retries=retries)
    crew.start()
    _log.info("worker_started", hands=hands)
    while crew.alive() and not told.wait(1.0):
        pass
    ended = crew.stop(GRACE_SECONDS)
    _log.info("worker_stopped", ended=ended)
    if not ended or not told.is_set():
        office.database.dispose()
        os._exit(1)


def _until_parent_ends(told: threading.Event) -> None:
    while sys.stdin.buffer.read(1):
        pass
    told.set()
