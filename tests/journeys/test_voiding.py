"""Voiding and daily summaries over real HTTP: each kind by its own channel, and every refusal before that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sunat.cdr import Outcome, read_cdr
from sunat.numbering import VoucherId
from sunat.sandbox import Rule, State
from tests.support.world import Tenancy, World, body_of, world

FIXTURES = Path(__file__).parents[2] / "fixtures"
VOID = {"document_status": "2", "cancellation_reason": "ERROR EN EL CLIENTE"}


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("voiding"), summary_minutes=0) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    return place.open()


def until(
    place: World, shop: Tenancy, document_id: int, ready: Callable[[dict[str, Any]], bool], seconds: float = 60
) -> dict[str, Any]:
    """The voucher once it is so; the clock runs, for a ticket is polled after a while."""
    end = time.monotonic() + seconds
    while True:
        found: dict[str, Any] = shop.till("GET", f"/V1/documents/{document_id}").json()
        if ready(found):
            return found
        assert time.monotonic() < end, found["voiding"] or found["delivery"]
        place.clock.advance(timedelta(milliseconds=100))
        time.sleep(0.1)


def voided(place: World, shop: Tenancy, document_id: int, body: Any = None) -> dict[str, Any]:
    answer = shop.till("PUT", f"/V1/documents/{document_id}", body or VOID)
    assert answer.status_code == 200, answer.text
    asked: dict[str, Any] = answer.json()
    assert asked["voiding"]["state"] in {"requested", "queued"}
    return until(place, shop, document_id, lambda found: bool(found["status"] == "voided"))


def at_sunat(place: World, shop: Tenancy, found: dict[str, Any]) -> State | None:
    series, _, number = found["header"]["number"].partition("-")
    entry = place.sandbox.ledger.get(VoucherId(
        ruc=shop.ruc, type_code=found["header"]["document_type_taxbureau"], series=series, number=int(number)
    ))
    return entry.state if entry else None


@pytest.mark.parametrize(("name", "channel"), [("invoice", "RA"), ("receipt", "RC")])
def test_sales_are_voided_by_the_channel_of_their_kind(place: World, shop: Tenancy, name: str, channel: str) -> None:
    sold = shop.till.issued(body_of(shop, name), wait=30)
    assert sold["status"] == "accepted"
    assert (sold["voiding"], sold["summary"]) == (None, None)
    found = voided(place, shop, sold["document_id"])
    told = found["voiding"]
    assert (told["channel"], told["state"], told["reason"]) == (channel, "accepted", "ERROR EN EL CLIENTE")
    assert told["id"].startswith(f"{channel}-20261120-")
    assert told["ticket"]
    assert told["deadline"].startswith("2026-11-27T23:59:59")
    assert found["header"]["document_status"] == 2
    assert at_sunat(place, shop, found) is State.VOIDED
    answer = shop.till("PUT", f"/V1/documents/{sold['document_id']}", VOID)
    assert (answer.status_code, answer.json()["code"]) == (409, "ALREADY_VOIDED")


def test_a_note_and_a_certificate_are_voided_too(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop, "invoice"), wait=30)
    note = body_of(shop, "credit_note_for_invoice")
    note["references"][0] |= {"reference_number": sold["header"]["number"], "reference_date": "2026-11-20"}
    issued = shop.till.issued(note, wait=30)
    assert voided(place, shop, issued["document_id"])["voiding"]["channel"] == "RA"
    answer = shop.till("PATCH", "/V1/document_types/109", {
        "document_sequence_code": "R001", "last_sequence_number": 0,
    })
    assert answer.status_code == 201, answer.text
    body = json.loads((FIXTURES / "retention/several_payments/request.json").read_text(encoding="utf-8"))
    body["header"]["issuer_tax_id_code"] = shop.ruc
    certificate = shop.till.issued(body, wait=30)
    assert certificate["status"] == "accepted", certificate["delivery"]
    found = voided(place, shop, certificate["document_id"])
    assert found["voiding"]["channel"] == "RR"
    assert at_sunat(place, shop, found) is State.VOIDED


@pytest.mark.parametrize(("type_id", "series", "fixture"), [
    ("940", "P001", "perception/several_payments"), ("904", "L001", "settlement/taxed_with_income_tax"),
])
def test_perceptions_and_settlements_are_reversed(place: World, type_id: str, series: str, fixture: str) -> None:
    shop = place.open()
    answer = shop.till("PATCH", f"/V1/document_types/{type_id}", {
        "document_sequence_code": series, "last_sequence_number": 0,
    })
    assert answer.status_code == 201, answer.text
    body = json.loads((FIXTURES / fixture / "request.json").read_text(encoding="utf-8"))
    body["header"]["issuer_tax_id_code"] = shop.ruc
    issued = shop.till.issued(body, wait=30)
    assert issued["status"] == "accepted", issued["delivery"]
    found = voided(place, shop, issued["document_id"])
    assert found["voiding"]["channel"] == "RR"
    assert found["voiding"]["id"].startswith("RR-20261120-")
    assert at_sunat(place, shop, found) is State.VOIDED


def test_a_debit_note_is_voided_by_the_channel_of_what_it_changes(place: World) -> None:
    shop = place.open()
    for name, channel in (("invoice", "RA"), ("receipt", "RC")):
        sold = shop.till.issued(body_of(shop, name), wait=30)
        note = body_of(shop, "debit_note_for_invoice")
        note["header"]["document_sequence_code"] = sold["header"]["document_sequence_code"][0] + "D01"
        note["header"] |= {
            key: value for key, value in body_of(shop, name)["header"].items() if key.startswith("receiver_")
        }
        note["references"][0] |= {
            "reference_number": sold["header"]["number"], "reference_date": "2026-11-20",
            "document_type_id": str(sold["header"]["document_type_id"]),
        }
        issued = shop.till.issued(note, wait=30)
        assert issued["status"] == "accepted", issued["delivery"]
        found = voided(place, shop, issued["document_id"])
        assert found["voiding"]["channel"] == channel
        assert at_sunat(place, shop, found) is State.VOIDED


def test_a_summary_is_stopped_and_let_go_by_its_deliverys_id(place: World) -> None:
    shop = place.open(boleta_channel="summary")
    rule = place.sandbox.plan.add(Rule(modes=("ticket-in-process",)))
    try:
        sold = shop.till.issued(body_of(shop, "receipt"))
        until(place, shop, sold["document_id"], lambda seen: bool((seen["summary"] or {}).get("ticket")))
        (row,) = [one for one in shop.till("GET", "/V1/deliveries").json()["deliveries"] if "summary_id" in one]
        path = f"/V1/deliveries/{row['delivery_id']}"
        assert shop.till("POST", f"{path}/release").json()["code"] in {"NOT_HELD", "UNDER_WAY"}
        assert ordered(shop, f"{path}/hold", {"text": "revisar"})["delivery"]["reason"] == "person"
    finally:
        place.sandbox.plan.remove(rule)
    assert shop.till("POST", f"{path}/hold", {}).json()["code"] == "ALREADY_HELD"
    assert place.open().till("POST", f"{path}/release").json()["code"] == "DELIVERY_NOT_FOUND"
    let_go = ordered(shop, f"{path}/release")
    assert (let_go["number"], let_go["summary_id"]) == (row["number"], row["summary_id"])
    until(place, shop, sold["document_id"], lambda seen: bool(seen["status"] == "accepted"))
    told = shop.till("GET", f"{path}/attempts").json()
    assert (told["status"], told["attempts"][0]["operation"]) == ("accepted", "sendSummary")
    assert [one["operation"] for one in told["attempts"]].count("sendSummary") == 1
    assert shop.till("POST", f"{path}/retry").json()["code"] == "ALREADY_SETTLED"


def ordered(shop: Tenancy, path: str, body: Any = None) -> dict[str, Any]:
    """An order that is taken, once nobody is at the delivery."""
    end = time.monotonic() + 60
    while True:
        answer = shop.till("POST", path, body)
        if answer.status_code == 200:
            found: dict[str, Any] = answer.json()
            return found
        assert answer.json()["code"] == "UNDER_WAY", answer.text
        assert time.monotonic() < end, answer.text
        time.sleep(0.05)


def test_boletas_go_in_a_summary_where_their_issuer_wants_that(place: World) -> None:
    shop = place.open(boleta_channel="summary")
    sold = [shop.till.issued(body_of(shop, "receipt")) for _ in range(3)]
    found = [until(place, shop, row["document_id"], lambda seen: bool(seen["status"] == "accepted")) for row in sold]
    assert {row["delivery"]["tries"] for row in found} == {0}
    assert all(row["summary"]["id"].startswith("RC-20261120-") and row["summary"]["ticket"] for row in found)
    answer = shop.till("GET", f"/V1/documents/{sold[0]['document_id']}/cdr")
    assert answer.status_code == 200
    carrier = found[0]["summary"]["id"]
    told = read_cdr(answer.content, voucher_file_name=f"{shop.ruc}-{carrier}", ruc=shop.ruc, voucher_text=carrier)
    assert told.outcome is Outcome.ACCEPTED
    assert voided(place, shop, sold[0]["document_id"])["voiding"]["channel"] == "RC"
    sent = [one.operation for one in place.sandbox.ledger.receptions() if one.ruc == shop.ruc]
    assert "sendBill" not in sent


def test_the_same_wish_under_a_key_is_one_wish(shop: Tenancy) -> None:
    sold = shop.till.issued(body_of(shop, "invoice"), wait=30)
    path, key = f"/V1/documents/{sold['document_id']}", {"Idempotency-Key": "baja-1"}
    first = shop.till("PUT", path, VOID, headers=key)
    again = shop.till("PUT", path, VOID, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    other = shop.till("PUT", path, VOID)
    assert other.status_code == 409
    assert other.json()["code"] in {"VOID_UNDER_WAY", "ALREADY_VOIDED"}


@pytest.mark.parametrize(("body", "status", "code"), [
    ({"document_status": "2", "cancellation_reason": "NO"}, 400, None),
    ({"document_status": "2", "cancellation_reason": "X" * 101}, 400, None),
    ({"document_status": "2", "cancellation_reason": "NO      "}, 422, "CHQ-VOID-REASON"),
    ({"document_status": "3"}, 409, "DOCUMENT_SIGNED"), ({}, 409, "DOCUMENT_SIGNED"),
], ids=str)
def test_what_is_refused_records_nothing(
    place: World, shop: Tenancy, body: Any, status: int, code: str | None
) -> None:
    sold = shop.till.issued(body_of(shop, "invoice"), wait=30)
    answer = shop.till("PUT", f"/V1/documents/{sold['document_id']}", body)
    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code
    assert shop.till("GET", f"/V1/documents/{sold['document_id']}").json()["voiding"] is None


def test_after_the_term_a_credit_note_is_what_is_left(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop, "invoice", issue_date=date(2026, 11, 18)), wait=30)
    assert sold["status"] == "accepted"
    began = place.clock.now()
    try:
        place.clock.advance(timedelta(days=6))
        answer = shop.till("PUT", f"/V1/documents/{sold['document_id']}", VOID)
    finally:
        place.clock.advance(began - place.clock.now())
    assert (answer.status_code, answer.json()["code"]) == (422, "VOID_TOO_LATE")
    instead = answer.json()["instead"]
    assert instead["references"][0]["reference_number"] == "F001-1"
    assert instead["references"][0]["reference_code"] == "01"


def test_nobody_voids_a_strangers_voucher(place: World, shop: Tenancy) -> None:
    sold = shop.till.issued(body_of(shop, "invoice"), wait=30)
    answer = place.open().till("PUT", f"/V1/documents/{sold['document_id']}", VOID)
    assert (answer.status_code, answer.json()["code"]) == (404, "DOCUMENT_NOT_FOUND")
