"""Keeping: why a series is stopped, and when its last number was compared with what the authority holds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Adds two columns in place; what is stopped today was stopped by a foreign number."""
    op.execute("ALTER TABLE series ADD COLUMN frozen_by VARCHAR(10) DEFAULT '' NOT NULL")
    op.add_column("series", sa.Column("proven_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE series SET frozen_by = 'foreign' WHERE frozen <> ''")
