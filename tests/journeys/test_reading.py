"""Looking vouchers up over real HTTP: the list's filters, the files, what cannot be changed, the manners of HTTP."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from sunat.cdr import Outcome, read_cdr
from sunat.numbering import VoucherId
from sunat.sandbox import Entry, State
from sunat.signing import verify
from tests.support.world import FRIDAY, Tenancy, Till, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("reading")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    """Three vouchers: an accepted factura and boleta, and a factura that SUNAT has on record already (held).

    1. F001-1, 2026-11-18, S/ 1180.00, CLIENTE DE PRUEBA S.A., external id PEDIDO-1, accepted
    2. B001-1, 2026-11-19, S/ 590.00, without a customer, accepted
    3. F001-2, 2026-11-20, US$ 118.00, ÑANDÚ 100% S.A.C., held by hand: the number is taken at SUNAT
    """
    made = place.open()
    place.sandbox.ledger.add(Entry(
        voucher=VoucherId(ruc=made.ruc, type_code="01", series="F001", number=2), state=State.ACCEPTED,
        sha256="0" * 64, received_at=FRIDAY,
    ))
    first = made.till.issued(body_of(made, issue_date=date(2026, 11, 18), external_id="PEDIDO-1"), wait=20)
    second = made.till.issued(
        body_of(made, "receipt_under_700_no_customer", issue_date=date(2026, 11, 19)), wait=20
    )
    dollars = body_of(
        made, currency_id=5, receiver_legal_name="ÑANDÚ 100% S.A.C.", receiver_tax_id_code="20131312955"
    )
    dollars["details"][0] |= {"unit_price": 100, "total_taxes": 18, "total_amount_line": 118}
    dollars["details"][0]["taxes"][0]["tax_amount"] = 18
    dollars["totals"] = {"net_amount": 100, "taxes_amount": 18, "total_amount": 118}
    third = made.till.issued(dollars)
    path = f"/V1/documents/{third['document_id']}"
    until = time.monotonic() + 15
    while made.till("GET", path).json()["delivery"]["last_code"] != "1033" and time.monotonic() < until:
        time.sleep(0.05)
    assert made.till("POST", f"{path}/hold", {"reason": "SUNAT ya tiene ese número"}).status_code == 200
    third = made.till("GET", path).json()
    assert [row["status"] for row in (first, second, third)] == ["accepted", "accepted", "issued"]
    assert third["delivery"]["state"] == "held", third["delivery"]
    return made


def listed(till: Till, **query: Any) -> list[str]:
    """The numbers that a query finds, in its order."""
    answer = till("GET", "/V1/documents", params=query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["documents"] == body["_embedded"]["documents"]
    assert body["total_items"] == len(body["documents"]) or "page" in query or "per_page" in query or "limit" in query
    return [row["number"].replace("-0000000", "-") for row in body["documents"]]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["F001-2", "B001-1", "F001-1"]),
    ({"issue_date_from": "2026-11-19"}, ["F001-2", "B001-1"]), ({"issue_date_from": "2026-11-21"}, []),
    ({"issue_date_to": "2026-11-19"}, ["B001-1", "F001-1"]), ({"issue_date_to": "2026-11-17"}, []),
    ({"issue_date_from": "2026-11-19", "issue_date_to": "2026-11-19"}, ["B001-1"]),
    ({"taxbureau_sending_status": 1}, ["B001-1", "F001-1"]), ({"taxbureau_sending_status": 200}, ["F001-2"]),
    ({"taxbureau_sending_status": 0}, []), ({"taxbureau_sending_status": 101}, []),
    ({"taxbureau_validation_status": 3}, ["B001-1", "F001-1"]), ({"taxbureau_validation_status": 2}, ["F001-2"]),
    ({"taxbureau_validation_status": 5}, []), ({"taxbureau_validation_status": 99}, []),
    ({"document_number": "1"}, ["B001-1", "F001-1"]), ({"document_number": "00000001"}, ["B001-1", "F001-1"]),
    ({"document_number": "F001-1"}, ["F001-1"]), ({"document_number": "f001-00000002"}, ["F001-2"]),
    ({"document_number": "7"}, []), ({"document_number": "no"}, []),
    ({"document_type_id": 96}, ["F001-2", "F001-1"]), ({"document_type_id": "98"}, []),
    ({"document_type_taxbureau": "03"}, ["B001-1"]), ({"document_type_taxbureau": "08"}, []),
    ({"document_sequence_code": "F001"}, ["F001-2", "F001-1"]), ({"document_sequence_code": "F002"}, []),
    ({"received_issued_flag": 1}, ["F001-2", "B001-1", "F001-1"]), ({"received_issued_flag": 0}, []),
    ({"receiver_tax_id_code": "20131312955"}, ["F001-2"]), ({"receiver_tax_id_code": "20131312954"}, []),
    ({"receiver_legal_name": "cliente"}, ["B001-1", "F001-1"]), ({"receiver_legal_name": "PRUEBA S.A."}, ["F001-1"]),
    ({"receiver_legal_name": "100%"}, ["F001-2"]), ({"receiver_legal_name": "%"}, ["F001-2"]),
    ({"receiver_legal_name": "_"}, []), ({"receiver_legal_name": "NADIE"}, []),
    ({"min_total_amount": "590"}, ["B001-1", "F001-1"]), ({"min_total_amount": "590.01"}, ["F001-1"]),
    ({"min_total_amount": 2000}, []), ({"max_total_amount": "590.00"}, ["F001-2", "B001-1"]),
    ({"max_total_amount": "117.99"}, []), ({"min_total_amount": 118, "max_total_amount": 118}, ["F001-2"]),
    ({"order_by": "asc"}, ["F001-1", "B001-1", "F001-2"]), ({"order_by": "desc"}, ["F001-2", "B001-1", "F001-1"]),
    ({"external_id": "PEDIDO-1"}, ["F001-1"]), ({"external_id": "PEDIDO-2"}, []),
    ({"status": "accepted"}, ["B001-1", "F001-1"]), ({"status": "rejected"}, []),
    ({"status": "issued", "document_type_id": 96}, ["F001-2"]), ({"status": "issued", "document_type_id": 97}, []),
    ({"page": 1, "per_page": 2}, ["F001-2", "B001-1"]), ({"page": 2, "limit": 2}, ["F001-1"]),
    ({"page": 9, "per_page": 2}, []),
    ({"unknown": "x", "sort": "number", "document_number": ""}, ["F001-2", "B001-1", "F001-1"]),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS, ids=lambda value: str(value)[:50])
def test_a_filter_finds_what_it_says(shop: Tenancy, query: dict[str, Any], expected: list[str]) -> None:
    assert listed(shop.till, **query) == expected


def test_every_filter_of_the_contract_is_tried_both_ways() -> None:
    contract = {
        "page", "per_page", "issue_date_from", "issue_date_to", "taxbureau_sending_status",
        "taxbureau_validation_status", "document_number", "document_type_id", "received_issued_flag",
        "receiver_tax_id_code", "receiver_legal_name", "min_total_amount", "max_total_amount", "order_by", "limit",
        "document_type_taxbureau", "document_sequence_code", "external_id",
    }
    assert contract <= {name for query, _ in FILTERS for name in query}
    for name in contract - {"page", "per_page", "limit", "order_by"}:
        found = [expected for query, expected in FILTERS if name in query]
        assert any(found)
        assert not all(found)


def test_the_account_filter_keeps_to_ones_own(shop: Tenancy) -> None:
    assert len(listed(shop.till, account_id=shop.account_id)) == 3
    assert listed(shop.till, account_id=shop.account_id + 1) == []


@pytest.mark.parametrize("query", [
    {"page": 0}, {"page": "x"}, {"per_page": 0}, {"per_page": 501}, {"issue_date_from": "ayer"},
    {"min_total_amount": "mucho"}, {"order_by": "number"}, {"status": "lost"}, {"document_type_id": "factura"},
], ids=str)
def test_a_filter_that_makes_no_sense_is_400(shop: Tenancy, query: dict[str, Any]) -> None:
    answer = shop.till("GET", "/V1/documents", params=query, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"][0]["pointer"] == f"/{next(iter(query))}"


def test_the_pages_are_linked(place: World, shop: Tenancy) -> None:
    first = shop.till("GET", "/V1/documents", params={"per_page": 1, "document_type_id": 96}).json()
    assert (first["page"], first["page_size"], first["page_count"], first["total_items"]) == (1, 1, 2, 2)
    assert {"self", "first", "last", "next"} == first["_links"].keys()
    onward = first["_links"]["next"]["href"].removeprefix(place.office.settings.public_url)
    second = shop.till("GET", onward).json()
    assert second["page"] == 2
    assert second["documents"][0]["number"] == "F001-00000001"
    assert "next" not in second["_links"]
    assert second["_links"]["prev"]["href"].endswith("page=1")


def document_id(till: Till, number: str) -> int:
    """The id of a voucher by its number."""
    rows = till("GET", "/V1/documents", params={"document_number": number}).json()["documents"]
    assert len(rows) == 1
    return int(rows[0]["document_id"])


# ---- files

def test_the_xml_is_byte_for_byte_what_sunat_received(place: World, shop: Tenancy) -> None:
    for number, code in (("F001-1", "01"), ("B001-1", "03")):
        answer = shop.till("GET", f"/V1/documents/{document_id(shop.till, number)}/xml")
        series, digits = number.split("-")
        kept = place.sandbox.ledger.get(
            VoucherId(ruc=shop.ruc, type_code=code, series=series, number=int(digits))
        )
        assert kept is not None
        assert hashlib.sha256(answer.content).hexdigest() == kept.sha256
        assert verify(answer.content).certificate.ruc == shop.ruc
        assert answer.headers["Content-Type"].startswith("application/xml")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{shop.ruc}-{code}-{number}.xml"'


def test_the_cdr_comes_as_xml_and_as_the_file_sunat_sent(shop: Tenancy) -> None:
    address = f"/V1/documents/{document_id(shop.till, 'F001-1')}/cdr"
    answer, zipped = shop.till("GET", address), shop.till("GET", address, params={"format": "zip"})
    cdr = read_cdr(
        answer.content, voucher_file_name=f"{shop.ruc}-01-F001-1", ruc=shop.ruc, voucher_text="F001-1"
    )
    assert (cdr.outcome, cdr.code, cdr.signature) == (Outcome.ACCEPTED, "0", "valid")
    assert zipped.headers["Content-Type"].startswith("application/zip")
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as file:
        assert file.read(f"R-{shop.ruc}-01-F001-1.xml") == answer.content


def test_without_an_answer_there_is_no_cdr(shop: Tenancy) -> None:
    held = document_id(shop.till, "F001-2")
    answer = shop.till("GET", f"/V1/documents/{held}/cdr")
    assert (answer.status_code, answer.json()["code"]) == (404, "NO_CDR")
    one = shop.till("GET", f"/V1/documents/{held}").json()
    assert one["electronic_document"]["document_cdr"] is None
    assert (one["header"]["taxbureau_send_status"], one["header"]["taxbureau_validation_status"]) == (200, 2)


# ---- what cannot be changed

@pytest.mark.parametrize("body", [{}, {"document_status": "1"}, {"header": {"receiver_legal_name": "OTRO"}}], ids=str)
def test_a_voucher_is_never_edited(place: World, shop: Tenancy, body: Any) -> None:
    held = place.held()
    answer = shop.till("PUT", f"/V1/documents/{document_id(shop.till, 'F001-1')}", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "DOCUMENT_SIGNED")
    assert place.held() == held


def test_a_voucher_is_never_deleted(place: World, shop: Tenancy) -> None:
    held = place.held()
    for number in ("F001-1", "B001-1", "F001-2"):
        answer = shop.till("DELETE", f"/V1/documents/{document_id(shop.till, number)}")
        assert (answer.status_code, answer.json()["code"]) == (409, "DOCUMENT_SIGNED")
    assert place.held() == held


# ---- manners of HTTP

def test_the_lower_case_base_reaches_the_same(shop: Tenancy) -> None:
    """Decision 28."""
    found = document_id(shop.till, "F001-1")
    for path in ("/documents", f"/documents/{found}", f"/documents/{found}/xml", "/document_types/96", "/accounts"):
        upper, lower = shop.till("GET", f"/V1{path}"), shop.till("GET", f"/v1{path}")
        assert (lower.status_code, lower.content) == (upper.status_code, upper.content) == (200, upper.content)
    assert shop.till("POST", "/v1/documents", {}).json()["result"]["status"] == 400


def test_head_answers_like_get_without_a_body(shop: Tenancy) -> None:
    for path in ("/V1/documents", f"/V1/documents/{document_id(shop.till, 'F001-1')}/xml", "/V1/document_types"):
        got, head = shop.till("GET", path), shop.till("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["Content-Length"] == str(len(got.content))


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("PATCH", "/V1/documents", {"GET", "POST"}), ("POST", "/V1/documents/1", {"GET", "PUT", "DELETE"}),
    ("POST", "/V1/documents/1/xml", {"GET"}), ("DELETE", "/V1/document_types/96", {"GET", "PATCH"}),
    ("GET", "/V1/auth", {"POST"}), ("PUT", "/healthz", {"GET"}),
])
def test_a_wrong_method_is_405_with_allow(shop: Tenancy, method: str, path: str, allowed: set[str]) -> None:
    answer = shop.till(method, path, {})
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert allowed <= set(answer.headers["Allow"].replace(" ", "").split(","))


def test_every_answer_says_which_request_it_was(shop: Tenancy) -> None:
    given = shop.till("GET", "/V1/documents", headers={"X-Request-Id": "till-7.42"})
    assert given.headers["X-Request-Id"] == "till-7.42"
    refused = shop.till("GET", "/V1/documents/999999999", headers={"X-Request-Id": "bad id\tx"})
    assert refused.headers["X-Request-Id"] == refused.json()["request_id"] != "bad id\tx"


def test_references_are_told_in_the_answer(place: World) -> None:
    other = place.open()
    target = other.till.issued(body_of(other, issue_date=date(2026, 11, 18)))
    note = body_of(other, "credit_note_for_invoice")
    note["references"][0] |= {"reference_number": "F001-1", "reference_date": "2026-11-18"}
    assert other.till.issued(note)["references"] == [{
        "document_type_id": "96", "document_type_taxbureau": "01", "reference_number": "F001-00000001",
        "reference_date": "2026-11-18", "reference_type": "01", "reference_code": "01",
        "description": "Anulacion de la operacion", "document_id": target["document_id"],
    }]
