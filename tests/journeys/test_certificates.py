"""Certificates of retention and perception over real HTTP: issued and accepted by their own service, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.almanac import rates
from app.ledger.models import DocumentRecord
from sunat import xml
from sunat.numbering import VoucherId
from sunat.sandbox import State
from sunat.transport.endpoints import PATHS, Environment, Service
from tests.support.world import Tenancy, World, body_of, world

FIXTURES = Path(__file__).parents[2] / "fixtures"
TODAY = "2026-11-20"
Change = Callable[[Any], None]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("certificates")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    made = place.open()
    for type_id, series in (("109", "R001"), ("940", "P001")):
        answer = made.till("PATCH", f"/V1/document_types/{type_id}", {
            "document_sequence_code": series, "last_sequence_number": 0,
        })
        assert answer.status_code == 201, answer.text
    return made


def certificate(shop: Tenancy, name: str) -> Any:
    """A body of the fixtures, issued by the shop."""
    body = json.loads((FIXTURES / name / "request.json").read_text(encoding="utf-8"))
    body["header"]["issuer_tax_id_code"] = shop.ruc
    return body


def row(body: Any, index: int = 0) -> Any:
    """The details of a reference, of either kind."""
    (found,) = body["references"][index]["additional"].values()
    return found


def whole(body: Any) -> Any:
    """The header's part of a certificate, of either kind."""
    (found,) = (value for name, value in body["header"]["additional"].items() if name != "pe_header")
    return found


@pytest.mark.parametrize("name", [
    "retention/several_payments", "retention/with_credit_note", "retention/dollars_and_soles",
    "perception/several_payments", "perception/exceptional", "perception/boleta_of_a_person",
])
def test_a_certificate_is_issued_and_accepted(place: World, shop: Tenancy, name: str) -> None:
    body = certificate(shop, name)
    posted = shop.till.issued(body)
    settled = shop.till.settled(posted["document_id"])
    assert settled["status"] == "accepted", settled["delivery"]
    header = settled["header"]
    code = {"retention": "20", "perception": "40"}[name.partition("/")[0]]
    assert header["document_type_taxbureau"] == code
    assert header["number"].startswith({"20": "R001-0000", "40": "P001-0000"}[code])
    assert settled["details"] == []
    first = "B001-00000014" if name == "perception/boleta_of_a_person" else "F001-00000080"
    assert settled["references"][0]["reference_number"] == first
    qr_text = settled["electronic_document"]["qr_text"]
    assert qr_text.startswith(f"{shop.ruc}|{code}|{header['document_sequence_code']}|")
    entry = place.sandbox.ledger.get(VoucherId(
        ruc=shop.ruc, type_code=code, series=header["document_sequence_code"], number=header["document_number"]
    ))
    assert entry is not None
    assert (entry.state, entry.total) == (State.ACCEPTED, Decimal(settled["totals"]["total_amount"]))
    listed = shop.till("GET", "/V1/documents", params={"document_type_id": posted["header"]["document_type_id"]}).json()
    assert str(posted["document_id"]) in [one["document_id"] for one in listed["documents"]]


def test_amounts_left_out_are_those_of_the_law_and_given_ones_are_used(shop: Tenancy) -> None:
    body = certificate(shop, "retention/one_payment")
    assert shop.till.issue(body, dry_run=1).json()["totals"]["total_amount"] == "35.40"
    row(body)["pe_reference_sunat_retention_amount"] = "35.41"
    answer = shop.till.issue(body, dry_run=1).json()
    assert answer["totals"]["total_amount"] == "35.41"
    assert [(one["code"], one["pointer"]) for one in answer["observations"]] == [
        ("CHQ-WITHHELD", "/references/0/additional/pe_retention_details/pe_reference_sunat_retention_amount")
    ]


def test_a_payment_in_dollars_takes_the_rate_of_its_day(place: World, shop: Tenancy) -> None:
    body = certificate(shop, "retention/dollars")
    del row(body)["calculation_rate"], row(body)["calculation_rate_date"]
    refused = shop.till.issue(body)
    pointer = "/references/0/additional/pe_retention_details/calculation_rate"
    assert [(one["code"], one["pointer"]) for one in refused.json()["errors"]] == [("2721", pointer)]
    with place.office.database.write() as session:
        rates.keep(session, [rates.DayRate(
            day=date(2026, 11, 18), currency="USD", buy=Decimal("3.740"), sell=Decimal("3.750")
        )], actor="cli", now=place.clock.now())
    posted = shop.till.issued(body)
    assert shop.till.settled(posted["document_id"])["totals"]["total_amount"] == "22.50"
    signed = xml.parse(shop.till("GET", f"/V1/documents/{posted['document_id']}/xml").content)
    day = "sac:SUNATRetentionDocumentReference/sac:SUNATRetentionInformation/cac:ExchangeRate/cbc:Date"
    assert xml.text(signed, day) == "2026-11-18"


