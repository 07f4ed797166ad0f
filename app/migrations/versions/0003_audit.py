"""The audit: editions in the order of their chain, and what was signed closed to every change."""

from __future__ import annotations

from alembic import op

from app.migrations.triggers import fixed, install, unaltered, untruncatable

revision = "0003"
down_revision = "0002"

TRIGGERS = (
    fixed(
        "documents", "account_id", "series_id", "environment", "ruc", "sunat_code", "series", "number", "created_at",
    ),
    unaltered(
        "documents", "edition", "document_type_id", "issue_date", "issue_time", "currency", "receiver_code",
        "receiver_number", "receiver_name", "net", "taxes", "total", "fingerprint", "request", "digest", "qr_text",
        texts=("target_sunat_code", "target_series", "external_id"), numbers=("target_number",),
    ),
    untruncatable("series"),
    untruncatable("idempotency"),
)


def upgrade() -> None:
    """Adds the index the auditor reads along, and the triggers."""
    op.create_index("ix_editions_series_id", "editions", ["series_id", "id"])
    dialect = op.get_bind().dialect.name
    op.execute("DROP TRIGGER documents_identity" + (" ON documents" if dialect == "postgresql" else ""))
    install(op.get_bind(), TRIGGERS)
