"""The kill switch of the reduced IGV rate: from a day on, this installation issues nothing with it, whatever its date.

SUNAT's validator has been behind the law with this rate (decision 15): whoever runs the installation can stop it at
once, for every tenant and every process, and lift the stop again. Notes about earlier vouchers are not stopped.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.almanac.models import RateStopRecord
from app.db import changed

_ON: Final = (
    select(RateStopRecord)
    .where(RateStopRecord.lifted_at.is_(None), RateStopRecord.from_day <= bindparam("day"))
    .order_by(RateStopRecord.from_day)
    .limit(1)
)


def stop_on(session: Session, issued: date, today: date) -> RateStopRecord | None:
    """The stop that keeps a voucher of an issue date, numbered and sent today, from the reduced rate."""
    return session.scalar(_ON, {"day": max(issued, today)})


def stop(session: Session, from_day: date, *, reason: str, actor: str, now: datetime) -> RateStopRecord:
    """Stops the reduced rate from a day on (Lima); earlier stops that are open give way to it."""
    lift(session, now=now)
    row = RateStopRecord(from_day=from_day, reason=reason, actor=actor, created_at=now)
    session.add(row)
    session.flush()
    return row


def lift(session: Session, *, now: datetime) -> int:
    """Lifts every open stop and says how many there were."""
    return changed(
        session, update(RateStopRecord).where(RateStopRecord.lifted_at.is_(None)).values(lifted_at=now)
    )
