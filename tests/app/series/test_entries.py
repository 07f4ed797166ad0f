"""``/V1/series/{id}/entries``: same id, same code, for ever; in order, without holes, whoever asks at once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import AccountRecord
from app.clock import FixedClock
from app.db import Database
from app.http import Office
from app.problems import Conflict
from app.series import entries
from app.series.entries import Wish, take
from app.series.models import GENESIS, EntryRecord, SeriesRecord
from app.series.summaries import summary_id
from sunat.numbering import MAX_SUMMARY_NUMBER
from tests.support.builders import tenant
from tests.support.web import Caller

PATH = "/V1/series/quotes/entries"


@pytest.fixture
def quotes(mine: Caller) -> Caller:
    made = mine("PUT", "/V1/series/quotes", {"kind": "quotation", "name": "Cotizaciones", "padding": 6})
    assert made.status_code == 201
    return mine


def test_inv_10_the_same_id_gives_the_same_code_for_ever(quotes: Caller) -> None:
    first = quotes("PUT", f"{PATH}/order-1", {"metadata": {"n": 1}})
    other = quotes("PUT", f"{PATH}/order-2", {})
    again = quotes("PUT", f"{PATH}/order-1", {"metadata": {"n": 2}, "issue_date": "2026-11-21"})
    assert [answer.status_code for answer in (first, other, again)] == [201, 201, 200]
    assert (first.json["code"], other.json["code"]) == ("000001", "000002")
    assert again.json == first.json
    quotes("PATCH", "/V1/series/quotes", {"active": False}, headers={"If-Match": "*"})
    assert quotes("PUT", f"{PATH}/order-1", {}).json == first.json
    assert quotes("PUT", f"{PATH}/order-3", {}).json["code"] == "SERIES_INACTIVE"


def test_inv_11_one_entry_and_pages_of_them(quotes: Caller) -> None:
    made = [quotes("POST", PATH, {}).json for _ in range(5)]
    assert quotes("GET", f"{PATH}/{made[2]['id']}").json == made[2]
    assert quotes("GET", f"{PATH}/nothing").status_code == 404
    page = quotes("GET", f"{PATH}?per_page=2&page=2").json
    assert page["_embedded"]["entries"] == page["entries"]
    assert [row["number"] for row in page["entries"]] == [3, 2]
    assert (page["page_count"], page["total_items"]) == (3, 5)
    assert page["_links"]["next"]["href"] == f"http://chasqui.test{PATH}?per_page=2&page=3"


def test_inv_12_an_entry_has_metadata_and_knows_the_one_before(quotes: Caller) -> None:
    first = quotes("POST", PATH, {"metadata": {"order": 7, "tags": ["a", "ñ"]}}).json
    second = quotes("POST", PATH, {}).json
    assert (first["previous"], first["metadata"]) == (None, {"order": 7, "tags": ["a", "ñ"]})
    assert second["previous"] == first["id"]
    assert second["_links"]["previous"]["href"] == f"http://chasqui.test{PATH}/{first['id']}"
    assert quotes("POST", PATH, {"metadata": {"big": "x" * 9000}}).status_code == 400
    assert quotes("POST", PATH, {"metadata": ["no"]}).status_code == 400


def test_inv_13_a_series_tells_its_last_index_and_last_entry(quotes: Caller) -> None:
    assert quotes("GET", "/V1/series/quotes").json["last_entry"] is None
    last = [quotes("POST", PATH, {}).json for _ in range(3)][-1]
    shown = quotes("GET", "/V1/series/quotes").json
    assert (shown["last_index"], shown["last_number"]) == (3, 3)
    assert shown["last_entry"] == {
        "id": last["id"], "code": "000003", "number": 3, "issue_date": "2026-11-20",
    }


def test_inv_22_fri_19_nobody_chooses_or_skips_a_number(quotes: Caller) -> None:
    """INV-22, FRI-19: what looks like a number in the request is passed over."""
    for body in ({"number": 50}, {"code": "000050"}, {"position": 50}, {"last_number": 50}):
        quotes("POST", PATH, body)
    assert [row["number"] for row in quotes("GET", PATH).json["entries"]] == [4, 3, 2, 1]


def test_bee_13_an_idempotency_key_repeats_the_entry(quotes: Caller) -> None:
    quotes("PUT", "/V1/series/other", {"kind": "other", "name": "Otra"})
    key = {"Idempotency-Key": "k-1"}
    first = quotes("POST", PATH, {"metadata": {"a": 1}}, headers=key)
    again = quotes("POST", PATH, {"metadata": {"a": 1}}, headers=key)
    assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
    for path, body in ((PATH, {"metadata": {"a": 2}}), ("/V1/series/other/entries", {"metadata": {"a": 1}})):
        altered = quotes("POST", path, body, headers=key)
        assert (altered.status_code, altered.json["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert altered.json["errors"][0]["hint"] == "Use otra Idempotency-Key para otro contenido"
    assert quotes("POST", PATH, {}, headers={"Idempotency-Key": ""}).status_code == 400
    assert quotes("GET", PATH).json["total_items"] == 1


@pytest.mark.parametrize(("policy", "status", "remarks"), [("off", 201, 0), ("warn", 201, 1), ("refuse", 422, 0)])
def test_fri_17_dates_run_forward(mine: Caller, policy: str, status: int, remarks: int) -> None:
    mine("PUT", "/V1/series/quotes", {"kind": "quotation", "name": "Q", "chronological": policy})
    assert mine("POST", PATH, {"issue_date": "2026-11-20"}).json["observations"] == []
    back = mine("POST", PATH, {"issue_date": "2026-11-19"})
    assert back.status_code == status
    assert len(back.json.get("observations", ())) == remarks
    ahead = mine("POST", PATH, {"issue_date": "2026-11-23"})
    assert (ahead.status_code, ahead.json["code"]) == (422, "DATE_AHEAD")


def test_a_voucher_series_gives_out_no_bare_numbers(mine: Caller) -> None:
    f001 = mine("GET", "/V1/series?kind=01").json["series"][0]["id"]
    for method, path in (("POST", ""), ("PUT", "/x"), ("GET", ""), ("GET", "/x")):
        answer = mine(method, f"/V1/series/{f001}/entries{path}", {} if method != "GET" else None)
        assert (answer.status_code, answer.json["code"]) == (409, "SERIES_OF_VOUCHERS")


def test_a_text_that_comes_back_is_refused_and_nothing_moves(quotes: Caller) -> None:
    def shaped(**values: Any) -> None:
        assert quotes("PATCH", "/V1/series/quotes", values, headers={"If-Match": "*"}).status_code == 200

    shaped(padding=0, overflow="grow", prefix="A", last_number=10)
    assert quotes("POST", PATH, {}).json["code"] == "A11"
    shaped(prefix="", last_number=110, reason="prueba")
    shaped(format="A{NUM:1}1")
    shaped(format="{NUM}")
    assert quotes("POST", PATH, {}).json["code"] == "111"
    shaped(prefix="1", format="{PREFIX}{NUM:1}")
    assert quotes("POST", PATH, {}).json["code"] == "1112"
    shaped(prefix="", format="{NUM}", last_number=1111, reason="prueba")
    taken = quotes("POST", PATH, {})
    assert (taken.status_code, taken.json["code"]) == (409, "CODE_TAKEN")
    assert quotes("GET", "/V1/series/quotes").json["last_number"] == 1111


def test_fri_15_the_database_keeps_entries_as_they_are(quotes: Caller, services: Office) -> None:
    """FRI-15, INV-25: number, series and text of what was issued never change."""
    quotes("POST", PATH, {})
    for statement in (
        "UPDATE series_entries SET code = 'X'", "UPDATE series_entries SET number = 9", "DELETE FROM series_entries",
        "UPDATE series SET last_number = 0 WHERE profile = 'internal'",
        "UPDATE series SET position = 0 WHERE profile = 'internal'",
        f"UPDATE series SET chain_head = '{GENESIS}' WHERE profile = 'internal'",
        "UPDATE series SET start_number = 9 WHERE profile = 'internal'",
        "DELETE FROM series WHERE profile = 'internal'",
    ):
        with pytest.raises(DBAPIError), services.database.write() as session:
            session.execute(text(statement))


def test_entries_are_chained(quotes: Caller, services: Office) -> None:
    for _ in range(3):
        quotes("POST", PATH, {})
    with services.database.read() as session:
        series = session.scalars(select(SeriesRecord).where(SeriesRecord.public_id == "quotes")).one()
        head = GENESIS
        for row in session.scalars(select(EntryRecord).order_by(EntryRecord.position)):
            assert row.chain_previous == head
            head = entries.link(head, series, code=row.code, position=row.position, day=row.issue_date)
            assert row.chain_hash == head
        assert series.chain_head == head


def test_inv_14_fri_18_opt_09_many_at_once_get_every_number_once(quotes: Caller, services: Office) -> None:
    """INV-14, FRI-18, OPT-09: an atomic counter, neither a duplicate nor a gap."""
    database, now = services.database, services.clock.now()
    with database.read() as session:
        of_series = session.scalars(select(SeriesRecord.id).where(SeriesRecord.public_id == "quotes")).one()
    failures: list[BaseException] = []

    def work(worker: int) -> None:
        try:
            for number in range(10):
                with database.write() as session:  # pairs of workers ask for the same ids
                    take(session, of_series, Wish(
                        issue_date=date(2026, 11, 20), actor="t", public_id=f"{worker // 2}-{number}"
                    ), now=now)
        except BaseException as error:
            failures.append(error)
            raise

    workers = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert failures == []
    with database.read() as session:
        found = session.scalars(select(EntryRecord).order_by(EntryRecord.position)).all()
    assert [row.number for row in found] == list(range(1, 41))
    assert [row.code for row in found] == [f"{number:06d}" for number in range(1, 41)]


def test_summaries_count_by_day_from_the_accounts_first_id(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now(), summary_start_number=100)

    def taken(kind: Any, day: date) -> str:
        with database.write() as session:
            account = session.get_one(AccountRecord, owner.account_id)
            return summary_id(session, account, kind, day, now=clock.now()).text

    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    assert [taken("RC", friday), taken("RC", friday), taken("RA", friday), taken("RC", saturday)] == [
        "RC-20261120-100", "RC-20261120-101", "RA-20261120-100", "RC-20261121-100",
    ]
    with pytest.raises(Conflict, match="PERIOD_CLOSED"):
        taken("RC", friday)
    with database.write() as session:
        row = session.scalars(select(SeriesRecord).where(SeriesRecord.code == "RA")).one()
        row.last_number = MAX_SUMMARY_NUMBER - 1
    assert taken("RA", friday) == f"RA-20261120-{MAX_SUMMARY_NUMBER}"
    with pytest.raises(Conflict, match="SERIES_EXHAUSTED"):
        taken("RA", friday)
    assert taken("RR", friday) == "RR-20261120-100"


def test_the_first_summaries_of_two_processes_share_one_counter(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    found: list[int] = []

    def work() -> None:
        with database.write() as session:
            account = session.get_one(AccountRecord, owner.account_id)
            found.append(summary_id(session, account, "RC", date(2026, 11, 20), now=clock.now()).number)

    workers = [threading.Thread(target=work) for _ in range(6)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(30)
    assert sorted(found) == [1, 2, 3, 4, 5, 6]


def test_summaries_are_nobodys_series(mine: Caller, services: Office, clock: FixedClock) -> None:
    clock.set(datetime(2026, 11, 21, 15, 0, tzinfo=UTC))
    with services.database.write() as session:
        account = session.scalars(select(AccountRecord)).one()
        summary_id(session, account, "RC", date(2026, 11, 21), now=clock.now())
    assert [row["code"] for row in mine("GET", "/V1/series").json["series"]] == [
        "F001", "B001", "FC01", "FD01", "BC01", "BD01"
    ]
    branch = mine("GET", "/V1/company_branches").json["company_branches"][0]
    assert "RC" not in branch["document_sequence_codes"]
