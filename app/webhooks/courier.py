"""The courier: tells subscriptions what waits for them, each by a thread of its own, so that none waits for another.

A subscription is told by one process at a time, by a lease on its row, and by one notice after the other. Those whose
last attempt failed or took long have threads of their own number: however many there are, the others find one free.
"""

from __future__ import annotations

import random
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select, update

from app.accounts.models import AccountRecord
from app.accounts.operations import safe_of
from app.db import changed
from app.deadline import ended
from app.http import Office
from app.webhooks.fanning import fan_out
from app.webhooks.models import (
    ACTIVE,
    DELIVERED,
    DISABLED,
    FAILED,
    WAITING,
    NoticeAttemptRecord,
    NoticeRecord,
    WebhookRecord,
)
from app.webhooks.operations import fail_waiting
from app.webhooks.posting import Answer, post
from app.webhooks.signatures import signed
from app.webhooks.targets import BadTarget, target_of

WAITS: Final = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds after each failed attempt, the last one for all that follow; up to a fifth more is drawn by lot."""

LANE: Final = 8
"""Subscriptions told at once: as many of the quick ones, as many of those in trouble."""

GONE: Final = 410
SLOW: Final = 2.0
LEASE: Final = timedelta(seconds=90)
_TURN: Final = 20.0
"""Seconds after which a subscription makes room for another."""

_lot = random.SystemRandom().uniform


Guard = Callable[[Callable[[], None]], bool]
"""Runs a step and logs a fault of ours in it."""


class Courier:
    """The courier of one process. `round` never waits for anybody's server; `stop` waits for what is under way."""

    def __init__(self, office: Office, *, guard: Guard, send: Callable[..., Answer] = post) -> None:
        self._office = office
        self._guard = guard
        self._send = send
        self._lock = threading.Lock()
        self._under_way: dict[int, tuple[bool, threading.Thread]] = {}
        self._stopping = False

    def round(self) -> int:
        """Gives new events their notices, and sets out to whoever has some waiting; says to how many."""
        if self._stopping:
            return 0
        fan_out(self._office.database, self._office.clock.now())
        return sum(self._set_out(webhook_id, troubled) for webhook_id, troubled in self._waiting())

    def stop(self, patience: float) -> bool:
        """Sets out no more; waits so many seconds for what is under way, and says whether all of it ended."""
        self._stopping = True
        return self.rest(patience)

    def rest(self, patience: float) -> bool:
        """Waits so many seconds for what is under way, and says whether all of it ended."""
        with self._lock:
            threads = [thread for _, thread in self._under_way.values()]
        return ended(threads, patience)

    def _waiting(self) -> list[tuple[int, bool]]:
        now = self._office.clock.now()
        oldest = (
            select(func.min(NoticeRecord.next_at)).where(NoticeRecord.webhook_id == WebhookRecord.id, *_due(now))
            .correlate(WebhookRecord).scalar_subquery()
        )
        with self._office.database.read() as session:
            found = session.execute(
                select(WebhookRecord.id, WebhookRecord.troubled)
                .where(WebhookRecord.state == ACTIVE, _unleased(now), oldest.is_not(None))
                .order_by(oldest, WebhookRecord.id)
            )
            return [(webhook_id, troubled) for webhook_id, troubled in found]

    def _set_out(self, webhook_id: int, troubled: bool) -> bool:
        with self._lock:
            lane = sum(1 for slow, _ in self._under_way.values() if slow == troubled)
            if webhook_id in self._under_way or lane >= LANE:
                return False
            thread = threading.Thread(target=self._tell, args=(webhook_id,), name="chasqui-webhook", daemon=True)
            self._under_way[webhook_id] = (troubled, thread)
        thread.start()
        return True

    def _tell(self, webhook_id: int) -> None:
        """Notices of one subscription, until one fails, none is left, or it is another's turn."""
        try:
            self._guard(lambda: self._turn(webhook_id))
        finally:
            with self._lock:
                self._under_way.pop(webhook_id, None)

    def _turn(self, webhook_id: int) -> None:
        if not self._leased(webhook_id):
            return
        end = time.monotonic() + _TURN
        while not self._stopping and time.monotonic() < end and self._one(webhook_id):
            pass
        self._free(webhook_id)

    def _leased(self, webhook_id: int) -> bool:
        now = self._office.clock.now()
        with self._office.database.write() as session:
            return changed(
                session, update(WebhookRecord).where(WebhookRecord.id == webhook_id, _unleased(now))
                .values(busy_until=now + LEASE).execution_options(synchronize_session=False),
            ) == 1

    def _free(self, webhook_id: int) -> None:
        with self._office.database.write() as session:
            session.execute(
                update(WebhookRecord).where(WebhookRecord.id == webhook_id).values(busy_until=None)
                .execution_options(synchronize_session=False)
            )

    def _one(self, webhook_id: int) -> bool:
        """One attempt at what has waited longest; whether to go on."""
        now, vault = self._office.clock.now(), self._office.vault
        with self._office.database.read() as session:
            row = session.get_one(WebhookRecord, webhook_id)
            notice = session.scalar(
                select(NoticeRecord).where(NoticeRecord.webhook_id == webhook_id, *_due(now))
                .order_by(NoticeRecord.next_at, NoticeRecord.id).limit(1)
            )
            if notice is None or row.state != ACTIVE:
                return False
            account = session.get_one(AccountRecord, row.account_id)
        safe = safe_of(vault, account)
        keys = [safe.open("webhook_secret", row.secret_sealed).decode()]
        if row.former_sealed is not None and row.former_until is not None and row.former_until > now:
            keys.append(safe.open("webhook_secret", row.former_sealed).decode())
        body, hidden = notice.body.encode(), list(keys)
        headers = {
            "Content-Type": "application/json; charset=utf-8", "User-Agent": "Chasqui", "Connection": "close",
            **signed(notice.message_id, now, body, keys),
        }
        if row.username or row.password_sealed is not None:
            password = safe.open("webhook_password", row.password_sealed).decode() if row.password_sealed else ""
            basic = b64encode(f"{row.username}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {basic}"
            hidden += [basic, password]
        try:
            target = target_of(row.url, secure_only=account.environment == "live")
            answer = self._send(target, headers, body, private=self._office.settings.webhook_private)
        except BadTarget as refused:
            answer = Answer(error=f"refused: {refused.en}")
        return self._settle(notice.id, answer, hidden)

    def _settle(self, notice_id: int, answer: Answer, hidden: list[str]) -> bool:
        now, received = self._office.clock.now(), answer.text
        for secret in hidden:
            received = received.replace(secret, "***") if secret else received
        with self._office.database.write() as session:
            notice = session.get_one(NoticeRecord, notice_id, with_for_update=True)
            row = session.get_one(WebhookRecord, notice.webhook_id, with_for_update=True)
            session.add(NoticeAttemptRecord(
                notice_id=notice.id, status=answer.status, error=answer.error, received=received,
                milliseconds=int(answer.seconds * 1000), at=now,
            ))
            notice.tries += 1
            session.flush()
            row.troubled = not answer.delivered or answer.seconds > SLOW
            if answer.delivered:
                notice.state = DELIVERED
            elif answer.status == GONE:
                if row.state == ACTIVE:
                    row.state = DISABLED
                fail_waiting(session, row)
            else:
                notice.next_at = now + timedelta(seconds=WAITS[min(notice.tries, len(WAITS)) - 1] * _lot(1.0, 1.2))
                if notice.next_at > notice.expires_at:
                    notice.state = FAILED
        return answer.delivered


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (NoticeRecord.state == WAITING, NoticeRecord.next_at <= now)


def _unleased(now: datetime) -> ColumnElement[bool]:
    return or_(WebhookRecord.busy_until.is_(None), WebhookRecord.busy_until <= now)
