"""A rejected certificate or guide may be corrected under its own number, by its next edition alone."""

from __future__ import annotations

from alembic import op

from app.migrations.triggers import by_edition, install, moves

revision = "0017"
down_revision = "0016"

STATUSES = moves("documents", "status", {
    "issued": {"accepted", "observed", "rejected", "lapsed", "voided"}, "accepted": {"voided"},
    "observed": {"voided"}, "rejected": set(), "voided": set(), "lapsed": set(),
}, edited=by_edition("status", "rejected", "issued", "09", "20", "31", "40"))
DELIVERIES = moves("deliveries", "state", {
    "waiting": {"sending", "held", "done"},
    "sending": {"done", "waiting", "unknown", "awaiting_ticket", "held"},
    "unknown": {"sending", "held", "done"},
    "awaiting_ticket": {"sending", "held", "done"},
    "held": {"waiting", "done"},
    "done": set(),
}, edited=by_edition("state", "done", "waiting"))


def upgrade() -> None:
    """Puts the two wider triggers in the places of the former ones."""
    for trigger in (STATUSES, DELIVERIES):
        on = f" ON {trigger.table}" if op.get_bind().dialect.name == "postgresql" else ""
        op.execute(f"DROP TRIGGER {trigger.table}_{trigger.name}{on}")
    install(op.get_bind(), (STATUSES, DELIVERIES))
