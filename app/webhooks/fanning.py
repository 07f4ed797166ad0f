"""From events to notices: one for each subscription that wants it, behind the back of whatever made the event.

Ids are given out before they are committed, so that a lower one may appear after a higher: up to which event all was
seen is believed only of events older than any transaction lives, and what lies behind is looked at again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from app.db import Database
from app.ledger.models import EventRecord
from app.webhooks.models import ACTIVE, NoticeRecord, WebhookRecord
from app.webhooks.payloads import SELECTED, payload

LIFE: Final = timedelta(days=3)
"""How long a notice is tried."""

SETTLED: Final = timedelta(minutes=5)
"""The age at which an event has no elder brother that is still to appear: writing transactions end within a minute."""

_AT_ONCE: Final = 200


def fan_out(database: Database, now: datetime) -> int:
    """Gives every new event its notices, some hundreds at a time; says how many that were."""
    made = 0
    with database.read() as session:
        waiting = [
            row.id for row in session.scalars(select(WebhookRecord).where(WebhookRecord.state == ACTIVE))
            if session.scalar(_missing(row).limit(1)) is not None or _may_advance(session, row, now)
        ]
    for webhook_id in waiting:
        with database.write() as session:
            row = session.scalar(
                select(WebhookRecord).where(WebhookRecord.id == webhook_id).with_for_update(skip_locked=True)
            )
            if row is not None and row.state == ACTIVE:
                made += _fan(session, row, now)
    return made


def newest_event(session: Session, account_id: int) -> int:
    """The last event of an account, 0 where there is none."""
    return session.scalar(select(func.max(EventRecord.id)).where(EventRecord.account_id == account_id)) or 0


def _fan(session: Session, row: WebhookRecord, now: datetime) -> int:
    found = session.scalars(_missing(row).order_by(EventRecord.id).limit(_AT_ONCE)).all()
    for event in found:
        session.add(NoticeRecord(
            webhook_id=row.id, event_id=event.id, body=payload(session, event, row.event_id), next_at=now,
            expires_at=now + LIFE, happened_at=event.at, created_at=now,
        ))
    if len(found) < _AT_ONCE:
        row.told_to = _settled(session, row, now) or row.told_to
    return len(found)


def _missing(row: WebhookRecord) -> Select[EventRecord]:
    """Events that this subscription wants and has no notice of."""
    return select(EventRecord).where(
        EventRecord.account_id == row.account_id, EventRecord.id > row.told_to, SELECTED[row.event_id],
        ~exists(
            select(NoticeRecord.id).where(NoticeRecord.webhook_id == row.id, NoticeRecord.event_id == EventRecord.id)
            .correlate(EventRecord)
        ),
    )


def _settled(session: Session, row: WebhookRecord, now: datetime) -> int | None:
    return session.scalar(
        select(func.max(EventRecord.id)).where(
            EventRecord.account_id == row.account_id, EventRecord.id > row.told_to, EventRecord.at <= now - SETTLED,
        )
    )


def _may_advance(session: Session, row: WebhookRecord, now: datetime) -> bool:
    return _settled(session, row, now) is not None
