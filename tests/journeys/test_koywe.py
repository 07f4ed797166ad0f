"""What clients of the Koywe Peru API do with series and numbers, over real HTTP on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.keys import ACCOUNT_SCOPES, NUMBERS_FORCE
from app.ledger.models import EventRecord
from app.series.models import DeclaredGapRecord
from tests.support.world import Tenancy, World, body_of, kind, world

__all__ = ["kind"]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("koywe"), delivers=False) as made:
        yield made


@pytest.fixture
def shop(place: World) -> Tenancy:
    return place.open(allow_number_gaps=True)


def test_koy_01_a_voucher_is_series_and_number_once_for_its_issuer_and_type(place: World, shop: Tenancy) -> None:
    shop.till("PATCH", "/V1/document_types/98", {"document_sequence_code": "F001", "last_sequence_number": 0})
    invoice = shop.till.issued(body_of(shop))
    assert (invoice["header"]["number"], invoice["header"]["document_sequence_code"]) == ("F001-00000001", "F001")
    other = place.open()
    assert other.till.issued(body_of(other))["header"]["number"] == "F001-00000001", "another issuer's F001-1"
    forcing = place.till(shop.account_id, scopes=(*ACCOUNT_SCOPES, NUMBERS_FORCE))
    twice = forcing.issue(body_of(shop, document_number=1))
    assert (twice.status_code, twice.json()["code"]) == (409, "NUMBER_TAKEN")
    too_long = forcing.issue(body_of(shop, document_number=100_000_000))
    assert (too_long.status_code, too_long.json()["code"]) == (422, "NUMBER_RANGE")


def test_koy_05_an_unregistered_series_is_refused_with_a_clear_code(shop: Tenancy) -> None:
    answer = shop.till.issue(body_of(shop, document_sequence_code="F404"))
    assert (answer.status_code, answer.json()["code"]) == (422, "SERIES_UNKNOWN")
    assert answer.json()["errors"][0]["pointer"] == "/header/document_sequence_code"
    assert "F404" in answer.json()["error"]
    made = shop.till("POST", "/V1/series", {"kind": "01", "code": "F404"})
    assert made.status_code == 201
    assert shop.till.issued(body_of(shop, document_sequence_code="F404"))["header"]["number"] == "F404-00000001"


def test_koy_07_a_forced_number_needs_the_right_and_leaves_a_trace(place: World, shop: Tenancy) -> None:
    """KOY-07, FRI-19: allowed with a scope only; equal to the next nothing is left over, beyond it a declared gap."""
    plain = shop.till.issue(body_of(shop, document_number=1))
    assert (plain.status_code, plain.json()["code"]) == (403, "NUMBER_FORCED")
    forcing = place.till(shop.account_id, scopes=(*ACCOUNT_SCOPES, NUMBERS_FORCE))
    assert forcing.issued(body_of(shop, document_number=1))["header"]["document_number"] == 1
    jumped = forcing.issued(body_of(shop, document_number=5))
    below = forcing.issue(body_of(shop, document_number=3))
    assert (below.status_code, below.json()["code"]) == (422, "NUMBER_BELOW_COUNTER")
    series = shop.till("GET", "/V1/series?code=F001").json()["series"][0]
    gaps = shop.till("GET", f"/V1/series/{series['id']}").json()["declared_gaps"]
    assert [(gap["from_number"], gap["to_number"], gap["reason"]) for gap in gaps] == [(2, 4, "document_number")]
    with place.office.database.read() as session:
        found = session.scalars(select(DeclaredGapRecord).order_by(DeclaredGapRecord.id.desc())).first()
        event = session.scalars(
            select(EventRecord).where(EventRecord.document_id == jumped["document_id"])
        ).one()
        assert found is not None
        assert found.author == event.actor


def test_koy_09_the_references_header_comes_back_as_it_was_said(shop: Tenancy) -> None:
    sent = body_of(shop)
    header = shop.till.issued(sent)["header"]
    for name in ("receiver_tax_id_code", "receiver_tax_id_type", "receiver_legal_name", "payment_conditions"):
        assert header[name] == sent["header"][name]
    assert (header["issuer_tax_id_code"], header["issuer_tax_id_type"]) == (shop.ruc, "PE-RUC")
    assert (header["received_issued_flag"], header["issue_date"]) == (1, sent["header"]["issue_date"])
    assert str(header["currency_id"]) == str(sent["header"]["currency_id"])
    assert header["additional"]["pe_header"]["operation_type"] == "0101"


def test_koy_11_types_and_documents_answer_every_verb(shop: Tenancy) -> None:
    """KOY-11: types list, get, patch; documents create, list, get; put and delete blocked once signed; filters."""
    assert shop.till("GET", "/V1/document_types").json()["document_types"]
    assert shop.till("GET", "/V1/document_types/96").json()["last_sequence_number"] == 0
    assert shop.till("PATCH", "/V1/document_types/96", {"last_sequence_number": 41}).status_code == 201
    made = shop.till.issued(body_of(shop), generate_stamp=1)
    assert made["header"]["document_number"] == 42
    path = f"/V1/documents/{made['document_id']}"
    assert shop.till("GET", path).json()["header"]["number"] == "F001-00000042"
    assert shop.till("PUT", path, {"header": {"issue_date": "2026-11-19"}}).status_code == 409
    assert shop.till("DELETE", path).status_code == 409

    def total(**filters: Any) -> int:
        return shop.till("GET", "/V1/documents", params=filters).json()["total_items"]  # type: ignore[no-any-return]

    day = made["header"]["issue_date"]
    for found, filters in (
        (1, {"issue_date_from": day, "issue_date_to": day}), (0, {"issue_date_from": "2099-01-01"}),
        (1, {"taxbureau_sending_status": 0}), (0, {"taxbureau_sending_status": 1}),
        (1, {"taxbureau_validation_status": 0}), (0, {"taxbureau_validation_status": 3}),
        (1, {"document_number": "F001-42"}), (1, {"document_number": 42}), (0, {"document_number": 41}),
        (1, {"min_total_amount": 1}), (0, {"max_total_amount": 1}),
    ):
        assert total(**filters) == found, filters
