"""Two databases, one behaviour: SQLite beside the program, PostgreSQL for many machines.

A session is opened for reading or for writing and never changes its mind: ``with database.read() as session`` sees
one consistent picture and cannot write; ``with database.write() as session`` commits at the end or rolls back.

SQLite runs in WAL with ``synchronous=FULL`` (a commit lost after the answer would give its number twice). Its
writers take a lock in the process, then a lock on a file, then ``BEGIN IMMEDIATE``: waiting in line costs less than
SQLite's own polling. PostgreSQL writers meet only at the rows they lock.
Sources: sqlite.org/wal.html, sqlite.org/lang_transaction.html, SQLAlchemy's notes on pysqlite's transactions.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import BigInteger, DateTime, MetaData, Text, create_engine, event, text
from sqlalchemy.engine import URL, Connection, CursorResult, Dialect, Engine, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import Integer, TypeDecorator

PATIENCE: Final = 30.0
"""Seconds a writer waits for its turn, a statement may run and SQLite may be busy."""

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Busy(Exception):
    """The database's turn did not come in time."""


class Base(DeclarativeBase):
    """The parent of every row; its names for constraints are the same on both databases."""

    metadata = MetaData(naming_convention=NAMING)


class Cents(TypeDecorator[int]):
    """An amount as a whole number of céntimos of the row's currency."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        if value is not None and type(value) is not int:
            raise TypeError(f"Céntimos are whole numbers, not {value!r}")
        return value


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept and given back in UTC; SQLite keeps no zone, so it is put back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("An instant needs its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal kept as its plain text: SQLite would bind a Numeric as a binary float."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class ExactJson(TypeDecorator[Any]):
    """JSON kept as text in its own order; a Decimal goes in as its text, a fraction comes out as Decimal."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value, parse_float=Decimal)


BigKey: Final = BigInteger().with_variant(Integer(), "sqlite")
"""A primary key of 64 bits: SQLite counts up only under the name INTEGER, which has 64 bits there."""


class Database:
    """The way to the rows: ``read()`` and ``write()``.

    ``url`` is an SQLAlchemy URL; ``sqlite:///FILE``, ``postgres://`` and ``postgresql://`` are the forms accepted.
    ``pool`` is the most connections kept for PostgreSQL; a process has that many requests at work at once.
    """

    def __init__(self, url: str, *, pool: int = 20) -> None:
        self.url = _driver(make_url(url))
        self.dialect: str = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self._turn: _Turn | None = _Turn(Path(f"{_sqlite_file(self.url)}.lock"))
            self.engine = _sqlite(self.url)
        else:
            self._turn = None
            self.engine = _postgresql(self.url, pool)
        self._reader = self.engine.execution_options(postgresql_readonly=True)
        self._writer = self.engine.execution_options(chasqui_write=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session over one consistent picture; a write through it is refused by the database."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session  # closing ends the transaction; a rollback would also empty the rows handed out

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises. Raises Busy after PATIENCE."""
        if self._turn is None:
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
            return
        with self._turn, Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def schema_change(self) -> Iterator[Connection]:
        """A connection inside one writing transaction, for migrations. Raises Busy after PATIENCE."""
        if self._turn is None:
            with self._writer.begin() as connection:
                yield connection
            return
        with self._turn, self._writer.connect() as connection:
            # SQLite alters a table by copying it, with the references unchecked meanwhile; a switch that only works
            # outside a transaction, hence past SQLAlchemy.
            raw = cast("sqlite3.Connection", connection.connection.driver_connection)
            raw.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
            finally:
                raw.execute("PRAGMA foreign_keys=ON")

    def ping(self) -> None:
        """Asks the database for one row. Raises SQLAlchemy's error when it does not answer."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Closes every connection; after a fork the child does this first."""
        self.engine.dispose()


def changed(session: Session, statement: UpdateBase) -> int:
    """Runs an UPDATE, DELETE or INSERT and says how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount


class _Turn:
    """One writer at a time: among the threads by a lock, among the processes by a lock on a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._descriptor = -1

    def __enter__(self) -> None:
        deadline = time.monotonic() + PATIENCE
        if not self._threads.acquire(timeout=PATIENCE):
            raise Busy
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            pause = 0.0002
            while not _locked(self._descriptor):
                if time.monotonic() > deadline:
                    raise Busy
                time.sleep(pause)
                pause = min(pause * 1.5, 0.005)
        except BaseException:
            self._release()
            raise

    def __exit__(self, *_: object) -> None:
        self._release()

    def _release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._threads.release()


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _driver(url: URL) -> URL:
    if url.get_backend_name() in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise ValueError("DATABASE_URL: only sqlite and postgresql are supported")
    return url


def _sqlite_file(url: URL) -> str:
    if not url.database or url.database == ":memory:":
        raise ValueError("DATABASE_URL: SQLite needs a file")
    Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    return url.database


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": PATIENCE}, pool_size=40, max_overflow=0, pool_timeout=PATIENCE,
        hide_parameters=True,  # an error's text goes to the log, the values of the row do not
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = bool(connection.get_execution_options().get("chasqui_write"))
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: URL, pool: int) -> Engine:
    milliseconds = int(PATIENCE * 1000)
    limits = f"-c timezone=UTC -c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
    return create_engine(
        url, pool_size=pool, max_overflow=0, pool_timeout=PATIENCE, pool_pre_ping=True, pool_recycle=1800,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 10, "options": f"{limits} -c idle_in_transaction_session_timeout={2 * milliseconds}",
        },
    )


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no place in stored JSON")
