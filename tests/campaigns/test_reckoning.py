"""The judge of deliveries judged: what is spoilt in the rows after a good run is named."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import Database
from sunat.sandbox import Ledger
from sunat.sandbox.faults import Rule
from tests.campaigns.reckoning import check
from tests.campaigns.stage import staged


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Ledger]]:
    """The rows of a run in which every call was lost once, and SUNAT's record."""
    folder = tmp_path_factory.mktemp("reckoning")
    with staged("sqlite", folder, [Rule(modes=("reset-before-work",), times_each=1)], seed=7) as stage:
        stage.issue(6)
        assert stage.run(time.monotonic() + 240)
        assert check(stage.office.database, stage.sandbox.ledger)[0] == []
        with stage.office.database.write() as session:
            for (name,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f'DROP TRIGGER "{name}"'))
        stage.office.database.dispose()
        yield folder / "chasqui.db", stage.sandbox.ledger


@pytest.mark.parametrize(("change", "words"), [
    ("UPDATE documents SET number = number + 1 WHERE id = (SELECT max(id) FROM documents)", "not exactly 1.."),
    ("UPDATE documents SET status = 'rejected'", "rejected here, accepted there"),
    ("UPDATE editions SET xml_sha256 = 'x'", "other bytes are on record"),
    ("DELETE FROM evidence", "accepted without evidence"),
    ("DELETE FROM events WHERE kind = 'document.accepted'", "told by 0 events"),
    ("UPDATE attempts SET request_sha256 = 'x' WHERE id = (SELECT max(id) FROM attempts WHERE operation = 'sendBill')",
     "different requests"),
    ("UPDATE deliveries SET deadline_at = '2026-11-20 10:00:00.000000'", "its last day was missed and nobody was told"),
    ("UPDATE events SET account_id = account_id + 1", "is of another issuer"),
    ("UPDATE attempts SET started_at = '2026-11-20 15:00:00.000000', number = number + 100",
     "more retries than their budget"),
    ("UPDATE attempts SET result = 'unknown'", "had its answer"),
])
def test_what_is_wrong_is_named(change: str, words: str, played: tuple[Path, Ledger], tmp_path: Path) -> None:
    origin, ledger = played
    shutil.copy(origin, tmp_path / "spoilt.db")
    with closing(sqlite3.connect(tmp_path / "spoilt.db")) as connection, connection:
        connection.execute(change)
    database = Database(f"sqlite:///{tmp_path / 'spoilt.db'}")
    try:
        found, _ = check(database, ledger, budget=(0.001, 2.0))
    finally:
        database.dispose()
    assert any(words in one for one in found), found
