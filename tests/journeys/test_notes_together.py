"""Notes that meet: in one batch, at one moment, on a voucher that another request is issuing."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from app.ledger.models import DocumentRecord
from tests.support.world import Tenancy, World, body_of, world


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("notes"), delivers=False) as made:
        yield made


def note_on(tenancy: Tenancy, number: str, text: str, **header: Any) -> Any:
    body = body_of(tenancy, "credit_note_for_invoice", **header)
    body["references"][0].update(reference_number=number, reference_date="2026-11-20", description=text)
    return body


def codes(answer: Any) -> set[str]:
    return {item["code"] for item in answer["errors"]}


def test_two_notes_for_all_of_an_invoice_in_one_batch_credit_it_once(place: World) -> None:
    shop = place.open()
    number = shop.till.issued(body_of(shop))["header"]["number"]
    notes = [note_on(shop, number, "ANULACION UNO"), note_on(shop, number, "ANULACION DOS")]
    results = shop.till("POST", "/V1/documents/batch", {"documents": notes}).json()["results"]
    assert [row["status"] for row in results] == [201, 422]
    assert codes(results[1]["error"]) == {"CHQ-OVER-CREDITED"}
    assert shop.till.issued(body_of(shop))["header"]["number"] == "F001-00000002"


def test_notes_posted_at_once_credit_an_invoice_once(place: World) -> None:
    shop = place.open()
    number = shop.till.issued(body_of(shop))["header"]["number"]
    notes = [note_on(shop, number, f"ANULACION {index}") for index in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(shop.till.issue, notes))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422, 422, 422]


def test_a_note_in_the_batch_of_its_invoice_is_tied_to_it(place: World) -> None:
    shop = place.open()
    documents = [note_on(shop, "F001-1", "ANULACION"), body_of(shop)]
    results = shop.till("POST", "/V1/documents/batch", {"documents": documents}).json()["results"]
    assert [row["status"] for row in results] == [201, 201]
    with place.office.database.read() as session:
        target = session.scalar(
            select(DocumentRecord.target_document_id).where(
                DocumentRecord.id == results[0]["document"]["document_id"]
            )
        )
    assert target == results[1]["document"]["document_id"]


def test_a_note_by_document_id_takes_the_series_of_what_it_changes(place: World) -> None:
    shop = place.open()
    boleta = shop.till.issued(body_of(shop, "receipt"))["document_id"]
    body = body_of(shop, "credit_note_for_invoice_by_document_id")
    del body["header"]["document_sequence_code"]
    body["references"] = [
        {"reference_document_id": boleta, "reference_code": "01", "description": "ANULACION DE LA OPERACION"}
    ]
    assert shop.till.issued(body)["header"]["number"] == "BC01-00000001"


def test_new_terms_are_for_credit_sales_however_these_were_written(place: World) -> None:
    shop = place.open()
    sale = body_of(shop)
    sale["header"]["payment_conditions"] = "0"
    sale["header"]["additional"]["pe_header"]["payment"] = {
        "kind": "credit", "pending_amount": "1180.00",
        "instalments": [{"amount": "1180.00", "due_date": "2026-12-20"}],
    }
    number = shop.till.issued(sale)["header"]["number"]
    note = note_on(shop, number, "NUEVA FECHA DE PAGO")
    note["references"][0]["reference_code"] = "13"
    note["header"]["additional"]["pe_header"]["payment"] = {
        "kind": "credit", "pending_amount": "1180.00",
        "instalments": [{"amount": "1180.00", "due_date": "2027-01-20"}],
    }
    answer = shop.till("POST", "/V1/documents?dry_run=1", note).json()
    assert "3260" not in {item["code"] for item in answer.get("errors", [])}
    cash = shop.till.issued(body_of(shop))["header"]["number"]
    other = copy.deepcopy(note)
    other["references"][0]["reference_number"] = cash
    assert "3260" in codes(shop.till("POST", "/V1/documents?dry_run=1", other).json())


@pytest.mark.parametrize(
    ("header", "code", "pointer"),
    [
        ({"receiver_tax_id_type": "PE-CE", "receiver_tax_id_code": "1" * 25}, "CHQ-IDENTITY",
         "/header/receiver_tax_id_code"),
        ({"additional": {"pe_header": {"operation_type": "0101", "receiver_identity_code": "AB"}}},
         "UNKNOWN_IDENTITY_TYPE", "/header/additional/pe_header/receiver_identity_code"),
        ({"exchange_rate_value": "0", "currency_id": 5}, "EXCHANGE_RATE", "/header/exchange_rate_value"),
    ],
)
def test_what_no_database_could_hold_is_refused_at_its_field(
    place: World, header: dict[str, Any], code: str, pointer: str
) -> None:
    shop = place.open()
    answer = shop.till.issue(body_of(shop, "receipt", **header))
    assert answer.status_code == 422
    assert (code, pointer) in {(item["code"], item["pointer"]) for item in answer.json()["errors"]}


def test_waiting_for_another_branchs_voucher_is_not_found_at_once(place: World) -> None:
    shop = place.open()
    made = shop.till.issued(body_of(shop))["document_id"]
    branch = shop.till("POST", "/V1/company_branches", {
        "account_id": shop.account_id, "name": "SUCURSAL", "company_branch_internal_code": "S1",
    }).json()["company_branch_id"]
    bound = place.till(shop.account_id, branch_id=branch)
    answer = bound("GET", f"/V1/documents/{made}?wait=10")
    assert answer.status_code == 404
    assert answer.elapsed.total_seconds() < 5


def test_a_note_that_dates_our_voucher_wrongly_is_refused(place: World) -> None:
    shop = place.open()
    number = shop.till.issued(body_of(shop))["header"]["number"]
    note = note_on(shop, number, "ANULACION")
    note["references"][0]["reference_date"] = "2026-11-19"
    answer = shop.till.issue(note)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/references/0/reference_date"


def test_numbers_come_back_in_one_form_however_they_were_written(place: World) -> None:
    shop = place.open()
    plain, texts = body_of(shop), body_of(shop)
    line = texts["details"][0]
    line.update({name: str(line[name]) for name in ("quantity", "unit_price", "total_taxes", "total_amount_line")})
    line.update(modifier_amount="0.0", modifier_percentage="0")
    line["taxes"][0].update(tax_type_id=413, tax_percentage="18.0", tax_amount="180.00")
    first, second = shop.till.issued(plain)["details"][0], shop.till.issued(texts)["details"][0]
    assert first == second
    assert (first["quantity"], first["taxes"][0]["tax_amount"]) == ("1.000000", "180.000000")


def test_the_issuer_comes_back_as_he_was_signed(place: World) -> None:
    shop = place.open()
    body = body_of(shop, issuer_legal_name="OTRO NOMBRE S.A.C.")
    made = shop.till.issued(body)
    assert made["header"]["issuer_legal_name"] == "EMPRESA EMISORA S.A.C."
