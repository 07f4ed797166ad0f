"""Sessions for reading and for writing, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Connection, CursorResult, Engine, make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.dml import UpdateBase

from app.db.marks import Marks
from app.db.turn import PATIENCE, Turn

MARKS: Final = "marks"
"""Where a session has the high-water file."""

QUEUE_SCHEMA: Final = "chasqui_queue"
"""Where the tables of the queue are on PostgreSQL (`app.queue`); every connection looks there last."""

LOOK_THERE: Final = f"SELECT set_config('search_path', current_setting('search_path') || ', {QUEUE_SCHEMA}', false)"
"""What is said on a new connection, whatever search path its user or database has."""

IDLE: Final = 5.0
"""Seconds after which a connection to PostgreSQL is asked whether it is still there before it is used again."""


class Database:
    """The way to the rows: ``read()`` and ``write()``.

    ``url`` is an SQLAlchemy URL; ``sqlite:///FILE``, ``postgres://`` and ``postgresql://`` are the forms accepted.
    ``pool`` is the most connections kept for PostgreSQL; a process has that many requests at work at once.
    ``marks`` is the high-water file beside the data, of an installation that keeps one; sessions carry it in
    ``session.info[MARKS]``.
    """

    def __init__(self, url: str, *, pool: int = 20, marks: Marks | None = None) -> None:
        self.url = _driver(make_url(url))
        self.marks = marks
        self._info = {MARKS: marks}
        self.dialect: str = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self._turn: Turn | None = Turn(Path(f"{_sqlite_file(self.url)}.lock"))
            self.engine = _sqlite(self.url)
        else:
            self._turn = None
            self.engine = _postgresql(self.url, pool)
        self._reader = self.engine.execution_options(postgresql_readonly=True)
        self._writer = self.engine.execution_options(chasqui_write=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session over one consistent picture; a write through it is refused by the database."""
        with Session(self._reader, expire_on_commit=False, info=self._info) as session:
            yield session  # closing ends the transaction; a rollback would also empty the rows handed out

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises. Raises Busy after PATIENCE."""
        if self._turn is None:
            with self._writing() as session, session.begin():
                yield session
            return
        with self._turn, self._writing() as session, session.begin():
            yield session

    def _writing(self) -> Session:
        return Session(self._writer, expire_on_commit=False, info=self._info)

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

    def dispose(self, *, forked: bool = False) -> None:
        """Closes every connection. A child just ``forked`` lets go of its parent's without closing them."""
        self.engine.dispose(close=not forked)


def changed(session: Session, statement: UpdateBase, values: Mapping[str, object] | None = None) -> int:
    """Runs an UPDATE, DELETE or INSERT (with these parameters) and says how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement, values)).rowcount


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
        # Without recursive triggers, INSERT OR REPLACE would remove a row that a trigger protects.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = bool(connection.get_execution_options().get("chasqui_write"))
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: URL, pool: int) -> Engine:
    milliseconds = int(PATIENCE * 1000)
    # Compiling a statement (jit) pays for reports; ours would take longer to compile than to run.
    limits = f"-c timezone=UTC -c jit=off -c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
    engine = create_engine(
        url, pool_size=pool, max_overflow=0, pool_timeout=PATIENCE, pool_recycle=1800, hide_parameters=True,
        connect_args={
            "connect_timeout": 10, "options": f"{limits} -c idle_in_transaction_session_timeout={2 * milliseconds}",
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.autocommit = True
        connection.execute(LOOK_THERE)
        connection.autocommit = False

    @event.listens_for(engine, "checkin")
    def note(_: Any, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: Any, record: ConnectionPoolEntry, _: Any) -> None:
        # One that worked a moment ago is taken at its word: asking each time (pool_pre_ping) is three round trips of
        # every voucher issued.
        if "used" not in record.info or time.monotonic() - record.info["used"] < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    return engine
