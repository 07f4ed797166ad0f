"""Somebody with the database's keys in his hand: he lifts what the database refuses, and changes what was stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.db import Database


@contextmanager
def lifted(database: Database) -> Iterator[Connection]:
    """A connection without triggers and without checks of references, whose changes stay."""
    with database.schema_change() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars():
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection


def tamper(database: Database, *statements: str) -> None:
    """Runs statements that the database would refuse anybody."""
    with lifted(database) as connection:
        for statement in statements:
            assert connection.execute(text(statement)).rowcount > 0, statement
