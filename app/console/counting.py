"""What series have used and skipped, for the list: one look at an index for all of an account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ledger.models import DocumentRecord
from app.series.models import DeclaredGapRecord, SeriesRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Numbers of a series: those that were skipped on purpose, and those that nobody has explained."""

    declared: int = 0
    missing: int = 0


def counted(session: Session, environment: str, ruc: str, public_ids: Sequence[str]) -> dict[str, Counted]:
    """The same for the series of these ids, by their ids. Series of internal papers have no holes to be found here."""
    rows = session.scalars(
        select(SeriesRecord).where(
            SeriesRecord.environment == environment, SeriesRecord.ruc == ruc, SeriesRecord.public_id.in_(public_ids)
        )
    ).all()
    length = DeclaredGapRecord.to_number - DeclaredGapRecord.from_number + 1
    skipped = {
        row[0]: row[1] for row in session.execute(
            select(DeclaredGapRecord.series_id, func.sum(length))
            .where(DeclaredGapRecord.series_id.in_([row.id for row in rows])).group_by(DeclaredGapRecord.series_id)
        )
    }
    used = {
        (row[0], row[1]): (row[2], row[3]) for row in session.execute(
            select(DocumentRecord.sunat_code, DocumentRecord.series, func.min(DocumentRecord.number), func.count())
            .where(DocumentRecord.environment == environment, DocumentRecord.ruc == ruc)
            .group_by(DocumentRecord.sunat_code, DocumentRecord.series)
        )
    }
    found = {}
    for row in rows:
        declared = int(skipped.get(row.id, 0))
        first, many = used.get((row.sunat_code, row.code), (0, 0))
        missing = row.last_number - first + 1 - many - declared if many and row.profile == "sunat" else 0
        found[row.public_id] = Counted(declared=declared, missing=max(0, missing))
    return found
