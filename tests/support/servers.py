"""Real servers on free ports of the loopback (the pretend SUNAT, any application), and the office between them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from app.accounts.vault import Vault
from app.clock import FixedClock
from app.config import Settings, master_keys
from app.db import Database
from app.delivery.backoff import Backoff, Retries
from app.http import Office
from app.pretend import Pretend, running
from tests.support.sandbox import authority

QUICK = Backoff(first=0.05, cap=0.2)
QUICKLY = Retries(
    unreached=QUICK, unanswered=QUICK, in_process=QUICK, slow=QUICK, soon=QUICK, fetch=QUICK, spaced=QUICK
)
"""Retries for tests in real time."""


class Silent(WSGIRequestHandler):
    """A handler that writes no access log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing."""


@contextmanager
def listening(app: Callable[..., object]) -> Iterator[str]:
    """A WSGI application on a free port, served by threads; gives its base address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def sandbox(clock: FixedClock) -> Iterator[Pretend]:
    """A pretend SUNAT over real HTTP: ``url``, ``ledger``; its clock is the test's ``clock``."""
    with running(clock, authority=authority()) as pretend:
        yield pretend


@pytest.fixture
def settings(tmp_path: Path, sandbox: Pretend) -> Settings:
    """Settings that point at the pretend SUNAT of this test."""
    return Settings(
        data_dir=tmp_path, master_key="0123456789abcdef0123456789abcdef", sandbox_url=sandbox.url,
        delivery_interval_seconds=0.05, sunat_connect_seconds=2, sunat_total_seconds=5, rate_limits=False,
        log_level="ERROR",
    )


@pytest.fixture
def office(settings: Settings, database: Database, clock: FixedClock) -> Office:
    """The services of an installation on each kind of database."""
    return Office(settings=settings, clock=clock, vault=Vault(master_keys(settings)), database=database)
