"""Sessions, types and locks behave alike on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from app.accounts.models import AccountRecord, LoginFailureRecord
from app.clock import FixedClock
from app.db import Busy, Database, ExactDecimal, turn
from app.db import database as rooms
from app.ledger.models import DocumentRecord
from tests.support.builders import document, issue, series_id, tenant


def test_a_reading_session_cannot_write(database: Database, clock: FixedClock) -> None:
    with pytest.raises(DBAPIError), database.read() as session:
        session.add(LoginFailureRecord(subject="x", at=clock.now()))
        session.flush()
    with database.read() as session:
        assert session.scalars(select(LoginFailureRecord)).all() == []


def test_a_writing_session_commits_or_leaves_nothing(database: Database, clock: FixedClock) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(LoginFailureRecord(subject="lost", at=clock.now()))
        session.flush()
        raise RuntimeError
    with database.write() as session:
        session.add(LoginFailureRecord(subject="kept", at=clock.now()))
    with database.read() as session:
        assert session.scalars(select(LoginFailureRecord.subject)).all() == ["kept"]


def test_instants_come_back_in_utc_and_compare(database: Database) -> None:
    at = datetime(2026, 11, 20, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    with database.write() as session:
        session.add(LoginFailureRecord(subject="a", at=at))
    with database.read() as session:
        found = session.scalars(
            select(LoginFailureRecord.at).where(LoginFailureRecord.at >= datetime(2026, 11, 21, 4, 30, tzinfo=UTC))
        ).one()
    assert found == at
    assert found.utcoffset() == timedelta(0)


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="zone"), database.write() as session:
        session.add(LoginFailureRecord(subject="a", at=datetime(2026, 11, 20)))  # noqa: DTZ001


@pytest.mark.parametrize("amount", [118.5, Decimal("1180.00"), True])
def test_only_whole_cents_are_stored(database: Database, clock: FixedClock, amount: object) -> None:
    owner = tenant(database, clock.now())
    series = series_id(database, owner)
    with pytest.raises(StatementError, match="whole numbers"), database.write() as session:
        issue(session, series, clock.now(), total=amount)


def test_json_keeps_decimals_and_order(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    series = series_id(database, owner)
    content = {"b": Decimal("1.10"), "a": ["ñ", 1, 2.5, None, True]}
    with database.write() as session:
        made = issue(session, series, clock.now(), request=content).id
    with database.read() as session:
        stored = session.scalars(select(DocumentRecord.request).where(DocumentRecord.id == made)).one()
    assert list(stored) == ["b", "a"]
    assert stored == {"b": "1.10", "a": ["ñ", 1, Decimal("2.5"), None, True]}


@pytest.mark.parametrize("number", ["1.10", "0.0000000001", "123456789012345678901234567890.5", "-3E+2"])
def test_decimals_come_back_exactly(database: Database, number: str) -> None:
    with database.read() as session:
        found = session.scalar(select(literal(Decimal(number), ExactDecimal)))
    assert found == Decimal(number)
    assert isinstance(found, Decimal)


def test_foreign_keys_hold(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text("UPDATE branches SET account_id = 999 WHERE id = :id"), {"id": owner.branch_id})


def test_a_writer_gives_up_when_its_turn_does_not_come(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "PATIENCE", 0.1)
    url = f"sqlite:///{tmp_path / 'one.db'}"
    one, other = Database(url), Database(url)
    with one.write(), pytest.raises(Busy), other.write():
        pass
    held = threading.Event()

    def wait() -> None:
        with pytest.raises(Busy), one.write():
            pass
        held.set()

    with one.write():
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(5)
    assert held.is_set()
    with other.write() as session:
        session.execute(text("CREATE TABLE t (n INTEGER)"))
    one.dispose()
    other.dispose()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        Database(url)


def test_the_usual_names_of_postgresql_work() -> None:
    for url in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        opened = Database(url)
        assert (opened.dialect, opened.engine.driver) == ("postgresql", "psycopg")
        opened.dispose()


def test_sqlite_is_durable_and_checks_references(tmp_path) -> None:
    opened = Database(f"sqlite:///{tmp_path / 'new' / 'x.db'}")
    with opened.read() as session:
        pragmas = [
            session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert pragmas == ["wal", 2, 1, 30000]
    opened.dispose()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_idled_is_asked_whether_it_lives(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.ping()
    cut_off(database)
    monkeypatch.setattr(rooms, "IDLE", 0.0)
    database.ping()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_lost_a_moment_ago_fails_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "IDLE", 3600.0)
    database.ping()
    cut_off(database)
    with pytest.raises(OperationalError):
        database.ping()
    database.ping()


def cut_off(database: Database) -> None:
    """Ends every session on the database, as a restart of PostgreSQL does."""
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert ended == [(True,)]


def test_ping(database: Database) -> None:
    database.ping()


def test_a_number_cannot_be_stored_twice(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    series = series_id(database, owner)
    with database.write() as session:
        issue(session, series, clock.now())
    with pytest.raises(DBAPIError), database.write() as session:
        from app.series.models import SeriesRecord

        session.add(document(session.get_one(SeriesRecord, series), 1, clock.now()))


def test_one_account_for_an_environment_and_a_ruc(database: Database, clock: FixedClock) -> None:
    tenant(database, clock.now())
    tenant(database, clock.now(), environment="beta")
    with pytest.raises(DBAPIError):
        tenant(database, clock.now())
    with database.read() as session:
        assert len(session.scalars(select(AccountRecord.id)).all()) == 2
