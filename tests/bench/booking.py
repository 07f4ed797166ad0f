"""The book of a month beside Python's plain csv writing the same cells, in one round; processor time.

"sales" reads and converts the signed XML of each voucher into an entry of the register, and is per voucher of a
smaller month.
"""

from __future__ import annotations

import csv
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from app.accounts.models import AccountRecord
from app.audit.reading import snapshot
from app.books import registry, sales
from app.books.reading import Scope
from app.books.sheets import as_csv, write_workbook
from app.db import Database
from app.ledger.models import DocumentRecord
from tests.bench.rounds import Effort, interleaved, summary
from tests.support.builders import Tenant, tenant
from tests.support.databases import migrated
from tests.support.months import fill
from tests.support.stored import store_voucher

FLOOR: Final = "csv"
_NOW: Final = datetime(2026, 11, 20, 15, tzinfo=UTC)
_DAY: Final = date(2026, 11, 20)
_SIGNED: Final = 200


def measure(effort: Effort, rows: int = 10_000) -> dict[str, Any]:
    """``{"floor": ..., "rows": 10000, "steps": {"csv": ..., "book": ..., "workbook": ...}, "sales": {...}}``."""
    with tempfile.TemporaryDirectory(prefix="chq") as folder:
        url = f"sqlite:///{Path(folder) / 'books.db'}"
        migrated(url)
        database = Database(url, pool=2)
        try:
            return _measured(database, effort, rows)
        finally:
            database.dispose()


def _measured(database: Database, effort: Effort, rows: int) -> dict[str, Any]:
    big, small = tenant(database, _NOW), tenant(database, _NOW, ruc="20987654326")
    fill(database, big, _NOW, rows)
    for _ in range(_SIGNED):
        made = store_voucher(database, small, _NOW, _DAY)
        with database.write() as session:
            session.get_one(DocumentRecord, made.document_id).status = "accepted"
    cells = list(_book(database, big))
    steps: dict[str, Callable[[], object]] = {
        FLOOR: lambda: csv.writer(io.StringIO()).writerows(cells),
        "book": lambda: sum(map(len, as_csv(_book(database, big)))),
        "workbook": lambda: write_workbook(io.BytesIO(), _book(database, big), registry.Sums(), title="x"),
    }
    taken = interleaved(steps, replace(effort, seconds=0), time.process_time)
    entered = interleaved({"sales": lambda: _register(database, small)}, effort, time.process_time)["sales"]
    return {
        "floor": "Python's csv writing the same cells", "rows": rows,
        "steps": {name: summary(taken[name], taken[FLOOR]) for name in steps},
        "sales": {"vouchers": _SIGNED, **summary(entered, entered)},
    }


def _book(database: Database, owner: Tenant) -> Any:
    with snapshot(database) as session:
        yield from registry.rows(session, _scope(session, owner), registry.Sums())


def _register(database: Database, owner: Tenant) -> None:
    with snapshot(database) as session:
        sales.write_replacement(session, _scope(session, owner), io.BytesIO())


def _scope(session: Any, owner: Tenant) -> Scope:
    return Scope(
        account=session.get_one(AccountRecord, owner.account_id), period="2026-11", first_day=date(2026, 11, 1),
        last_day=date(2026, 11, 30),
    )
