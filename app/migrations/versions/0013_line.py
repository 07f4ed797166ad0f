"""An index for whose turn it is: what each issuer has to tell, nearest deadline first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Adds the index; nothing that is there changes."""
    in_line = sa.text("state IN ('waiting', 'unknown', 'awaiting_ticket') AND channel <> 'carried'")
    op.create_index(
        "ix_deliveries_line", "deliveries", ["account_id", "deadline_at", "id"], sqlite_where=in_line,
        postgresql_where=in_line,
    )
