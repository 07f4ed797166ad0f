"""The engine on PostgreSQL: jobs in the voucher's transaction, turns, sweeps, and crews that come and go."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.clock import FixedClock
from app.delivery import handling
from app.delivery.breakers import THRESHOLD
from app.delivery.dispatch import Dispatch
from app.delivery.worker import crew_of, sweep
from app.http import Office
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord
from app.pretend import Pretend
from app.queue import offer
from app.queue import waiting as with_job
from app.queue.crew import Crew
from tests.app.delivery.test_embedded import issue, statuses, wait_for
from tests.support.builders import Tenant, tenant
from tests.support.databases import fresh
from tests.support.sandbox import PATH, misbehaving
from tests.support.servers import QUICKLY
from tests.support.stored import store_voucher

JOBS = text("SELECT queueing_lock, status, args FROM procrastinate_jobs WHERE queue_name = 'deliveries' ORDER BY id")
DOOR = "sandbox:bill"


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """PostgreSQL only: SQLite has no queue."""
    with fresh("postgresql", tmp_path) as url:
        yield url


@pytest.fixture
def owner(office: Office) -> Tenant:
    return tenant(office.database, office.clock.now())


def waiting(office: Office) -> list[str]:
    with office.database.read() as session:
        return [row.queueing_lock for row in session.execute(JOBS) if row.status == "todo"]


def forget_jobs(office: Office) -> None:
    with office.database.write() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))


def test_a_voucher_and_its_job_are_there_together_or_not_at_all(office: Office, owner: Tenant) -> None:
    made = issue(office, owner, 1)[0]
    assert waiting(office) == [f"delivery:{made.delivery_id}"]
    with pytest.raises(LookupError), office.database.write() as session:
        assert offer(session, [991, 992]) == 2
        raise LookupError
    assert waiting(office) == [f"delivery:{made.delivery_id}"]


def test_a_job_that_is_there_already_leaves_the_transaction_whole(office: Office, owner: Tenant) -> None:
    made = issue(office, owner, 1)[0]
    with office.database.write() as session:
        document = session.get_one(DocumentRecord, made.document_id)
        handling.retry(session, document, now=office.clock.now(), actor="test")
        assert offer(session, [made.delivery_id, 991]) == 0
        assert with_job(session) == {made.delivery_id}
    assert waiting(office) == [f"delivery:{made.delivery_id}"]
    with office.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM events WHERE kind = 'delivery.retried'")) == 1


def test_a_queue_out_of_order_fails_no_voucher(office: Office, owner: Tenant) -> None:
    with office.database.write() as session:
        session.execute(text("ALTER TABLE chasqui_queue.procrastinate_jobs RENAME TO lost"))
    made = issue(office, owner, 1)[0]
    with office.database.write() as session:
        session.execute(text("ALTER TABLE chasqui_queue.lost RENAME TO procrastinate_jobs"))
    assert waiting(office) == []
    sweep(office, Dispatch(office))
    assert waiting(office) == [f"delivery:{made.delivery_id}"]


def test_a_sweep_gives_a_job_to_what_may_go_and_has_none(office: Office, owner: Tenant, clock: FixedClock) -> None:
    made = [one.delivery_id for one in issue(office, owner, 4)]
    forget_jobs(office)
    with office.database.write() as session:
        session.get_one(DeliveryRecord, made[1]).next_at = clock.now() + timedelta(minutes=1)
        session.get_one(DeliveryRecord, made[2]).state = "sending"
        offer(session, [made[3]])
    dispatch = Dispatch(office)
    sweep(office, dispatch)
    sweep(office, dispatch)
    assert sorted(waiting(office)) == [f"delivery:{one}" for one in (made[0], made[3])]
    for _ in range(THRESHOLD):
        dispatch.breakers.note(DOOR, answered=False)
    forget_jobs(office)
    sweep(office, dispatch)
    assert waiting(office) == [], "nobody goes to a door that is shut"
    clock.advance(timedelta(minutes=3))
    sweep(office, dispatch)
    assert len(waiting(office)) == 1, "and one tries it"


def test_a_turn_is_for_whoever_comes_first(office: Office, owner: Tenant, sandbox: Pretend, clock: FixedClock) -> None:
    late, soon = (
        store_voucher(office.database, owner, clock.now(), clock.today(), deadline=clock.now() + timedelta(hours=hours))
        for hours in (9, 1)
    )
    dispatch = Dispatch(office, retries=QUICKLY)
    assert dispatch.turn()
    with office.database.read() as session:
        assert session.scalars(select(AttemptRecord.delivery_id)).all() == [soon.delivery_id]
    assert dispatch.turn()
    assert not dispatch.turn()
    assert statuses(office) == {"accepted": 2}
    assert late.number < soon.number


Hire = Callable[..., Crew]


@pytest.fixture
def hire(office: Office) -> Iterator[Hire]:
    """Crews at work; what a test leaves running is stopped before its database goes."""
    hired: list[Crew] = []

    def begin(of: Office, **how: int) -> Crew:
        crew = crew_of(of, retries=QUICKLY, **how)
        crew.start()
        hired.append(crew)
        return crew

    yield begin
    for crew in hired:
        crew.stop(30)


def test_crews_deliver_everything_once_and_leave_no_job(office: Office, hire: Hire, sandbox: Pretend) -> None:
    owner = tenant(office.database, office.clock.now())
    issue(office, owner, 12)
    crews = [hire(office, hands=3) for _ in range(2)]
    issue(office, owner, 12)
    wait_for(lambda: statuses(office) == {"accepted": 24}, seconds=60)
    assert [crew.stop(30) for crew in crews] == [True, True]
    assert sandbox.ledger.count() == 24
    with office.database.read() as session:
        assert session.scalars(select(DeliveryRecord.attempt)).all() == [1] * 24
        assert session.scalar(text("SELECT count(*) FROM procrastinate_workers")) == 0
    assert waiting(office) == []


def test_a_crew_that_stops_ends_what_it_is_at(office: Office, hire: Hire) -> None:
    owner = tenant(office.database, office.clock.now())
    issued = issue(office, owner, 1)[0]
    begun = []

    def slowly(connection: socket.socket) -> None:
        begun.append(True)
        time.sleep(0.7)

    with misbehaving(slowly) as url:
        elsewhere = replace(office, settings=replace(office.settings, sandbox_url=url.removesuffix(PATH)))
        crew = hire(elsewhere)
        wait_for(lambda: bool(begun))
        assert crew.stop(30)
    with office.database.read() as session:
        assert session.get_one(DeliveryRecord, issued.delivery_id).state == "unknown"
        assert session.execute(JOBS).all() == []


def test_a_crew_waits_for_its_database(office: Office, hire: Hire, sandbox: Pretend) -> None:
    """Its connections are cut while it idles; it comes back by itself and delivers."""
    owner = tenant(office.database, office.clock.now())
    crew = hire(office)
    issue(office, owner, 1)
    wait_for(lambda: statuses(office) == {"accepted": 1}, seconds=60)
    with office.database.write() as session:
        session.execute(text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ))
    office.database.dispose()  # ours were cut as well
    issue(office, owner, 1)
    wait_for(lambda: statuses(office) == {"accepted": 2}, seconds=60)
    assert crew.alive()
    assert crew.stop(30)


def test_the_job_of_a_dead_crew_is_cleared_away(office: Office, hire: Hire, sandbox: Pretend) -> None:
    owner = tenant(office.database, office.clock.now())
    with office.database.write() as session:
        worker = session.scalar(text(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
        ))
    made = issue(office, owner, 1)[0]
    with office.database.write() as session:
        session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :worker"), {"worker": worker}
        )
    crew = hire(office)
    wait_for(lambda: statuses(office) == {"accepted": 1}, seconds=60)

    def cleared() -> bool:
        with office.database.read() as session:
            return not session.execute(JOBS).all()

    wait_for(cleared, seconds=60)
    assert crew.stop(30)
    assert made.number == 1
