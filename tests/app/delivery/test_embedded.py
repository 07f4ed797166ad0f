"""The engine: everything due goes, once, whatever dies meanwhile."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.accounts.models import AccountRecord
from app.accounts.operations import safe_of
from app.clock import FixedClock
from app.db import Database
from app.delivery.attempts import attempt
from app.delivery.embedded import Engine
from app.http import Office
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord
from app.ledger.wake import Bell
from app.pretend import Pretend
from tests.support.builders import Tenant, tenant
from tests.support.sandbox import PATH, misbehaving
from tests.support.servers import QUICKLY
from tests.support.stored import Issued, store_voucher


@pytest.fixture
def owner(office: Office) -> Tenant:
    return tenant(office.database, office.clock.now())


def issue(office: Office, owner: Tenant, how_many: int, **more: object) -> list[Issued]:
    return [
        store_voucher(office.database, owner, office.clock.now(), office.clock.today(), **more)  # type: ignore[arg-type]
        for _ in range(how_many)
    ]


def statuses(office: Office) -> dict[str, int]:
    with office.database.read() as session:
        rows = session.execute(select(DocumentRecord.status, func.count()).group_by(DocumentRecord.status))
        return {row[0]: row[1] for row in rows}


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_everything_due_is_sent_once(office: Office, owner: Tenant, sandbox: Pretend) -> None:
    issue(office, owner, 15)
    issue(office, owner, 5, series="B001", stem="boleta")
    engine = Engine(office, retries=QUICKLY)
    engine.start()
    wait_for(lambda: statuses(office) == {"accepted": 20})
    assert engine.stop(10)
    assert sandbox.ledger.count() == 20
    with office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(AttemptRecord)) == 20


def test_the_bell_wakes_it(office: Office, owner: Tenant) -> None:
    slow = replace(office, settings=replace(office.settings, delivery_interval_seconds=60))
    engine = Engine(slow, retries=QUICKLY)
    engine.start()
    time.sleep(0.3)
    issue(office, owner, 1)
    wait_for(lambda: statuses(office) == {"accepted": 1}, seconds=10)
    assert engine.stop(10)


def test_two_engines_send_everything_once(office: Office, owner: Tenant, sandbox: Pretend) -> None:
    issue(office, owner, 20)
    engines = [Engine(office, retries=QUICKLY, bell=Bell()) for _ in range(2)]
    for engine in engines:
        engine.start()
    wait_for(lambda: statuses(office) == {"accepted": 20})
    assert [engine.stop(10) for engine in engines] == [True, True]
    with office.database.read() as session:
        assert session.scalars(select(DeliveryRecord.attempt)).all() == [1] * 20
    assert sandbox.ledger.count() == 20


def test_stopping_finishes_what_is_under_way(office: Office, owner: Tenant, sandbox: Pretend) -> None:
    issued = issue(office, owner, 1)[0]
    begun = []

    def slowly(connection: socket.socket) -> None:
        begun.append(True)
        time.sleep(0.5)

    with misbehaving(slowly) as url:
        engine = Engine(
            replace(office, settings=replace(office.settings, sandbox_url=url.removesuffix(PATH))), retries=QUICKLY
        )
        engine.start()
        wait_for(lambda: bool(begun))
        assert engine.stop(10)
    with office.database.read() as session:
        assert session.get_one(DeliveryRecord, issued.delivery_id).state == "unknown"


def test_a_delivery_that_breaks_us_does_not_stop_the_others(office: Office, owner: Tenant, clock: FixedClock) -> None:
    broken = tenant(office.database, clock.now(), ruc="20987654326", sol_user="USUARIO1")
    with office.database.write() as session:
        account = session.get_one(AccountRecord, broken.account_id)
        account.data_key_sealed = office.vault.new_data_key()
        account.sol_password_sealed = safe_of(office.vault, account).seal("sol_password", b"\xff")  # no text at all
    first = store_voucher(office.database, broken, clock.now(), clock.today())
    issue(office, owner, 3)
    engine = Engine(office, retries=QUICKLY)
    engine.start()
    wait_for(lambda: statuses(office) == {"accepted": 3, "issued": 1})
    assert engine.stop(10)
    with office.database.read() as session:
        delivery = session.get_one(DeliveryRecord, first.delivery_id)
    assert (delivery.state, delivery.attempt) == ("sending", 1)


def test_a_process_killed_while_sending_loses_nothing(
    office: Office, owner: Tenant, sandbox: Pretend, database_url: str, tmp_path: Path
) -> None:
    """The child dies with the request sent and unanswered; its lease runs out, and the voucher goes again."""
    issued = issue(office, owner, 1)[0]
    reached = tmp_path / "reached"
    killed = threading.Event()

    def silently(_: socket.socket) -> None:
        reached.touch()
        killed.wait(5)

    with misbehaving(silently) as url:
        office.database.dispose()
        child = os.fork()
        if child == 0:
            settings = replace(office.settings, sandbox_url=url.removesuffix(PATH), database_url=database_url)
            attempt(replace(office, settings=settings, database=Database(database_url)), issued.delivery_id)
            os._exit(1)
        wait_for(reached.exists)
        os.kill(child, signal.SIGKILL)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        killed.set()
    later = FixedClock(office.clock.now() + timedelta(minutes=2))
    engine = Engine(replace(office, clock=later), retries=QUICKLY)
    engine.start()

    def accepted() -> bool:
        later.advance(timedelta(seconds=1))
        return statuses(office) == {"accepted": 1}

    wait_for(accepted)
    assert engine.stop(10)
    assert sandbox.ledger.count() == 1
    with office.database.read() as session:
        assert session.scalars(select(AttemptRecord.operation)).all() == ["getStatusCdr", "sendBill"]


def test_one_engine_a_sqlite_database(office: Office, owner: Tenant, database_url: str) -> None:
    """A second process's engine leaves SQLite alone until the first is gone; PostgreSQL takes any number."""
    ready, go = os.pipe()
    office.database.dispose()  # before the fork: a child that closed what it inherits would end its parent's sessions
    child = os.fork()
    if child == 0:
        os.close(ready)
        unreachable = replace(office.settings, sandbox_url="http://127.0.0.1:9", database_url=database_url)
        engine = Engine(replace(office, settings=unreachable, database=Database(database_url)))
        engine.start()
        time.sleep(0.5)
        os.write(go, b"1")
        time.sleep(30)
        os._exit(0)
    os.close(go)
    assert os.read(ready, 1) == b"1"
    engine = Engine(office, retries=QUICKLY)
    engine.start()
    try:
        issued = issue(office, owner, 1)[0]
        if database_url.startswith("sqlite"):
            wait_for(lambda: _tries(office, issued) >= 1)
            assert statuses(office) == {"issued": 1}
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        assert engine.stop(10)


def _tries(office: Office, issued: Issued) -> int:
    with office.database.read() as session:
        return session.get_one(DeliveryRecord, issued.delivery_id).tries
