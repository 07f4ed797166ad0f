"""The rows of the series room: counters, and the numbers that were skipped on purpose.

The counter's key is (environment, RUC, SUNAT code, series): F001 may be a factura series and a credit-note series
at once, and both contract types of a credit note count on one row (decision 5).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, UtcDateTime

GENESIS = "0" * 64
"""The chain's head before the first voucher of a series."""

CHRONOLOGICAL = ("off", "warn", "refuse")


class SeriesRecord(Base):
    """A series and its counter.

    ``target`` is F or B for notes (what they modify), empty for every other kind. ``start_number`` is the first to be
    issued, ``last_number`` the last issued (start - 1 before that). ``chain_head`` is 64 hex digits.
    """

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("environment", "ruc", "sunat_code", "code"),
        CheckConstraint("last_number BETWEEN 0 AND 99999999", name="last_number"),
        CheckConstraint("start_number BETWEEN 1 AND 99999999", name="start_number"),
        CheckConstraint("target IN ('', 'F', 'B')", name="target"),
        CheckConstraint("chronological IN ('off', 'warn', 'refuse')", name="chronological"),
        CheckConstraint("active OR NOT is_default", name="active_default"),
        Index(
            "uq_series_default", "account_id", "branch_id", "sunat_code", "target", unique=True,
            sqlite_where=text("is_default"), postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    environment: Mapped[str] = mapped_column(String(10))
    ruc: Mapped[str] = mapped_column(String(11))
    sunat_code: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(4))
    target: Mapped[str] = mapped_column(String(1), default="")
    last_number: Mapped[int] = mapped_column(default=0)
    start_number: Mapped[int] = mapped_column(default=1)
    chain_head: Mapped[str] = mapped_column(String(64), default=GENESIS)
    active: Mapped[bool] = mapped_column(default=True)
    is_default: Mapped[bool] = mapped_column(default=False)
    chronological: Mapped[str] = mapped_column(String(6), default="warn")
    last_issue_date: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def used(self) -> bool:
        """Whether a voucher was ever issued on it."""
        return self.chain_head != GENESIS

    @property
    def next_number(self) -> int:
        """The number the next voucher gets; 100,000,000 when the series is exhausted."""
        return self.last_number + 1


class DeclaredGapRecord(Base):
    """Numbers that were skipped on purpose: from and to inclusive, why, by whom and when."""

    __tablename__ = "declared_gaps"
    __table_args__ = (
        CheckConstraint("from_number >= 1 AND to_number >= from_number AND to_number <= 99999999", name="range"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    from_number: Mapped[int]
    to_number: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
