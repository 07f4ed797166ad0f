"""Tickets and summaries: RC, RA and RR with deliveries of their own, and voidings that move."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import append_only, fixed, install, moves, undeletable

revision = "0011"
down_revision = "0010"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

PHASES = (
    "fresh", "resend", "doubt", "claimed", "suspect", "strange", "known", "refused", "missed", "absent", "ticket",
    "foreign", "settled",
)
STATES = ("waiting", "sending", "unknown", "awaiting_ticket", "done", "held")
SUBJECT = "(document_id IS NULL) <> (summary_id IS NULL)"
PENDING = "state IN ('waiting', 'sending', 'unknown', 'awaiting_ticket')"
UNFOLLOWED = "state IN ('rejected', 'taken') AND NOT followed"

DELIVERY_MOVES = moves("deliveries", "state", {
    "waiting": {"sending", "held", "done"},
    "sending": {"done", "waiting", "unknown", "awaiting_ticket", "held"},
    "unknown": {"sending", "held", "done"},
    "awaiting_ticket": {"sending", "held", "done"},
    "held": {"waiting", "done"},
    "done": set(),
})

ADDED = (
    *append_only("summary_lines"),
    *undeletable("summaries"),
    fixed(
        "summaries", "account_id", "environment", "ruc", "kind", "day", "number", "reference_date", "xml_sha256",
        "digest", "created_at",
    ),
    moves("summaries", "state", {
        "pending": {"accepted", "rejected", "taken"}, "accepted": set(), "rejected": set(), "taken": set(),
    }),
    *undeletable("voidings"),
    fixed("voidings", "account_id", "document_id", "channel", "reason", "requested_at"),
    moves("voidings", "state", {
        "queued": {"requested", "accepted", "refused"}, "requested": {"sent", "accepted", "refused"},
        "sent": {"accepted", "refused"}, "accepted": set(), "refused": set(),
    }),
)


def upgrade() -> None:
    """Adds the tables; a delivery may belong to a summary, and so may evidence."""
    _add_tables()
    op.execute(
        "ALTER TABLE evidence ADD COLUMN summary_id "
        f"{'BIGINT' if _postgresql() else 'INTEGER'} CONSTRAINT fk_evidence_summary_id REFERENCES summaries (id)"
    )
    op.create_index("ix_evidence_summary_id", "evidence", ["summary_id"])
    _widen_deliveries()
    if _postgresql():
        op.execute("DROP TRIGGER deliveries_moves ON deliveries")
        install(op.get_bind(), (DELIVERY_MOVES,))
    else:  # the table was copied, and its triggers went with the former one
        install(op.get_bind(), (*undeletable("deliveries"), DELIVERY_MOVES))
    install(op.get_bind(), ADDED)


def _add_tables() -> None:
    op.create_table(
        "summaries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("ruc", sa.String(length=11), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference_date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("followed", sa.Boolean(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("xml_sha256", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=100), nullable=False),
        sa.Column("certificate_id", KEY, nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('RC', 'RA', 'RR')", name=op.f("ck_summaries_kind")),
        sa.CheckConstraint("number BETWEEN 1 AND 99999", name=op.f("ck_summaries_number")),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'rejected', 'taken')", name=op.f("ck_summaries_state")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_summaries_account_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["summaries.id"], name="fk_summaries_parent_id"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_summaries_certificate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_summaries"),
        sa.UniqueConstraint(
            "environment", "ruc", "kind", "day", "number", name="uq_summaries_environment_ruc_kind_day_number"
        ),
    )
    op.create_index("ix_summaries_account_id", "summaries", ["account_id", "id"])
    op.create_index(
        "ix_summaries_unfollowed", "summaries", ["id"], sqlite_where=sa.text(UNFOLLOWED),
        postgresql_where=sa.text(UNFOLLOWED),
    )
    op.create_table(
        "summary_lines",
        sa.Column("id", KEY, nullable=False),
        sa.Column("summary_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("voiding_id", KEY, nullable=True),
        sa.Column("condition", sa.String(length=1), nullable=False),
        sa.CheckConstraint("line BETWEEN 1 AND 99999", name=op.f("ck_summary_lines_line")),
        sa.CheckConstraint("condition IN ('', '1', '2', '3')", name=op.f("ck_summary_lines_condition")),
        sa.ForeignKeyConstraint(["summary_id"], ["summaries.id"], name="fk_summary_lines_summary_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_summary_lines_document_id"),
        sa.ForeignKeyConstraint(["voiding_id"], ["voidings.id"], name="fk_summary_lines_voiding_id"),
        sa.PrimaryKeyConstraint("id", name="pk_summary_lines"),
        sa.UniqueConstraint("summary_id", "line", name="uq_summary_lines_summary_id_line"),
        sa.UniqueConstraint("summary_id", "document_id", name="uq_summary_lines_summary_id_document_id"),
    )
    op.create_index("ix_summary_lines_document_id", "summary_lines", ["document_id"])
    op.create_index("ix_summary_lines_voiding_id", "summary_lines", ["voiding_id"])


def _widen_deliveries() -> None:
    phases = f"phase IN ({', '.join(repr(phase) for phase in PHASES)})"
    kept = () if _postgresql() else (  # a copied table has the checks it is given
        sa.CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})",
                           name=op.f("ck_deliveries_state")),
        sa.CheckConstraint("tries >= 0 AND attempt >= tries", name=op.f("ck_deliveries_tries")),
    )
    op.drop_index("ix_deliveries_due", "deliveries")
    if _postgresql():
        op.drop_constraint(op.f("ck_deliveries_phase"), "deliveries", type_="check")
    with op.batch_alter_table("deliveries", table_args=kept) as deliveries:
        deliveries.alter_column("document_id", existing_type=KEY, nullable=True)
        deliveries.add_column(sa.Column("summary_id", KEY, nullable=True))
        deliveries.create_foreign_key("fk_deliveries_summary_id", "summaries", ["summary_id"], ["id"])
        deliveries.drop_constraint("uq_deliveries_document_id_channel", type_="unique")
        deliveries.create_unique_constraint("uq_deliveries_document_id", ["document_id"])
        deliveries.create_unique_constraint("uq_deliveries_summary_id", ["summary_id"])
        deliveries.create_check_constraint(op.f("ck_deliveries_subject"), SUBJECT)
        deliveries.create_check_constraint(op.f("ck_deliveries_phase"), phases)
    op.create_index(
        "ix_deliveries_due", "deliveries", ["next_at", "id"], sqlite_where=sa.text(PENDING),
        postgresql_where=sa.text(PENDING),
    )


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
