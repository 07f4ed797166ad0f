"""The rows of the accounts room: who issues, from where, with what credentials.

An account is a tenant: one RUC in one environment (decision 1). Columns ending in ``_sealed`` hold what
`app.accounts.vault` made; nothing there is readable without the master key.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, BigKey, ExactJson, UtcDateTime

ENVIRONMENTS = ("sandbox", "beta", "live")
CHANNELS = ("sunat", "ose", "pse")
TAX_REGIMES = ("general", "mype", "especial", "nrus")
BOLETA_CHANNELS = ("individual", "summary", "individual_then_summary")
SIGNATURE_ALGORITHMS = ("rsa-sha256", "rsa-sha1")
ANONYMOUS_CUSTOMERS = ("dash", "dni_zeros")
MODES = ("test", "live")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The SQL of a check that a column holds one of some words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class AccountRecord(Base):
    """An issuer in an environment, with its channel, its secrets and its settings.

    ``channel_version`` counts the registers its vouchers have gone to; until ``channel_settles_at`` what is open at a
    former one is asked about first (`app.accounts.channels`).
    """

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("environment", "ruc"),
        CheckConstraint(one_of("environment", ENVIRONMENTS), name="environment"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(one_of("tax_regime", TAX_REGIMES), name="tax_regime"),
        CheckConstraint(one_of("boleta_channel", BOLETA_CHANNELS), name="boleta_channel"),
        CheckConstraint(one_of("signature_algorithm", SIGNATURE_ALGORITHMS), name="signature_algorithm"),
        CheckConstraint(one_of("anonymous_customer", ANONYMOUS_CUSTOMERS), name="anonymous_customer"),
        CheckConstraint("duplicate_guard_minutes BETWEEN 0 AND 1440", name="duplicate_guard_minutes"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    environment: Mapped[str] = mapped_column(String(10))
    ruc: Mapped[str] = mapped_column(String(11))
    legal_name: Mapped[str] = mapped_column(String(250))
    trade_name: Mapped[str] = mapped_column(String(250), default="")
    contact_name: Mapped[str] = mapped_column(String(250), default="")
    contact_phone: Mapped[str] = mapped_column(String(50), default="")
    admin_email: Mapped[str] = mapped_column(String(254), default="")
    registration: Mapped[dict[str, Any]] = mapped_column(ExactJson, default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    data_key_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    tax_regime: Mapped[str] = mapped_column(String(10), default="general")
    channel: Mapped[str] = mapped_column(String(10), default="sunat")
    ose_url: Mapped[str] = mapped_column(String(500), default="")
    pse_ruc: Mapped[str] = mapped_column(String(11), default="")
    sol_user: Mapped[str] = mapped_column(String(50), default="")
    sol_password_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    gre_client_id: Mapped[str] = mapped_column(String(100), default="")
    gre_client_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    consult_client_id: Mapped[str] = mapped_column(String(100), default="")
    consult_client_secret_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    boleta_channel: Mapped[str] = mapped_column(String(30), default="individual")
    signature_algorithm: Mapped[str] = mapped_column(String(20), default="rsa-sha256")
    detraction_account: Mapped[str] = mapped_column(String(50), default="")
    summary_start_number: Mapped[int] = mapped_column(default=1)
    reduced_igv: Mapped[bool] = mapped_column(default=False)
    anonymous_customer: Mapped[str] = mapped_column(String(10), default="dash")
    boleta_today_only: Mapped[bool] = mapped_column(default=False)
    duplicate_guard_minutes: Mapped[int] = mapped_column(default=0)
    allow_number_gaps: Mapped[bool] = mapped_column(default=False)
    strict_observations: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    branding: Mapped[dict[str, Any] | None] = mapped_column(ExactJson)
    mail: Mapped[dict[str, Any] | None] = mapped_column(ExactJson)
    channel_version: Mapped[int] = mapped_column(default=1, server_default="1")
    channel_settles_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FormerChannelRecord(Base):
    """A way to SUNAT that an account has left (`app.accounts.channels`), with the user it was gone as, still sealed.

    ``version`` is the account's ``channel_version`` of those days; ``until`` when it was left.
    """

    __tablename__ = "former_channels"
    __table_args__ = (CheckConstraint(one_of("channel", CHANNELS), name="channel"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(10))
    ose_url: Mapped[str] = mapped_column(String(500))
    pse_ruc: Mapped[str] = mapped_column(String(11))
    sol_user: Mapped[str] = mapped_column(String(50))
    sol_password_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class BranchRecord(Base):
    """An establishment or point of sale; ``establishment_code`` is SUNAT's annex of four digits."""

    __tablename__ = "branches"
    __table_args__ = (
        UniqueConstraint("account_id", "code"),
        CheckConstraint("length(establishment_code) = 4", name="establishment_code"),
        CheckConstraint("length(ubigeo) IN (0, 6)", name="ubigeo"),
        Index(
            "uq_branches_headquarters", "account_id", unique=True,
            sqlite_where=text("is_headquarters"), postgresql_where=text("is_headquarters"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("branches.id"))
    name: Mapped[str] = mapped_column(String(250))
    code: Mapped[str] = mapped_column(String(50))
    establishment_code: Mapped[str] = mapped_column(String(4), default="0000")
    is_headquarters: Mapped[bool] = mapped_column(default=False)
    branch_type: Mapped[int] = mapped_column(default=1)
    ubigeo: Mapped[str] = mapped_column(String(6), default="")
    address: Mapped[str] = mapped_column(String(250), default="")
    district: Mapped[str] = mapped_column(String(100), default="")
    city: Mapped[str] = mapped_column(String(100), default="")
    department: Mapped[str] = mapped_column(String(100), default="")
    phone: Mapped[str] = mapped_column(String(50), default="")
    branding: Mapped[dict[str, Any] | None] = mapped_column(ExactJson)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiKeyRecord(Base):
    """A static key: its keyed hash and what it may do. Without an account it is an operator's."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint(one_of("mode", MODES), name="mode"),
        CheckConstraint("account_id IS NOT NULL OR branch_id IS NULL", name="operator_without_branch"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branches.id"))
    name: Mapped[str] = mapped_column(String(100), default="")
    prefix: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    mode: Mapped[str] = mapped_column(String(4))
    scopes: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiUserRecord(Base):
    """Who may ask for tokens with ``POST /auth``; operators have keys only."""

    __tablename__ = "api_users"
    __table_args__ = (UniqueConstraint("client_id", "username"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branches.id"))
    client_id: Mapped[str] = mapped_column(String(100))
    client_secret_digest: Mapped[str] = mapped_column(String(64))
    username: Mapped[str] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(200))
    scopes: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CertificateRecord(Base):
    """A signing certificate with its sealed key; at most one of an account is active, and the database sees to it."""

    __tablename__ = "certificates"
    __table_args__ = (
        UniqueConstraint("account_id", "fingerprint"),
        Index(
            "uq_certificates_active", "account_id", unique=True,
            sqlite_where=text("active"), postgresql_where=text("active"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(250), default="")
    holder: Mapped[str] = mapped_column(String(250))
    ruc: Mapped[str] = mapped_column(String(11), default="")
    serial: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(64))
    certificate_pem: Mapped[str] = mapped_column(Text)
    key_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime] = mapped_column(UtcDateTime)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginFailureRecord(Base):
    """A failed ``POST /auth``; ``subject`` is a hash of the address or of client and user, never their text."""

    __tablename__ = "login_failures"
    __table_args__ = (Index("ix_login_failures_subject_at", "subject", "at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
