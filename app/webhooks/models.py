"""The rows of webhooks: subscriptions, what is to be told to them, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, UtcDateTime

ACTIVE: Final = "active"
DISABLED: Final = "disabled"
REMOVED: Final = "removed"
"""States of a subscription: told, not told any more because its address said so (410), and taken away."""

WAITING: Final = "waiting"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"
"""States of a notice; one that failed was tried for three days, or its subscription ended."""

_DUE = text("state = 'waiting'")


class WebhookRecord(Base):
    """A subscription: one kind of message to one address.

    ``told_to`` is the event up to which all have their notice; ``busy_until`` a lease of the process that is telling
    it; ``troubled`` whether its last attempt failed or took long. Of two live signing secrets ``former_sealed`` signs
    as well until ``former_until``.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'disabled', 'removed')", name="state"),
        Index("ix_webhooks_account_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    event_id: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(String(500))
    username: Mapped[str] = mapped_column(String(100))
    password_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    secret_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    former_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    former_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default=ACTIVE)
    told_to: Mapped[int] = mapped_column(BigKey)
    troubled: Mapped[bool] = mapped_column(default=False)
    busy_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NoticeRecord(Base):
    """One event for one subscription: the body that is sent, always the same bytes, and how far that is."""

    __tablename__ = "webhook_notices"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_webhook_notices_due", "webhook_id", "next_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def message_id(self) -> str:
        """What the receiver tells repetitions by."""
        return f"evt_{self.event_id}"


class NoticeAttemptRecord(Base):
    """One attempt: what came back, as far as it was read. ``status`` is HTTP's, None where there was no answer."""

    __tablename__ = "webhook_attempts"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("webhook_notices.id"), index=True)
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(String(200))
    received: Mapped[str] = mapped_column(Text)
    milliseconds: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
