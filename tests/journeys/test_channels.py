"""Vouchers by an OSE and by a PSE, over HTTP: sending, asking, an account that has to go over."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import Rule
from tests.journeys.test_delivering import deliver, faults
from tests.support.world import PROVIDER, Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("channels"), delivers=False) as made:
        yield made


def cdr_of(document: dict[str, Any]) -> str:
    return b64decode(document["electronic_document"]["document_cdr"]).decode()


def channel(shop: Tenancy, **settings: Any) -> Any:
    return shop.till("PATCH", f"/V1/accounts/{shop.account_id}", {"additional": {"pe_account": settings}})


def operations(shop: Tenancy, document: dict[str, Any]) -> list[tuple[str, bool]]:
    """What was done about a voucher, and whether at the OSE's address."""
    rows = shop.till("GET", f"/V1/documents/{document['document_id']}/attempts").json()["attempts"]
    return [(row["operation"], "/ol-ti-itcpe/" in row["endpoint"]) for row in rows]


def test_everything_goes_by_the_ose_and_its_cdrs_are_read(place: World) -> None:
    shop = place.open(channel="ose")
    sold = shop.till.issued(body_of(shop))
    place.sandbox.plan.add(Rule(modes=("cdr-twenty-observations",), ruc=shop.ruc, type_code="01", times=1))
    accepted = deliver(place, shop, sold)
    assert accepted["status"] == "observed"
    said = cdr_of(accepted)
    assert "<cbc:UBLVersionID>2.1</cbc:UBLVersionID>" in said
    assert "DocumentHash" in said
    assert "F001-00000001<" in said, "the number comes padded"
    assert "StatusReasonCode" in said
    told = [one for one in accepted["observations"] if one["source"] == "sunat"]
    assert len(told) == 20
    assert operations(shop, sold) == [("sendBill", True)]


@pytest.mark.parametrize("kind_of_body", ["invoice", "receipt"])
def test_a_lost_answer_is_asked_for_at_the_ose_of_any_series(place: World, kind_of_body: str) -> None:
    shop = place.open(channel="ose")
    sold = shop.till.issued(body_of(shop, kind_of_body))
    faults(place, shop, "work-then-reset")
    doubted = deliver(place, shop, sold)
    assert (doubted["delivery"]["state"], doubted["delivery"]["phase"]) == ("unknown", "doubt")
    place.clock.advance(timedelta(hours=1))
    assert deliver(place, shop, sold)["status"] == "accepted"
    assert operations(shop, sold) == [("sendBill", True), ("getStatusCdr", True)]


def test_what_the_ose_does_not_hold_goes_again_and_1033_brings_its_cdr(place: World) -> None:
    shop = place.open(channel="ose")
    sold = shop.till.issued(body_of(shop))
    faults(place, shop, "work-then-close")
    faults(place, shop, "not-found", on=Operation.STATUS_CDR)
    phases = []
    for _ in range(4):
        place.clock.advance(timedelta(hours=1))
        found = deliver(place, shop, sold)
        phases.append(found["delivery"]["phase"])
    assert phases == ["doubt", "resend", "claimed", "settled"]
    assert (found["status"], {at_ose for _, at_ose in operations(shop, sold)}) == ("accepted", {True})


def test_sunat_says_that_an_ose_must_be_used(place: World) -> None:
    shop = place.open()
    sold = shop.till.issued(body_of(shop))
    faults(place, shop, "ose-only")
    assert deliver(place, shop, sold)["status"] == "issued"
    (held,) = shop.till("GET", "/V1/deliveries").json()["held_issuers"]
    assert (held["reason"], held["code"]) == ("route", "1078")
    assert "channel=ose" in held["hint"]
    place.clock.advance(timedelta(seconds=1))
    assert channel(shop, channel="ose").json()["additional"]["pe_account"]["channel"] == "ose"
    assert shop.till("GET", "/V1/deliveries").json()["held_issuers"] == []
    place.clock.advance(timedelta(hours=1))
    assert deliver(place, shop, sold)["status"] == "accepted"
    assert operations(shop, sold) == [("sendBill", False), ("sendBill", True)]


def test_a_provider_sends_under_its_own_user(place: World) -> None:
    stranger = place.open().ruc
    shop = place.open(channel="pse", pse_tax_id_code=stranger)
    sold = shop.till.issued(body_of(shop))
    refused = deliver(place, shop, sold)
    assert (refused["delivery"]["last_code"], refused["status"]) == ("0154", "issued")
    place.clock.advance(timedelta(seconds=1))
    assert channel(shop, pse_tax_id_code=PROVIDER).status_code == 200
    place.clock.advance(timedelta(hours=1))
    assert deliver(place, shop, sold)["status"] == "accepted"
    faults(place, shop, "work-then-reset")
    lost = shop.till.issued(body_of(shop))
    deliver(place, shop, lost)
    place.clock.advance(timedelta(hours=1))
    assert deliver(place, shop, lost)["status"] == "accepted"


def test_a_change_of_channel_settles_what_was_open_first(place: World) -> None:
    shop = place.open()
    lost = shop.till.issued(body_of(shop))
    faults(place, shop, "work-then-reset")
    deliver(place, shop, lost)
    refused = channel(shop, channel="pse")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
        422, "/additional/pe_account/pse_tax_id_code"
    )
    place.clock.advance(timedelta(seconds=1))
    assert channel(shop, channel="ose").status_code == 200
    sold = shop.till.issued(body_of(shop))
    place.clock.advance(timedelta(minutes=5))
    assert deliver(place, shop, sold)["delivery"]["tries"] == 0
    assert deliver(place, shop, lost)["status"] == "accepted"
    assert deliver(place, shop, sold)["status"] == "accepted"
    assert operations(shop, lost) == [("sendBill", False), ("getStatusCdr", False)]
    assert operations(shop, sold) == [("sendBill", True)]
