"""What the pretend authority has on record: at most one row for each (RUC, type, series, number).

The same SQLite table serves in memory and in a file, so that a sandbox that restarts still refuses what it has seen.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from sunat.numbering import VoucherId

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS voucher (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ruc TEXT NOT NULL, type_code TEXT NOT NULL, series TEXT NOT NULL, number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'rejected', 'voided')),
    sha256 TEXT NOT NULL, received_at TEXT NOT NULL, cdr BLOB NOT NULL,
    UNIQUE (ruc, type_code, series, number)
)
"""
_COLUMNS: Final = "ruc, type_code, series, number, state, sha256, received_at, cdr"


class State(StrEnum):
    """What became of a voucher on record."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One voucher on record.

    ``sha256`` is of the XML as received, hexadecimal; ``received_at`` carries its zone; ``cdr`` is the zip answered
    (empty for a voucher put on record by hand).
    """

    voucher: VoucherId
    state: State
    sha256: str
    received_at: datetime
    cdr: bytes = field(default=b"", repr=False)


class Ledger:
    """The record, in memory unless a file is given. Safe to use from any thread."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(path) if path else ":memory:", check_same_thread=False, isolation_level=None)
        with self._lock:
            if path:
                self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA busy_timeout = 10000")
            self._db.execute(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._db.close()

    def get(self, voucher: VoucherId) -> Entry | None:
        """The row of a voucher, or None if it was never registered."""
        found = self._rows("WHERE ruc = ? AND type_code = ? AND series = ? AND number = ?", _key(voucher))
        return found[0] if found else None

    def add(self, entry: Entry) -> bool:
        """Registers a voucher; False, and nothing written, if its number is taken. Two at once: one gets True."""
        with self._lock:
            done = self._db.execute(
                f"INSERT OR IGNORE INTO voucher ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                (*_key(entry.voucher), entry.state, entry.sha256, entry.received_at.isoformat(), entry.cdr),
            )
            return done.rowcount == 1

    def void(self, voucher: VoucherId) -> bool:
        """Marks an accepted voucher as voided; False if there is none."""
        with self._lock:
            done = self._db.execute(
                "UPDATE voucher SET state = 'voided' WHERE ruc = ? AND type_code = ? AND series = ? AND number = ?"
                " AND state = 'accepted'", _key(voucher),
            )
            return done.rowcount == 1

    def count(self) -> int:
        """How many vouchers are on record."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM voucher").fetchone()[0])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._rows("ORDER BY id"))

    def _rows(self, condition: str, values: tuple[object, ...] = ()) -> list[Entry]:
        with self._lock:
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM voucher {condition}", values).fetchall()  # noqa: S608
        return [
            Entry(
                voucher=VoucherId(ruc=ruc, type_code=type_code, series=series, number=number), state=State(state),
                sha256=sha256, received_at=datetime.fromisoformat(received_at), cdr=cdr,
            )
            for ruc, type_code, series, number, state, sha256, received_at, cdr in rows
        ]


def _key(voucher: VoucherId) -> tuple[str, str, str, int]:
    return voucher.ruc, voucher.type_code, voucher.series, voucher.number
