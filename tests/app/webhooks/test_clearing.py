"""Old notices are removed, and no event is told again for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.ledger.models import EventRecord
from app.webhooks.clearing import clear
from app.webhooks.fanning import fan_out
from app.webhooks.models import (
    ACTIVE,
    DELIVERED,
    DISABLED,
    FAILED,
    REMOVED,
    WAITING,
    NoticeAttemptRecord,
    NoticeRecord,
    WebhookRecord,
)
from tests.support.world import World, kind, world

__all__ = ["kind"]


def subscription(place: World, account_id: int, state: str, now: datetime) -> int:
    """A subscription to holds with five old notices: two told, one given up, one waiting, one told after its mark."""
    with place.office.database.write() as session:
        row = WebhookRecord(
            account_id=account_id, event_id="ACCOUNT.HOLD", url="https://example.com/", username="",
            secret_sealed=b"x", state=state, told_to=0, created_at=now,
        )
        session.add(row)
        session.flush()
        for told in (DELIVERED, DELIVERED, FAILED, WAITING, DELIVERED):
            event = EventRecord(account_id=account_id, kind="issuer.held", at=now, data={})
            session.add(event)
            session.flush()
            notice = NoticeRecord(
                webhook_id=row.id, event_id=event.id, body="{}", state=told, next_at=now,
                expires_at=now + timedelta(days=3), happened_at=now, created_at=now,
            )
            session.add(notice)
            session.flush()
            session.add(NoticeAttemptRecord(
                notice_id=notice.id, status=204, error="", received="", milliseconds=1, at=now
            ))
            if told == WAITING:
                row.told_to = event.id
        return row.id


def held(place: World, webhook_id: int) -> list[str]:
    with place.office.database.read() as session:
        return list(session.scalars(
            select(NoticeRecord.state).where(NoticeRecord.webhook_id == webhook_id).order_by(NoticeRecord.id)
        ))


@pytest.mark.parametrize(("state", "left"), [
    (ACTIVE, [WAITING, DELIVERED]), (DISABLED, [WAITING, DELIVERED]), (REMOVED, [WAITING]),
])
def test_what_is_long_done_goes_and_nothing_is_told_again(
    kind: str, tmp_path: Path, state: str, left: list[str]
) -> None:
    with world(kind, tmp_path, delivers=False) as place:
        shop, now, database = place.open(), place.clock.now(), place.office.database
        webhook_id = subscription(place, shop.account_id, state, now)
        assert clear(database, now + timedelta(days=92), days=90) == 0
        assert len(held(place, webhook_id)) == 5
        assert clear(database, now + timedelta(days=94), days=90) == 5 - len(left)
        assert held(place, webhook_id) == left
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(NoticeAttemptRecord)) == len(left)
        assert clear(database, now + timedelta(days=94), days=90) == 0
        assert fan_out(database, now + timedelta(days=94)) == 0
        assert held(place, webhook_id) == left
