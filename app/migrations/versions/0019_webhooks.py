"""Webhooks: subscriptions, notices and attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DUE = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Adds three tables; nothing that is there changes."""
    op.create_table(
        "webhooks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("password_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("former_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("former_until", INSTANT, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("told_to", KEY, nullable=False),
        sa.Column("troubled", sa.Boolean(), nullable=False),
        sa.Column("busy_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled', 'removed')", name=op.f("ck_webhooks_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_webhooks_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_account_id", "webhooks", ["account_id", "id"])
    op.create_table(
        "webhook_notices",
        sa.Column("id", KEY, nullable=False),
        sa.Column("webhook_id", KEY, nullable=False),
        sa.Column("event_id", KEY, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_notices_state")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], name="fk_webhook_notices_webhook_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_webhook_notices_event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_notices"),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_webhook_notices_webhook_id_event_id"),
    )
    op.create_index(
        "ix_webhook_notices_due", "webhook_notices", ["webhook_id", "next_at"], sqlite_where=DUE, postgresql_where=DUE
    )
    op.create_table(
        "webhook_attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("notice_id", KEY, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("received", sa.Text(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["webhook_notices.id"], name="fk_webhook_attempts_notice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_attempts"),
    )
    op.create_index("ix_webhook_attempts_notice_id", "webhook_attempts", ["notice_id"])
