"""The row of a key that a caller gave."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, ExactJson, UtcDateTime


class IdempotencyRecord(Base):
    """A key a caller gave: claimed under a lease, then sealed with the answer, which never changes again.

    It is an account's, or of the operator's key that came with it. ``body`` is the answer as it was sent; where it
    holds a secret, ``vault_account_id`` names the account in whose safe it is closed. ``document_id`` is the voucher
    that was made, if one was.
    """

    __tablename__ = "idempotency"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        UniqueConstraint("operator_key_id", "key"),
        CheckConstraint("(account_id IS NULL) <> (operator_key_id IS NULL)", name="owner"),
        CheckConstraint("(sealed_at IS NULL) = (body IS NULL)", name="sealed"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    operator_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id"))
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    token: Mapped[str] = mapped_column(String(32))
    lease_until: Mapped[datetime] = mapped_column(UtcDateTime)
    status_code: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(ExactJson)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    vault_account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sealed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
