"""Stopping a series and letting it go: foreign numbers, and databases that are older than what was issued.

A stopped series numbers nothing (`app.series.allocator`). One stopped for a foreign number is let go by whoever found
the other system; one of a restored database only behind the last number that is known to be used.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from app.problems import Conflict, Text
from app.series import allocator
from app.series.models import FOREIGN, RESTORED, DeclaredGapRecord, SeriesRecord
from sunat.numbering import MAX_NUMBER


def freeze(session: Session, series_id: int, reason: str, *, now: datetime, by: str = FOREIGN) -> None:
    """Stops a series until somebody has looked; one that is stopped keeps its first reason. ``by`` is its class."""
    row = session.get_one(SeriesRecord, series_id, with_for_update=True)
    if not row.frozen:
        row.frozen, row.frozen_by = reason[:200], by
        row.updated_at = now


def foreign_number(full_number: str) -> str:
    """Why a series is stopped in which a number is somebody else's at the authority."""
    return f"{full_number}: SUNAT tiene otro comprobante"


def thaw(session: Session, row: SeriesRecord, *, now: datetime) -> None:
    """Lets a stopped series issue again; whether its next number is free is for whoever asks to know."""
    row.frozen, row.frozen_by, row.updated_at = "", "", now


def prove(
    session: Session, series_id: int, last_number: int, *, reason: str, author: str, now: datetime
) -> SeriesRecord:
    """Lets a series that an older database stopped go on behind the last number that was used anywhere.

    The numbers in between become a declared gap with ``reason`` (an unused series simply starts behind them). Raises
    Conflict for a series that is not stopped for that, and backwards.
    """
    row = session.get_one(SeriesRecord, series_id, with_for_update=True, populate_existing=True)
    if row.frozen_by != RESTORED:
        raise Conflict("PROBE_NOT_NEEDED", Text(
            f"La serie {row.code} no está detenida por una base de datos anterior",
            f"Series {row.code} is not stopped by an older database",
        ))
    if last_number < row.last_number:
        raise Conflict("NUMBER_BACKWARDS", Text(
            f"La serie {row.code} ya emitió hasta el número {row.last_number}; el contador solo avanza",
            f"Series {row.code} has issued up to number {row.last_number}; its counter only goes forward",
        ))
    if last_number > row.last_number and row.used:
        session.add(DeclaredGapRecord(
            series_id=row.id, from_number=row.last_number + 1, to_number=last_number, reason=reason, author=author,
            at=now,
        ))
    elif last_number > row.last_number:
        row.start_number = min(last_number + 1, MAX_NUMBER)
    row.last_number, row.proven_at = last_number, now
    thaw(session, row, now=now)
    session.flush()
    allocator.note(session, row.key, number=last_number, chain_head=row.chain_head, now=now)
    return row
