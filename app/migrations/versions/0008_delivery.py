"""Delivery: what is known of a voucher at the authority, issuers held, addresses left alone, series frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import install, moves

revision = "0008"
down_revision = "0007"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

PHASES = (
    "fresh", "resend", "doubt", "claimed", "suspect", "strange", "known", "refused", "missed", "absent", "foreign",
    "settled",
)

MOVES = moves("deliveries", "state", {
    "waiting": {"sending", "held", "done"},
    "sending": {"done", "waiting", "unknown", "awaiting_ticket", "held"},
    "unknown": {"sending", "held", "done"},
    "awaiting_ticket": {"sending", "held"},
    "held": {"waiting", "done"},
    "done": set(),
})

FORMER = (
    ("settled", "state = 'done'"),
    ("doubt", "state = 'unknown'"),
    ("claimed", "state = 'held' AND last_code IN ('1032', '1033', '0402', '2223', '2324')"),
    ("refused", ("state = 'held' AND last_code BETWEEN '2000' AND '3999' AND length(last_code) = 4"
     " AND last_code NOT IN ('2223', '2324')")),
    ("absent", ("state = 'held' AND last_code BETWEEN '0151' AND '1999' AND length(last_code) = 4"
     " AND last_code NOT IN ('1032', '1033', '0402', '0154', '1078')")),
)
"""What is known of vouchers that were under way before there were phases; the others were never read."""


def upgrade() -> None:
    """Adds the columns in place (no table is copied, so their triggers stay) and the two tables."""
    words = ", ".join(f"'{phase}'" for phase in PHASES)
    op.execute(
        "ALTER TABLE deliveries ADD COLUMN phase VARCHAR(10) DEFAULT 'fresh' NOT NULL "
        f"CONSTRAINT ck_deliveries_phase CHECK (phase IN ({words}))"
    )
    op.execute("ALTER TABLE deliveries ADD COLUMN reason VARCHAR(20) DEFAULT '' NOT NULL")
    op.execute("ALTER TABLE deliveries ADD COLUMN alarms INTEGER DEFAULT 0 NOT NULL")
    op.execute("ALTER TABLE attempts ADD COLUMN operation VARCHAR(20) DEFAULT 'sendBill' NOT NULL")
    op.execute("ALTER TABLE series ADD COLUMN frozen VARCHAR(200) DEFAULT '' NOT NULL")
    for phase, condition in FORMER:
        op.execute(f"UPDATE deliveries SET phase = '{phase}' WHERE {condition}")  # noqa: S608 - our own words
    op.create_table(
        "issuer_holds",
        sa.Column("account_id", KEY, nullable=False, autoincrement=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.CheckConstraint(
            "reason IN ('credentials', 'permission', 'route', 'person')", name=op.f("ck_issuer_holds_reason")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_issuer_holds_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_issuer_holds"),
    )
    op.create_table(
        "breakers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("door", sa.String(length=500), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("open_until", INSTANT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("failures >= 1", name=op.f("ck_breakers_failures")),
        sa.PrimaryKeyConstraint("id", name="pk_breakers"),
        sa.UniqueConstraint("door", name="uq_breakers_door"),
    )
    on = " ON deliveries" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER deliveries_moves{on}")
    install(op.get_bind(), (MOVES,))
