"""What the pretend authority has on record: at most one row for each (RUC, type, series, number), and every call.

The same SQLite tables serve in memory and in a file, so that a sandbox that restarts still refuses what it has seen.
The journal of calls is evidence for whoever checks a client: what was sent under a number, how often, and which bytes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from sunat.numbering import SummaryId, VoucherId

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS voucher (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ruc TEXT NOT NULL, type_code TEXT NOT NULL, series TEXT NOT NULL, number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'rejected', 'voided')),
    sha256 TEXT NOT NULL, received_at TEXT NOT NULL, cdr BLOB NOT NULL,
    UNIQUE (ruc, type_code, series, number)
);
CREATE TABLE IF NOT EXISTS summary (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ruc TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('accepted', 'rejected')),
    ticket TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, received_at TEXT NOT NULL, ready_at TEXT NOT NULL,
    cdr BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS reception (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL, operation TEXT NOT NULL,
    ruc TEXT NOT NULL, type_code TEXT NOT NULL, series TEXT NOT NULL, number INTEGER NOT NULL,
    sha256 TEXT NOT NULL, mode TEXT NOT NULL, wire TEXT NOT NULL, status INTEGER NOT NULL
);
"""
_ADDED: Final = {"issue_date": "TEXT", "total": "TEXT", "customer": "TEXT NOT NULL DEFAULT ''"}
"""Columns that a file of an earlier sandbox does not have."""

_FIRST_TICKET: Final = 202_600_000_000_000
"""Tickets have fifteen digits, like SUNAT's; they count up from here."""

_COLUMNS: Final = "ruc, type_code, series, number, state, sha256, received_at, cdr, issue_date, total, customer"
_SAME: Final = "ruc = ? AND type_code = ? AND series = ? AND number = ?"


class State(StrEnum):
    """What became of a voucher on record."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One voucher on record.

    ``sha256`` is of the XML as received, hexadecimal; ``received_at`` carries its zone; ``cdr`` is the zip answered
    (empty for a voucher put on record by hand). ``issue_date``, ``total`` (in the voucher's currency) and
    ``customer`` (``type-number``) are what the queries compare; None and "" where it was not told.
    """

    voucher: VoucherId
    state: State
    sha256: str
    received_at: datetime
    cdr: bytes = field(default=b"", repr=False)
    issue_date: date | None = None
    total: Decimal | None = None
    customer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryEntry:
    """One summary on record: a rejected one may be sent again under its id, and each keeps its ticket.

    ``sha256`` is of the XML as received, ``ready_at`` when its ticket stops saying "in process".
    """

    summary: SummaryId
    state: State
    ticket: str
    sha256: str
    received_at: datetime
    ready_at: datetime
    cdr: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """One call as it came: when, what was asked, about which voucher, and what was done to it.

    ``number`` is 0 where no voucher was named; ``sha256`` is of the XML sent (of the zip where it holds none), "" for
    queries. ``mode`` is the fault ("" for none), ``wire`` what the connection did, ``status`` the HTTP status.
    """

    at: datetime
    operation: str
    ruc: str
    type_code: str
    series: str
    number: int
    sha256: str
    mode: str
    wire: str
    status: int


