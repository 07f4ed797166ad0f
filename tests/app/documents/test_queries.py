"""Finding vouchers by a part of their receiver's name, whatever its accents and capitals, and after a correction."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from app.db import Database
from app.documents.queries import find
from app.ledger.models import DocumentRecord
from app.ledger.names import LONGEST, folded
from tests.support.builders import issue, series_id, tenant

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize("asked", ["JOSÉ NÚÑEZ", "jose nunez", "  núñez ", "Nunez"])
def test_a_name_is_found_whatever_its_accents(database: Database, asked: str) -> None:
    owner = tenant(database, NOW)
    of_series = series_id(database, owner)
    with database.write() as session:
        wanted = issue(session, of_series, NOW, receiver_name="José  Núñez Ñahui").id
        issue(session, of_series, NOW, receiver_name="ROSA 100% QUISPE_HUAMÁN")
    with database.read() as session:
        found = find(session, owner.account_id, {"receiver_legal_name": asked}, branch_id=None)
        assert [row.id for row, _ in found.rows] == [wanted]
        for wild in ("%", "_Q"):
            assert find(session, owner.account_id, {"receiver_legal_name": wild}, branch_id=None).total == (wild == "%")


def test_the_key_follows_the_name(database: Database) -> None:
    owner = tenant(database, NOW)
    with database.write() as session:
        row = issue(session, series_id(database, owner), NOW, receiver_name="ANTES")
        row.edition = 2  # a correction, or the database refuses it
        row.receiver_name = "Después"
    with database.read() as session:
        assert session.get_one(DocumentRecord, row.id).receiver_key == "DESPUES"


def test_vouchers_from_before_are_found_too(database: Database) -> None:
    revision = importlib.import_module("app.migrations.versions.0020_search")
    owner = tenant(database, NOW)
    with database.write() as session:
        for name in ("Ñandú", "", "ROSA"):
            issue(session, series_id(database, owner), NOW, receiver_name=name)
        session.execute(text("UPDATE documents SET receiver_key = ''"))
        revision.name(session.connection())
    with database.read() as session:
        keys = session.scalars(select(DocumentRecord.receiver_key).order_by(DocumentRecord.id)).all()
    assert keys == ["NANDU", "", "ROSA"]


def test_a_long_name_is_found_by_its_beginning() -> None:
    assert len(folded("Ñ" * 1500)) == LONGEST
    assert folded("ﬁn") == "FIN"
