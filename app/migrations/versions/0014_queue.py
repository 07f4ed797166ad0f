"""The queue of jobs on PostgreSQL, in a schema of its own; SQLite has none (`app.queue`)."""

from __future__ import annotations

from alembic import op

from app.queue.schema import create

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Makes the library's tables. Deliveries that are open already get their jobs from the first sweep."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        create(connection.connection.driver_connection)
