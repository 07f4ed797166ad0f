"""Advances: what vouchers for payments in advance amount to, and which vouchers use them up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import append_only, install

revision = "0009"
down_revision = "0008"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AFFECTATION = "affectation IN ('taxed', 'exempt', 'unaffected', 'any')"


def upgrade() -> None:
    """Adds two tables that are only added to; nothing that is there changes."""
    op.create_table(
        "advances",
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("affectation", sa.String(length=10), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(AFFECTATION, name=op.f("ck_advances_affectation")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_advances_total")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_advances_document_id"),
        sa.PrimaryKeyConstraint("document_id", "edition", "affectation", name="pk_advances"),
    )
    op.create_table(
        "advance_uses",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("sunat_code", sa.String(length=2), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("affectation", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(AFFECTATION, name=op.f("ck_advance_uses_affectation")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_advance_uses_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_advance_uses_account_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_advance_uses_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_advance_uses"),
    )
    op.create_index("ix_advance_uses_document_id", "advance_uses", ["document_id"])
    op.create_index("ix_advance_uses_advance", "advance_uses", ["account_id", "sunat_code", "series", "number"])
    install(op.get_bind(), (*append_only("advances"), *append_only("advance_uses")))
