"""What Alembic runs for every command: our connection, our rows, batch mode for SQLite."""

from __future__ import annotations

from alembic import context

from app.migrations import METADATA, ours

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True,
    include_name=ours,
)
with context.begin_transaction():
    context.run_migrations()
