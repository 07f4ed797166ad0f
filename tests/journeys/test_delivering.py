"""What people may do with the delivery: see the queue, have it tried or asked about, stop it and let it go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.delivery.attempts import attempt
from app.ledger import store
from app.series.stopping import freeze
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Rule
from tests.support.world import Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("delivering"), delivers=False) as made:
        yield made


def deliver(place: World, shop: Tenancy, document: dict[str, Any]) -> dict[str, Any]:
    """One attempt, as an engine would make it."""
    place.clock.advance(timedelta(seconds=1))
    answer = shop.till("GET", "/V1/deliveries")
    assert answer.status_code == 200, answer.text
    queue = answer.json()["deliveries"]
    assert document["document_id"] in [row["document_id"] for row in queue]
    with place.office.database.read() as session:
        delivery = store.delivery_of(session, store.document_of(session, shop.account_id, document["document_id"]))
    attempt(place.office, delivery.id)
    found: dict[str, Any] = shop.till("GET", f"/V1/documents/{document['document_id']}?pdf=0").json()
    return found


def order(shop: Tenancy, document: dict[str, Any], word: str, body: Any = None) -> Any:
    return shop.till("POST", f"/V1/documents/{document['document_id']}/{word}", body)


def faults(place: World, shop: Tenancy, *modes: str, on: Operation = Operation.SEND_BILL, times: int = 1) -> None:
    place.sandbox.plan.add(Rule(modes=modes, operations=(on,), ruc=shop.ruc, times=times))


def test_the_queue_tells_what_waits_and_what_stands_in_the_way(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    faults(place, shop, "bad-login")
    assert deliver(place, shop, sold)["status"] == "issued"
    queue = shop.till("GET", "/V1/deliveries").json()
    assert queue["states"]["waiting"] == 1
    assert [(one["tax_id_code"], one["reason"]) for one in queue["held_issuers"]] == [(shop.ruc, "credentials")]
    (row,) = queue["deliveries"]
    assert (row["number"], row["phase"], row["deadline"]) == ("F001-1", "fresh", "2026-11-23T23:59:59-05:00")
    assert queue["nearest_deadline"] == row["deadline"]
    everybody = place.operator("GET", "/V1/deliveries").json()
    assert shop.ruc in [one["tax_id_code"] for one in everybody["held_issuers"]]
    neighbour = place.open()
    assert neighbour.till("GET", "/V1/deliveries").json()["held_issuers"] == []
    assert neighbour.till("POST", "/V1/deliveries/release", {"account_id": shop.account_id}).status_code == 404
    released = shop.till("POST", "/V1/deliveries/release", {})
    assert (released.status_code, released.json()["held"]) == (200, False)
    assert deliver(place, shop, sold)["status"] == "accepted"
    assert shop.till("GET", "/V1/deliveries").json()["total_items"] == 0


def test_an_issuer_is_stopped_and_let_go(place: World) -> None:
    shop = place.open()
    assert shop.till("POST", "/V1/deliveries/hold", {"text": "mudanza"}).json()["held"] is True
    sold = shop.till.issued(body_of(shop))
    assert deliver(place, shop, sold)["delivery"]["state"] == "waiting"
    (held,) = shop.till("GET", "/V1/deliveries").json()["held_issuers"]
    assert (held["reason"], held["text"]) == ("person", "mudanza")
    shop.till("POST", "/V1/deliveries/release", {})
    assert deliver(place, shop, sold)["status"] == "accepted"


def test_a_lost_answer_is_reconciled_by_hand(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    faults(place, shop, "work-then-reset")
    assert deliver(place, shop, sold)["delivery"]["state"] == "unknown"
    answer = order(shop, sold, "reconcile")
    assert (answer.status_code, answer.json()["delivery"]["phase"]) == (200, "doubt")
    assert deliver(place, shop, sold)["status"] == "accepted"
    ledger = shop.till("GET", f"/V1/documents/{sold['document_id']}/attempts").json()["attempts"]
    assert [(one["operation"], one["result"]) for one in ledger] == [
        ("sendBill", "unknown"), ("getStatusCdr", "answered"),
    ]
    again = order(shop, sold, "retry")
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_SETTLED")


def test_what_was_refused_goes_again_when_asked(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    faults(place, shop, "rule-as-exception")
    for _ in range(3):
        deliver(place, shop, sold)
        place.clock.advance(timedelta(minutes=20))
    held = shop.till("GET", f"/V1/documents/{sold['document_id']}").json()
    assert (held["delivery"]["state"], held["header"]["taxbureau_send_status"]) == ("held", 200)
    assert (held["delivery"]["phase"], held["delivery"]["reason"]) == ("absent", "content")
    assert order(shop, sold, "retry").json()["delivery"]["phase"] == "fresh"
    assert deliver(place, shop, sold)["status"] == "accepted"


def test_a_delivery_is_stopped_and_let_go(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    assert order(shop, sold, "release").json()["code"] == "NOT_HELD"
    assert order(shop, sold, "hold", {"text": "revisar"}).json()["delivery"]["reason"] == "person"
    assert order(shop, sold, "hold", {}).json()["code"] == "ALREADY_HELD"
    assert deliver(place, shop, sold)["delivery"]["tries"] == 0
    assert order(shop, sold, "release").status_code == 200
    assert deliver(place, shop, sold)["status"] == "accepted"


def test_the_command_line_asks_too(place: World, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = place.office.settings
    monkeypatch.setenv("DATABASE_URL", place.office.database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CHASQUI_KEY", settings.master_key)
    monkeypatch.setenv("CHASQUI_SANDBOX_URL", settings.sandbox_url)
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    faults(place, shop, "work-then-reset")
    deliver(place, shop, sold)
    place.clock.advance(timedelta(hours=1))
    told = CliRunner().invoke(main, ["deliveries", "--account", shop.ruc])
    assert "F001-1" in told.output
    assert told.exit_code == 0
    done = CliRunner().invoke(main, ["reconcile", "--account", shop.ruc])
    assert "accepted" in done.output, done.output
    assert done.exit_code == 0
    with place.office.database.write() as session:
        row = store.document_of(session, shop.account_id, sold["document_id"])
        freeze(session, row.series_id, "F001-1: otro", now=place.clock.now())
    stopped = shop.till.issue(body_of(shop))
    assert (stopped.status_code, stopped.json()["code"]) == (409, "SERIES_FROZEN")
    assert shop.till("GET", "/V1/deliveries").json()["frozen_series"][0]["document_sequence_code"] == "F001"
    freed = CliRunner().invoke(main, ["series", "release", "--account", shop.ruc, "--type", "01", "F001"])
    assert freed.output == "F001-1: otro\n"
    assert shop.till.issue(body_of(shop)).status_code == 201
    assert "already_there" in CliRunner().invoke(main, ["outcomes"]).output


def test_a_rejected_voucher_is_replaced_once_by_another_number(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    early = order(shop, sold, "replacement", body_of(shop))
    assert (early.status_code, early.json()["code"]) == (409, "NOT_REPLACEABLE")
    with place.office.database.write() as session:
        row = store.document_of(session, shop.account_id, sold["document_id"])
        row.status = "rejected"
        store.delivery_of(session, row).state = "sending"
        session.flush()
        store.delivery_of(session, row).state = "done"
    path = f"/V1/documents/{sold['document_id']}/replacement"
    made = shop.till("POST", path, body_of(shop), headers={"Idempotency-Key": "otro"})
    assert made.status_code == 201, made.text
    answer = made.json()
    assert (answer["header"]["document_number"], answer["replaces"]) == (2, sold["document_id"])
    former = shop.till("GET", f"/V1/documents/{sold['document_id']}").json()
    assert (former["status"], former["replaced_by"]) == ("rejected", answer["document_id"])
    repeated = shop.till("POST", path, body_of(shop), headers={"Idempotency-Key": "otro"})
    assert repeated.content == made.content
    twice = shop.till("POST", path, body_of(shop))
    assert (twice.status_code, twice.json()["code"]) == (409, "NOT_REPLACEABLE")
    assert shop.till.issued(body_of(shop))["header"]["document_number"] == 3, "nothing was spent on the refusal"


def test_a_refused_voucher_is_corrected_under_its_number(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop, external_id="venta-1"))
    path = f"/V1/documents/{sold['document_id']}/correction"
    wrong = body_of(shop, external_id="venta-1", receiver_legal_name="CLIENTE CORREGIDO S.A.")
    early = shop.till("POST", path, wrong)
    assert (early.status_code, early.json()["code"]) == (409, "NOT_CORRECTABLE")
    faults(place, shop, "rule-as-exception")
    for _ in range(3):
        deliver(place, shop, sold)
        place.clock.advance(timedelta(minutes=20))
    made = shop.till("POST", path, wrong, headers={"Idempotency-Key": "mejor"})
    assert made.status_code == 201, made.text
    answer = made.json()
    assert (answer["header"]["number"], answer["edition"], answer["document_id"]) == (
        "F001-00000001", 2, sold["document_id"])
    assert answer["header"]["receiver_legal_name"] == "CLIENTE CORREGIDO S.A."
    assert answer["electronic_document"]["document_xml"] != sold["electronic_document"]["document_xml"]
    assert shop.till("POST", path, wrong, headers={"Idempotency-Key": "mejor"}).content == made.content
    settled = deliver(place, shop, sold)
    assert (settled["status"], settled["external_id"]) == ("accepted", "venta-1")
    assert shop.till.issued(body_of(shop))["header"]["document_number"] == 2
    audit = shop.till("GET", "/V1/audit").json()
    assert audit["clean"], audit
    ledger = shop.till("GET", f"/V1/documents/{sold['document_id']}/attempts").json()["attempts"]
    assert [one["edition"] for one in ledger] == [1, 1, 1, 2]
