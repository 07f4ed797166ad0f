"""The rows of the series room: counters, what they numbered, and the numbers that were skipped on purpose.

The counter's key is (environment, RUC, SUNAT code, series): F001 may be a factura series and a credit-note series
at once, and both contract types of a credit note count on one row (decision 5). Internal series have no SUNAT code,
so their codes are unique in the account. All profiles share one table, because listing, defaults, limits and
permissions are the same for all; what only one of them may do, the checks say.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.db import Base, BigKey, ExactJson, UtcDateTime

GENESIS = "0" * 64
"""The chain's head before the first voucher of a series."""

CHRONOLOGICAL = ("off", "warn", "refuse")
PROFILES = ("sunat", "contingency", "internal", "summary")
"""Vouchers numbered here; pre-printed vouchers; internal papers; files of summaries (RC, RA, RR)."""

PAPER_KINDS = ("quotation", "order", "sale_note", "other")
SUMMARY_KINDS = ("RC", "RA", "RR")
OVERFLOWS = ("stop", "grow")
RESETS = ("NEVER", "ANNUAL", "MONTHLY", "DAILY")


FOREIGN = "foreign"
RESTORED = "restored"
"""What stops a series: the authority holds another voucher under its number; or the database may be older than that."""


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def new_public_id() -> str:
    """An id for a row whose caller gave none: 32 hex digits of chance."""
    return uuid.uuid4().hex


def _same_as(column: str) -> Callable[[DefaultExecutionContext], str]:
    """A default: what another column of the row holds."""
    return lambda context: str(context.get_current_parameters()[column])  # type: ignore[no-untyped-call]


def mark_key(environment: str, ruc: str, sunat_code: str, code: str) -> str:
    """What a series is called in the high-water file (`app.db.marks`)."""
    return f"{environment} {ruc} {sunat_code} {code}"


class SeriesRecord(Base):
    """A series and its counter.

    ``public_id`` is the id in addresses, the caller's own if he made one. ``kind`` is SUNAT's code, or one of
    `PAPER_KINDS`. ``target`` is F or B for notes (what they modify), empty for every other kind. ``start_number`` is
    the first to be issued, ``last_number`` the last issued (start - 1 before that) in the running ``period``: the
    first day of the year, month or day it counts, ISO, empty where it never starts anew. ``position`` counts the
    entries of all periods. ``chain_head`` is 64 hex digits. ``template`` is empty for the usual one. ``version``
    moves with the configuration, not with the counter. ``frozen`` says why it is stopped (empty while it is not),
    ``frozen_by`` whether that was a number of `FOREIGN` use or a database of an earlier day (`RESTORED`);
    ``proven_at`` is when its last number was last compared with what the authority holds.
    """

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("environment", "ruc", "sunat_code", "code"),
        UniqueConstraint("account_id", "public_id"),
        CheckConstraint("last_number BETWEEN 0 AND 99999999", name="last_number"),
        CheckConstraint("start_number BETWEEN 1 AND 99999999", name="start_number"),
        CheckConstraint("target IN ('', 'F', 'B')", name="target"),
        CheckConstraint("chronological IN ('off', 'warn', 'refuse')", name="chronological"),
        CheckConstraint("active OR NOT is_default", name="active_default"),
        CheckConstraint(_one_of("profile", PROFILES), name="profile"),
        CheckConstraint(
            f"(profile = 'internal' AND sunat_code = '' AND {_one_of('kind', PAPER_KINDS)})"
            f" OR (profile = 'summary' AND sunat_code = kind AND {_one_of('kind', SUMMARY_KINDS)})"
            " OR (profile IN ('sunat', 'contingency') AND sunat_code <> '' AND sunat_code = kind)",
            name="kind",
        ),
        CheckConstraint(
            "profile NOT IN ('sunat', 'contingency') OR (length(code) <= 4 AND counter_reset = 'NEVER'"
            " AND overflow = 'stop' AND period = '')", name="locked",
        ),
        CheckConstraint("profile IN ('sunat', 'internal') OR NOT is_default", name="profile_default"),
        CheckConstraint(_one_of("overflow", OVERFLOWS), name="overflow"),
        CheckConstraint(_one_of("counter_reset", RESETS), name="counter_reset"),
        CheckConstraint("padding BETWEEN 0 AND 12", name="padding"),
        Index(
            "uq_series_default", "account_id", "branch_id", "kind", "target", unique=True,
            sqlite_where=text("is_default"), postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    public_id: Mapped[str] = mapped_column(String(64), default=new_public_id)
    environment: Mapped[str] = mapped_column(String(10))
    ruc: Mapped[str] = mapped_column(String(11))
    profile: Mapped[str] = mapped_column(String(11), default="sunat")
    sunat_code: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(10), default=_same_as("sunat_code"))
    code: Mapped[str] = mapped_column(String(50))
    target: Mapped[str] = mapped_column(String(1), default="")
    last_number: Mapped[int] = mapped_column(default=0)
    start_number: Mapped[int] = mapped_column(default=1)
    period: Mapped[str] = mapped_column(String(10), default="")
    position: Mapped[int] = mapped_column(default=0)
    chain_head: Mapped[str] = mapped_column(String(64), default=GENESIS)
    active: Mapped[bool] = mapped_column(default=True)
    frozen: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    frozen_by: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_default: Mapped[bool] = mapped_column(default=False)
    chronological: Mapped[str] = mapped_column(String(6), default="warn")
    last_issue_date: Mapped[date | None]
    name: Mapped[str] = mapped_column(String(100), default=_same_as("code"))
    description: Mapped[str | None] = mapped_column(String(1000))
    prefix: Mapped[str] = mapped_column(String(50), default="")
    suffix: Mapped[str] = mapped_column(String(50), default="")
    padding: Mapped[int] = mapped_column(default=0)
    overflow: Mapped[str] = mapped_column(String(4), default="stop")
    template: Mapped[str] = mapped_column(String(255), default="")
    counter_reset: Mapped[str] = mapped_column(String(7), default="NEVER")
    branding: Mapped[dict[str, Any]] = mapped_column(ExactJson, default=dict)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def key(self) -> str:
        """Its name in the high-water file."""
        return mark_key(self.environment, self.ruc, self.sunat_code, self.code)

    @property
    def used(self) -> bool:
        """Whether a voucher or an entry was ever numbered with it."""
        return self.chain_head != GENESIS

    @property
    def next_number(self) -> int:
        """The number the next voucher gets; 100,000,000 when the series is exhausted."""
        return self.last_number + 1


