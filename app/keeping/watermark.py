"""The high-water file held against the database when somebody starts: a database that is older stops its series.

Older is a series whose row is behind its mark, or whose chain does not have the voucher that the mark names: then the
database went another way than the one this machine saw. What the file does not know yet is added to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database, Mark
from app.ledger.models import EditionRecord
from app.series import allocator
from app.series.models import GENESIS, RESTORED, SeriesRecord
from app.series.stopping import freeze

_MANY: Final = 500
_log = structlog.get_logger("chasqui.highwater")


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """A series of which this machine saw more than the database holds: its key, how far, and what the row says.

    ``last_number`` is None where the database does not have the series at all.
    """

    key: str
    mark: int
    last_number: int | None
    text: str


def older_series(database: Database) -> tuple[Older, ...]:
    """The series of which this machine has seen more than the database holds; nothing is changed.

    Raises what the database raises.
    """
    marks = database.marks
    if marks is None:
        return ()
    with database.read() as session:
        return tuple(_older(session, _marked(session), marks.found))


def compare(database: Database, *, now: datetime) -> tuple[Older, ...]:
    """Stops the series of an older database and brings the file up to date; says what is older.

    Raises what the database raises. A machine without a file, or whose file is new, finds nothing.
    """
    marks = database.marks
    if marks is None:
        return ()
    with database.read() as session:
        rows = _marked(session)
        older = _older(session, rows, marks.found)
    behind = {one.key for one in older}
    for one in older:
        row = rows.get(one.key)
        _log.error("database_older_than_high_water", series=one.key, mark=one.mark, last_number=one.last_number)
        if row is not None and not row.frozen:
            with database.write() as writing:
                freeze(writing, row.id, one.text, now=now, by=RESTORED)
    news = {
        key: Mark(number=row.last_number, head=row.chain_head, at=row.updated_at)
        for key, row in rows.items()
        if key not in behind and row.used and _is_news(row, marks.found.get(key))
    }
    if news:
        marks.note(news)
    marks.tidy()
    return tuple(older)


def told(older: Older) -> str:
    """One of them in a sentence for the screen, Spanish and English."""
    if older.last_number is None:
        return (
            f"{older.key}: la base de datos no tiene esta serie, que ya llegó al {older.mark} / "
            f"the database lacks this series, which had reached {older.mark}"
        )
    return f"{older.key}: {older.text} / stopped: this machine saw number {older.mark}. chasqui series probe"


def _marked(session: Session) -> dict[str, SeriesRecord]:
    """The series that the file minds, by their names in it."""
    return {
        row.key: row for row in session.scalars(select(SeriesRecord))
        if allocator.is_marked(row.profile, row.environment)
    }


def _older(session: Session, rows: Mapping[str, SeriesRecord], found: Mapping[str, Mark]) -> list[Older]:
    doubted = {
        mark.head: key for key, mark in found.items()
        if key in rows and mark.head not in (GENESIS, rows[key].chain_head) and not _settled(rows[key], mark)
    }
    heads = list(doubted)
    known: set[str] = set()
    for start in range(0, len(heads), _MANY):
        part = heads[start : start + _MANY]
        known.update(session.scalars(select(EditionRecord.chain_hash).where(EditionRecord.chain_hash.in_(part))))
    strayed = {key for head, key in doubted.items() if head not in known}
    older = []
    for key, mark in sorted(found.items()):
        row = rows.get(key)
        if row is None:
            older.append(Older(key=key, mark=mark.number, last_number=None, text=""))
        elif row.last_number < mark.number:
            text = allocator.behind(mark.number, row.last_number)
            older.append(Older(key=key, mark=mark.number, last_number=row.last_number, text=text))
        elif key in strayed:
            text = f"La base de datos es otra: no tiene el comprobante {mark.number} que esta máquina vio firmar"
            older.append(Older(key=key, mark=mark.number, last_number=row.last_number, text=text))
    return older


def _settled(row: SeriesRecord, mark: Mark) -> bool:
    """Whether somebody compared the series with the authority after the mark was made."""
    return row.proven_at is not None and mark.at <= row.proven_at


def _is_news(row: SeriesRecord, mark: Mark | None) -> bool:
    return mark is None or (row.last_number, row.chain_head) != (mark.number, mark.head)
