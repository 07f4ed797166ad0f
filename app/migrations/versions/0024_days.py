"""Counting the vouchers of some days by branch, kind and state, in one walk along an index."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Adds an index; nothing that is there changes."""
    op.create_index(
        "ix_documents_account_days", "documents", ["account_id", "issue_date", "branch_id", "sunat_code", "status"]
    )
