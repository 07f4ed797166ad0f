"""Two databases, one behaviour: SQLite beside the program, PostgreSQL for many machines.

A session is opened for reading or for writing and never changes its mind: ``with database.read() as session`` sees
one consistent picture and cannot write; ``with database.write() as session`` commits at the end or rolls back.

SQLite runs in WAL with ``synchronous=FULL`` (a commit lost after the answer would give its number twice). Its
writers take a lock in the process, then a lock on a file, then ``BEGIN IMMEDIATE``: waiting in line costs less than
SQLite's own polling. PostgreSQL writers meet only at the rows they lock.
Sources: sqlite.org/wal.html, sqlite.org/lang_transaction.html, SQLAlchemy's notes on pysqlite's transactions.
"""

from __future__ import annotations

from app.db.columns import PASSING, Base, BigKey, Cents, ExactDecimal, ExactJson, UtcDateTime
from app.db.database import LOOK_THERE, QUEUE_SCHEMA, Database, changed
from app.db.marks import Mark, Marks
from app.db.turn import PATIENCE, Busy

__all__ = [
    "LOOK_THERE", "PASSING", "PATIENCE", "QUEUE_SCHEMA", "Base", "BigKey", "Busy", "Cents", "Database", "ExactDecimal",
    "ExactJson", "Mark", "Marks", "UtcDateTime", "changed",
]
