"""Looking for vouchers: what was typed, what is found, page by page, and never another tenant's or branch's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import update

from app.accounts.models import BranchRecord
from app.console.vouchers.searching import PAGE, Found, Search, find, read
from app.db import Database
from app.ledger.models import DeliveryRecord, VoidingRecord
from tests.support.builders import OTHER_RUC, Tenant, issue, series_id, tenant

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def looked(database: Database, owner: Tenant, *, branches: set[int] | None = None, **given: str) -> Found:
    search, complaints = read(given)
    assert complaints == {}
    with database.read() as session:
        return find(session, owner.account_id, search, branches=branches)


def names(found: Found) -> list[str]:
    return [hit.document.full_number for hit in found.hits]


def shop(database: Database) -> Tenant:
    """Three facturas and a boleta: F001-1 of another day, F001-2 rejected, F001-3 without an answer, B001-1."""
    owner = tenant(database, NOW)
    facturas, boletas = series_id(database, owner), series_id(database, owner, "B001", "03")
    rows: list[tuple[int, dict[str, Any]]] = [
        (facturas, {"receiver_name": "José Núñez E.I.R.L.", "issue_date": date(2026, 11, 18), "total": 5000}),
        (facturas, {"receiver_number": "20131312955", "status": "rejected"}),
        (facturas, {}),
        (boletas, {"receiver_code": "1", "receiver_number": "41234567", "receiver_name": "ROSA QUISPE"}),
    ]
    with database.write() as session:
        made = [issue(session, of_series, NOW, **values).id for of_series, values in rows]
        session.execute(
            update(DeliveryRecord).where(DeliveryRecord.document_id == made[2]).values(state="sending")
        )
        session.execute(update(DeliveryRecord).where(DeliveryRecord.document_id == made[2]).values(state="unknown"))
        session.add(VoidingRecord(
            account_id=owner.account_id, document_id=made[0], channel="RA", reason="ERROR", requested_at=NOW
        ))
    return owner


CASES: tuple[tuple[dict[str, str], list[str]], ...] = (
    ({}, ["B001-1", "F001-3", "F001-2", "F001-1"]),
    ({"text": "f001-00000002"}, ["F001-2"]),
    ({"text": "F001 - 2"}, ["F001-2"]),
    ({"text": "1"}, ["B001-1", "F001-1"]),
    ({"text": "F001"}, ["F001-3", "F001-2", "F001-1"]),
    ({"text": "41234567"}, ["B001-1"]),
    ({"text": "2013131"}, ["F001-2"]),
    ({"text": "nunez jose"}, ["F001-1"]),
    ({"text": "núñez e.i.r.l."}, ["F001-1"]),
    ({"text": "100%"}, []),
    ({"state": "open"}, ["B001-1", "F001-3", "F001-1"]),
    ({"state": "waiting"}, ["B001-1", "F001-1"]),
    ({"state": "unknown"}, ["F001-3"]),
    ({"state": "rejected"}, ["F001-2"]),
    ({"state": "voiding"}, ["F001-1"]),
    ({"kind": "03"}, ["B001-1"]),
    ({"since": "2026-11-19"}, ["B001-1", "F001-3", "F001-2"]),
    ({"until": "2026-11-18"}, ["F001-1"]),
    ({"least": "1,180.00"}, ["B001-1", "F001-3", "F001-2"]),
    ({"least": "49.99", "most": "S/ 50"}, ["F001-1"]),
    ({"kind": "01", "text": "2", "state": "rejected"}, ["F001-2"]),
)


def test_what_is_typed_is_found(database: Database) -> None:
    owner = shop(database)
    other = tenant(database, NOW, ruc=OTHER_RUC)
    with database.write() as session:
        issue(session, series_id(database, other), NOW, receiver_name="José Núñez E.I.R.L.")
    for given, expected in CASES:
        assert names(looked(database, owner, **given)) == expected, given


def test_pages_follow_each_other_both_ways(database: Database) -> None:
    owner = tenant(database, NOW)
    of_series = series_id(database, owner)
    count = 2 * PAGE + 3
    with database.write() as session:
        for number in range(count):
            issue(session, of_series, NOW, issue_date=date(2026, 11, 1 + number % 3))
    pages = [looked(database, owner)]
    while pages[-1].older:
        pages.append(looked(database, owner, older=pages[-1].older))
    assert [len(page.hits) for page in pages] == [PAGE, PAGE, 3]
    seen = [name for page in pages for name in names(page)]
    assert len(set(seen)) == count
    days = [hit.document.issue_date for page in pages for hit in page.hits]
    assert days == sorted(days, reverse=True)
    back = looked(database, owner, newer=pages[2].newer)
    assert names(back) == names(pages[1])
    first = looked(database, owner, newer=back.newer)
    assert (names(first), first.newer) == (names(pages[0]), "")
    assert pages[0].newer == ""
    assert pages[2].older == ""


def test_a_branch_sees_its_own(database: Database) -> None:
    owner = shop(database)
    with database.write() as session:
        branch = BranchRecord(account_id=owner.account_id, name="Norte", code="0001", created_at=NOW)
        session.add(branch)
        session.flush()
        row = issue(session, series_id(database, owner), NOW, branch_id=branch.id)
        assert row.number == 4
    assert names(looked(database, owner, branches={branch.id})) == ["F001-4"]
    assert names(looked(database, owner, branch=str(branch.id))) == ["F001-4"]
    assert names(looked(database, owner, branches={owner.branch_id}, branch=str(branch.id))) == []


def test_what_cannot_be_read_is_told_beside_its_field() -> None:
    search, complaints = read({
        "text": " x ", "since": "31/02/2026", "most": "mucho", "state": "perhaps", "kind": "99", "branch": "'",
        "older": "nowhere",
    })
    assert search == Search(text="x")
    assert set(complaints) == {"since", "most", "state", "kind", "branch"}
    assert read({"text": "  "}) == (Search(), {})
    assert Search(least=0).narrowed
    assert not Search().narrowed