class Ledger:
    """The record, in memory unless a file is given. Safe to use from any thread."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(str(path) if path else ":memory:", check_same_thread=False, isolation_level=None)
        with self._lock:
            if path:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")  # it need not outlive the machine, only the process
            self._db.execute("PRAGMA busy_timeout = 10000")
            self._db.executescript(_TABLES)
            present = {row[1] for row in self._db.execute("PRAGMA table_info(voucher)")}
            for column, kind in _ADDED.items():
                if column not in present:
                    self._db.execute(f"ALTER TABLE voucher ADD COLUMN {column} {kind}")

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
        found = self._rows(f"WHERE {_SAME}", _key(voucher))
        return found[0] if found else None

    def add(self, entry: Entry, *, instead_of: Collection[State] = ()) -> bool:
        """Registers a voucher; False, and nothing written, if its number is taken. Two at once: one gets True.

        One of that number in one of the states of ``instead_of`` does not take it, and makes way.
        """
        with self._lock:
            for state in instead_of:
                self._db.execute(
                    f"DELETE FROM voucher WHERE {_SAME} AND state = ?", (*_key(entry.voucher), state)  # noqa: S608
                )
            return self._insert(entry)

    def _insert(self, entry: Entry) -> bool:
        done = self._db.execute(
            f"INSERT OR IGNORE INTO voucher ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                *_key(entry.voucher), entry.state, entry.sha256, entry.received_at.isoformat(), entry.cdr,
                entry.issue_date.isoformat() if entry.issue_date else None,
                None if entry.total is None else str(entry.total), entry.customer,
            ),
        )
        return done.rowcount == 1

    def void(self, voucher: VoucherId) -> bool:
        """Marks an accepted voucher as voided; False if there is none."""
        with self._lock:
            return self._void(voucher)

    def next_ticket(self) -> str:
        """A ticket that none had before."""
        with self._lock:
            found = self._db.execute("SELECT COALESCE(MAX(id), 0) FROM summary").fetchone()
        return str(_FIRST_TICKET + int(found[0]) + 1)

    def add_summary(
        self, entry: SummaryEntry, *, added: Sequence[Entry] = (), voided: Sequence[VoucherId] = ()
    ) -> None:
        """Registers a summary with the vouchers it adds and voids, all of it or nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for one in added:
                    self._insert(one)
                for voucher in voided:
                    self._void(voucher)
                summary = entry.summary
                self._db.execute(
                    "INSERT INTO summary (ruc, kind, day, number, state, ticket, sha256, received_at, ready_at, cdr)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        summary.ruc, summary.kind, summary.date.isoformat(), summary.number, entry.state, entry.ticket,
                        entry.sha256, entry.received_at.isoformat(), entry.ready_at.isoformat(), entry.cdr,
                    ),
                )
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    def summary(self, summary: SummaryId) -> SummaryEntry | None:
        """The newest row of a summary's id, or None if none was ever sent."""
        found = self._summaries(
            "WHERE ruc = ? AND kind = ? AND day = ? AND number = ? ORDER BY id DESC LIMIT 1",
            (summary.ruc, summary.kind, summary.date.isoformat(), summary.number),
        )
        return found[0] if found else None

    def summary_by_ticket(self, ticket: str) -> SummaryEntry | None:
        """The summary that a ticket was given for."""
        found = self._summaries("WHERE ticket = ?", (ticket,))
        return found[0] if found else None

    def summaries(self) -> list[SummaryEntry]:
        """All summaries in the order of their coming."""
        return self._summaries("ORDER BY id")

    def count(self) -> int:
        """How many vouchers are on record."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM voucher").fetchone()[0])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._rows("ORDER BY id"))

    def note(self, reception: Reception) -> None:
        """Adds a call to the journal."""
        with self._lock:
            self._db.execute(
                "INSERT INTO reception (at, operation, ruc, type_code, series, number, sha256, mode, wire, status)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    reception.at.isoformat(), reception.operation, reception.ruc, reception.type_code,
                    reception.series, reception.number, reception.sha256, reception.mode, reception.wire,
                    reception.status,
                ),
            )

    def receptions(self, voucher: VoucherId | None = None, *, last: int | None = None) -> list[Reception]:
        """The journal in the order of the calls: all, those about one voucher, or the ``last`` so many."""
        condition, values = (f"WHERE {_SAME}", _key(voucher)) if voucher else ("", ())
        limit = "" if last is None else f" LIMIT {last:d}"
        with self._lock:
            rows = self._db.execute(
                "SELECT at, operation, ruc, type_code, series, number, sha256, mode, wire, status"  # noqa: S608
                f" FROM reception {condition} ORDER BY id DESC{limit}", values,
            ).fetchall()
        return [
            Reception(
                at=datetime.fromisoformat(at), operation=operation, ruc=ruc, type_code=type_code, series=series,
                number=number, sha256=sha256, mode=mode, wire=wire, status=status,
            )
            for at, operation, ruc, type_code, series, number, sha256, mode, wire, status in reversed(rows)
        ]

    def _void(self, voucher: VoucherId) -> bool:
        done = self._db.execute(
            f"UPDATE voucher SET state = 'voided' WHERE {_SAME} AND state = 'accepted'", _key(voucher)  # noqa: S608
        )
        return done.rowcount == 1

    def _summaries(self, condition: str, values: tuple[object, ...] = ()) -> list[SummaryEntry]:
        with self._lock:
            rows = self._db.execute(
                "SELECT ruc, kind, day, number, state, ticket, sha256, received_at, ready_at, cdr"  # noqa: S608
                f" FROM summary {condition}", values,
            ).fetchall()
        return [
            SummaryEntry(
                summary=SummaryId(ruc=ruc, kind=kind, date=date.fromisoformat(day), number=number),
                state=State(state), ticket=ticket, sha256=sha256, received_at=datetime.fromisoformat(received_at),
                ready_at=datetime.fromisoformat(ready_at), cdr=cdr,
            )
            for ruc, kind, day, number, state, ticket, sha256, received_at, ready_at, cdr in rows
        ]

    def _rows(self, condition: str, values: tuple[object, ...] = ()) -> list[Entry]:
        with self._lock:
            rows = self._db.execute(f"SELECT {_COLUMNS} FROM voucher {condition}", values).fetchall()  # noqa: S608
        return [
            Entry(
                voucher=VoucherId(ruc=ruc, type_code=type_code, series=series, number=number), state=State(state),
                sha256=sha256, received_at=datetime.fromisoformat(received_at), cdr=cdr,
                issue_date=date.fromisoformat(issued) if issued else None,
                total=None if total is None else Decimal(total), customer=customer,
            )
            for ruc, type_code, series, number, state, sha256, received_at, cdr, issued, total, customer in rows
        ]


def _key(voucher: VoucherId) -> tuple[str, str, str, int]:
    return voucher.ruc, voucher.type_code, voucher.series, voucher.number
