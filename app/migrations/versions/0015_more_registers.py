"""Two more registers: who must send through an OSE, and who issues in the system of supervised companies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

KINDS = ("ruc-state", "retention-agents", "perception-agents", "reduced-rate", "ose-only", "supervised")
CHECKS = {
    "kind": f"kind IN ({', '.join(repr(kind) for kind in KINDS)})",
    "state": "state IN ('loading', 'current', 'replaced', 'given_up')",
}
CURRENT = sa.text("state = 'current'")


def upgrade() -> None:
    """Lets the table hold them. It has no triggers; on SQLite, which copies it, its index is made again."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_registers_kind"), "registers", type_="check")
        op.create_check_constraint(op.f("ck_registers_kind"), "registers", CHECKS["kind"])
        return
    op.drop_index("uq_registers_current", "registers")
    with op.batch_alter_table("registers", recreate="always") as registers:
        for name, text in CHECKS.items():
            registers.create_check_constraint(op.f(f"ck_registers_{name}"), text)
    op.create_index("uq_registers_current", "registers", ["kind"], unique=True, sqlite_where=CURRENT)
