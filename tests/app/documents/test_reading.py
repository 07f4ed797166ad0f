"""Reading requests: payment terms, fingerprints, pointers, parties, and the remarks on the way."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.documents.drafting import draft_offline
from app.documents.fingerprint import fingerprint
from app.documents.pointers import pointer_of
from app.documents.schemas import TRANSLATORS
from app.documents.schemas.payment import payment_of
from app.documents.schemas.reading import IssuerCard, Reading
from app.documents.schemas.request import DocumentRequest
from app.problems import Refused
from sunat.documents import Address
from sunat.kinds import kind

FIXTURES = Path(__file__).parents[3] / "fixtures"
ISSUER = IssuerCard(
    ruc="20123456786", legal_name="EMPRESA EMISORA S.A.C.", trade_name="", address=Address(), establishment_code="0000"
)
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
D = Decimal


def request(case: str = "invoice/cash") -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / case / "request.json").read_text(encoding="utf-8"), parse_float=D)
    return body


def reading(body: dict[str, Any]) -> Reading:
    return Reading(body=DocumentRequest().load(body), issuer=ISSUER, today=date(2026, 11, 20), now=time(10, 30))


def refused(body: dict[str, Any], code: str = "01", series: str = "F001") -> list[tuple[str, str]]:
    """The errors of a request, as code and pointer."""
    try:
        _, items = draft_offline(DocumentRequest().load(body), kind(code), ISSUER, series=series, number=1, now=NOW)
    except Refused as problem:
        items = problem.items
    return [(item.code, item.pointer) for item in items if item.severity == "error"]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ("0", ("cash", None, [])),
        ("", ("cash", None, [])),
        ("0,0", ("cash", None, [])),
        ("30", ("credit", "100.00", [("100.00", "2026-12-20")])),
        ("30,60,90", ("credit", "100.00", [
            ("33.33", "2026-12-20"), ("33.33", "2027-01-19"), ("33.34", "2027-02-18"),
        ])),
        ("0,30,60", ("credit", "66.67", [("33.33", "2026-12-20"), ("33.34", "2027-01-19")])),
        ("0, 30", ("credit", "50.00", [("50.00", "2026-12-20")])),
    ],
)
def test_due_days_become_instalments(conditions: str, expected: tuple[str, str | None, list[tuple[str, str]]]) -> None:
    body = request()
    body["header"]["payment_conditions"] = conditions
    terms = payment_of(reading(body), D("100.00"))
    instalments = [(str(row.amount), row.due_date.isoformat()) for row in terms.instalments]
    assert (terms.kind, None if terms.pending is None else str(terms.pending), instalments) == expected


@pytest.mark.parametrize("conditions", ["x", "-1", "30;60", "1.5", "99999", "30,"])
def test_conditions_that_say_nothing_are_refused_at_their_field(conditions: str) -> None:
    body = request()
    body["header"]["payment_conditions"] = conditions
    assert refused(body) == [("PAYMENT_CONDITIONS", "/header/payment_conditions")]


def test_writing_does_not_change_the_fingerprint_but_meaning_does() -> None:
    body = request("credit_note/whole_invoice")
    first = fingerprint(DocumentRequest().load(body))
    same = copy.deepcopy(body)
    same["header"] = dict(reversed(same["header"].items()))
    same["header"]["account_id"] = "1"
    same["header"]["currency_id"] = "7"
    same["header"]["issuer_phone"] = " 010000000 "
    same["details"][0]["unit_price"] = "1000.00"
    same["references"][0]["reference_number"] = "F001-87"
    same["never_heard_of"] = {"x": 1}
    assert fingerprint(DocumentRequest().load(same)) == first
    other = copy.deepcopy(body)
    other["details"][0]["unit_price"] = "1000.01"
    assert fingerprint(DocumentRequest().load(other)) != first


def test_the_padding_of_an_advances_number_does_not_count() -> None:
    def printed(number: str) -> str:
        body = request()
        body["header"]["additional"]["pe_header"]["advances"] = [{"number": number, "total_amount": "118"}]
        return fingerprint(DocumentRequest().load(body))

    assert printed("F001-87") == printed("F001-00000087")
    assert printed("F001-87") != printed("F001-88")


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("lines.3.unit", "/details/3/unit_measure"),
        ("lines.0", "/details/0"),
        ("lines.0.taxes.rate", "/details/0/taxes/0/tax_percentage"),
        ("customer.identity_code", "/header/receiver_tax_id_type"),
        ("customer.address.district", "/header/receiver_district"),
        ("payment.instalments.1", "/header/payment_conditions"),
        ("target.number", "/references/0/reference_number"),
        ("totals.payable", "/totals/total_amount"),
        ("", "/header"),
    ],
)
def test_fields_point_into_the_body(field: str, pointer: str) -> None:
    assert pointer_of(field, {}) == pointer


def test_explicit_terms_are_pointed_at_where_they_were_sent() -> None:
    body = request("invoice/credit_explicit")
    assert pointer_of("payment.instalments.1", body) == "/header/additional/pe_header/payment/instalments/1"


def test_everything_wrong_is_told_at_once() -> None:
    body = request()
    body["header"].update(
        issuer_tax_id_code="20987654326", receiver_tax_id_type="PE-XYZ", currency_id=99, payment_conditions="soon"
    )
    body["details"][0]["quantity"] = 0
    body["details"].append({**copy.deepcopy(request()["details"][0]), "taxes": []})
    assert set(refused(body)) == {
        ("ISSUER_MISMATCH", "/header/issuer_tax_id_code"),
        ("UNKNOWN_IDENTITY_TYPE", "/header/receiver_tax_id_type"),
        ("UNKNOWN_CURRENCY", "/header/currency_id"),
        ("PAYMENT_CONDITIONS", "/header/payment_conditions"),
        ("CHQ-LINE", "/details/0/quantity"),
        ("3105", "/details/1/taxes"),
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"receiver_tax_id_code": "20987654321"}, ("CHQ-CUSTOMER-RUC", "/header/receiver_tax_id_code")),
        ({"receiver_tax_id_code": "2098765432"}, ("2017", "/header/receiver_tax_id_code")),
        (
            {"receiver_tax_id_type": "PE-DNI", "receiver_tax_id_code": "12345678"},
            ("2800", "/header/receiver_tax_id_type"),
        ),
        ({"issue_date": "2026-11-23"}, ("2329", "/header/issue_date")),
        ({"issue_date": "2026-11-16"}, ("2108", "/header/issue_date")),
        ({"receiver_legal_name": "AB"}, ("2022", "/header/receiver_legal_name")),
    ],
)
def test_the_law_speaks_in_the_callers_fields(change: dict[str, str], expected: tuple[str, str]) -> None:
    body = request()
    body["header"].update(change)
    assert expected in refused(body)


def test_a_customer_without_a_name_needs_one_above_700() -> None:
    body = request("boleta/anonymous")
    assert refused(body, "03", "B001") == []
    tax = {"tax_type_id": "413", "tax_percentage": 18, "tax_amount": "106.78"}
    body["details"][0].update(unit_price="593.23", taxes=[tax])
    body["totals"] = {"net_amount": "593.23", "taxes_amount": "106.78", "total_amount": "700.01"}
    (found,) = refused(body, "03", "B001")
    assert found[0].startswith("CHQ-")
    assert found[1] == "/header/receiver_tax_id_code"


def test_totals_that_do_not_add_up_say_which_and_why() -> None:
    body = request()
    body["totals"]["total_amount"] = "1180.01"
    with pytest.raises(Refused) as caught:
        draft_offline(DocumentRequest().load(body), kind("01"), ISSUER, series="F001", number=1, now=NOW)
    (item,) = caught.value.items
    assert (item.code, item.pointer) == ("CHQ-TOTALS", "/totals/total_amount")
    assert "1180.00" in item.message.es
    assert "1180.01" in item.message.es


@pytest.mark.parametrize("hostile", ["precio ]]> x", "a\x01b", "a\x1fb", "a\x85b"])
def test_texts_that_break_xml_are_refused_at_their_field(hostile: str) -> None:
    body = request()
    body["details"][0]["line_description"] = hostile
    assert refused(body) == [("CHQ-TEXT", "/details/0/line_description")]


@pytest.mark.parametrize(
    ("percent", "day", "allowed"),
    [
        ("17", "2026-11-20", False), ("0", "2026-11-20", False), ("18", "2026-11-20", True),
        ("10.5", "2026-11-20", True), ("10", "2026-11-20", False),
    ],
)
def test_a_rate_that_is_not_in_force_is_named_at_its_percentage(percent: str, day: str, allowed: bool) -> None:
    body = request()
    body["header"]["issue_date"] = day
    tax = str((D(1000) * D(percent) / 100).quantize(D("0.01")))
    body["details"][0].update(total_taxes=None, total_amount_line=None)
    body["details"][0]["taxes"][0].update(tax_percentage=percent, tax_amount=tax)
    del body["totals"]
    found = refused(body)
    assert (("CHQ-RATE", "/details/0/taxes/0/tax_percentage") not in found) == allowed
    assert not allowed or found == []


def test_a_note_may_follow_the_rate_of_what_it_corrects() -> None:
    body = request("credit_note/whole_invoice")
    body["details"][0].update(total_taxes=None, total_amount_line=None)
    body["details"][0]["taxes"][0].update(tax_percentage=10, tax_amount=100)
    del body["totals"]
    assert refused(body, "07", "FC01") == []


def hints(body: dict[str, Any], code: str = "01", series: str = "F001") -> dict[str, str]:
    """The hint of each error, by its code."""
    try:
        _, items = draft_offline(DocumentRequest().load(body), kind(code), ISSUER, series=series, number=1, now=NOW)
    except Refused as problem:
        items = problem.items
    return {item.code: item.hint.es for item in items if item.severity == "error"}


def test_a_hint_says_what_to_write_into_the_contracts_field() -> None:
    factura = request()
    factura["header"].update(receiver_tax_id_type="PE-DNI", receiver_tax_id_code="12345678")
    assert hints(factura)["2800"] == "Use PE-RUC."
    note = request("credit_note/whole_boleta")
    note["references"][0]["document_type_id"] = "96"
    note["references"][0]["reference_number"] = "F001-87"
    told = hints(note, "07", "BC01")
    assert "97" in told["2399"]
    assert "'03'" not in told["2399"]


@pytest.mark.parametrize(("number", "identified"), [("1", False), ("1234567", False), ("12345678", True)])
def test_a_dni_that_is_none_identifies_nobody_above_700(number: str, identified: bool) -> None:
    body = request("boleta/dni")
    body["header"]["receiver_tax_id_code"] = number
    assert (refused(body, "03", "B001") == []) == identified
    if not identified:
        assert refused(body, "03", "B001") == [("CHQ-BOLETA-700", "/header/receiver_tax_id_code")]


def test_a_line_of_no_value_is_named_as_that() -> None:
    body = request()
    body["details"][0].update(unit_price=0, total_taxes=0, total_amount_line=0)
    body["details"][0]["taxes"][0]["tax_amount"] = 0
    body["totals"] = {"net_amount": 0, "taxes_amount": 0, "total_amount": 0}
    assert refused(body) == [("3105", "/details/0/unit_price")]


@pytest.mark.parametrize(("where", "written"), [(None, True), (1, True), (3, True), (0, False), (2, False)])
def test_a_remark_goes_where_the_caller_wants_it(where: int | None, written: bool) -> None:
    body = request()
    body["header"]["observations"] = "ENTREGAR EN PUERTA"
    if where is not None:
        body["header"]["deployment_observations"] = where
    voucher, items = draft_offline(DocumentRequest().load(body), kind("01"), ISSUER, series="F001", number=1, now=NOW)
    assert (b"<cbc:Note>ENTREGAR EN PUERTA</cbc:Note>" in voucher.numbered(1)) == written
    assert [item for item in items if item.severity == "error"] == []


def test_the_reduced_rate_is_remarked_unless_the_account_is_of_those() -> None:
    body = request()
    body["details"][0].update(total_taxes=None, total_amount_line=None)
    body["details"][0]["taxes"][0].update(tax_percentage="10.5", tax_amount="105.00")
    del body["totals"]

    def remarks(card: IssuerCard) -> set[str]:
        loaded = DocumentRequest().load(body)
        _, items = draft_offline(loaded, kind("01"), card, series="F001", number=1, now=NOW)
        return {item.code for item in items}

    assert "CHQ-REDUCED-RATE" in remarks(ISSUER)
    assert "CHQ-REDUCED-RATE" not in remarks(replace(ISSUER, reduced_igv=True))


def of_the_body(case: str, stem: str, line: list[dict[str, Any]], whole: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Body and content of a golden with discounts and charges, its claims left out."""
    body = request(case)
    body.pop("totals")
    body["header"].setdefault("additional", {}).setdefault("pe_header", {})["charges_discounts"] = whole
    detail = body["details"][0]
    detail.setdefault("additional", {}).setdefault("pe_detail", {})["charges_discounts"] = line
    got = reading(body)
    return got.body, TRANSLATORS[stem](got, lambda _: None).content


