"""Purchase settlements over real HTTP: issued and accepted with the parties in each other's places, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.accounts.models import AccountRecord
from app.ledger.models import DocumentRecord
from sunat import xml
from sunat.numbering import VoucherId
from sunat.sandbox import State
from tests.support.world import Tenancy, World, world

FIXTURES = Path(__file__).parents[2] / "fixtures" / "settlement"
LIMIT = 75 * 5500
Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("settlements")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    made = place.open()
    answer = made.till("PATCH", "/V1/document_types/904", {
        "document_sequence_code": "L001", "last_sequence_number": 0,
    })
    assert answer.status_code == 201, answer.text
    return made


def settlement(shop: Tenancy, name: str = "taxed_with_income_tax") -> Any:
    """A body of the fixtures, issued by the shop."""
    body = json.loads((FIXTURES / name / "request.json").read_text(encoding="utf-8"))
    body["header"]["issuer_tax_id_code"] = shop.ruc
    return body


def own(body: Any) -> Any:
    """What only a settlement says."""
    return body["header"]["additional"]["pe_purchase_settlement"]


def test_a_settlement_is_issued_and_accepted(place: World, shop: Tenancy) -> None:
    posted = shop.till.issued(settlement(shop))
    settled = shop.till.settled(posted["document_id"])
    assert settled["status"] == "accepted", settled["delivery"]
    header = settled["header"]
    assert (header["document_type_taxbureau"], header["document_type_id"]) == ("04", 904)
    assert header["number"].startswith("L001-0000")
    assert settled["totals"] == {"net_amount": 1000, "taxes_amount": 180, "total_amount": "985.00"}
    qr_text = settled["electronic_document"]["qr_text"]
    assert qr_text.startswith(f"{shop.ruc}|04|L001|{header['document_number']}|180.00|985.00|2026-11-20|1|40123456|")
    signed = xml.parse(shop.till("GET", f"/V1/documents/{posted['document_id']}/xml").content)
    identity = "cac:Party/cac:PartyIdentification/cbc:ID"
    assert xml.text(signed, f"cac:AccountingSupplierParty/{identity}") == "40123456"
    assert xml.text(signed, f"cac:AccountingCustomerParty/{identity}") == shop.ruc
    entry = place.sandbox.ledger.get(VoucherId(
        ruc=shop.ruc, type_code="04", series="L001", number=header["document_number"]
    ))
    assert entry is not None
    assert (entry.state, entry.total) == (State.ACCEPTED, Decimal("985.00"))


def test_what_the_seller_is_paid_is_explained(shop: Tenancy) -> None:
    told = shop.till.issue(settlement(shop, "uses_an_advance"), dry_run=1, explain=1).json()["totals"]["explanation"]
    steps = {step["code"]: step["amount"] for step in told["payable"]["steps"]}
    assert steps == {"price": "1180.00", "kept": "-195.00", "prepaid": "-394.00"}
    assert told["payable"]["amount"] == "591.00"
    posted = shop.till.issued(settlement(shop))
    assert shop.till.settled(posted["document_id"])["status"] == "accepted"
    stored = shop.till("GET", f"/V1/documents/{posted['document_id']}", params={"explain": 1}).json()["totals"]
    assert [step["amount"] for step in stored["explanation"]["payable"]["steps"]] == ["1180.00", "-195.00"]


def _own(part: str, **members: Any) -> Change:
    return lambda body: own(body)[part].update(members)


def _header(**members: Any) -> Change:
    return lambda body: body["header"].update(members)


def _pe(**members: Any) -> Change:
    return lambda body: body["header"]["additional"]["pe_header"].update(members)


def _line(**members: Any) -> Change:
    return lambda body: body["details"][0].update(members)


def _pe_line(**members: Any) -> Change:
    return lambda body: body["details"][0].update(additional={"pe_detail": members})


def _tax(type_id: str, percent: int = 0, amount: int = 0) -> Change:
    return _line(taxes=[{"tax_type_id": type_id, "tax_percentage": percent, "tax_amount": amount}])


_NAME = "pe_purchase_settlement"
_S = f"/header/additional/{_NAME}"
_H = "/header/additional/pe_header"
BAD: dict[str, tuple[Change, set[tuple[str, str]]]] = {
    "a seller with a RUC": (_header(receiver_tax_id_type="PE-RUC", receiver_tax_id_code="20987654326"), {
        ("2800", "/header/receiver_tax_id_type")}),
    "a DNI of seven digits": (_header(receiver_tax_id_code="4012345"), {
        ("CHQ-SELLER-DNI", "/header/receiver_tax_id_code")}),
    "a passport with blanks": (_header(receiver_tax_id_type="PE-PAS", receiver_tax_id_code="AB 123"), {
        ("2802", "/header/receiver_tax_id_code")}),
    "no seller": (_header(receiver_legal_name=None), {("REQUIRED", "/header/receiver_legal_name")}),
    "no address of the seller": (lambda body: own(body).pop("seller_address"), {
        ("2452", f"{_S}/seller_address/address_line"), ("2453", f"{_S}/seller_address/ubigeo"),
        ("2456", f"{_S}/seller_address/type")}),
    "no place": (lambda body: own(body).pop("operation_place"), {
        ("2454", f"{_S}/operation_place/address_line"), ("2455", f"{_S}/operation_place/ubigeo"),
        ("2458", f"{_S}/operation_place/type")}),
    "a place that is nowhere": (_own("operation_place", ubigeo="999999"), {
        ("2917", f"{_S}/operation_place/ubigeo")}),
    "an unknown sort of place": (_own("operation_place", type="9"), {("2459", f"{_S}/operation_place/type")}),
    "a short address": (_own("seller_address", address_line="AB"), {("2593", f"{_S}/seller_address/address_line")}),
    "nothing of its own": (lambda body: (body.pop("totals"), body["header"]["additional"].pop(_NAME)), {
        ("2452", "/header/receiver_address"), ("2453", f"{_H}/receiver_ubigeo"),
        ("2456", f"{_S}/seller_address/type"), ("2454", f"{_S}/operation_place/address_line"),
        ("2455", f"{_S}/operation_place/ubigeo"), ("2458", f"{_S}/operation_place/type")}),
    "income tax of another amount": (_own("income_tax", amount="16.00"), {
        ("CHQ-TOTALS", f"{_S}/income_tax/amount")}),
    "income tax on another base": (_own("income_tax", base="900.00"), {("CHQ-TOTALS", f"{_S}/income_tax/base")}),
    "the price for the total": (lambda body: body["totals"].update(total_amount=1180), {
        ("CHQ-TOTALS", "/totals/total_amount")}),
    "a sale's operation": (_pe(operation_type="0101"), {("3206", f"{_H}/operation_type")}),
    "gold without its concepts": (_pe(operation_type="0503"), {
        (code, "/details/0/additional/pe_detail/properties") for code in ("2466", "2467", "2468", "2469")}),
    "a detraction": (_pe(detraction={"code": "037", "rate": "12"}), {("CHQ-SETTLEMENT", f"{_H}/detraction")}),
    "a line's discount": (_line(modifier_amount=-5), {("CHQ-SETTLEMENT", "/details/0/modifier_amount")}),
    "a discount of the whole": (lambda body: body.update(globals_discounts_surcharges=[
        {"discount_surcharge_code": "DA", "discount_surcharge_value": 5}]), {
        ("CHQ-SETTLEMENT", "/globals_discounts_surcharges")}),
    "an export": (_tax("425"), {("CHQ-SETTLEMENT", "/details/0/taxes")}),
    "an excise": (_pe_line(isc={"system": "01", "rate": "10"}), {("CHQ-SETTLEMENT", "/details/0/taxes")}),
    "tomorrow": (_header(issue_date="2026-11-21"), {("2329", "/header/issue_date")}),
    "two days ago": (_header(issue_date="2026-11-18"), {("2108", "/header/issue_date")}),
    "an advance that does not add up": (_pe(advances=[
        {"number": "L001-7", "total_amount": "394.00", "base_amount": "394.00", "income_tax_amount": "6.00"}]), {
        ("CHQ-ADVANCE", f"{_H}/advances/0/total_amount")}),
    "an advance by a factura": (_pe(advances=[
        {"number": "F001-7", "total_amount": "394.00", "document_type": "02"}]), {
        ("2465", f"{_H}/advances/0/document_type")}),
    "an advance larger than the purchase": (_pe(advances=[{"number": "L001-7", "total_amount": "2000.00"}]), {
        ("CHQ-WHOLE", f"{_H}/advances")}),
    "more income tax of the advance": (_pe(advances=[
        {"number": "L001-7", "total_amount": "380.00", "income_tax_amount": "20.00"}]), {
        ("CHQ-WHOLE", f"{_H}/advances")}),
    "a series of facturas": (_header(document_sequence_code="F001"), {
        ("SERIES_FORMAT", "/header/document_sequence_code")}),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_and_nothing_is_taken(place: World, shop: Tenancy, case: str) -> None:
    change, expected = BAD[case]
    body = settlement(shop)
    change(body)
    before = place.held()
    answer = shop.till.issue(body)
    assert answer.status_code == 422, answer.text
    told = answer.json()["errors"]
    assert {(one["code"], one["pointer"]) for one in told if one["severity"] == "error"} == expected
    assert place.held() == before


def test_a_seller_may_sell_so_much_a_year_and_no_more(place: World) -> None:
    """What was settled until yesterday counts; what is dead does not; passing the limit is told the same day."""
    shop = place.open()
    shop.till("PATCH", "/V1/document_types/904", {"document_sequence_code": "L001", "last_sequence_number": 0})
    body = settlement(shop, "exempt_products")
    body["header"]["issue_date"] = "2026-11-19"
    body["details"][0].update(quantity=1, unit_price=LIMIT)
    first = shop.till.issued(body)
    assert first["observations"] == []
    body["details"][0]["unit_price"] = 1
    second = shop.till.issued(body)
    assert [(one["code"], one["pointer"]) for one in second["observations"]] == [
        ("CHQ-SELLER-LIMIT", "/header/receiver_tax_id_code")
    ]
    body["header"]["issue_date"] = "2026-11-20"
    refused = shop.till.issue(body)
    told = refused.json()["errors"]
    assert {(one["code"], one["pointer"]) for one in told if one["severity"] == "error"} == {
        ("2451", "/totals/net_amount")
    }
    another = deepcopy(body)
    another["header"]["receiver_tax_id_code"] = "40123457"
    assert shop.till.issue(another, dry_run=1).status_code == 200
    assert shop.till.settled(first["document_id"])["status"] == "accepted"
    assert shop.till.settled(second["document_id"])["status"] == "accepted"
    with place.office.database.write() as session:
        session.execute(
            update(DocumentRecord).where(DocumentRecord.id == first["document_id"]).values(status="voided")
        )
    assert shop.till.issue(body, dry_run=1).json()["observations"] == []


def test_who_has_no_income_of_the_third_category_settles_nothing(place: World, shop: Tenancy) -> None:
    with place.office.database.write() as session:
        session.execute(
            update(AccountRecord).where(AccountRecord.id == shop.account_id).values(tax_regime="nrus")
        )
    answer = shop.till.issue(settlement(shop))
    with place.office.database.write() as session:
        session.execute(
            update(AccountRecord).where(AccountRecord.id == shop.account_id).values(tax_regime="general")
        )
    assert [one["code"] for one in answer.json()["errors"]] == ["2463"]
