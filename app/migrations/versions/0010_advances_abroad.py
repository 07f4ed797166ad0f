"""Advances used by sales in another currency: what each use takes, in the advance's own."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Adds a column in place (no table is copied, so its triggers stay); former uses count by the rate of their day."""
    op.execute(
        "ALTER TABLE advance_uses ADD COLUMN counted BIGINT CONSTRAINT ck_advance_uses_counted CHECK (counted >= 0)"
    )