def test_what_came_to_nothing_shifts_no_pointer() -> None:
    body, content = of_the_body(
        "invoice/cash", "invoice",
        [{"code": "48", "amount": "1"}, {"code": "00", "amount": "0.001"}, {"code": "00", "amount": "2"}],
        [{"code": "03", "amount": "0"}, {"code": "02", "amount": "1"}, {"code": "50", "amount": "2"}],
    )
    extra = "/details/0/additional/pe_detail/charges_discounts"
    assert [row.code for row in content.lines[0].amounts.allowances] == ["00", "48"]
    assert pointer_of("lines.0.allowances.0.amount", body, content) == f"{extra}/2/amount"
    assert pointer_of("lines.0.allowances.1.code", body, content) == f"{extra}/0/code"
    whole = "/header/additional/pe_header/charges_discounts"
    assert pointer_of("totals.allowances.0.amount", body, content) == f"{whole}/1/amount"
    assert pointer_of("totals.allowances.1", body, content) == f"{whole}/2"


def test_what_a_note_folds_into_its_lines_shifts_no_pointer() -> None:
    body, content = of_the_body(
        "credit_note/reason_10_other", "credit_note", [{"code": "48", "amount": "3"}],
        [{"code": "03", "amount": "1"}, {"code": "02", "amount": "1"}, {"code": "46", "amount": "2"}],
    )
    assert [row.code for row in content.totals.allowances] == ["46", "50"]
    whole = "/header/additional/pe_header/charges_discounts"
    assert pointer_of("totals.allowances.0.amount", body, content) == f"{whole}/2/amount"
    assert pointer_of("totals.allowances.1.amount", body, content) == whole