def _set(**members: Any) -> Change:
    return lambda body: row(body).update(members)


def _whole(**members: Any) -> Change:
    return lambda body: whole(body).update(members)


def _header(**members: Any) -> Change:
    return lambda body: body["header"].update(members)


def _cited(**members: Any) -> Change:
    return lambda body: body["references"][0].update(members)


def _without(name: str) -> Change:
    return lambda body: row(body).pop(name)


def _twice(body: Any) -> None:
    body["references"].append(deepcopy(body["references"][0]))
    row(body, 0)["reference_payment_id"] = row(body, 1)["reference_payment_id"] = "1"


def _own_ruc(body: Any) -> None:
    body["header"]["receiver_tax_id_code"] = body["header"]["issuer_tax_id_code"]


_R = "/header/additional/pe_retention_header"
_RD = "/references/0/additional/pe_retention_details"
_P = "/header/additional/pe_perception_header"
_PD = "/references/0/additional/pe_perception_details"
BAD: dict[str, tuple[str, Change, set[tuple[str, str]]]] = {
    "an amount far from the rate": ("retention/one_payment", _set(pe_reference_sunat_retention_amount="50.00"), {
        ("2623", f"{_RD}/pe_reference_sunat_retention_amount")}),
    "a net that does not follow": ("retention/one_payment", _set(reference_net_paid_amount="1180.00"), {
        ("2623", f"{_RD}/reference_net_paid_amount")}),
    "a total that is not the sum": ("retention/one_payment", _whole(pe_sunat_total_paid="1144.61"), {
        ("2629", f"{_R}/pe_sunat_total_paid")}),
    "a payment of another month": ("retention/several_payments", _set(reference_paid_date="2026-10-30"), {
        ("2625", f"{_RD}/reference_paid_date"),
        ("2661", "/references/1/additional/pe_retention_details/reference_paid_date"),
        ("2661", "/references/2/additional/pe_retention_details/reference_paid_date")}),
    "an unknown regime": ("retention/amounts_given", _whole(pe_sunat_retention_system_code="09"), {
        ("2618", f"{_R}/pe_sunat_retention_system_code")}),
    "no regime": ("perception/one_payment", _whole(pe_sunat_perception_system_code=None), {
        ("2602", f"{_P}/pe_sunat_perception_system_code")}),
    "a rate of another regime": ("retention/one_payment", _whole(pe_sunat_retention_percent="6"), {
        ("2619", f"{_R}/pe_sunat_retention_percent")}),
    "a rate of nothing": ("retention/one_payment", _whole(pe_sunat_retention_percent="0"), {
        ("CHQ-PERCENT", f"{_R}/pe_sunat_retention_percent")}),
    "the issuer's own RUC": ("retention/one_payment", _own_ruc, {("2620", "/header/receiver_tax_id_code")}),
    "the issuer's own RUC (40)": ("perception/one_payment", _own_ruc, {("2604", "/header/receiver_tax_id_code")}),
    "a supplier without RUC": ("retention/one_payment", _header(
        receiver_tax_id_type="PE-DNI", receiver_tax_id_code="45678912"), {
        ("2511", "/header/receiver_tax_id_type"), ("2724", "/header/receiver_tax_id_code")}),
    "a boleta": ("retention/one_payment", _cited(document_type_id="97"), {("2692", "/references/0/document_type_id")}),
    "no number": ("retention/one_payment", _cited(reference_number="F001"), {
        ("2694", "/references/0/reference_number")}),
    "no voucher": ("retention/one_payment", lambda body: body["references"].clear(), {("REQUIRED", "/references")}),
    "no day of the voucher": ("retention/one_payment", _cited(reference_date=None), {
        ("REQUIRED", "/references/0/reference_date")}),
    "no payment": ("retention/one_payment", _without("reference_paid_amount"), {
        ("2735", f"{_RD}/reference_paid_amount")}),
    "a payment of nothing": ("perception/one_payment", _set(reference_collected_amount="0"), {
        ("2700", f"{_PD}/reference_collected_amount")}),
    "no day of the payment": ("perception/one_payment", _without("reference_collected_date"), {
        ("2702", f"{_PD}/reference_collected_date")}),
    "no total of the voucher": ("perception/one_payment", _without("reference_total_invoice_amount"), {
        ("2696", f"{_PD}/reference_total_invoice_amount")}),
    "the same payment twice": ("retention/one_payment", _twice, {("2626", "/references/1/reference_number")}),
    "a rate for soles": ("retention/one_payment", _set(calculation_rate="3.75"), {
        ("EXCHANGE_RATE", f"{_RD}/calculation_rate")}),
    "a certificate in dollars": ("retention/one_payment", _header(currency_id=5), {("2728", "/header/currency_id")}),
    "an unknown currency": ("retention/one_payment", _set(currency_id="999"), {
        ("UNKNOWN_CURRENCY", f"{_RD}/currency_id")}),
    "an exceptional one of two": ("perception/several_payments", _whole(exceptional_indicator=True), {
        ("3323", "/references/1/reference_number")}),
    "an exceptional one of a boleta": ("perception/boleta_of_a_person", _whole(exceptional_indicator=True), {
        ("3324", "/references/0/document_type_id")}),
    "too old": ("retention/one_payment", _header(issue_date="2026-11-12"), {
        ("2600", "/header/issue_date"), ("2625", f"{_RD}/reference_paid_date")}),
    "a rounding of two soles": ("perception/one_payment", _whole(rounding_amount="2"), {
        ("3303", f"{_P}/rounding_amount")}),
    "a series of facturas": ("retention/one_payment", _header(document_sequence_code="F001"), {
        ("SERIES_FORMAT", "/header/document_sequence_code")}),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_and_nothing_is_taken(place: World, shop: Tenancy, case: str) -> None:
    name, change, expected = BAD[case]
    body = certificate(shop, name)
    change(body)
    before = place.held()
    answer = shop.till.issue(body)
    assert answer.status_code == 422, answer.text
    told = answer.json()["errors"]
    assert {(one["code"], one["pointer"]) for one in told if one["severity"] == "error"} == expected
    assert place.held() == before


def test_what_a_perception_lists_is_looked_up_in_our_ledger(place: World, shop: Tenancy) -> None:
    """3312 and 3329 by our own facturas, and what the office itself knows against one."""
    cash = shop.till.issued(body_of(shop, issue_date=date(2026, 11, 20)))
    credit = shop.till.issued(body_of(shop, issue_date=date(2026, 11, 20), payment_conditions="30"))
    body = certificate(shop, "perception/one_payment")
    body["header"]["receiver_tax_id_code"] = cash["header"]["receiver_tax_id_code"]

    def citing(document: Any, **changes: Any) -> set[str]:
        body["references"][0] |= {"reference_number": document["header"]["number"], "reference_date": TODAY, **changes}
        row(body)["reference_collected_date"] = TODAY
        answer = shop.till.issue(body, dry_run=1).json()
        return {one["code"] for one in answer.get("errors") or answer["observations"]}

    assert citing(credit) == set()
    assert citing(cash) == {"3329"}
    assert citing(credit, reference_date="2026-11-19") == {"CHQ-TARGET-DATE"}
    row(body)["reference_total_invoice_amount"] = "2000"
    assert citing(credit) == {"CHQ-TARGET-TOTAL"}
    row(body)["reference_total_invoice_amount"] = "1180"
    body["header"]["receiver_tax_id_code"] = "20100070970"
    assert citing(credit) == {"CHQ-TARGET-CUSTOMER"}
    body["header"]["receiver_tax_id_code"] = cash["header"]["receiver_tax_id_code"]
    whole(body)["exceptional_indicator"] = True
    assert (citing(cash), citing(credit)) == (set(), {"3325"})
    whole(body)["exceptional_indicator"] = False
    by_id = {"reference_number": None, "reference_document_id": credit["document_id"]}
    body["references"][0].update(by_id)
    answer = shop.till.issue(body, dry_run=1)
    assert (answer.status_code, answer.json().get("observations")) == (200, []), answer.text
    assert shop.till.settled(credit["document_id"])["status"] == "accepted"
    with place.office.database.write() as session:
        session.execute(
            update(DocumentRecord).where(DocumentRecord.id == credit["document_id"]).values(status="voided")
        )
    assert shop.till.issue(body, dry_run=1).json()["errors"][0]["code"] == "CHQ-TARGET-STATE"


def test_a_certificate_goes_to_the_service_of_other_vouchers(place: World, shop: Tenancy) -> None:
    assert PATHS[Environment.SANDBOX, Service.OTHER_CPE] != PATHS[Environment.SANDBOX, Service.BILL]
    posted = shop.till.issued(certificate(shop, "retention/one_payment"))
    assert shop.till.settled(posted["document_id"])["status"] == "accepted"


def test_lines_are_asked_of_sales_only(shop: Tenancy) -> None:
    sale = body_of(shop)
    del sale["details"]
    answer = shop.till.issue(sale)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/details")
    by_code = certificate(shop, "retention/by_sunat_code")
    assert shop.till.issue(by_code, dry_run=1).status_code == 200
