"""The checker is not blind: every kind of damage to the rows is found, and the fault points are where they say."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.campaigns.audited import audited
from tests.campaigns.checker import Checker
from tests.campaigns.hooks import POINTS
from tests.campaigns.place import Place, place
from tests.campaigns.sales import Counterhand, Sale
from tests.campaigns.servers import nursery, serving
from tests.campaigns.tills import settle

Sold = tuple[Place, dict[str, Sale]]


@pytest.fixture(scope="module")
def sold() -> Iterator[Sold]:
    """An installation where one sale was made for each fault point, each noted and none harmful."""
    with place("sqlite", series=2) as here, nursery() as home:
        hand = Counterhand(here.today, name="checked")
        with serving(home, here, workers=1) as tree:
            for serial, point in enumerate(POINTS):
                tree.arm({"serial": serial, "point": point, "nth": 1, "scope": "worker", "act": "note"})
                sale = hand.sale(here.series[serial % 2])
                asyncio.run(settle([sale], tree.port, here.credential, seconds=30))
                assert tree.fired(serial), f"nobody passes the fault point {point!r} any more"
        yield here, hand.sales


@pytest.fixture
def damaged(sold: Sold, tmp_path: Path) -> tuple[Place, sqlite3.Connection]:
    """A copy of the installation whose rows may be damaged: its triggers and references are off."""
    here, _ = sold
    copy = tmp_path / "chasqui.db"
    with closing(sqlite3.connect(here.plain_url.removeprefix("sqlite:///"))) as original:
        original.execute("VACUUM INTO ?", (str(copy),))
    connection = sqlite3.connect(copy, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f'DROP TRIGGER "{name}"')
    return replace(here, url=f"sqlite:///{copy}", folder=tmp_path), connection


def test_what_is_whole_passes_both_judges(sold: Sold) -> None:
    here, sales = sold
    checker = Checker(here)
    assert checker.check(sales, settled=True) == []
    assert checker.signatures == len(sales) == len(POINTS)
    assert audited(here) == []


_THIRD = "(SELECT id FROM documents WHERE series = 'F001' AND number = 3)"


@pytest.mark.parametrize(("damage", "told"), [
    (f"DELETE FROM documents WHERE id = {_THIRD}", "holes [3]"),
    ("UPDATE documents SET number = 30 WHERE series = 'F001' AND number = 3", "beyond [30]"),
    ("UPDATE series SET last_number = last_number + 1 WHERE code = 'F001'", "holes [8]"),
    ("UPDATE series SET chain_head = 'f' WHERE code = 'F001'", "its head is not its last link"),
    (f"DELETE FROM editions WHERE document_id = {_THIRD}", "F001-3: 0 editions"),
    (f"UPDATE editions SET chain_hash = 'f' WHERE document_id = {_THIRD}", "F001-3: its link does not follow"),
    (f"UPDATE editions SET xml = CAST(xml || ' ' AS BLOB) WHERE document_id = {_THIRD}", "F001-3: the stored hash"),
    ((f"UPDATE editions SET xml = CAST(replace(CAST(xml AS TEXT), 'VENTA', 'VANTA') AS BLOB) WHERE document_id = "
     f"{_THIRD}"), "F001-3: the signature does not verify"),
    (f"UPDATE editions SET digest = 'x' WHERE document_id = {_THIRD}", "F001-3: three digests that differ"),
    (f"DELETE FROM deliveries WHERE document_id = {_THIRD}", "0 deliveries"),
    (f"DELETE FROM events WHERE document_id = {_THIRD}", "0 events"),
    (f"DELETE FROM idempotency WHERE document_id = {_THIRD}", "F001-3: sealed under 0 keys"),
    (f"UPDATE idempotency SET document_id = NULL WHERE document_id = {_THIRD}", "sealed without a document"),
    ((f"UPDATE idempotency SET body = (SELECT body FROM idempotency WHERE key = 'checked-1') "
     f"WHERE document_id = {_THIRD}"), "what is sealed is not what the client got"),
    (f"UPDATE idempotency SET body = NULL, sealed_at = NULL, document_id = NULL WHERE document_id = {_THIRD}",
     "claimed and never sealed"),
    ((f"UPDATE editions SET xml = (SELECT xml FROM editions WHERE id = 1), xml_sha256 = (SELECT xml_sha256 FROM "
     f"editions WHERE id = 1) WHERE document_id = {_THIRD}"), "2 vouchers for one sale"),
])
def test_damage_is_found(
    sold: Sold, damaged: tuple[Place, sqlite3.Connection], damage: str, told: str
) -> None:
    here, connection = damaged
    with closing(connection):
        assert connection.execute(damage).rowcount == 1
    found = Checker(here).check(sold[1], settled=True)
    assert any(told in one for one in found), found


def test_a_sale_that_was_never_answered_is_found(sold: Sold) -> None:
    here, sales = sold
    lost = Sale(key="lost", series="F001", body=b"")
    assert Checker(here).check({**sales, "lost": lost}, settled=True) == ["lost: never answered ({})"]


def test_a_voucher_of_no_sale_is_found(sold: Sold) -> None:
    here, sales = sold
    found = Checker(here).check({key: sale for key, sale in sales.items() if key != "checked-2"}, settled=True)
    assert found == ["checked-2: a voucher of a sale that nobody made"]
