"""The shared rows: vouchers, their signed editions, their delivery, and all evidence.

Editions, attempts, evidence and events are only ever added to: the database refuses to change or remove them
(`app.migrations.triggers`). Amounts are whole céntimos of the row's currency, instants UTC, issue date and time Lima.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, deferred, mapped_column, validates

from app.db import Base, BigKey, Cents, ExactJson, UtcDateTime
from app.ledger.lifecycle import DeliveryState, Phase, Status, SummaryState, VoidingState
from app.ledger.names import folded

ISSUED_HERE = "issued"
IMPORTED = "imported"
"""Where a voucher comes from: numbered, signed and sent here, or brought from another system as it was."""

BILL = "bill"
CARRIED = "carried"
SUMMARY = "summary"
"""How something is told to the authority: a voucher by itself, a boleta in a summary, the summary."""

_PENDING = text("state IN ('waiting', 'sending', 'unknown', 'awaiting_ticket')")
_IN_LINE = text("state IN ('waiting', 'unknown', 'awaiting_ticket') AND channel <> 'carried'")


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class DocumentRecord(Base):
    """A voucher with its number. Number, issuer and origin never change; status, edition and links do.

    ``receiver_key`` is the receiver's name as names are looked for (`app.ledger.names`); it follows the name.
    """

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("environment", "ruc", "sunat_code", "series", "number"),
        UniqueConstraint("account_id", "external_id"),
        CheckConstraint("number BETWEEN 1 AND 99999999", name="number"),
        CheckConstraint(_one_of("status", Status), name="status"),
        CheckConstraint("edition >= 1", name="edition"),
        CheckConstraint("origin IN ('issued', 'imported')", name="origin"),
        Index(
            "ix_documents_account_search", "account_id", "issue_date", "id", "branch_id", "sunat_code", "series",
            "status", "total", "receiver_number", "receiver_key",
        ),
        Index("ix_documents_account_days", "account_id", "issue_date", "branch_id", "sunat_code", "status"),
        Index("ix_documents_account_status", "account_id", "status", "id"),
        Index("ix_documents_account_number", "account_id", "number"),
        Index("ix_documents_account_receiver", "account_id", "receiver_number"),
        Index("ix_documents_account_total", "account_id", "total"),
        Index("ix_documents_account_fingerprint", "account_id", "fingerprint", "created_at"),
        Index("ix_documents_target", "account_id", "target_document_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), index=True)
    environment: Mapped[str] = mapped_column(String(10))
    ruc: Mapped[str] = mapped_column(String(11))
    sunat_code: Mapped[str] = mapped_column(String(2))
    document_type_id: Mapped[int]
    series: Mapped[str] = mapped_column(String(4))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(10), default=str(Status.ISSUED))
    origin: Mapped[str] = mapped_column(String(10), default=ISSUED_HERE, server_default=ISSUED_HERE)
    edition: Mapped[int] = mapped_column(default=1)
    issue_date: Mapped[date]
    issue_time: Mapped[time]
    currency: Mapped[str] = mapped_column(String(3))
    receiver_code: Mapped[str] = mapped_column(String(1), default="")
    receiver_number: Mapped[str] = mapped_column(String(20), default="")
    receiver_name: Mapped[str] = mapped_column(String(1500), default="")
    receiver_key: Mapped[str] = mapped_column(String(100), default="", server_default=text("''"))
    net: Mapped[int] = mapped_column(Cents)
    taxes: Mapped[int] = mapped_column(Cents)
    total: Mapped[int] = mapped_column(Cents)
    target_sunat_code: Mapped[str | None] = mapped_column(String(2))
    target_series: Mapped[str | None] = mapped_column(String(20))
    target_number: Mapped[int | None]
    target_document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    external_id: Mapped[str | None] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(64))
    request: Mapped[dict[str, Any]] = deferred(mapped_column(ExactJson))
    observations: Mapped[list[dict[str, Any]]] = mapped_column(ExactJson, default=list)
    digest: Mapped[str] = mapped_column(String(100))
    qr_text: Mapped[str] = mapped_column(Text)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    actor: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @validates("receiver_name")
    def _keyed(self, _: str, name: str) -> str:
        self.receiver_key = folded(name)
        return name

    @property
    def full_number(self) -> str:
        """``F001-123``, as in XML, file name and QR."""
        return f"{self.series}-{self.number}"

    @property
    def file_name(self) -> str:
        """RUC, kind, series and number, as SUNAT wants its files named; without extension."""
        return f"{self.ruc}-{self.sunat_code}-{self.full_number}"


class EditionRecord(Base):
    """Signed bytes of a voucher: which, why, and their place in the series' chain."""

    __tablename__ = "editions"
    __table_args__ = (
        UniqueConstraint("document_id", "edition"),
        UniqueConstraint("series_id", "chain_previous"),
        CheckConstraint("edition >= 1", name="edition"),
        Index("ix_editions_series_id", "series_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    edition: Mapped[int] = mapped_column(default=1)
    xml: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    xml_sha256: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(100))
    chain_previous: Mapped[str] = mapped_column(String(64))
    chain_hash: Mapped[str] = mapped_column(String(64), unique=True)
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    reason: Mapped[str] = mapped_column(String(200), default="issue")
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SummaryRecord(Base):
    """A file about many vouchers (RC, RA, RR): its id, its signed bytes, what the authority made of it.

    ``day`` is the day of its id (Lima), ``reference_date`` that of the vouchers in it. It never changes but for its
    state: lines of a refused one are carried on by others, whose ``parent_id`` it is; ``followed`` says that this was
    seen to. ``code`` and ``text`` are the authority's own.
    """

    __tablename__ = "summaries"
    __table_args__ = (
        UniqueConstraint("environment", "ruc", "kind", "day", "number"),
        CheckConstraint("kind IN ('RC', 'RA', 'RR')", name="kind"),
        CheckConstraint("number BETWEEN 1 AND 99999", name="number"),
        CheckConstraint(_one_of("state", SummaryState), name="state"),
        Index("ix_summaries_account_id", "account_id", "id"),
        Index(
            "ix_summaries_unfollowed", "id",
            sqlite_where=text("state IN ('rejected', 'taken') AND NOT followed"),
            postgresql_where=text("state IN ('rejected', 'taken') AND NOT followed"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    environment: Mapped[str] = mapped_column(String(10))
    ruc: Mapped[str] = mapped_column(String(11))
    kind: Mapped[str] = mapped_column(String(2))
    day: Mapped[date]
    number: Mapped[int]
    reference_date: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default=str(SummaryState.PENDING))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("summaries.id"))
    followed: Mapped[bool] = mapped_column(default=False)
    xml: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    xml_sha256: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(100))
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificates.id"))
    code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def full_number(self) -> str:
        """``RC-20261120-1``, as in XML and file name."""
        return f"{self.kind}-{self.day:%Y%m%d}-{self.number}"


class SummaryLineRecord(Base):
    """What a summary does with one voucher: its condition (catalogue 19; "" in RA and RR, which only void)."""

    __tablename__ = "summary_lines"
    __table_args__ = (
        UniqueConstraint("summary_id", "line"),
        UniqueConstraint("summary_id", "document_id"),
        CheckConstraint("line BETWEEN 1 AND 99999", name="line"),
        CheckConstraint("condition IN ('', '1', '2', '3')", name="condition"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"))
    line: Mapped[int]
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    voiding_id: Mapped[int | None] = mapped_column(ForeignKey("voidings.id"), index=True)
    condition: Mapped[str] = mapped_column(String(1), default="")


class DeliveryRecord(Base):
    """What is to be told to the authority about one voucher, or by one summary, and how far that is.

    ``attempt`` is the fence: whoever writes a result does so only while it still is the number he took.
    ``next_at`` is when the next attempt is due; while one is under way (``sending``), when it counts as lost.
    ``channel`` says how: ``bill`` (a voucher by itself), ``carried`` (a boleta that goes in a summary: no attempt is
    made at it) or ``summary``. ``ticket`` is what the authority gave for it.
    ``phase`` is what is known of the voucher at the authority, ``reason`` the class of answer that led to a refusal or
    a hold, ``alarms`` the bits of the alarms that were given (`app.delivery.deadlines`). ``sent_by`` is the version of
    the account's channel by which the bytes went last, 0 before they ever did.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("document_id"),
        UniqueConstraint("summary_id"),
        CheckConstraint("(document_id IS NULL) <> (summary_id IS NULL)", name="subject"),
        CheckConstraint(_one_of("state", DeliveryState), name="state"),
        CheckConstraint(_one_of("phase", Phase), name="phase"),
        CheckConstraint("tries >= 0 AND attempt >= tries", name="tries"),
        Index("ix_deliveries_due", "next_at", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
        Index("ix_deliveries_account_state", "account_id", "state"),
        Index(
            "ix_deliveries_line", "account_id", "deadline_at", "id", sqlite_where=_IN_LINE, postgresql_where=_IN_LINE
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    summary_id: Mapped[int | None] = mapped_column(ForeignKey("summaries.id"))
    channel: Mapped[str] = mapped_column(String(20), default=BILL)
    state: Mapped[str] = mapped_column(String(20), default=str(DeliveryState.WAITING))
    edition: Mapped[int] = mapped_column(default=1)
    attempt: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ticket: Mapped[str | None] = mapped_column(String(50))
    phase: Mapped[str] = mapped_column(String(10), default=str(Phase.FRESH), server_default=str(Phase.FRESH))
    reason: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    alarms: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_by: Mapped[int] = mapped_column(default=0, server_default="0")
    last_code: Mapped[str] = mapped_column(String(20), default="")
    last_text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttemptRecord(Base):
    """One finished attempt of a delivery: what was done, when, and what came back, by hashes."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("delivery_id", "number"),
        CheckConstraint("action IN ('send', 'query', 'poll')", name="action"),
        CheckConstraint("result IN ('answered', 'fault', 'not_sent', 'unknown')", name="result"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    number: Mapped[int]
    edition: Mapped[int]
    action: Mapped[str] = mapped_column(String(10), default="send")
    operation: Mapped[str] = mapped_column(String(20), default="sendBill", server_default="sendBill")
    endpoint: Mapped[str] = mapped_column(String(500))
    result: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    http_status: Mapped[int | None]
    request_sha256: Mapped[str] = mapped_column(String(64), default="")
    response_sha256: Mapped[str] = mapped_column(String(64), default="")
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EvidenceRecord(Base):
    """Bytes that prove an outcome (a CDR's zip, a query's answer), unchanged, with their hash."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    summary_id: Mapped[int | None] = mapped_column(ForeignKey("summaries.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    sha256: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EventRecord(Base):
    """Something that happened, for the history and the webhooks."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_account_id", "account_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    kind: Mapped[str] = mapped_column(String(50))
    actor: Mapped[str] = mapped_column(String(60), default="")
    data: Mapped[dict[str, Any]] = mapped_column(ExactJson, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class VoidingRecord(Base):
    """A request to void a voucher, from the wish to the authority's answer; one at a time for a voucher."""

    __tablename__ = "voidings"
    __table_args__ = (
        CheckConstraint(_one_of("state", VoidingState), name="state"),
        CheckConstraint("length(reason) BETWEEN 3 AND 100", name="reason"),
        Index(
            "uq_voidings_open", "document_id", unique=True,
            sqlite_where=text("state <> 'refused'"), postgresql_where=text("state <> 'refused'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default=str(VoidingState.REQUESTED))
    reason: Mapped[str] = mapped_column(String(100))
    summary: Mapped[str] = mapped_column(String(30), default="")
    ticket: Mapped[str | None] = mapped_column(String(50))
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"))
    actor: Mapped[str] = mapped_column(String(60), default="")
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
