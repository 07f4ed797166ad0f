"""The first schema: accounts, series, and the ledger with its editions, attempts, events and voidings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.migrations.triggers import Trigger, append_only, fixed, install, moves, undeletable

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
GENESIS = "0" * 64

STATUS_MOVES = {
    "issued": ("accepted", "observed", "rejected", "lapsed", "voided"),
    "accepted": ("voided",),
    "observed": ("voided",),
}
DELIVERY_MOVES = {
    "waiting": ("sending", "held"),
    "sending": ("done", "waiting", "unknown", "awaiting_ticket", "held"),
    "unknown": ("sending", "held"),
    "awaiting_ticket": ("sending", "held"),
    "held": ("waiting", "done"),
}

TRIGGERS = (
    *append_only("editions"),
    *append_only("attempts"),
    *append_only("evidence"),
    *append_only("events"),
    *append_only("declared_gaps"),
    *undeletable("documents"),
    fixed("documents", "account_id", "environment", "ruc", "sunat_code", "series", "number", "created_at"),
    moves("documents", "status", STATUS_MOVES),
    *undeletable("deliveries"),
    moves("deliveries", "state", DELIVERY_MOVES),
    fixed("series", "account_id", "environment", "ruc", "sunat_code", "code"),
    Trigger(
        table="series",
        name="forward",
        on="UPDATE",
        when=f"NEW.last_number < OLD.last_number AND OLD.chain_head <> '{GENESIS}'",
        message="series: a used counter only goes forward",
    ),
    Trigger(
        table="series",
        name="no_delete",
        on="DELETE",
        when=f"OLD.chain_head <> '{GENESIS}'",
        message="series: a used series cannot be deleted",
    ),
    Trigger(
        table="idempotency",
        name="sealed",
        on="UPDATE",
        when="OLD.sealed_at IS NOT NULL",
        message="idempotency: a sealed answer is immutable",
    ),
    Trigger(
        table="idempotency",
        name="no_delete",
        on="DELETE",
        when="OLD.sealed_at IS NOT NULL",
        message="idempotency: a sealed answer is kept",
    ),
)


def upgrade() -> None:
    """Creates every table, index and trigger."""
    _accounts()
    _series()
    _ledger()
    install(op.get_bind(), TRIGGERS)


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("ruc", sa.String(length=11), nullable=False),
        sa.Column("legal_name", sa.String(length=250), nullable=False),
        sa.Column("trade_name", sa.String(length=250), nullable=False),
        sa.Column("contact_name", sa.String(length=250), nullable=False),
        sa.Column("contact_phone", sa.String(length=50), nullable=False),
        sa.Column("admin_email", sa.String(length=254), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("data_key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("tax_regime", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("ose_url", sa.String(length=500), nullable=False),
        sa.Column("pse_ruc", sa.String(length=11), nullable=False),
        sa.Column("sol_user", sa.String(length=50), nullable=False),
        sa.Column("sol_password_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("gre_client_id", sa.String(length=100), nullable=False),
        sa.Column("gre_client_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consult_client_id", sa.String(length=100), nullable=False),
        sa.Column("consult_client_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("boleta_channel", sa.String(length=30), nullable=False),
        sa.Column("signature_algorithm", sa.String(length=20), nullable=False),
        sa.Column("detraction_account", sa.String(length=50), nullable=False),
        sa.Column("summary_start_number", sa.Integer(), nullable=False),
        sa.Column("reduced_igv", sa.Boolean(), nullable=False),
        sa.Column("anonymous_customer", sa.String(length=10), nullable=False),
        sa.Column("boleta_today_only", sa.Boolean(), nullable=False),
        sa.Column("duplicate_guard_minutes", sa.Integer(), nullable=False),
        sa.Column("allow_number_gaps", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("anonymous_customer IN ('dash', 'dni_zeros')", name=op.f("ck_accounts_anonymous_customer")),
        sa.CheckConstraint(
            "boleta_channel IN ('individual', 'summary', 'individual_then_summary')",
            name=op.f("ck_accounts_boleta_channel"),
        ),
        sa.CheckConstraint("channel IN ('sunat', 'ose', 'pse')", name=op.f("ck_accounts_channel")),
        sa.CheckConstraint("environment IN ('sandbox', 'beta', 'live')", name=op.f("ck_accounts_environment")),
        sa.CheckConstraint(
            "signature_algorithm IN ('rsa-sha256', 'rsa-sha1')", name=op.f("ck_accounts_signature_algorithm")
        ),
        sa.CheckConstraint(
            "tax_regime IN ('general', 'mype', 'especial', 'nrus')", name=op.f("ck_accounts_tax_regime")
        ),
        sa.CheckConstraint(
            "duplicate_guard_minutes BETWEEN 0 AND 1440", name=op.f("ck_accounts_duplicate_guard_minutes")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("environment", "ruc", name="uq_accounts_environment_ruc"),
    )
    op.create_table(
        "login_failures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_failures"),
    )
    op.create_index("ix_login_failures_subject_at", "login_failures", ["subject", "at"])
    op.create_table(
        "branches",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("code", sa.String(length=50), nullable=False),
        sa.Column("establishment_code", sa.String(length=4), nullable=False),
        sa.Column("is_headquarters", sa.Boolean(), nullable=False),
        sa.Column("branch_type", sa.Integer(), nullable=False),
        sa.Column("ubigeo", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=250), nullable=False),
        sa.Column("district", sa.String(length=100), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("department", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=50), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("length(establishment_code) = 4", name=op.f("ck_branches_establishment_code")),
        sa.CheckConstraint("length(ubigeo) IN (0, 6)", name=op.f("ck_branches_ubigeo")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_branches_account_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["branches.id"], name="fk_branches_parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_branches"),
        sa.UniqueConstraint("account_id", "code", name="uq_branches_account_id_code"),
    )
    op.create_index("ix_branches_account_id", "branches", ["account_id"])
    op.create_index("uq_branches_headquarters", "branches", ["account_id"], unique=True, **_where("is_headquarters"))
    op.create_table(
        "certificates",
        sa.Column("id", KEY, nullable=False),
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=250), nullable=False),
        sa.Column("holder", sa.String(length=250), nullable=False),
        sa.Column("ruc", sa.String(length=11), nullable=False),
        sa.Column("serial", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("certificate_pem", sa.Text(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", INSTANT, nullable=False),
        sa.Column("valid_to", INSTANT, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_certificates_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
        sa.UniqueConstraint("account_id", "fingerprint", name="uq_certificates_account_id_fingerprint"),
        sa.UniqueConstraint("public_id", name="uq_certificates_public_id"),
    )
    op.create_index("uq_certificates_active", "certificates", ["account_id"], unique=True, **_where("active"))
    op.create_table(
        "api_keys",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("branch_id", KEY, nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=4), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.CheckConstraint("mode IN ('test', 'live')", name=op.f("ck_api_keys_mode")),
        sa.CheckConstraint(
            "account_id IS NOT NULL OR branch_id IS NULL", name=op.f("ck_api_keys_operator_without_branch")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_keys_account_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_api_keys_branch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )
    op.create_index("ix_api_keys_account_id", "api_keys", ["account_id"])
    op.create_table(
        "api_users",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=True),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("client_secret_digest", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_users_account_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_api_users_branch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_users"),
        sa.UniqueConstraint("client_id", "username", name="uq_api_users_client_id_username"),
    )
    op.create_index("ix_api_users_account_id", "api_users", ["account_id"])


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=False),
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("ruc", sa.String(length=11), nullable=False),
        sa.Column("sunat_code", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("target", sa.String(length=1), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("start_number", sa.Integer(), nullable=False),
        sa.Column("chain_head", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("chronological", sa.String(length=6), nullable=False),
        sa.Column("last_issue_date", sa.Date(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("chronological IN ('off', 'warn', 'refuse')", name=op.f("ck_series_chronological")),
        sa.CheckConstraint("target IN ('', 'F', 'B')", name=op.f("ck_series_target")),
        sa.CheckConstraint("active OR NOT is_default", name=op.f("ck_series_active_default")),
        sa.CheckConstraint("last_number BETWEEN 0 AND 99999999", name=op.f("ck_series_last_number")),
        sa.CheckConstraint("start_number BETWEEN 1 AND 99999999", name=op.f("ck_series_start_number")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_series_account_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_series_branch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint(
            "environment", "ruc", "sunat_code", "code", name="uq_series_environment_ruc_sunat_code_code"
        ),
    )
    op.create_index("ix_series_account_id", "series", ["account_id"])
    op.create_index("ix_series_branch_id", "series", ["branch_id"])
    op.create_index(
        "uq_series_default",
        "series",
        ["account_id", "branch_id", "sunat_code", "target"],
        unique=True,
        **_where("is_default"),
    )
    op.create_table(
        "declared_gaps",
        sa.Column("id", KEY, nullable=False),
        sa.Column("series_id", KEY, nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=False),
        sa.Column("to_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "from_number >= 1 AND to_number >= from_number AND to_number <= 99999999",
            name=op.f("ck_declared_gaps_range"),
        ),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_declared_gaps_series_id"),
        sa.PrimaryKeyConstraint("id", name="pk_declared_gaps"),
    )
    op.create_index("ix_declared_gaps_series_id", "declared_gaps", ["series_id"])


def _ledger() -> None:
    op.create_table(
        "documents",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("branch_id", KEY, nullable=False),
        sa.Column("series_id", KEY, nullable=False),
        sa.Column("environment", sa.String(length=10), nullable=False),
        sa.Column("ruc", sa.String(length=11), nullable=False),
        sa.Column("sunat_code", sa.String(length=2), nullable=False),
        sa.Column("document_type_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.String(length=4), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("issue_time", sa.Time(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("receiver_code", sa.String(length=1), nullable=False),
        sa.Column("receiver_number", sa.String(length=20), nullable=False),
        sa.Column("receiver_name", sa.String(length=1500), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("taxes", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("target_sunat_code", sa.String(length=2), nullable=True),
        sa.Column("target_series", sa.String(length=20), nullable=True),
        sa.Column("target_number", sa.Integer(), nullable=True),
        sa.Column("target_document_id", KEY, nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("observations", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=100), nullable=False),
        sa.Column("qr_text", sa.Text(), nullable=False),
        sa.Column("replaces_id", KEY, nullable=True),
        sa.Column("replaced_by_id", KEY, nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "status IN ('issued', 'accepted', 'observed', 'rejected', 'voided', 'lapsed')",
            name=op.f("ck_documents_status"),
        ),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_documents_edition")),
        sa.CheckConstraint("number BETWEEN 1 AND 99999999", name=op.f("ck_documents_number")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_documents_account_id"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_documents_branch_id"),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["documents.id"], name="fk_documents_replaced_by_id"),
        sa.ForeignKeyConstraint(["replaces_id"], ["documents.id"], name="fk_documents_replaces_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_documents_series_id"),
        sa.ForeignKeyConstraint(["target_document_id"], ["documents.id"], name="fk_documents_target_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("account_id", "external_id", name="uq_documents_account_id_external_id"),
        sa.UniqueConstraint(
            "environment",
            "ruc",
            "sunat_code",
            "series",
            "number",
            name="uq_documents_environment_ruc_sunat_code_series_number",
        ),
    )
    op.create_index("ix_documents_account_date", "documents", ["account_id", "issue_date", "id"])
    op.create_index("ix_documents_account_fingerprint", "documents", ["account_id", "fingerprint", "created_at"])
    op.create_index("ix_documents_account_number", "documents", ["account_id", "number"])
    op.create_index("ix_documents_account_receiver", "documents", ["account_id", "receiver_number"])
    op.create_index("ix_documents_account_status", "documents", ["account_id", "status", "id"])
    op.create_index("ix_documents_account_total", "documents", ["account_id", "total"])
    op.create_index("ix_documents_series_id", "documents", ["series_id"])
    op.create_index("ix_documents_target", "documents", ["account_id", "target_document_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("deadline_at", INSTANT, nullable=True),
        sa.Column("ticket", sa.String(length=50), nullable=True),
        sa.Column("last_code", sa.String(length=20), nullable=False),
        sa.Column("last_text", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'unknown', 'awaiting_ticket', 'done', 'held')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.CheckConstraint("tries >= 0 AND attempt >= tries", name=op.f("ck_deliveries_tries")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_deliveries_account_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_deliveries_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("document_id", "channel", name="uq_deliveries_document_id_channel"),
    )
    op.create_index("ix_deliveries_account_state", "deliveries", ["account_id", "state"])
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_at", "id"],
        **_where("state IN ('waiting', 'sending', 'unknown', 'awaiting_ticket')"),
    )
    op.create_table(
        "events",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_events_account_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_events_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_account_id", "events", ["account_id", "id"])
    op.create_index("ix_events_document_id", "events", ["document_id"])
    op.create_table(
        "evidence",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_evidence_account_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_evidence_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    op.create_index("ix_evidence_document_id", "evidence", ["document_id"])
    op.create_table(
        "idempotency",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sealed_at", INSTANT, nullable=True),
        sa.CheckConstraint("(sealed_at IS NULL) = (body IS NULL)", name=op.f("ck_idempotency_sealed")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_idempotency_account_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_idempotency_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency"),
        sa.UniqueConstraint("account_id", "key", name="uq_idempotency_account_id_key"),
    )
    op.create_index("ix_idempotency_document_id", "idempotency", ["document_id"])
    op.create_table(
        "attempts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("endpoint", sa.String(length=500), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("response_sha256", sa.String(length=64), nullable=False),
        sa.Column("evidence_id", KEY, nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=False),
        sa.CheckConstraint("action IN ('send', 'query', 'poll')", name=op.f("ck_attempts_action")),
        sa.CheckConstraint("result IN ('answered', 'fault', 'not_sent', 'unknown')", name=op.f("ck_attempts_result")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_attempts_delivery_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_attempts_evidence_id"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("delivery_id", "number", name="uq_attempts_delivery_id_number"),
    )
    op.create_table(
        "editions",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("series_id", KEY, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=True),
        sa.Column("xml_sha256", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=100), nullable=False),
        sa.Column("chain_previous", sa.String(length=64), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("certificate_id", KEY, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("evidence_id", KEY, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("edition >= 1", name=op.f("ck_editions_edition")),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_editions_certificate_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_editions_document_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_editions_evidence_id"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_editions_series_id"),
        sa.PrimaryKeyConstraint("id", name="pk_editions"),
        sa.UniqueConstraint("chain_hash", name="uq_editions_chain_hash"),
        sa.UniqueConstraint("document_id", "edition", name="uq_editions_document_id_edition"),
        sa.UniqueConstraint("series_id", "chain_previous", name="uq_editions_series_id_chain_previous"),
    )
    op.create_table(
        "voidings",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("summary", sa.String(length=30), nullable=False),
        sa.Column("ticket", sa.String(length=50), nullable=True),
        sa.Column("deadline_at", INSTANT, nullable=True),
        sa.Column("evidence_id", KEY, nullable=True),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'queued', 'sent', 'accepted', 'refused')", name=op.f("ck_voidings_state")
        ),
        sa.CheckConstraint("length(reason) BETWEEN 3 AND 100", name=op.f("ck_voidings_reason")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_voidings_account_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_voidings_document_id"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_voidings_evidence_id"),
        sa.PrimaryKeyConstraint("id", name="pk_voidings"),
    )
    op.create_index("ix_voidings_account_id", "voidings", ["account_id"])
    op.create_index("uq_voidings_open", "voidings", ["document_id"], unique=True, **_where("state <> 'refused'"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
