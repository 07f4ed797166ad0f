"""A shop whose orders go straight to the issuing desk, without HTTP."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, update

from app.accounts import certificates, operations
from app.accounts.models import AccountRecord
from app.accounts.vault import Vault
from app.clock import FixedClock
from app.db import Database
from app.documents.fingerprint import fingerprint
from app.documents.numbering import Issued, Ready
from app.documents.operations import Desk, make_ready
from app.documents.orders import Caller, Order
from app.documents.schemas.request import DocumentRequest
from app.series import operations as series_operations
from sunat.signing import load_pem

FIXTURES = Path(__file__).parents[2] / "fixtures"


class Shop:
    """An account with its certificate, and a desk that issues for it."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database, self.clock = database, clock
        vault = Vault((b"0123456789abcdef0123456789abcdef",))
        now = clock.now()
        with database.write() as session:
            account = operations.open_account(
                session, vault=vault, desk=series_operations.Desk(), environment="sandbox", ruc="20123456786",
                legal_name="EMPRESA EMISORA S.A.C.", now=now,
            )
            pem = (FIXTURES / "sunat" / "test_certificate.pem").read_bytes()
            certificates.add(session, vault, account, load_pem(pem), now=now)
            self.account_id = account.id
        self.desk = Desk.of(database, vault)
        self.commits = 0
        event.listen(database.engine, "commit", self._count)
        self._body: dict[str, Any] = json.loads(
            (FIXTURES / "invoice" / "cash" / "request.json").read_text(encoding="utf-8"), parse_float=Decimal
        )

    def ready(self, *, price: int = 1000, **header: Any) -> Ready:
        """An order for a factura F001, planned and ready to be numbered; ``header`` adds to its header."""
        raw = copy.deepcopy(self._body)
        raw["header"].update(header)
        raw["header"].pop("account_id")
        tax = Decimal(price) * 18 / 100
        raw["details"][0].update(unit_price=price, total_taxes=None, total_amount_line=None)
        raw["details"][0]["taxes"][0]["tax_amount"] = str(tax)
        raw.pop("totals")
        body = DocumentRequest().load(raw)
        caller = Caller(
            account_id=self.account_id, branch_id=None, may_force_numbers=True, may_leave_gaps=True, actor="test"
        )
        order = Order(body=body, raw=raw, fingerprint=fingerprint(body))
        return make_ready(
            self.desk, caller, order, now=self.clock.now(), held=None, answer=lambda _: (201, b"")
        )

    def issue(self, ready: Ready) -> Issued:
        """Issues one order."""
        return self.desk.counters.issue(ready)

    def _count(self, connection: Connection) -> None:
        self.commits += bool(connection.get_execution_options().get("chasqui_write"))

    def change(self, **columns: Any) -> None:
        """Sets columns of the account."""
        with self.database.write() as session:
            session.execute(update(AccountRecord).where(AccountRecord.id == self.account_id).values(**columns))

    def set_last_number(self, number: int) -> None:
        """Puts the counter of F001 somewhere before its first use."""
        with self.database.write() as session:
            row = series_operations.find(session, self.account_id, "01", "F001")
            assert row is not None
            series_operations.set_last_number(
                session, row.id, number, reason="", author="test", now=self.clock.now()
            )


@pytest.fixture
def shop(database: Database, clock: FixedClock) -> Shop:
    """A shop on each kind of database."""
    return Shop(database, clock)
