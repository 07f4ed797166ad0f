"""The almanac: exchange rates by day, stops of the reduced rate, editions of SUNAT's registers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
CURRENT = sa.text("state = 'current'")


def upgrade() -> None:
    """Adds five tables; nothing that is there changes."""
    op.create_table(
        "exchange_rates",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("buy", sa.Text(), nullable=False),
        sa.Column("sell", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("currency", "day", name="pk_exchange_rates"),
    )
    op.create_table(
        "rate_stops",
        sa.Column("id", KEY, nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rate_stops"),
    )
    op.create_table(
        "registers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("touched_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('ruc-state', 'retention-agents', 'perception-agents', 'reduced-rate')",
            name=op.f("ck_registers_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('loading', 'current', 'replaced', 'given_up')", name=op.f("ck_registers_state")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registers"),
    )
    op.create_index(
        "uq_registers_current", "registers", ["kind"], unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT
    )
    op.create_table(
        "ruc_states",
        sa.Column("register_id", KEY, nullable=False),
        sa.Column("ruc", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("condition", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("register_id", "ruc", name="pk_ruc_states"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "register_members",
        sa.Column("register_id", KEY, nullable=False),
        sa.Column("ruc", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["register_id"], ["registers.id"], name="fk_register_members_register_id"),
        sa.PrimaryKeyConstraint("register_id", "ruc", "valid_from", name="pk_register_members"),
        sqlite_with_rowid=False,
    )
