"""The database after all revisions is the one the rows and triggers declare, on both kinds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import inspect, text

from app import migrations
from app.db import Database
from app.migrations.triggers import TRIGGERS, install


@contextmanager
def opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()


def test_a_blank_database_is_brought_up_once(blank_url: str) -> None:
    with opened(blank_url) as database:
        assert migrations.current(database) is None
        assert migrations.differences(database)
        assert migrations.upgrade(database) == migrations.newest()
        assert migrations.upgrade(database) == migrations.newest()
        assert migrations.current(database) == migrations.newest()


def test_the_revisions_make_what_the_rows_declare(database: Database) -> None:
    assert migrations.differences(database) == []
    with database.read() as session:
        for table in migrations.METADATA.sorted_tables:
            expected = {str(check.name) for check in table.constraints if str(check.name).startswith("ck_")}
            assert expected <= set(checks(database, table.name)), table.name
        assert session.execute(text("SELECT count(*) FROM accounts")).scalar() == 0


def test_the_revisions_make_the_triggers_that_are_declared(blank_url: str) -> None:
    with opened(blank_url) as database:
        with database.schema_change() as connection:
            migrations.METADATA.create_all(connection)
            install(connection, TRIGGERS)
        declared = triggers(database)
        with database.schema_change() as connection:
            for name in declared:
                table = next(row.table for row in TRIGGERS if name == f"{row.table}_{row.name}")
                on = "" if database.dialect == "sqlite" else f" ON {table}"
                connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")
            migrations.METADATA.drop_all(connection)
        migrations.upgrade(database)
        assert triggers(database) == declared
        assert len(declared) == sum(bool(row.statement(database.dialect)) for row in TRIGGERS)


def test_two_starts_at_once_bring_it_up_once(blank_url: str) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            with opened(blank_url) as database:
                migrations.upgrade(database)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


def triggers(database: Database) -> dict[str, str]:
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'" if database.dialect == "sqlite" else
        "SELECT tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT tgisinternal AND c.relnamespace = 'public'::regnamespace"
    )
    with database.read() as session:
        return {row[0]: row[1] for row in session.execute(text(query))}


def checks(database: Database, table: str) -> list[str]:
    with database.read() as session:
        return [str(row["name"]) for row in inspect(session.connection()).get_check_constraints(table)]
