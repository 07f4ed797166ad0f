"""A database that was in use under an earlier revision is brought up with everything in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import idempotency, migrations
from app.clock import FixedClock
from app.db import Database
from app.problems import KeyReused
from app.queue import offer, waiting
from app.series import allocator
from app.series.models import SeriesRecord
from tests.app.test_migrations import opened, triggers
from tests.support.builders import issue

FOLDER = Path(migrations.__file__).parent
BEFORE_QUEUE = next(
    re.search(r'down_revision = "(\d+)"', path.read_text())[1]  # type: ignore[index]
    for path in (FOLDER / "versions").glob("*_queue.py")
)


def at_revision(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.schema_change() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def fill(database: Database) -> None:
    """An account with one used series, as revision 0001 holds it."""
    now = "2026-11-20 15:00:00+00:00"
    account = {
        "id": 1, "environment": "sandbox", "ruc": "20123456786", "legal_name": "EMISORA", "trade_name": "",
        "contact_name": "", "contact_phone": "", "admin_email": "", "registration": "{}", "active": True,
        "data_key_sealed": b"none", "tax_regime": "general", "channel": "sunat", "ose_url": "", "pse_ruc": "",
        "sol_user": "", "gre_client_id": "", "consult_client_id": "", "boleta_channel": "individual",
        "signature_algorithm": "rsa-sha256", "detraction_account": "", "summary_start_number": 1, "reduced_igv": False,
        "anonymous_customer": "dash", "boleta_today_only": False, "duplicate_guard_minutes": 0,
        "allow_number_gaps": False, "created_at": now, "updated_at": now,
    }
    branch = {
        "id": 1, "account_id": 1, "name": "Principal", "code": "0000", "establishment_code": "0000",
        "is_headquarters": True, "branch_type": 1, "ubigeo": "", "address": "", "district": "", "city": "",
        "department": "", "phone": "", "active": True, "created_at": now,
    }
    series = {
        "id": 7, "account_id": 1, "branch_id": 1, "environment": "sandbox", "ruc": "20123456786", "sunat_code": "01",
        "code": "F001", "target": "", "last_number": 41, "start_number": 40, "chain_head": "a" * 64, "active": True,
        "is_default": True, "chronological": "warn", "created_at": now, "updated_at": now,
    }
    gap = {
        "id": 1, "series_id": 7, "from_number": 3, "to_number": 5, "reason": "talonario", "author": "a", "at": now,
    }
    with database.write() as session:
        for table, row in (("accounts", account), ("branches", branch), ("series", series), ("declared_gaps", gap)):
            names = ", ".join(row)
            session.execute(
                text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row
            )


def test_a_used_series_survives_the_series_room(blank_url: str, clock: FixedClock) -> None:
    with opened(blank_url) as database:
        at_revision(database, "0001")
        fill(database)
        before = triggers(database)
        migrations.upgrade(database)
        assert migrations.differences(database) == []
        after = triggers(database)
        assert before.keys() <= after.keys()
        assert {name for name in before if before[name] != after[name]} == {
            "series_forward", "series_identity", "documents_identity", "documents_moves", "deliveries_moves",
        }
        with database.write() as session:
            row = session.get_one(SeriesRecord, 7)
            assert (row.profile, row.kind, row.name, row.version, row.last_number) == ("sunat", "01", "F001", 1, 41)
            assert len(row.public_id) == 32
            assert allocator.lock(session, 7).next_number == 42
            if database.dialect == "sqlite":
                assert session.execute(text("PRAGMA foreign_key_check")).all() == []
            assert issue(session, 7, clock.now()).number == 42
        for change in ("last_number = 1", "start_number = 1", "public_id = 'x'", "kind = '03'"):
            with pytest.raises(DBAPIError), database.write() as session:
                session.execute(text(f"UPDATE series SET {change} WHERE id = 7"))


def test_keys_of_entries_made_before_are_spent(blank_url: str, clock: FixedClock) -> None:
    """Their answers were not kept: a repetition is refused, so that it takes no second number."""
    entry = {
        "id": 1, "account_id": 1, "branch_id": 1, "series_id": 7, "public_id": "a", "kind": "other", "position": 1,
        "period": "", "number": 1, "code": "1", "issue_date": "2026-11-20", "metadata": "{}", "request_key": "old",
        "fingerprint": "f" * 64, "chain_previous": "0" * 64, "chain_hash": "1" * 64, "actor": "key:1",
        "created_at": "2026-11-20 15:00:00+00:00",
    }
    sealed = {
        "id": 1, "account_id": 1, "key": "sale", "fingerprint": "a" * 64, "token": "t", "status_code": 201,
        "lease_until": "2026-11-20 15:01:00+00:00", "body": b"answer", "created_at": "2026-11-20 15:00:00+00:00",
        "sealed_at": "2026-11-20 15:00:01+00:00",
    }
    with opened(blank_url) as database:
        at_revision(database, "0001")
        fill(database)
        at_revision(database, "0005")
        with database.write() as session:
            for table, row in (("series_entries", entry), ("idempotency", sealed)):
                names = ", ".join(row)
                session.execute(
                    text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row
                )
            if database.dialect == "postgresql":
                session.execute(text("SELECT setval(pg_get_serial_sequence('idempotency', 'id'), 1)"))
        before = triggers(database)
        migrations.upgrade(database)
        assert migrations.differences(database) == []
        after = triggers(database)
        assert {name for name in before if before[name] != after[name]} == {"deliveries_moves", "documents_moves"}
        owner = idempotency.Owner(account_id=1)
        first = idempotency.claim(database, owner, key="sale", fingerprints=("a" * 64,), now=clock.now())
        assert isinstance(first, idempotency.Replay)
        assert (first.status, first.body) == (201, b"answer")
        with pytest.raises(KeyReused):
            idempotency.claim(database, owner, key="old", fingerprints=("f" * 64,), now=clock.now())
        with database.read() as session:
            assert session.execute(text("SELECT code, actor FROM series_entries")).all() == [("1", "key:1")]
        for table in ("series_entries", "idempotency"):
            with pytest.raises(DBAPIError), database.write() as session:
                session.execute(text(f"DELETE FROM {table}"))


def test_the_queue_comes_to_a_database_in_use(blank_url: str) -> None:
    """The library makes its tables in a schema of their own, and ours are as they were."""
    with opened(blank_url) as database:
        at_revision(database, BEFORE_QUEUE)
        before = triggers(database)
        at_revision(database, "0014")
        assert triggers(database) == before
        migrations.upgrade(database)
        assert migrations.differences(database) == []
        if database.dialect == "sqlite":
            return
        with database.read() as session:
            tables = session.execute(text(
                "SELECT schemaname, tablename FROM pg_tables WHERE tablename LIKE 'procrastinate%'"
            )).all()
            assert {row.schemaname for row in tables} == {"chasqui_queue"}
            assert len(tables) == 4
            assert session.execute(text("SELECT count(*) FROM procrastinate_jobs")).scalar() == 0
            assert session.execute(text("SELECT current_schema()")).scalar() == "public"
        with database.write() as session:
            assert offer(session, [1, 2]) == 2
            assert waiting(session) == {1, 2}
