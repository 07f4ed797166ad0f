"""People of an account, their branches, their sessions at the console, and what they did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import Trigger, append_only, install

revision = "0022"
down_revision = "0021"

INSTANT = sa.DateTime(timezone=True)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DEEDS = (
    *(each for each in append_only("deeds") if each.on != "UPDATE"),
    Trigger(
        table="deeds", name="told", on="UPDATE", message="deeds: what was done is immutable",
        when="OLD.status IS NOT NULL OR OLD.account_id <> NEW.account_id OR OLD.person_id <> NEW.person_id "
             "OR OLD.action <> NEW.action OR OLD.subject <> NEW.subject OR OLD.address <> NEW.address "
             "OR OLD.at <> NEW.at",
    ),
)


def upgrade() -> None:
    """Adds four tables; nothing that is there changes."""
    op.create_table(
        "people",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("username", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("role IN ('owner', 'issuer', 'accountant', 'viewer')", name=op.f("ck_people_role")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_people_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("account_id", "username", name="uq_people_account_id_username"),
    )
    op.create_table(
        "people_branches",
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_people_branches_person_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_people_branches_branch_id"),
        sa.PrimaryKeyConstraint("person_id", "branch_id", name="pk_people_branches"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=True),
        sa.Column("address", sa.String(length=50), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("kept_path", sa.String(length=300), nullable=False),
        sa.Column("kept_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_sessions_branch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("digest", name="uq_sessions_digest"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id", "seen_at"])
    op.create_table(
        "deeds",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("action", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=50), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_deeds_account_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_deeds_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deeds"),
    )
    op.create_index("ix_deeds_account_id", "deeds", ["account_id", "id"])
    install(op.get_bind(), DEEDS)
