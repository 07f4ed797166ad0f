"""Notices that were told, or given up, long ago: removed with their attempts. Nothing fiscal is in them.

A notice is what says that its event was told, so only those go whose event lies before what the subscription is known
to have been told; of a subscription that is gone all may go.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select

from app.db import Database
from app.webhooks.models import REMOVED, WAITING, NoticeAttemptRecord, NoticeRecord, WebhookRecord

_AT_ONCE: Final = 500
"""Notices of one transaction, which nobody has to wait for long."""

_MOST: Final = 100
"""Transactions of one clearing; the next one is an hour away."""


def clear(database: Database, now: datetime, *, days: int) -> int:
    """Removes the notices whose last telling ended so many days ago, and says how many those were."""
    removed = 0
    for _ in range(_MOST):
        count = _clear_some(database, now - timedelta(days=days))
        removed += count
        if count < _AT_ONCE:
            break
    return removed


def _clear_some(database: Database, before: datetime) -> int:
    wanted = (
        select(NoticeRecord.id).join(WebhookRecord, WebhookRecord.id == NoticeRecord.webhook_id)
        .where(
            NoticeRecord.state != WAITING, NoticeRecord.expires_at < before,
            or_(WebhookRecord.state == REMOVED, NoticeRecord.event_id <= WebhookRecord.told_to),
        )
        .limit(_AT_ONCE)
    )
    with database.read() as session:
        if session.scalar(wanted.limit(1)) is None:
            return 0
    with database.write() as session:
        ids = session.scalars(wanted.with_for_update(of=NoticeRecord, skip_locked=True)).all()
        session.execute(delete(NoticeAttemptRecord).where(NoticeAttemptRecord.notice_id.in_(ids)))
        session.execute(delete(NoticeRecord).where(NoticeRecord.id.in_(ids)))
        return len(ids)
