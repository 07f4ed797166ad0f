"""Vouchers to audit: really signed, on two series, with a declared gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app.accounts.models import AccountRecord
from app.audit import reports
from app.audit.reading import Scope, snapshot
from app.clock import FixedClock
from app.db import Database
from app.series import operations
from tests.support.builders import Tenant, series_id, tenant
from tests.support.stored import store_voucher


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """An account with F001 1..3 and 7..8 (4 to 6 declared) and B001 1..2."""

    database: Database
    clock: FixedClock
    owner: Tenant
    f001: int

    def audit(self, **scope: Any) -> dict[str, Any]:
        """What the audit finds now."""
        with snapshot(self.database) as session:
            account = session.get_one(AccountRecord, self.owner.account_id)
            return reports.audit(session, account, Scope(**scope), now=self.clock.now())

    def series(self, code: str = "F001", **scope: Any) -> dict[str, Any]:
        """The summary of one series."""
        (found,) = [each for each in self.audit(**scope)["series"] if each["series"] == code]
        assert isinstance(found, dict)
        return found

    def found(self, **scope: Any) -> set[tuple[str, str, int | None]]:
        """Every finding as series, code and number."""
        return {
            (each["series"], finding["code"], finding["number"])
            for each in self.audit(**scope)["series"] for finding in each["findings"]
        }


@pytest.fixture
def books(database: Database, clock: FixedClock) -> Books:
    """The books of a small shop on each kind of database."""
    owner, today = tenant(database, clock.now()), clock.today()
    f001 = series_id(database, owner)
    for _ in range(3):
        store_voucher(database, owner, clock.now(), today)
    with database.write() as session:
        operations.set_last_number(
            session, f001, 6, reason="talonario perdido", author="key:1", now=clock.now()
        )
    for _ in range(2):
        store_voucher(database, owner, clock.now(), today)
        store_voucher(database, owner, clock.now(), today, series="B001", stem="boleta")
    return Books(database=database, clock=clock, owner=owner, f001=f001)
