"""Imports: where a voucher comes from, and the plans of those who move in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import Trigger, install

revision = "0004"
down_revision = "0003"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

ORIGIN = Trigger(
    table="documents", name="origin", on="UPDATE", when="OLD.origin <> NEW.origin",
    message="documents: origin is immutable",
)


def upgrade() -> None:
    """Adds the origin of documents in place (no copy of the table, so its triggers stay) and the table of imports."""
    op.execute(
        "ALTER TABLE documents ADD COLUMN origin VARCHAR(10) DEFAULT 'issued' NOT NULL "
        "CONSTRAINT ck_documents_origin CHECK (origin IN ('issued', 'imported'))"
    )
    op.create_table(
        "imports",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'replaced', 'applying', 'applied')", name=op.f("ck_imports_state")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_imports_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_account_id", "imports", ["account_id", "id"])
    install(op.get_bind(), (ORIGIN,))