class DeclaredGapRecord(Base):
    """Numbers that were skipped on purpose: from and to inclusive, why, by whom and when.

    ``period`` is the series' period they belong to; None where the series has none.
    """

    __tablename__ = "declared_gaps"
    __table_args__ = (
        CheckConstraint("from_number >= 1 AND to_number >= from_number AND to_number <= 99999999", name="range"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    from_number: Mapped[int]
    to_number: Mapped[int]
    period: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ContingencyRangeRecord(Base):
    """Pre-printed numbers of a contingency series that may be informed: from and to inclusive, by whom and when."""

    __tablename__ = "contingency_ranges"
    __table_args__ = (
        CheckConstraint("from_number >= 1 AND to_number >= from_number AND to_number <= 99999999", name="range"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    from_number: Mapped[int]
    to_number: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")
    author: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class EntryRecord(Base):
    """One number of an internal or summary series, as it was given out; it never changes.

    ``code`` is the text, ``position`` its place among all entries of the series, ``number`` its number in its
    ``period``. ``paper`` holds request and totals of an internal paper. ``issue_date`` is Lima's.
    """

    __tablename__ = "series_entries"
    __table_args__ = (
        UniqueConstraint("series_id", "public_id"),
        UniqueConstraint("series_id", "position"),
        UniqueConstraint("series_id", "period", "number"),
        UniqueConstraint("series_id", "code"),
        UniqueConstraint("series_id", "chain_previous"),
        UniqueConstraint("account_id", "external_id"),
        CheckConstraint("number BETWEEN 1 AND 99999999", name="number"),
        CheckConstraint("position >= 1", name="position"),
        Index("ix_series_entries_account_kind", "account_id", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    public_id: Mapped[str] = mapped_column(String(64), default=new_public_id)
    kind: Mapped[str] = mapped_column(String(10))
    position: Mapped[int]
    period: Mapped[str] = mapped_column(String(10), default="")
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(255))
    issue_date: Mapped[date]
    details: Mapped[dict[str, Any]] = mapped_column("metadata", ExactJson, default=dict)
    paper: Mapped[dict[str, Any] | None] = deferred(mapped_column(ExactJson))
    external_id: Mapped[str | None] = mapped_column(String(200))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("series_entries.id"))
    chain_previous: Mapped[str] = mapped_column(String(64))
    chain_hash: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
