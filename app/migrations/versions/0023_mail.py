"""Mail to receivers: what is to be sent, attempts, how far events were seen, and the server's door."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DUE = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Adds four tables, and a column to accounts that is empty for those that are there."""
    op.add_column("accounts", sa.Column("mail", sa.Text(), nullable=True))
    op.create_table(
        "mails",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("event_id", KEY, nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("busy_until", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name=op.f("ck_mails_state")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_mails_account_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_mails_document_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_mails_event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("event_id", "address", name="uq_mails_event_id_address"),
        sa.UniqueConstraint("message_id", name="uq_mails_message_id"),
    )
    op.create_index("ix_mails_document_id", "mails", ["document_id"])
    op.create_index("ix_mails_due", "mails", ["next_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_table(
        "mail_attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("mail_id", KEY, nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_mail_attempts_mail_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mail_attempts"),
    )
    op.create_index("ix_mail_attempts_mail_id", "mail_attempts", ["mail_id"])
    op.create_table(
        "mail_marks",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("told_to", KEY, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_mail_marks_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_mail_marks"),
    )
    op.create_table(
        "mail_door",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("settings_mark", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("again_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_door_one")),
        sa.PrimaryKeyConstraint("id", name="pk_mail_door"),
    )
