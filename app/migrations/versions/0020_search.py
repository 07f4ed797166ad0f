"""Looking vouchers up by day, state, kind, amount or a part of the receiver's name, all by one index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from app.ledger.names import folded

revision = "0020"
down_revision = "0019"

_AT_ONCE = 2000


def upgrade() -> None:
    """Adds the folded name in place, fills it, and puts the wider index in the place of the one by day."""
    op.execute("ALTER TABLE documents ADD COLUMN receiver_key VARCHAR(100) DEFAULT '' NOT NULL")
    name(op.get_bind())
    op.create_index("ix_documents_account_search", "documents", [
        "account_id", "issue_date", "id", "branch_id", "sunat_code", "series", "status", "total", "receiver_number",
        "receiver_key",
    ])
    op.drop_index("ix_documents_account_date", "documents")


def name(bind: Connection) -> None:
    """Gives every voucher its receiver's folded name, a few thousand at a time."""
    documents = sa.table(
        "documents", sa.column("id", sa.BigInteger), sa.column("receiver_name", sa.String),
        sa.column("receiver_key", sa.String),
    )
    change = sa.update(documents).where(documents.c.id == sa.bindparam("row")).values(receiver_key=sa.bindparam("key"))
    last = 0
    while True:
        page = bind.execute(
            sa.select(documents.c.id, documents.c.receiver_name)
            .where(documents.c.id > last).order_by(documents.c.id).limit(_AT_ONCE)
        ).all()
        if not page:
            break
        last = page[-1].id
        named = [{"row": row.id, "key": folded(row.receiver_name)} for row in page if row.receiver_name]
        if named:
            bind.execute(change, named)
