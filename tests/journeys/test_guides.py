"""Despatch guides over real HTTP: issued, accepted by their REST service under a ticket, refused, corrected, lost."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.ledger.models import AttemptRecord, DeliveryRecord, EvidenceRecord
from sunat.numbering import VoucherId
from sunat.sandbox import Rule, State
from sunat.sandbox.exchange import Operation
from tests.support.world import Tenancy, World, body_of, world

FIXTURES = Path(__file__).parents[2] / "fixtures"
SHIPPING = "/header/additional/pe_shipping"
Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("guides")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    return opened(place)


def opened(place: World) -> Tenancy:
    """An account with a series for each guide."""
    made = place.open()
    for type_id, series in (("100", "T001"), ("101", "V001")):
        answer = made.till("PATCH", f"/V1/document_types/{type_id}", {
            "document_sequence_code": series, "last_sequence_number": 0,
        })
        assert answer.status_code == 201, answer.text
    return made


def guide(shop: Tenancy, name: str = "guide/sale_in_own_lorry") -> Any:
    """A body of the fixtures, issued by the shop."""
    body = json.loads((FIXTURES / name / "request.json").read_text(encoding="utf-8"))
    if body["header"]["receiver_tax_id_code"] == body["header"]["issuer_tax_id_code"]:
        body["header"]["receiver_tax_id_code"] = shop.ruc
    body["header"]["issuer_tax_id_code"] = shop.ruc
    return body


def shipping(body: Any) -> Any:
    """The part about the journey."""
    return body["header"]["additional"]["pe_shipping"]


def settled(place: World, shop: Tenancy, document_id: int, *, ends: str = "issued") -> dict[str, Any]:
    """The guide once it is settled or held; the clock is moved on, as a ticket takes its time."""
    end = time.monotonic() + 40
    while True:
        found: dict[str, Any] = shop.till("GET", f"/V1/documents/{document_id}?pdf=0").json()
        if found["status"] != ends or found["delivery"]["state"] == "held" or time.monotonic() > end:
            return found
        place.clock.advance(timedelta(seconds=1))
        time.sleep(0.05)


def entry(place: World, answer: dict[str, Any]) -> Any:
    header = answer["header"]
    return place.sandbox.ledger.get(VoucherId(
        ruc=header["issuer_tax_id_code"], type_code=header["document_type_taxbureau"],
        series=header["document_sequence_code"], number=header["document_number"],
    ))


@pytest.mark.parametrize("name", [
    "guide/sale_in_own_lorry", "guide/sale_by_carrier", "guide/import_whole", "guide/purchase",
    "guide/itinerant_seller", "guide/standardised_rice", "carrier_guide/by_factura", "carrier_guide/by_senders_guide",
    "carrier_guide/subcontracted",
])
def test_a_guide_is_issued_and_accepted_by_its_own_service(place: World, shop: Tenancy, name: str) -> None:
    posted = shop.till.issued(guide(shop, name))
    assert posted["electronic_document"]["qr_text"] == ""
    found = settled(place, shop, posted["document_id"])
    assert found["status"] == "accepted", found["delivery"]
    assert found["observations"] == []
    code = {"guide": "09", "carrier_guide": "31"}[name.partition("/")[0]]
    assert found["header"]["document_type_taxbureau"] == code
    assert found["electronic_document"]["qr_text"].startswith("https://e-factura.sunat.gob.pe/v1/contribuyente/gre/")
    assert found["totals"]["total_amount"] == "0.00"
    assert entry(place, found).state is State.ACCEPTED
    assert found["delivery"]["ticket"]


def test_the_very_zip_that_was_stored_is_sent(place: World, shop: Tenancy) -> None:
    posted = settled(place, shop, shop.till.issued(guide(shop))["document_id"])
    with place.office.database.read() as session:
        rows = session.scalars(
            select(EvidenceRecord).where(EvidenceRecord.document_id == posted["document_id"])
            .order_by(EvidenceRecord.id)
        ).all()
        assert [row.kind for row in rows] == ["zip-1", "ticket", "cdr"]
        assert rows[0].sha256 == hashlib.sha256(rows[0].content).hexdigest()


def test_goods_have_no_prices_and_there_may_be_thousands_of_them(shop: Tenancy) -> None:
    body = guide(shop)
    body["details"] = [{"quantity": 1, "line_description": f"BULTO {n}"} for n in range(1200)]
    answer = shop.till.issue(body, dry_run=1)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["dry_run"], answer.json()["observations"]) == (True, [])


def test_a_sale_still_needs_its_prices(shop: Tenancy) -> None:
    body = json.loads((FIXTURES / "contract" / "invoice.json").read_text(encoding="utf-8"))
    body["header"]["issuer_tax_id_code"] = shop.ruc
    del body["details"][0]["unit_price"], body["details"][0]["taxes"]
    answer = shop.till.issue(body)
    assert answer.status_code == 400
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/details/0/unit_price", "/details/0/taxes"}


def _drop(*names: str) -> Change:
    def change(body: Any) -> None:
        for name in names:
            del shipping(body)[name]
    return change


def _set(**members: Any) -> Change:
    return lambda body: shipping(body).update(members)


BAD: dict[str, tuple[str, Change, str, str]] = {
    "no_shipping": ("guide/sale_in_own_lorry", lambda body: body["header"]["additional"].pop("pe_shipping"),
                    "REQUIRED", SHIPPING),
    "no_driver": ("guide/sale_in_own_lorry", _drop("drivers"), "3357", f"{SHIPPING}/drivers"),
    "no_plate": ("guide/sale_in_own_lorry", _drop("vehicles"), "2566", f"{SHIPPING}/vehicles"),
    "bad_plate": ("guide/sale_in_own_lorry", _set(vehicles=[{"plate": "ABC-123"}]), "2567",
                  f"{SHIPPING}/vehicles/0/plate"),
    "trailer_plate": ("guide/sale_in_own_lorry", _set(vehicles=[{"plate": "ABC123", "trailers": [{"plate": "X"}]}]),
                      "2567", f"{SHIPPING}/vehicles/0/trailers/0/plate"),
    "no_licence": ("guide/sale_in_own_lorry", lambda body: shipping(body)["drivers"][0].pop("licence"), "2572",
                   f"{SHIPPING}/drivers/0/licence"),
    "unknown_ubigeo": ("guide/sale_in_own_lorry", _set(origin={"ubigeo": "999999", "address_line": "AV. 1"}), "3363",
                       f"{SHIPPING}/origin/ubigeo"),
    "no_destination": ("guide/sale_in_own_lorry", _drop("destination"), "2775",
                       f"{SHIPPING}/delivery/delivery_address/id"),
    "unknown_reason": ("guide/sale_in_own_lorry", _set(handling_code="99"), "3405", f"{SHIPPING}/handling_code"),
    "to_oneself": ("guide/sale_in_own_lorry", lambda body: body["header"].update(
        receiver_tax_id_code=body["header"]["issuer_tax_id_code"]), "2555", "/header/receiver_tax_id_code"),
    "not_to_oneself": ("guide/purchase", lambda body: body["header"].update(receiver_tax_id_code="20987654326"),
                       "2554", "/header/receiver_tax_id_code"),
    "no_weight": ("guide/sale_in_own_lorry", _drop("gross_weight_measure"), "2880",
                  f"{SHIPPING}/gross_weight_measure"),
    "tomorrow": ("guide/sale_in_own_lorry", lambda body: body["header"].update(issue_date="2026-11-21"), "2329",
                 "/header/issue_date"),
    "two_days_ago": ("guide/sale_in_own_lorry", lambda body: body["header"].update(issue_date="2026-11-18"), "2108",
                     "/header/issue_date"),
    "starts_before": ("guide/sale_in_own_lorry", _set(shipment_stage={
        "transport_mode_code": "02", "transit_period": "2026-11-19"}), "3343",
        f"{SHIPPING}/shipment_stage/transit_period"),
    "no_carrier": ("guide/sale_by_carrier", _drop("carrier"), "2558", f"{SHIPPING}/carrier/tax_id_code"),
    "own_carrier": ("guide/sale_by_carrier", lambda body: shipping(body)["carrier"].update(
        tax_id_code=body["header"]["issuer_tax_id_code"]), "2560", f"{SHIPPING}/carrier/tax_id_code"),
    "wrong_carrier_digit": ("guide/sale_by_carrier", lambda body: shipping(body)["carrier"].update(
        tax_id_code="20555555551"), "CHQ-CARRIER-RUC", f"{SHIPPING}/carrier/tax_id_code"),
    "bad_paper": ("guide/sale_in_own_lorry", _set(related_documents=[{"type": "01", "number": "B001-1"}]), "3441",
                  f"{SHIPPING}/related_documents/0/number"),
    "bad_indicator": ("guide/sale_in_own_lorry", _set(indicators=["SUNAT_Envio_Otro"]), "3388",
                      f"{SHIPPING}/indicators/0"),
    "no_quantity": ("guide/sale_in_own_lorry", lambda body: body["details"][0].pop("quantity"), "2580",
                    "/details/0/quantity"),
    "no_sender": ("carrier_guide/by_factura", _drop("sender"), "3383", f"{SHIPPING}/sender"),
    "sender_is_carrier": ("carrier_guide/by_factura", lambda body: shipping(body)["sender"].update(
        tax_id_code=body["header"]["issuer_tax_id_code"]), "2560", f"{SHIPPING}/sender/tax_id_code"),
    "no_lorry": ("carrier_guide/by_factura", _drop("vehicles"), "2566", f"{SHIPPING}/vehicles"),
    "nothing_carried": ("carrier_guide/by_factura", lambda body: body.update(details=[]), "3435", "/details/0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_the_callers_words_and_nothing_is_taken(shop: Tenancy, case: str) -> None:
    name, change, code, pointer = BAD[case]
    body = guide(shop, name)
    change(body)
    before = _last(shop, 100, 101)
    answer = shop.till.issue(body)
    assert answer.status_code == 422, answer.text
    errors = answer.json()["errors"]
    assert (code, pointer) in [(one["code"], one["pointer"]) for one in errors], errors
    assert all(one["message"] and one["hint"] for one in errors if one["code"] == code)
    assert _last(shop, 100, 101) == before


def _last(shop: Tenancy, *kinds: int) -> list[int]:
    """The last number of the series of some types."""
    return [shop.till("GET", f"/V1/document_types/{one}").json()["last_sequence_number"] for one in kinds]


@pytest.mark.parametrize("mode", [
    "guide-no-ticket", "guide-wrong-ticket", "guide-ticket-unknown", "guide-no-cdr", "guide-cdr-anothers",
    "guide-tokens-die", "guide-slow", "work-then-reset", "http-500-after-work", "token-unavailable",
])
def test_whatever_gets_lost_a_good_guide_ends_accepted_and_was_sent_unchanged(place: World, mode: str) -> None:
    shop = opened(place)
    rule = place.sandbox.plan.add(Rule(modes=(mode,), times_each=1 if mode != "guide-slow" else None))
    try:
        found = settled(place, shop, shop.till.issued(guide(shop))["document_id"])
    finally:
        place.sandbox.plan.remove(rule)
    assert found["status"] == "accepted", found["delivery"]
    assert entry(place, found).state is State.ACCEPTED
    sent = [
        one.sha256 for one in place.sandbox.ledger.receptions(entry(place, found).voucher)
        if one.operation == "sendGuide"
    ]
    assert len(set(sent)) == 1


@pytest.mark.parametrize("at_once", [False, True])
def test_a_number_that_sunat_has_without_our_having_sent_it_stops_the_series(place: World, at_once: bool) -> None:
    shop = opened(place)
    first = settled(place, shop, shop.till.issued(guide(shop))["document_id"])
    taken = entry(place, first)
    other = VoucherId(ruc=shop.ruc, type_code="09", series="T001", number=taken.voucher.number + 1)
    place.sandbox.ledger.add(type(taken)(
        voucher=other, state=State.ACCEPTED, sha256="00", received_at=taken.received_at, customer=taken.customer,
    ))
    rule = place.sandbox.plan.add(Rule(modes=("guide-known",))) if at_once else None
    try:
        found = settled(place, shop, shop.till.issued(guide(shop))["document_id"])
    finally:
        if rule is not None:
            place.sandbox.plan.remove(rule)
    assert (found["status"], found["delivery"]["state"]) == ("issued", "held")
    assert shop.till.issue(guide(shop)).status_code == 409


def test_a_register_that_speaks_before_the_ticket_is_believed_about_what_was_sent_before(place: World) -> None:
    """The answer is lost, and the same bytes are met by 1033 instead of a ticket: it is the guide sent first."""
    shop = opened(place)
    rules = [
        place.sandbox.plan.add(Rule(modes=("work-then-reset",), operations=(Operation.SEND_GUIDE,), times_each=1)),
        place.sandbox.plan.add(Rule(modes=("guide-known",))),
    ]
    try:
        found = settled(place, shop, shop.till.issued(guide(shop))["document_id"])
    finally:
        for rule in rules:
            place.sandbox.plan.remove(rule)
    assert found["status"] == "accepted", found["delivery"]
    told = shop.till("GET", f"/V1/documents/{found['document_id']}/attempts").json()["attempts"]
    assert [(one["action"], one["result"], one["code"]) for one in told if one["action"] == "send"] == [
        ("send", "unknown", ""), ("send", "fault", "1033"),
    ]
    assert told[-1]["evidence_id"]


def test_a_guide_that_sunat_cannot_read_is_held_and_corrected_under_its_number(place: World) -> None:
    shop = opened(place)
    rule = place.sandbox.plan.add(Rule(modes=("guide-unreadable",), times=1))
    posted = shop.till.issued(guide(shop))
    found = settled(place, shop, posted["document_id"])
    place.sandbox.plan.remove(rule)
    assert (found["delivery"]["state"], found["delivery"]["last_code"]) == ("held", "0422")
    body = guide(shop)
    shipping(body)["gross_weight_measure"] = "99"
    answer = shop.till("POST", f"/V1/documents/{posted['document_id']}/correction", body)
    assert answer.status_code == 201, answer.text
    again = settled(place, shop, posted["document_id"])
    assert (again["status"], again["edition"]) == ("accepted", 2)
    assert again["header"]["number"] == posted["header"]["number"]


def test_a_guide_is_voided_in_the_portal_and_recorded_here_once(place: World) -> None:
    shop = opened(place)
    made = settled(place, shop, shop.till.issued(guide(shop))["document_id"])
    path = f"/V1/documents/{made['document_id']}"
    refused = shop.till("PUT", path, {"document_status": "2"})
    assert (refused.status_code, refused.json()["code"]) == (422, "VOID_IN_PORTAL")
    assert f"{path}/external-void" in refused.json()["errors"][0]["hint"]
    body = {"voided_on": "2026-11-20", "reason": "Error en el destino", "reference": "0042", "receipt": "JVBERi0="}
    for wrong, status in (
        ({**body, "voided_on": "2026-11-19"}, 422), ({**body, "voided_on": "2026-12-24"}, 422),
        ({**body, "receipt": "?"}, 400), ({**body, "reason": "x"}, 400),
    ):
        assert shop.till("POST", f"{path}/external-void", wrong).status_code == status
    key = {"Idempotency-Key": "baja-1"}
    first = shop.till("POST", f"{path}/external-void", body, headers=key)
    assert (first.status_code, first.json()["status"]) == (201, "voided")
    assert shop.till("POST", f"{path}/external-void", body, headers=key).content == first.content
    assert shop.till("POST", f"{path}/external-void", body).status_code == 409
    assert shop.till("GET", path).json()["status"] == "voided"
    with place.office.database.read() as session:
        kept = session.get_one(EvidenceRecord, first.json()["evidence_id"])
        assert (kept.kind, kept.content) == ("external_void", b"%PDF-")


def test_a_guide_that_could_never_be_sent_is_not_issued(place: World) -> None:
    shop = place.open(environment="beta")
    series = {"document_sequence_code": "T001", "last_sequence_number": 0}
    assert shop.till("PATCH", "/V1/document_types/100", series).status_code == 201
    answer = shop.till.issue(guide(shop))
    assert (answer.status_code, answer.json()["code"]) == (422, "NO_SERVICE")
    assert _last(shop, 100) == [0]


def test_what_is_no_guide_is_not_voided_in_the_portal(shop: Tenancy) -> None:
    made = shop.till.issued(body_of(shop))
    answer = shop.till("POST", f"/V1/documents/{made['document_id']}/external-void", {
        "voided_on": "2026-11-20", "reason": "Error", "reference": "1",
    })
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_GUIDE")


def test_refused_credentials_stop_the_issuer_and_lose_nothing(place: World) -> None:
    shop = opened(place)
    rule = place.sandbox.plan.add(Rule(modes=("token-refused",)))
    posted = shop.till.issued(guide(shop))
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with place.office.database.read() as session:
            made = session.scalars(
                select(AttemptRecord.code).join(DeliveryRecord, DeliveryRecord.id == AttemptRecord.delivery_id)
                .where(DeliveryRecord.document_id == posted["document_id"])
            ).all()
        if made:
            break
        time.sleep(0.05)
    place.sandbox.plan.remove(rule)
    assert made[0] == "0102"
    held = shop.till("GET", "/V1/deliveries").json()
    assert "credentials" in json.dumps(held)
