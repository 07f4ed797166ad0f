"""The rows of imports: what was brought, the report about it, and how far it was applied."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.db import Base, BigKey, ExactJson, UtcDateTime


class ImportState(StrEnum):
    """Where an import stands: reported, replaced by a later one, being applied (and to be resumed), applied."""

    PLANNED = "planned"
    REPLACED = "replaced"
    APPLYING = "applying"
    APPLIED = "applied"


class ImportRecord(Base):
    """One import of an account.

    ``digest`` is the plan's. ``content`` holds the upload until it is applied or replaced, and nothing where the
    files lie with whoever runs the command line. ``options`` are the importer's choices and the upload's name.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(str(state)) for state in ImportState)})", name="state"),
        Index("ix_imports_account_id", "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=str(ImportState.PLANNED))
    options: Mapped[dict[str, Any]] = mapped_column(ExactJson, default=dict)
    report: Mapped[dict[str, Any]] = deferred(mapped_column(ExactJson))
    result: Mapped[dict[str, Any] | None] = mapped_column(ExactJson)
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    actor: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
