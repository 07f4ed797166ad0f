"""Accounts that refuse what SUNAT still observes and is turning into errors."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Adds the setting in place, off for everybody (no copy of the table, so its triggers stay)."""
    op.execute("ALTER TABLE accounts ADD COLUMN strict_observations BOOLEAN DEFAULT false NOT NULL")


def downgrade() -> None:
    """Takes the setting away."""
    op.execute("ALTER TABLE accounts DROP COLUMN strict_observations")
