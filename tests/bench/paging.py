"""The console's pages with many vouchers beside the same pages of an account with none, in one round and one database.

Every page without an id in its address is measured, in the process: time on the server, from the request to the last
byte. The vouchers are spread over 200 days, one in a hundred still on its way.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, text

from app.clock import FixedClock
from app.console.gate import PAGES
from app.db import Database
from app.ledger.models import DeliveryRecord, DocumentRecord
from app.series.models import SeriesRecord
from tests.bench.rounds import Effort, interleaved, summary
from tests.support.builders import Tenant, document, series_id
from tests.support.databases import fresh
from tests.support.people import Desk, House, desk_of, house_on

DIALECTS: Final = ("sqlite", "postgresql")
MOST_MS: Final = 100
"""What a page may take with all those vouchers."""

_NOW: Final = datetime(2026, 11, 20, 15, tzinfo=UTC)
_DAYS: Final = 200
_PIECE: Final = 2000
_ANOTHER: Final = "20987654326"


def measure(effort: Effort, rows: int = 100_000, dialects: tuple[str, ...] = DIALECTS) -> dict[str, Any]:
    """``{"rows": 100000, "aim_ms": 100, "databases": {"sqlite": {"/console": {"empty": ..., "full": ...}}}}``."""
    found = {}
    for dialect in dialects:
        with tempfile.TemporaryDirectory(prefix="chq") as folder, fresh(dialect, Path(folder)) as url:
            database = Database(url)
            try:
                found[dialect] = _measured(database, effort, rows)
            finally:
                database.dispose()
    return {"rows": rows, "aim_ms": MOST_MS, "floor": "the same page without vouchers", "databases": found}


def _measured(database: Database, effort: Effort, rows: int) -> dict[str, Any]:
    house = house_on(database, FixedClock(_NOW))
    _fill(database, house, rows)
    empty = house.account(_ANOTHER)
    desks = {
        "full": house.desk(), "empty": desk_of(house.app, house.office, empty, _ANOTHER, username="another"),
    }
    pages = {}
    for path in _paths(house):
        steps: dict[str, Callable[[], object]] = {
            name: (lambda desk=desk, path=path: _opened(desk, path)) for name, desk in desks.items()
        }
        taken = interleaved(steps, replace(effort, seconds=0))
        pages[path] = {name: summary(taken[name], taken["empty"]) for name in steps}
    return pages


def _opened(desk: Desk, path: str) -> None:
    answer = desk.get(path)
    assert answer.status_code < 400, f"{path} is {answer.status_code}"
    answer.get_data()


def _paths(house: House) -> list[str]:
    """The pages of whoever has signed in that need no more than their address."""
    return sorted(
        rule.rule for rule in house.app.url_map.iter_rules()
        if PAGES.get(rule.endpoint) and not rule.arguments and "GET" in (rule.methods or ())
    )


def _fill(database: Database, house: House, rows: int) -> None:
    """Stores so many facturas with their deliveries, without bytes."""
    with database.read() as session:
        series = session.get_one(SeriesRecord, _series(database, house))
    for start in range(1, rows + 1, _PIECE):
        numbers = range(start, min(start + _PIECE, rows + 1))
        documents, deliveries = [], []
        for number in numbers:
            waits = number % 100 == 0
            made = document(
                series, number, _NOW, issue_date=date(2026, 11, 20) - timedelta(days=number % _DAYS),
                status="issued" if waits else "accepted", receiver_name=f"CLIENTE {number % 5000} S.A.C.",
                total=100 + number,
            )
            documents.append(
                {name: value for name, value in vars(made).items() if not name.startswith("_")} | {"id": number}
            )
            deliveries.append({
                "account_id": house.account_id, "document_id": number, "state": "waiting" if waits else "done",
                "next_at": _NOW, "created_at": _NOW, "updated_at": _NOW, "phase": "fresh" if waits else "settled",
                "deadline_at": _NOW + timedelta(days=3),
            })
        with database.write() as session:
            session.execute(insert(DocumentRecord), documents)
            session.execute(insert(DeliveryRecord), deliveries)
    with database.write() as session:
        session.execute(text("ANALYZE"))


def _series(database: Database, house: House) -> int:
    owner = Tenant(account_id=house.account_id, branch_id=0, ruc=house.ruc, environment="sandbox")
    return series_id(database, owner)
