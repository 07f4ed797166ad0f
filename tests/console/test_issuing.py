"""The form of a sale as a request of the API, and back: what the form says is what the API would issue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.clock import FixedClock
from app.console.issuing.body import Before, body_of, sale_of
from app.console.issuing.customer import known
from app.console.issuing.lines import TAXES, line_of, tellable
from app.console.issuing.sale import Sale, read
from app.db import Database
from app.factory import app_of
from tests.support.builders import issue, series_id, tenant
from tests.support.databases import fresh
from tests.support.signing import fixed_certificate
from tests.support.web import Caller, account, office_on

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)
TODAY = date(2026, 11, 20)
CUSTOMER = {"customer_type": ["PE-RUC"], "customer_number": ["20987654326"], "customer_name": ["CLIENTE S.A."]}
LINE = {"lines.0.description": ["CAFÉ 1 KG"], "lines.0.quantity": ["2"], "lines.0.price": ["59.00"]}


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """An account that may sign, asked in process."""
    folder = tmp_path_factory.mktemp("issuing")
    with fresh("sqlite", folder) as url:
        database = Database(url)
        services = office_on(database, FixedClock(NOW), data_dir=Path(folder))
        _, key = account(services)
        caller = Caller(client=app_of(services).test_client(), credential=key)
        from base64 import b64encode

        answer = caller("POST", "/V1/digital_certificates", {
            "certificate_file": b64encode(fixed_certificate().pem_with_key()).decode(), "certificate_password": "",
        })
        assert answer.status_code in (200, 201), answer.text
        yield caller
        database.dispose()


def typed(**more: Any) -> Sale:
    return read({
        "kind": ["invoice"], "issue_date": [TODAY.isoformat()], "currency": ["PEN"], "prices": ["gross"],
        "payment": ["cash"], **CUSTOMER, **LINE, **{name: [value] for name, value in more.items()},
    })


def dry(till: Caller, sale: Sale, before: Before | None = None) -> Any:
    answer = till("POST", "/V1/documents?dry_run=1", body_of(sale, today=TODAY, before=before))
    assert answer.status_code == 200, answer.text
    return answer.json


def line(place: int, **values: str) -> dict[str, str]:
    return {f"lines.{place}.{name}": value for name, value in values.items()}


@pytest.mark.parametrize(("more", "total"), [
    ({}, "118.00"),
    ({"prices": "net"}, "139.24"),
    ({"kind": "boleta", "customer_type": "", "customer_number": "", "customer_name": ""}, "118.00"),
    ({"kind": "boleta", "customer_type": "PE-DNI", "customer_number": "41234567", "customer_name": "ROSA"}, "118.00"),
    ({"currency": "USD", "remark": "Gracias", "customer_email": "a@example.com"}, "118.00"),
    (line(0, discount="10"), "106.20"),
    ({**line(1, description="LIBRO", quantity="1", price="40", tax="exempt")}, "158.00"),
    ({**line(1, description="ARROZ", quantity="1.5", price="10", tax="unaffected", unit="KGM", sku="A1")}, "133.00"),
    ({**line(1, description="TAZA", quantity="1", price="5", tax="bonus")}, "118.00"),
    (line(0, price="1,180.00"), "2360.00"),
    ({"payment": "credit", "instalments.0.date": "2026-12-20"}, "118.00"),
    ({"payment": "credit", "instalments.0.date": "2026-12-20", "instalments.0.amount": "118"}, "118.00"),
    ({"detraction_code": "037", "detraction_rate": "12", "detraction_account": "00-011-123456",
      **line(0, price="590")}, "1180.00"),
])
def test_a_form_would_be_issued(till: Caller, more: dict[str, str], total: str) -> None:
    found = dry(till, typed(**more))
    assert f"{found['totals']['total_amount']}" == total
    assert not [item for item in found["observations"] if item["code"].startswith("CHQ-RATE")]


@pytest.mark.parametrize(("kind", "reason", "target", "type_id"), [
    ("credit_note", "01", "F001-1", "98"), ("credit_note", "07", "B001-1", "155"), ("debit_note", "02", "f001-1", "99"),
])
def test_a_note_changes_what_it_names(till: Caller, kind: str, reason: str, target: str, type_id: str) -> None:
    sale = typed(kind=kind, reason=reason, target=target, reason_text="Devolución", **line(0, discount="5"))
    body = body_of(sale, today=TODAY)
    assert body["header"]["document_type_id"] == type_id
    assert dry(till, sale)["totals"]["total_amount"] is not None


def test_a_name_without_a_document_is_not_dropped(till: Caller) -> None:
    body = body_of(typed(kind="boleta", customer_type="", customer_number="", customer_name="ROSA"), today=TODAY)
    answer = till("POST", "/V1/documents?dry_run=1", body)
    assert answer.status_code == 422
    assert "/header/receiver_tax_id_type" in [item["pointer"] for item in answer.json["errors"]]  # type: ignore[index]


def test_blank_rows_are_left_out_and_rows_move_up() -> None:
    sale = read({
        **{f"lines.{place}.quantity": ["1"] for place in range(4)}, "lines.2.description": [" PAN "],
        "lines.3.price": ["5"], "instalments.7.date": ["2026-12-01"], "lines.9.nonsense": ["x"], "else": ["y"],
    })
    assert [row.get("description", "") for row in sale.lines] == ["PAN", ""]
    assert sale.instalments == ({"date": "2026-12-01"},)
    assert sale.fields["lines.1.price"] == "5"
    assert "lines.0.description" in read({}).fields


def test_what_is_no_number_reaches_the_api_as_typed(till: Caller) -> None:
    body = body_of(typed(**line(0, price="mucho")), today=TODAY)
    assert body["details"][0]["unit_price"] == "mucho"
    answer = till("POST", "/V1/documents?dry_run=1", body)
    assert answer.status_code == 400
    assert [item["pointer"] for item in answer.json["errors"]] == ["/details/0/unit_price"]  # type: ignore[index]


SHOWN = {
    "header": {
        "document_type_id": "96", "document_sequence_code": "F001", "issue_date": "2026-11-01", "currency_id": "5",
        "receiver_tax_id_type": "PE-RUC", "receiver_tax_id_code": "20987654326", "receiver_legal_name": "CLIENTE S.A.",
        "issuer_legal_name": "X", "payment_conditions": "30", "document_number": 4, "external_id": "e",
        "additional": {"pe_header": {"incoterm": "FOB", "detraction": {"code": "037", "rate": "12"}}},
    },
    "details": [
        {"quantity": 2, "line_description": "VINO", "unit_measure": "NIU", "unit_price": "100.00",
         "modifier_percentage": "-5.0", "taxes": [{"tax_type_id": 413, "tax_percentage": 18, "tax_amount": 34.2}]},
        {"quantity": 1, "line_description": "RON", "unit_price": 100, "taxes": [
            {"tax_type_id": "413", "tax_percentage": 18, "tax_amount": 21.6},
            {"tax_type_id": "415", "tax_percentage": 20, "tax_amount": 20}]},
    ],
    "totals": {"total_amount": 1},
}


def test_a_voucher_is_issued_again_with_all_that_the_form_cannot_tell() -> None:
    before = Before(request=SHOWN, sunat_code="01", number="F001-4", purpose="again")
    sale = sale_of(before, today=TODAY, kind="invoice")
    assert (sale.get("currency"), sale.get("payment"), sale.get("detraction_rate")) == ("USD", "credit", "12")
    assert sale.instalments == ({"amount": "", "date": "2026-12-20"},)
    assert sale.lines[0] == {
        "description": "VINO", "quantity": "2", "unit": "NIU", "price": "100", "tax": "igv", "discount": "5", "sku": "",
        "from": "0",
    }
    assert [before.keeps_whole(row["from"]) for row in sale.lines] == [False, True]
    body = body_of(read({name: [value] for name, value in sale.fields.items()}), today=TODAY, before=before)
    assert body["details"][1] == SHOWN["details"][1]  # type: ignore[index]
    assert body["header"]["additional"]["pe_header"] == {
        "incoterm": "FOB", "price_mode": "net", "detraction": {"code": "037", "rate": "12"},
    }
    assert body["header"]["payment_conditions"] == "30"
    assert not {"document_number", "external_id", "issuer_legal_name"} & body["header"].keys()
    assert "totals" not in body
    assert SHOWN["header"]["document_number"] == 4  # type: ignore[index]


def test_a_note_begins_with_the_lines_of_what_it_changes() -> None:
    before = Before(request=SHOWN, sunat_code="01", number="F001-4", purpose="note")
    sale = sale_of(before, today=TODAY, kind="credit_note")
    assert (sale.get("target"), len(sale.lines), sale.get("payment"), sale.instalments) == ("F001-4", 2, "cash", ())
    body = body_of(sale, today=TODAY, before=before)
    assert body["references"][0]["reference_number"] == "F001-4"
    assert body["header"]["additional"]["pe_header"] == {"price_mode": "net"}
    assert "payment_conditions" not in body["header"]


@pytest.mark.parametrize(("change", "tells"), [
    ({}, True), ({"sku": None, "additional": None}, True), ({"long_description": "TINTO"}, True),
    ({"modifier_percentage": 5}, False), ({"modifier_amount": "-1"}, False),
    ({"taxes": [{"tax_type_id": "427", "tax_percentage": 0, "tax_amount": 0}]}, True),
    ({"taxes": [{"tax_type_id": "425", "tax_percentage": 0, "tax_amount": 0}]}, False),
    ({"additional": {"pe_detail": {"igv_affectation": "10", "igv_rate": "10.5"}}}, True),
    ({"additional": {"pe_detail": {"igv_affectation": "17"}}}, False),
    ({"additional": {"pe_detail": {"icbper": {"bags": 1}}}}, False), ({"additional": {"mx_detail": {}}}, False),
    ({"taxes": []}, False),
])
def test_a_line_is_told_whole_or_not_at_all(change: dict[str, Any], tells: bool) -> None:
    assert tellable({**SHOWN["details"][0], **change}) is tells  # type: ignore[index]


def test_the_reduced_rate_comes_back_as_itself() -> None:
    detail = {**SHOWN["details"][0], "additional": {"pe_detail": {"igv_affectation": "10", "igv_rate": "10.5"}}}  # type: ignore[index]
    assert line_of(detail, 0)["tax"] == "reduced"
    assert set(TAXES) >= {"igv", "reduced"}


def test_a_customer_is_known_by_his_document(database: Database) -> None:
    owner, other = tenant(database, NOW), tenant(database, NOW, ruc="20600000005")
    with database.write() as session:
        issue(session, series_id(database, owner), NOW, receiver_number="20987654326", receiver_name="ANTES S.A.",
              request={"header": {"receiver_address": "CALLE 1"}})
    with database.read() as session:
        def ask(kind: str, number: str, account_id: int = owner.account_id) -> Any:
            return known(session, account_id, identity_type=kind, number=number)

        found = ask("PE-RUC", "20 98765432-6")
        assert (found.number, found.tone, found.name, found.address) == (
            "20987654326", "good", "ANTES S.A.", "CALLE 1")
        assert ask("PE-RUC", "20987654326", other.account_id).name == ""
        assert [ask("PE-RUC", text).text.es for text in ("20987654325", "2098765432", "99987654325")] == [
            "Un dígito del RUC está mal: revíselo", "Un RUC tiene 11 dígitos",
            "Un RUC empieza con 10, 15, 16, 17 o 20"]
        assert (ask("PE-DNI", "4123456").tone, ask("PE-DNI", "41234567").tone, ask("", "x").tone) == ("bad", "good", "")
        assert known(session, owner.account_id, identity_type="PE-RUC", number="20987654326", branches=()).name == ""
