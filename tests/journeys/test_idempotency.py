"""A till may repeat a request, lose an answer, or post from many hands at once: one sale, one number, none missing."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from app import idempotency
from app.documents.fingerprint import fingerprint
from app.documents.schemas.request import DocumentRequest
from app.idempotency import IdempotencyRecord, Owner
from app.ledger.models import DocumentRecord, EditionRecord
from app.series import allocator
from tests.support.world import FRIDAY, Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("idempotency"), delivers=False) as made:
        yield made


@pytest.fixture
def shop(place: World) -> Tenancy:
    return place.open()


def at_once(tasks: list[Callable[[], requests.Response]]) -> list[requests.Response]:
    """Runs requests from a thread each, let go at the same moment."""
    gate = threading.Barrier(len(tasks))

    def run(task: Callable[[], requests.Response]) -> requests.Response:
        gate.wait(10)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_a_repetition_gets_the_first_answer_byte_for_byte(place: World, shop: Tenancy) -> None:
    body = body_of(shop)
    first = shop.till.issue(body, key="venta-1")
    held = place.held()
    again = [
        shop.till.issue(body, key="venta-1"),
        shop.till.issue(dict(reversed(body.items())), key="venta-1"),
        shop.till("POST", "/v1/documents", data=json.dumps(body, indent=4).encode(),
                  headers={"Idempotency-Key": "venta-1"}),
    ]
    assert first.status_code == 201
    assert {answer.status_code for answer in again} == {201}
    assert {answer.content for answer in again} == {first.content}
    assert place.held() == held
    assert shop.till.issued(body, key="venta-2")["header"]["document_number"] == 2


def test_amounts_written_otherwise_are_the_same_sale(shop: Tenancy) -> None:
    body = body_of(shop)
    first = shop.till.issue(body, key="k")
    body["details"][0]["unit_price"] = "1000.00"
    body["totals"]["total_amount"] = "1180.0"
    assert shop.till.issue(body, key="k").content == first.content


def test_the_first_answer_is_repeated_also_when_more_is_known(place: World, shop: Tenancy) -> None:
    """What was answered stays answered; GET tells the present state."""
    first = shop.till.issue(body_of(shop), key="k")
    with place.office.database.write() as session:
        row = session.get_one(DocumentRecord, first.json()["document_id"])
        row.status = "accepted"
    assert shop.till.issue(body_of(shop), key="k").content == first.content
    assert shop.till("GET", f"/V1/documents/{first.json()['document_id']}").json()["status"] == "accepted"


def test_another_body_under_a_used_key_is_422(place: World, shop: Tenancy) -> None:
    shop.till.issued(body_of(shop), key="k")
    held = place.held()
    other = body_of(shop, receiver_legal_name="OTRO CLIENTE S.A.")
    answer = shop.till.issue(other, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert answer.json()["errors"][0]["hint"] == "Use otra Idempotency-Key para otro contenido"
    assert place.held() == held
    assert shop.till.issued(other, key="k2")["header"]["document_number"] == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "ñ"], ids=["empty", "long", "not ascii"])
def test_keys_that_are_none(place: World, shop: Tenancy, key: str) -> None:
    held = place.held()
    answer = shop.till("POST", "/V1/documents", body_of(shop), headers={"Idempotency-Key": key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY")
    assert place.held() == held


def test_a_key_in_flight_is_409_and_is_taken_over_when_its_lease_ends(place: World, shop: Tenancy) -> None:
    """As after the death of a process that had claimed the key and not issued yet."""
    body = body_of(shop)
    claimed = idempotency.claim(
        place.office.database, Owner(account_id=shop.account_id), key="k", now=place.clock.now(),
        fingerprints=(fingerprint(DocumentRequest().load(body)),),
    )
    assert isinstance(claimed, idempotency.Claim)
    held = place.held()
    refused = shop.till.issue(body, key="k", headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (409, "IDEMPOTENCY_IN_FLIGHT")
    assert shop.till.issue(body_of(shop, receiver_legal_name="OTRO"), key="k").status_code == 422
    assert place.held() == held
    place.clock.advance(timedelta(seconds=61))
    try:
        answer = shop.till.issue(body, key="k")
        assert (answer.status_code, answer.json()["header"]["document_number"]) == (201, 1)
        assert shop.till.issue(body, key="k").content == answer.content
    finally:
        place.clock.set(FRIDAY)


def test_one_key_from_many_hands_makes_one_voucher(place: World, shop: Tenancy) -> None:
    body = body_of(shop)
    answers = at_once([lambda: shop.till.issue(body, key="k")] * 8)
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.content for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    assert shop.till.issue(body, key="k").content in made
    assert shop.till("GET", "/V1/documents").json()["total_items"] == 1


def test_a_refusal_gives_the_key_back(place: World, shop: Tenancy) -> None:
    wrong = body_of(shop)
    wrong["totals"]["total_amount"] = 1
    held = place.held()
    assert shop.till.issue(wrong, key="k").status_code == 422
    assert place.held() == held
    right = shop.till.issue(body_of(shop), key="k")
    assert (right.status_code, right.json()["header"]["document_number"]) == (201, 1)


def test_eight_tills_on_one_series_leave_no_hole_and_no_double(place: World, shop: Tenancy) -> None:
    """160 sales from 8 threads: exactly 1 to 160, in one unbroken chain."""
    def sell(till: int) -> list[int]:
        body = body_of(shop)
        return [
            shop.till.issued(body, key=f"{till}-{sale}")["header"]["document_number"] for sale in range(20)
        ]

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(sell, range(8)))
    assert all(each == sorted(each) for each in numbers)
    assert sorted(number for each in numbers for number in each) == list(range(1, 161))
    assert shop.till("GET", "/V1/document_types/96").json()["last_sequence_number"] == 160
    with place.office.database.read() as session:
        rows = session.execute(
            select(DocumentRecord, EditionRecord).join(EditionRecord, EditionRecord.document_id == DocumentRecord.id)
            .where(DocumentRecord.account_id == shop.account_id).order_by(DocumentRecord.number)
        ).all()
        for (_, before), (document, edition) in itertools.pairwise(rows):
            assert edition.chain_previous == before.chain_hash
            assert edition.chain_hash == allocator.link(
                before.chain_hash, ruc=document.ruc, sunat_code="01", series="F001", number=document.number, edition=1,
                xml=edition.xml,
            )
            assert f"<cbc:ID>F001-{document.number}</cbc:ID>".encode() in edition.xml


def test_refusals_among_sales_leave_no_hole(shop: Tenancy) -> None:
    good, bad = body_of(shop), body_of(shop)
    bad["header"]["issue_date"] = "2026-12-24"

    def sell(till: int) -> list[int]:
        found = []
        for sale in range(10):
            if (till + sale) % 2:
                assert shop.till.issue(bad).status_code == 422
            else:
                found.append(shop.till.issued(good)["header"]["document_number"])
        return found

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(number for each in pool.map(sell, range(6)) for number in each)
    assert numbers == list(range(1, 31))


def test_an_external_id_is_used_once(place: World, shop: Tenancy) -> None:
    first = shop.till.issued(body_of(shop, external_id="PEDIDO-1"))
    held = place.held()
    again = shop.till.issue(body_of(shop, external_id="PEDIDO-1", receiver_legal_name="OTRO"), key="k")
    assert (again.status_code, again.json()["code"]) == (409, "EXTERNAL_ID_TAKEN")
    assert (again.json()["document_id"], again.json()["number"]) == (first["document_id"], "F001-1")
    assert again.json()["errors"][0]["pointer"] == "/header/external_id"
    assert place.held() == held
    found = shop.till("GET", "/V1/documents", params={"external_id": "PEDIDO-1"}).json()
    assert [row["document_id"] for row in found["documents"]] == [str(first["document_id"])]


def test_an_external_id_from_many_hands_is_used_once(shop: Tenancy) -> None:
    answers = at_once([
        lambda name=f"CLIENTE {hand}": shop.till.issue(  # type: ignore[misc]
            body_of(shop, external_id="PEDIDO-1", receiver_legal_name=name)
        ) for hand in range(6)
    ])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}
    assert shop.till("GET", "/V1/document_types/96").json()["last_sequence_number"] == 1


def test_the_duplicate_guard_catches_who_sends_no_key(place: World) -> None:
    shop = place.open(duplicate_guard_minutes=5)
    body = body_of(shop)
    first = shop.till.issued(body)
    held = place.held()
    again = shop.till.issue(body)
    assert (again.status_code, again.json()["code"], again.json()["document_id"]) == (
        409, "DUPLICATE", first["document_id"]
    )
    assert again.json()["errors"][0]["hint"]
    assert place.held() == held
    assert shop.till.issued(body_of(shop, external_id="otra"))["header"]["document_number"] == 2
    assert shop.till.issued(body, key="otra venta igual")["header"]["document_number"] == 3
    place.clock.advance(timedelta(minutes=6))
    try:
        assert shop.till.issued(body)["header"]["document_number"] == 4
    finally:
        place.clock.set(FRIDAY)


def test_the_duplicate_guard_holds_from_many_hands(place: World) -> None:
    shop = place.open(duplicate_guard_minutes=5)
    answers = at_once([lambda: shop.till.issue(body_of(shop))] * 6)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 5}


def test_a_dry_run_takes_nothing(place: World, shop: Tenancy) -> None:
    held = place.held()
    for _ in range(2):
        answer = shop.till.issue(body_of(shop), key="k", dry_run=1)
        assert answer.status_code == 200, answer.text
        assert answer.json()["dry_run"] is True
        assert answer.json()["header"]["document_number"] == 1
        assert answer.json()["totals"] == {"net_amount": 1000, "taxes_amount": 180, "total_amount": "1180.00"}
    wrong: Any = body_of(shop)
    wrong["totals"]["total_amount"] = 1
    assert shop.till.issue(wrong, dry_run=1).status_code == 422
    assert place.held() == held
    assert shop.till.issued(body_of(shop), key="k")["header"]["document_number"] == 1


def test_waiting_without_anybody_who_delivers_ends_in_time(shop: Tenancy) -> None:
    begun = time.monotonic()
    answer = shop.till.issued(body_of(shop), wait=1)
    assert 1 <= time.monotonic() - begun < 4
    assert (answer["status"], answer["delivery"]["state"]) == ("issued", "waiting")


@pytest.mark.parametrize("query", [
    {"wait": 31}, {"wait": -1}, {"wait": "soon"}, {"dry_run": 2}, {"generate_stamp": "x"},
])
def test_query_parameters_that_make_no_sense_are_400(place: World, shop: Tenancy, query: dict[str, Any]) -> None:
    held = place.held()
    answer = shop.till.issue(body_of(shop), **query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(query))}"
    assert place.held() == held


def test_the_answer_tells_what_was_stored_when_its_group_had_to_be_repeated(
    place: World, shop: Tenancy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two wait at the series while a third leads; one of the two has lost its lease, so their group is rolled back."""
    leading, go_on = threading.Event(), threading.Event()
    link = allocator.link

    def slowly(*arguments: Any, **named: Any) -> str:
        if not leading.is_set():
            leading.set()
            assert go_on.wait(20)
        return link(*arguments, **named)

    monkeypatch.setattr(allocator, "link", slowly)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(shop.till.issue, body_of(shop, receiver_legal_name="UNO"), key="a")
        assert leading.wait(20)
        second = pool.submit(shop.till.issue, body_of(shop, receiver_legal_name="DOS"), key="b")
        wait_for_claim(place, shop, "b")
        time.sleep(0.3)  # planned, and in the queue
        third = pool.submit(shop.till.issue, body_of(shop, receiver_legal_name="TRES"), key="c")
        wait_for_claim(place, shop, "c")
        with place.office.database.write() as session:
            session.execute(
                update(IdempotencyRecord).where(
                    IdempotencyRecord.account_id == shop.account_id, IdempotencyRecord.key == "c"
                ).values(token="taken over")
            )
        time.sleep(0.3)
        go_on.set()
        answers = [one.result(30) for one in (first, second, third)]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    said = answers[1].json()
    assert shop.till.issue(body_of(shop, receiver_legal_name="DOS"), key="b").content == answers[1].content
    kept = shop.till("GET", f"/V1/documents/{said['document_id']}")
    assert kept.status_code == 200, kept.text
    assert kept.json()["header"]["receiver_legal_name"] == "DOS"
    assert kept.json()["header"]["document_number"] == said["header"]["document_number"] == 2


