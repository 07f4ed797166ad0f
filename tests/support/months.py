"""Months of many vouchers, stored by the thousand without signing: for books, which read rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from app.db import Database
from app.ledger.models import DocumentRecord
from app.series.models import SeriesRecord
from tests.support.builders import Tenant, document, series_id

_PIECE = 1000


def fill(database: Database, owner: Tenant, now: datetime, count: int, *, day: date = date(2026, 11, 20)) -> None:
    """Stores ``count`` accepted facturas of one day on F001, without bytes or deliveries."""
    with database.read() as session:
        row = session.get_one(SeriesRecord, series_id(database, owner))
    for start in range(1, count + 1, _PIECE):
        rows: list[dict[str, Any]] = []
        for number in range(start, min(start + _PIECE, count + 1)):
            made = document(row, number, now, issue_date=day, status="accepted")
            rows.append({key: value for key, value in vars(made).items() if not key.startswith("_")})
        with database.write() as session:
            session.execute(insert(DocumentRecord), rows)
