"""The series room: names, templates, periods, branding, entries, pre-printed ranges."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import Trigger, append_only, fixed, install

revision = "0002"
down_revision = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
GENESIS = "0" * 64

OLD_SERIES_TRIGGERS = ("identity", "forward", "no_delete")

SERIES_TRIGGERS = (
    fixed("series", "account_id", "environment", "ruc", "sunat_code", "code", "kind", "profile", "public_id"),
    Trigger(
        table="series",
        name="forward",
        on="UPDATE",
        when="(NEW.period < OLD.period OR NEW.period = OLD.period AND NEW.last_number < OLD.last_number "
        f"OR NEW.position < OLD.position) AND OLD.chain_head <> '{GENESIS}'",
        message="series: a used counter only goes forward",
    ),
    Trigger(
        table="series",
        name="start",
        on="UPDATE",
        when=f"(NEW.start_number <> OLD.start_number OR NEW.chain_head = '{GENESIS}') "
        f"AND OLD.chain_head <> '{GENESIS}'",
        message="series: the start of a used series is immutable",
    ),
    Trigger(
        table="series",
        name="no_delete",
        on="DELETE",
        when=f"OLD.chain_head <> '{GENESIS}'",
        message="series: a used series cannot be deleted",
    ),
)

OLD_CHECKS = {
    "last_number": "last_number BETWEEN 0 AND 99999999",
    "start_number": "start_number BETWEEN 1 AND 99999999",
    "target": "target IN ('', 'F', 'B')",
    "chronological": "chronological IN ('off', 'warn', 'refuse')",
    "active_default": "active OR NOT is_default",
}

NEW_CHECKS = {
    "profile": "profile IN ('sunat', 'contingency', 'internal', 'summary')",
    "kind": "(profile = 'internal' AND sunat_code = '' AND kind IN ('quotation', 'order', 'sale_note', 'other'))"
    " OR (profile = 'summary' AND sunat_code = kind AND kind IN ('RC', 'RA', 'RR'))"
    " OR (profile IN ('sunat', 'contingency') AND sunat_code <> '' AND sunat_code = kind)",
    "locked": "profile NOT IN ('sunat', 'contingency') OR (length(code) <= 4 AND counter_reset = 'NEVER'"
    " AND overflow = 'stop' AND period = '')",
    "profile_default": "profile IN ('sunat', 'internal') OR NOT is_default",
    "overflow": "overflow IN ('stop', 'grow')",
    "counter_reset": "counter_reset IN ('NEVER', 'ANNUAL', 'MONTHLY', 'DAILY')",
    "padding": "padding BETWEEN 0 AND 12",
}

FILLED: dict[str, tuple[sa.types.TypeEngine[Any], str | None]] = {
    "public_id": (sa.String(length=64), None),
    "profile": (sa.String(length=11), "'sunat'"),
    "kind": (sa.String(length=10), "sunat_code"),
    "period": (sa.String(length=10), "''"),
    "position": (sa.Integer(), "0"),
    "name": (sa.String(length=100), "code"),
    "prefix": (sa.String(length=50), "''"),
    "suffix": (sa.String(length=50), "''"),
    "padding": (sa.Integer(), "0"),
    "overflow": (sa.String(length=4), "'stop'"),
    "template": (sa.String(length=255), "''"),
    "counter_reset": (sa.String(length=7), "'NEVER'"),
    "branding": (sa.Text(), "'{}'"),
    "version": (sa.Integer(), "1"),
}
"""New columns of series, none of them empty, and what they hold for the series there are."""

_FRESH_ID = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "replace(CAST(gen_random_uuid() AS text), '-', '')",
}


def upgrade() -> None:
    """Widens series, adds entries and pre-printed ranges, and puts the triggers of series back."""
    op.add_column("accounts", sa.Column("branding", sa.Text(), nullable=True))
    op.add_column("branches", sa.Column("branding", sa.Text(), nullable=True))
    op.add_column("declared_gaps", sa.Column("period", sa.String(length=10), nullable=True))
    _widen_series()
    _ranges()
    _entries()
    install(
        op.get_bind(), (*SERIES_TRIGGERS, *append_only("contingency_ranges"), *append_only("series_entries"))
    )


def _widen_series() -> None:
    bind = op.get_bind()
    dialect = bind.dialect.name
    for name in OLD_SERIES_TRIGGERS:
        op.execute(f"DROP TRIGGER series_{name}" + (" ON series" if dialect == "postgresql" else ""))
    op.drop_index("uq_series_default", "series")
    for name, (kind, _) in FILLED.items():
        op.add_column("series", sa.Column(name, kind, nullable=True))
    op.add_column("series", sa.Column("description", sa.String(length=1000), nullable=True))
    filled: dict[str, sa.ColumnElement[Any]] = {
        name: sa.literal_column(value or _FRESH_ID[dialect]) for name, (_, value) in FILLED.items()
    }
    op.execute(sa.table("series", *(sa.column(name) for name in FILLED)).update().values(filled))
    checks = tuple(sa.CheckConstraint(text, name=op.f(f"ck_series_{name}")) for name, text in OLD_CHECKS.items())
    with op.batch_alter_table("series", table_args=checks) as series:
        series.alter_column("code", existing_type=sa.String(length=4), type_=sa.String(length=50), nullable=False)
        for name, (kind, _) in FILLED.items():
            series.alter_column(name, existing_type=kind, nullable=False)
        for name, text in NEW_CHECKS.items():
            series.create_check_constraint(op.f(f"ck_series_{name}"), text)
        series.create_unique_constraint("uq_series_account_id_public_id", ["account_id", "public_id"])
    op.create_index(
        "uq_series_default", "series", ["account_id", "branch_id", "kind", "target"], unique=True,
        sqlite_where=sa.text("is_default"), postgresql_where=sa.text("is_default"),
    )


def _ranges() -> None:
    op.create_table(
        "contingency_ranges",
        sa.Column("id", KEY, nullable=False),
        sa.Column("series_id", KEY, nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=False),
        sa.Column("to_number", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "from_number >= 1 AND to_number >= from_number AND to_number <= 99999999",
            name=op.f("ck_contingency_ranges_range"),
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_contingency_ranges_series_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contingency_ranges"),
    )
    op.create_index("ix_contingency_ranges_series_id", "contingency_ranges", ["series_id"])


def _entries() -> None:
    op.create_table(
        "series_entries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=False),
        sa.Column("series_id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=255), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("paper", sa.Text(), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("request_key", sa.String(length=255), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("previous_id", KEY, nullable=True),
        sa.Column("chain_previous", sa.String(length=64), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 99999999", name=op.f("ck_series_entries_number")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_series_entries_position")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_series_entries_account_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_series_entries_branch_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_series_entries_series_id"),
        sa.ForeignKeyConstraint(["previous_id"], ["series_entries.id"], name="fk_series_entries_previous_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series_entries"),
        *(
            sa.UniqueConstraint(*columns, name=f"uq_series_entries_{'_'.join(columns)}")
            for columns in (
                ("series_id", "public_id"),
                ("series_id", "position"),
                ("series_id", "period", "number"),
                ("series_id", "code"),
                ("series_id", "chain_previous"),
                ("account_id", "external_id"),
                ("account_id", "request_key"),
            )
        ),
    )
    op.create_index("ix_series_entries_account_kind", "series_entries", ["account_id", "kind", "id"])
