"""The rows of mail: what is to be sent to whom, what came of it, and whether the installation may send at all."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, UtcDateTime

WAITING: Final = "waiting"
SENT: Final = "sent"
FAILED: Final = "failed"
"""States of a mail. ``sent`` means that the mail server took it over."""

_DUE = text("state = 'waiting'")


class MailRecord(Base):
    """One voucher for one address: ``event_id`` is the acceptance that asks for it, None where a person did.

    ``message_id`` stays the same however often it is handed over. ``busy_until`` is the lease of the attempt under way
    and its fence: whoever writes what came of one does so only while the lease still is his.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("event_id", "address"),
        CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="state"),
        Index("ix_mails_due", "next_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    address: Mapped[str] = mapped_column(String(254))
    message_id: Mapped[str] = mapped_column(String(320), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    error: Mapped[str] = mapped_column(String(300), default="")
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    busy_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MailAttemptRecord(Base):
    """One attempt: how far it came (`app.mail.smtp.Stage`), and the server's code and words, where it had any."""

    __tablename__ = "mail_attempts"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    mail_id: Mapped[int] = mapped_column(ForeignKey("mails.id"), index=True)
    stage: Mapped[str] = mapped_column(String(10))
    code: Mapped[int | None]
    text: Mapped[str] = mapped_column(String(300))
    milliseconds: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class MailMarkRecord(Base):
    """Up to which event of an account all acceptances have their mails."""

    __tablename__ = "mail_marks"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    told_to: Mapped[int] = mapped_column(BigKey)


class MailDoorRecord(Base):
    """The one row that is there while the mail server takes nothing of this installation (`app.mail.door`)."""

    __tablename__ = "mail_door"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings_mark: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(300))
    failures: Mapped[int] = mapped_column(default=1)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    again_at: Mapped[datetime] = mapped_column(UtcDateTime)