def wait_for_claim(place: World, shop: Tenancy, key: str) -> None:
    """Until the request with that key has claimed it."""
    query = select(IdempotencyRecord.id).where(
        IdempotencyRecord.account_id == shop.account_id, IdempotencyRecord.key == key
    )
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with place.office.database.read() as session:
            if session.scalar(query) is not None:
                return
        time.sleep(0.01)
    raise AssertionError(f"nobody claimed {key}")


def test_a_commit_whose_answer_is_lost_is_not_called_a_failure(place: World, shop: Tenancy) -> None:
    """The database stored the voucher and the connection went before it could say so."""
    body, engine = body_of(shop), place.office.database.engine
    storing = threading.Event()

    def see(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith("INSERT INTO documents"):
            storing.set()

    def lose(connection: Any) -> None:
        if storing.is_set():
            storing.clear()
            connection.connection.driver_connection.commit()
            raise OperationalError("COMMIT", {}, Exception("the connection is gone"))

    event.listen(engine, "after_cursor_execute", see)
    event.listen(engine, "commit", lose)
    try:
        answer = shop.till.issue(body, key="k", headers={"Accept-Language": "en"})
    finally:
        event.remove(engine, "commit", lose)
        event.remove(engine, "after_cursor_execute", see)
    assert (answer.status_code, answer.json()["code"]) == (503, "OUTCOME_UNKNOWN")
    assert "Idempotency-Key" in answer.json()["errors"][0]["hint"]
    assert answer.headers["Retry-After"] == "2"
    again = shop.till.issue(body, key="k")
    assert (again.status_code, again.json()["header"]["document_number"]) == (201, 1)
    assert shop.till("GET", "/V1/documents").json()["total_items"] == 1
