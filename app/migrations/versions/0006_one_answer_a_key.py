"""Idempotency-Keys of all that creates: operators' too, with headers and secrets. Entries keep none of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import Trigger, append_only, install, untruncatable

revision = "0006"
down_revision = "0005"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

IDEMPOTENCY_TRIGGERS = (
    Trigger(
        table="idempotency", name="sealed", on="UPDATE", when="OLD.sealed_at IS NOT NULL",
        message="idempotency: a sealed answer is immutable",
    ),
    Trigger(
        table="idempotency", name="no_delete", on="DELETE", when="OLD.sealed_at IS NOT NULL",
        message="idempotency: a sealed answer is kept",
    ),
    untruncatable("idempotency"),
)
TRIGGERS = (*IDEMPOTENCY_TRIGGERS, *append_only("series_entries"))

SEALED = "(sealed_at IS NULL) = (body IS NULL)"
OWNER = "(account_id IS NULL) <> (operator_key_id IS NULL)"
ENTRY_CHECKS = {"number": "number BETWEEN 1 AND 99999999", "position": "position >= 1"}

SPENT = (
    "INSERT INTO idempotency "
    "(account_id, key, fingerprint, token, lease_until, status_code, body, created_at, sealed_at) "
    "SELECT e.account_id, e.request_key, '', '', e.created_at, 201, {nothing}, e.created_at, e.created_at "
    "FROM series_entries e WHERE e.request_key IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM idempotency i WHERE i.account_id = e.account_id AND i.key = e.request_key)"
)
"""The keys of entries made so far: their answers were not kept, so repeating one is refused and makes no second."""


def upgrade() -> None:
    """Widens the keys, moves those of entries there, and puts back the triggers that copying a table loses."""
    dialect = op.get_bind().dialect.name
    for trigger in TRIGGERS:
        if trigger.statement(dialect):
            op.execute(
                f"DROP TRIGGER {trigger.table}_{trigger.name}"
                + (f" ON {trigger.table}" if dialect == "postgresql" else "")
            )
    _widen_keys()
    op.execute(SPENT.format(nothing="'{}'::bytea" if dialect == "postgresql" else "CAST('{}' AS BLOB)"))
    _narrow_entries()
    install(op.get_bind(), TRIGGERS)


def _widen_keys() -> None:
    sealed = sa.CheckConstraint(SEALED, name=op.f("ck_idempotency_sealed"))
    with op.batch_alter_table("idempotency", table_args=(sealed,)) as keys:
        keys.alter_column("account_id", existing_type=KEY, nullable=True)
        keys.add_column(sa.Column("operator_key_id", KEY, nullable=True))
        keys.add_column(sa.Column("headers", sa.Text(), nullable=True))
        keys.add_column(sa.Column("vault_account_id", KEY, nullable=True))
        keys.create_foreign_key("fk_idempotency_operator_key_id", "api_keys", ["operator_key_id"], ["id"])
        keys.create_foreign_key("fk_idempotency_vault_account_id", "accounts", ["vault_account_id"], ["id"])
        keys.create_unique_constraint("uq_idempotency_operator_key_id_key", ["operator_key_id", "key"])
        keys.create_check_constraint(op.f("ck_idempotency_owner"), OWNER)


def _narrow_entries() -> None:
    checks = tuple(
        sa.CheckConstraint(text, name=op.f(f"ck_series_entries_{name}")) for name, text in ENTRY_CHECKS.items()
    )
    with op.batch_alter_table("series_entries", table_args=checks) as entries:
        entries.drop_constraint("uq_series_entries_account_id_request_key", type_="unique")
        entries.drop_column("request_key")
        entries.drop_column("fingerprint")
