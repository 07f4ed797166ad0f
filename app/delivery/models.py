"""The rows that delivery keeps for itself: issuers whose sending stopped, addresses that do not answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, UtcDateTime

HOLD_REASONS = ("credentials", "permission", "route", "person")


class IssuerHoldRecord(Base):
    """An account whose sending stopped: the authority does not take its user, or somebody asked for it.

    It lasts until it is released, or the account is changed after ``since``. ``code`` and ``text`` are the authority's.
    """

    __tablename__ = "issuer_holds"
    __table_args__ = (
        CheckConstraint(f"reason IN ({', '.join(repr(one) for one in HOLD_REASONS)})", name="reason"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    reason: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    actor: Mapped[str] = mapped_column(String(60), default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class BreakerRecord(Base):
    """An address that is left alone for a while. ``door`` names it (`app.delivery.breakers`); closed ones have no row.

    From ``open_until`` on one attempt tries it; ``failures`` are those in a row, over all processes.
    """

    __tablename__ = "breakers"
    __table_args__ = (CheckConstraint("failures >= 1", name="failures"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    door: Mapped[str] = mapped_column(String(500), unique=True)
    failures: Mapped[int]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    open_until: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text, default="")
