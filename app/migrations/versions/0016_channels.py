"""Channels: the ways to SUNAT that an account has left, and by which one a voucher's bytes went last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Adds columns in place (no table is copied, so their triggers stay) and a table."""
    op.execute("ALTER TABLE accounts ADD COLUMN channel_version INTEGER DEFAULT 1 NOT NULL")
    op.add_column("accounts", sa.Column("channel_settles_at", INSTANT))
    op.execute("ALTER TABLE deliveries ADD COLUMN sent_by INTEGER DEFAULT 0 NOT NULL")
    op.execute("UPDATE deliveries SET sent_by = 1 WHERE attempt > 0")
    op.create_table(
        "former_channels",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("ose_url", sa.String(length=500), nullable=False),
        sa.Column("pse_ruc", sa.String(length=11), nullable=False),
        sa.Column("sol_user", sa.String(length=50), nullable=False),
        sa.Column("sol_password_sealed", sa.LargeBinary()),
        sa.Column("until", INSTANT, nullable=False),
        sa.CheckConstraint("channel IN ('sunat', 'ose', 'pse')", name=op.f("ck_former_channels_channel")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_former_channels_account_id"),
        sa.PrimaryKeyConstraint("account_id", "version", name="pk_former_channels"),
    )
