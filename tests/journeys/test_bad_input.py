"""Bad input over real HTTP: each is answered with code, pointer, message and hint in both languages, and costs nothing.

Nothing is sent here, so that whatever appears in the database or moves a series was left by a refused request.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.accounts.keys import ACCOUNT_SCOPES, NUMBERS_FORCE
from tests.support.signing import RUC, signed_for
from tests.support.world import FRIDAY, Tenancy, Till, World, a_ruc, body_of, world

TODAY = date(2026, 11, 20)
FORCE = (*ACCOUNT_SCOPES, NUMBERS_FORCE)
Change = Callable[[Any], object]


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("bad"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: World) -> Tenancy:
    """An account with every kind of voucher issued once, and a retired series."""
    made = place.open(ruc=RUC)
    for code in ("F002", "F008"):
        answer = made.till("PATCH", "/V1/document_types/96", {
            "document_sequence_code": code, "last_sequence_number": 0
        })
        assert answer.status_code == 201, answer.text
    made.till.issued(body_of(made, document_sequence_code="F001"))
    made.till.issued(body_of(made, "receipt"))
    retired = made.till("PATCH", "/V1/document_types/96", {"document_sequence_code": "F008", "active": False})
    assert retired.status_code == 201
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a bad request must be answered."""

    status: int
    code: str
    pointer: str


def refused(place: World, till: Till, body: Any, expected: Refusal, **more: Any) -> dict[str, Any]:
    """Posts a body in both languages and checks the refusals, and that nothing came of them."""
    before = place.held()
    answers = {}
    for language in ("es", "en"):
        headers = {"Accept-Language": language, "Idempotency-Key": f"bad-{expected.code}", **more.get("headers", {})}
        if isinstance(body, bytes):
            answer = till("POST", "/V1/documents", data=body, headers=headers)
        else:
            answer = till("POST", "/V1/documents", body, headers=headers)
        assert answer.status_code == expected.status, answer.text
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Content-Language"] == language
        answers[language] = answer.json()
    spanish, english = answers["es"], answers["en"]
    matching = [item for item in spanish["errors"] if (item["code"], item["pointer"]) == (
        expected.code, expected.pointer
    )]
    assert matching, f"{expected} is not in {spanish['errors']}"
    for one, other in zip(spanish["errors"], english["errors"], strict=True):
        assert (one["code"], one["pointer"], one["severity"]) == (other["code"], other["pointer"], other["severity"])
        assert one["message"]
        assert other["message"] != one["message"], one
        if one["severity"] == "error":
            assert one["hint"], one
            assert other["hint"], other
    assert spanish["error"]
    assert spanish["error"] != english["error"]
    assert spanish["result"]["status"] == expected.status
    assert spanish["result"]["error_message"]
    assert place.held() == before
    return spanish


def put(*path: str | int, value: Any) -> Change:
    """A change that sets a member at a path of the body."""
    def change(body: Any) -> None:
        for name in path[:-1]:
            body = body[name]
        body[path[-1]] = value
    return change


def drop(*path: str | int) -> Change:
    """A change that removes a member."""
    def change(body: Any) -> None:
        for name in path[:-1]:
            body = body[name]
        del body[path[-1]]
    return change


def sums(price: str) -> Change:
    """A change to one unit at a price without taxes, 18 %, with totals that add up."""
    def change(body: Any) -> None:
        value = Decimal(price)
        tax = (value * 18 / 100).quantize(Decimal("0.01"))
        line = body["details"][0]
        line |= {"unit_price": str(value), "total_taxes": str(tax), "total_amount_line": str(value + tax)}
        line["taxes"][0]["tax_amount"] = str(tax)
        body["totals"] = {
            "net_amount": str(value), "taxes_amount": str(tax), "total_amount": str(value + tax)
        }
    return change


def no_customer(body: Any) -> None:
    for name in [name for name in body["header"] if name.startswith("receiver_")]:
        del body["header"][name]


def all_of(*changes: Change) -> Change:
    """Several changes in order."""
    def change(body: Any) -> None:
        for one in changes:
            one(body)
    return change


SERIES = "/header/document_sequence_code"
TYPE = "/header/document_type_id"
DAY = "/header/issue_date"
BUYER = "/header/receiver_tax_id_code"
LINE = ("details", 0)


# ---- what cannot be read

@pytest.mark.parametrize("body", [
    b"{", b"[1,", b'"text', b"\xff\xfe", b'{"header": NaN}', b'{"details": [Infinity]}', b'{"header":{},"header":{}}',
    b"{'header': 1}", b'{"a": 1}}', b"[" * 5000, b'{"n": ' + b"9" * 50 + b"}", b"nada",
], ids=range(12))
def test_unreadable_json(place: World, shop: Tenancy, body: bytes) -> None:
    refused(place, shop.till, body, Refusal(status=400, code="INVALID_JSON", pointer=""))


@pytest.mark.parametrize(("body", "pointers"), [
    (b"", {"/header", "/details"}), (b"{}", {"/header", "/details"}), (b"[]", {""}), (b'"text"', {""}), (b"7", {""}),
], ids=["nothing", "empty", "list", "text", "number"])
def test_json_that_is_no_request(place: World, shop: Tenancy, body: bytes, pointers: set[str]) -> None:
    for pointer in pointers:
        answer = refused(place, shop.till, body, Refusal(status=400, code="INVALID_FIELD", pointer=pointer))
        assert {item["pointer"] for item in answer["errors"]} == pointers


@pytest.mark.parametrize(("path", "value"), [
    (("header",), []), (("header",), "x"), (("details",), {}), (("details",), []), (("details", 0), 7),
    (("references",), {}), (("totals",), [1]), (("header", "issue_date"), 20261120),
    (("header", "issue_date"), "20/11/2026"), (("header", "issue_date"), "2026-02-30"),
    (("header", "document_type_id"), {}), (("header", "account_id"), "one"), (("header", "document_number"), "1.5"),
    (("header", "currency_id"), True), (("header", "receiver_legal_name"), ["A"]), (("header", "additional"), 1),
    (("header", "additional", "pe_header"), "0101"), ((*LINE, "quantity"), "abc"), ((*LINE, "quantity"), True),
    ((*LINE, "quantity"), "NaN"), ((*LINE, "unit_price"), "-Infinity"), ((*LINE, "unit_price"), "1e400"),
    ((*LINE, "unit_price"), "1,000.00"), ((*LINE, "line_description"), {"es": "x"}), ((*LINE, "taxes"), "18"),
    ((*LINE, "taxes", 0, "tax_amount"), []), ((*LINE, "taxes", 0, "tax_type_id"), None),
    (("totals", "total_amount"), "mil"), (("totals", "net_amount"), "Infinity"),
], ids=lambda value: None if isinstance(value, tuple) else str(value)[:12])
def test_wrong_types(place: World, shop: Tenancy, path: tuple[str | int, ...], value: Any) -> None:
    body = body_of(shop)
    put(*path, value=value)(body)
    pointer = "/" + "/".join(str(name) for name in path)
    refused(place, shop.till, body, Refusal(status=400, code="INVALID_FIELD", pointer=pointer))


@pytest.mark.parametrize("path", [
    ("header",), ("details",), ("header", "issue_date"), (*LINE, "quantity"), (*LINE, "unit_price"), (*LINE, "taxes"),
    (*LINE, "line_description"), (*LINE, "taxes", 0, "tax_percentage"),
], ids=str)
def test_missing_members(place: World, shop: Tenancy, path: tuple[str | int, ...]) -> None:
    body = body_of(shop)
    drop(*path)(body)
    pointer = "/" + "/".join(str(name) for name in path)
    refused(place, shop.till, body, Refusal(status=400, code="INVALID_FIELD", pointer=pointer))


def test_a_body_of_ten_megabytes(place: World, shop: Tenancy) -> None:
    body = json.dumps({**body_of(shop), "padding": "x" * 10_000_000}).encode()
    refused(place, shop.till, body, Refusal(status=413, code="TOO_LARGE", pointer=""))


def test_five_thousand_lines(place: World, shop: Tenancy) -> None:
    body = body_of(shop)
    body["details"] = [
        {"quantity": 1, "unit_price": 1, "line_description": "X",
         "taxes": [{"tax_type_id": "413", "tax_percentage": 18, "tax_amount": "0.18"}]}
    ] * 5000
    body["totals"] = {"net_amount": 5000, "taxes_amount": 900, "total_amount": 5900}
    answer = refused(place, shop.till, body, Refusal(status=400, code="INVALID_FIELD", pointer="/details"))
    assert "999" in answer["errors"][0]["message"]


def test_the_most_lines_that_sunat_can_count_are_issued(place: World) -> None:
    other = place.open()
    body = body_of(other)
    body["details"] = [
        {"quantity": 1, "unit_price": 1, "line_description": "X",
         "taxes": [{"tax_type_id": "413", "tax_percentage": 18, "tax_amount": "0.18"}]}
    ] * 999
    body["totals"] = {"net_amount": 999, "taxes_amount": "179.82", "total_amount": "1178.82"}
    assert other.till.issued(body)["totals"]["total_amount"] == "1178.82"


@pytest.mark.parametrize(("text", "status", "code"), [
    ("a\x00b", 400, "INVALID_TEXT"), ("a\ud800b", 400, "INVALID_TEXT"), ("a\x07b", 422, "CHQ-TEXT"),
    ("a\x1bb", 422, "CHQ-TEXT"), ("a\x85b", 422, "CHQ-TEXT"), ("a\ufffeb", 422, "CHQ-TEXT"),
    ("a]]>b", 422, "CHQ-TEXT"), ("]]>", 422, "CHQ-TEXT"),
], ids=["nul", "surrogate", "bell", "escape", "next_line", "fffe", "cdata_end", "cdata_end_alone"])
@pytest.mark.parametrize("path", [
    (*LINE, "line_description"), ("header", "receiver_legal_name"), ("header", "receiver_address"),
], ids=lambda path: path[-1])
def test_texts_that_xml_cannot_carry(
    place: World, shop: Tenancy, path: tuple[str | int, ...], text: str, status: int, code: str
) -> None:
    body = body_of(shop)
    put(*path, value=text)(body)
    pointer = "/" + "/".join(str(name) for name in path)
    refused(place, shop.till, json.dumps(body).encode(), Refusal(status=status, code=code, pointer=pointer))


@pytest.mark.parametrize("digits", ["\u00b2", "\u0669\u0666", "9" * 5000], ids=["superscript", "arabic", "endless"])
@pytest.mark.parametrize("path", [
    ("header", "receiver_country_id"), ("header", "issuer_country_id"), ("header", "document_type_id"),
    ("header", "currency_id"), ("header", "account_id"), ("header", "document_number"),
    ("header", "payment_conditions"), ("references", 0, "document_type_id"), ("references", 0, "reference_number"),
    ("references", 0, "reference_document_id"), ("references", 0, "reference_code"),
], ids=lambda path: path[-1])
def test_digits_that_are_no_number_never_break_it(
    place: World, path: tuple[str | int, ...], digits: str
) -> None:
    """Refused, or where the member is free text, taken; in neither case a fault."""
    other = place.open()
    body = body_of(other, "credit_note_for_invoice")
    put(*path, value=digits)(body)
    answer = other.till.issue(body)
    assert answer.status_code in (201, 400, 422), answer.text
    assert answer.status_code == 201 or answer.json()["errors"]


def test_markup_in_texts_is_text(place: World) -> None:
    """What looks like XML or a template is carried as it is, and signed as such."""
    other = place.open()
    text = "<b>&amp; {{ 7*7 }} {% x %} ${x} \" ' <!-- ñ ☃ 😀"
    answer = other.till.issued(body_of(other, receiver_legal_name=text))
    xml = other.till("GET", f"/V1/documents/{answer['document_id']}/xml").content
    assert b"&lt;b>" in xml or b"&lt;b&gt;" in xml
    assert b"{{ 7*7 }}" in xml
    assert answer["header"]["receiver_legal_name"] == text


# ---- kinds and series

@pytest.mark.parametrize(("change", "pointer"), [
    (put("header", "document_type_id", value="9999"), TYPE), (put("header", "document_type_id", value="abc"), TYPE),
    (put("header", "document_type_id", value="01"), TYPE), (put("header", "document_type_id", value=102), TYPE),
    (put("header", "document_type_id", value="-96"), TYPE), (drop("header", "document_type_id"), TYPE),
    (put("header", "document_type_id", value="99999999999999999999"), TYPE),
    (put("header", "document_type_taxbureau", value="03"), "/header/document_type_taxbureau"),
    (all_of(drop("header", "document_type_id"), put("header", "document_type_taxbureau", value="13")), TYPE),
], ids=range(9))
def test_unknown_kinds(place: World, shop: Tenancy, change: Change, pointer: str) -> None:
    body = body_of(shop)
    change(body)
    refused(place, shop.till, body, Refusal(status=400, code="UNKNOWN_DOCUMENT_TYPE", pointer=pointer))


@pytest.mark.parametrize(("name", "series"), [
    ("invoice", "B001"), ("invoice", "f001"), ("invoice", "F0011"), ("invoice", "F01"), ("invoice", "E001"),
    ("invoice", "F-01"), ("invoice", "Ñ001"), ("receipt", "F001"), ("receipt", "EB01"),
    ("credit_note_for_receipt", "FC01"), ("credit_note_for_invoice", "T001"), ("debit_note_for_invoice", "R001"),
])
def test_series_that_do_not_fit_the_kind(place: World, shop: Tenancy, name: str, series: str) -> None:
    body = body_of(shop, name, document_sequence_code=series)
    refused(place, shop.till, body, Refusal(status=422, code="SERIES_FORMAT", pointer=SERIES))


def test_a_note_on_a_boleta_by_a_series_for_facturas(place: World, shop: Tenancy) -> None:
    body = body_of(shop, "credit_note_for_receipt_postman_variant", document_sequence_code="FC01")
    answer = refused(place, shop.till, body, Refusal(status=422, code="2116", pointer="/references/0/document_type_id"))
    assert answer["code"] == "VALIDATION_ERROR"


@pytest.mark.parametrize("series", ["F009", "FC01"])
def test_unregistered_series(place: World, shop: Tenancy, series: str) -> None:
    body = body_of(shop, document_sequence_code=series)
    refused(place, shop.till, body, Refusal(status=422, code="SERIES_UNKNOWN", pointer=SERIES))


def test_an_inactive_series(place: World, shop: Tenancy) -> None:
    body = body_of(shop, document_sequence_code="F008")
    refused(place, shop.till, body, Refusal(status=422, code="SERIES_INACTIVE", pointer=SERIES))


# ---- forced numbers

@pytest.mark.parametrize(("number", "status", "code"), [
    (1, 409, "NUMBER_TAKEN"), ("1", 409, "NUMBER_TAKEN"), (3, 422, "NUMBER_GAP"), (99_999_999, 422, "NUMBER_GAP"),
    (0, 422, "NUMBER_RANGE"), (-5, 422, "NUMBER_RANGE"), (100_000_000, 422, "NUMBER_RANGE"),
    (10**17, 422, "NUMBER_RANGE"), (10**18, 400, "INVALID_FIELD"), (10**39, 400, "INVALID_FIELD"),
])
def test_forced_numbers_taken_or_beyond_policy(
    place: World, shop: Tenancy, number: int | str, status: int, code: str
) -> None:
    till = place.till(shop.account_id, scopes=FORCE)
    body = body_of(shop, document_number=number)
    refused(place, till, body, Refusal(status=status, code=code, pointer="/header/document_number"))


def test_forcing_a_number_needs_the_scope(place: World, shop: Tenancy) -> None:
    body = body_of(shop, document_number=2)
    refused(place, shop.till, body, Refusal(status=403, code="NUMBER_FORCED", pointer="/header/document_number"))


def test_a_number_below_the_counter_is_history_and_never_issued(place: World) -> None:
    other = place.open()
    other.till("PATCH", "/V1/document_types/96", {"last_sequence_number": 500})
    till = place.till(other.account_id, scopes=FORCE)
    refused(
        place, till, body_of(other, document_number=499),
        Refusal(status=422, code="NUMBER_BELOW_COUNTER", pointer="/header/document_number"),
    )
    assert till.issued(body_of(other, document_number=501))["header"]["document_number"] == 501


# ---- parties

@pytest.mark.parametrize(("change", "code", "pointer"), [
    (put("header", "receiver_tax_id_code", value="20987654321"), "CHQ-CUSTOMER-RUC", BUYER),
    (put("header", "receiver_tax_id_code", value="2098765432"), "2017", BUYER),
    (put("header", "receiver_tax_id_code", value="2098765432X"), "2017", BUYER),
    (put("header", "issuer_tax_id_code", value="20123456785"), "ISSUER_MISMATCH", "/header/issuer_tax_id_code"),
    (put("header", "issuer_tax_id_code", value="20987654326"), "ISSUER_MISMATCH", "/header/issuer_tax_id_code"),
    (put("header", "receiver_tax_id_type", value="PE-XYZ"), "UNKNOWN_IDENTITY_TYPE", "/header/receiver_tax_id_type"),
    (drop("header", "receiver_legal_name"), "REQUIRED", "/header/receiver_legal_name"),
    (drop("header", "receiver_tax_id_code"), "REQUIRED", BUYER),
    (no_customer, "REQUIRED", BUYER),
], ids=range(9))
def test_parties_that_cannot_be(place: World, shop: Tenancy, change: Change, code: str, pointer: str) -> None:
    body = body_of(shop)
    change(body)
    refused(place, shop.till, body, Refusal(status=422, code=code, pointer=pointer))


def test_an_account_with_a_wrong_check_digit_is_not_opened(place: World) -> None:
    answer = place.operator("POST", "/V1/accounts", {
        "registration_legal_name_company": "X", "registration_tax_id_code": "20123456785",
    }, headers={"Accept-Language": "en"})
    item = answer.json()["errors"][0]
    assert (answer.status_code, item["code"], item["pointer"]) == (422, "CHQ-RUC", "/registration_tax_id_code")
    assert item["hint"]


@pytest.mark.parametrize("customer", [
    {}, {"receiver_tax_id_type": "PE-DNI", "receiver_tax_id_code": "00000000", "receiver_legal_name": "VARIOS"},
    {"receiver_tax_id_type": "PE-DNI", "receiver_tax_id_code": "12345678", "receiver_legal_name": "CLIENTES VARIOS"},
], ids=["nobody", "zeros", "various"])
def test_a_boleta_above_700_soles_names_its_customer(place: World, customer: dict[str, str]) -> None:
    other = place.open()
    body = body_of(other, "receipt")
    no_customer(body)
    body["header"] |= customer
    sums("593.23")(body)
    assert body["totals"]["total_amount"] == "700.01"
    refused(place, other.till, body, Refusal(status=422, code="CHQ-BOLETA-700", pointer=BUYER))
    sums("593.22")(body)
    assert body["totals"]["total_amount"] == "700.00"
    assert other.till.issued(body)["header"]["document_number"] == 1


def test_an_anonymous_boleta_in_dollars_needs_the_rate(place: World) -> None:
    other = place.open()
    body = body_of(other, "receipt", currency_id=5)
    no_customer(body)
    sums("100")(body)
    refused(place, other.till, body, Refusal(status=422, code="CHQ-BOLETA-700", pointer=BUYER))
    body["header"]["exchange_rate_value"] = "6.5"
    refused(place, other.till, body, Refusal(status=422, code="CHQ-BOLETA-700", pointer=BUYER))
    body["header"]["exchange_rate_value"] = "3.75"
    assert other.till.issued(body)["header"]["currency_id"] == 5


# ---- amounts

@pytest.mark.parametrize(("path", "value", "code", "pointer"), [
    (("totals", "net_amount"), 999.99, "CHQ-TOTALS", "/totals/net_amount"),
    (("totals", "taxes_amount"), "180.01", "CHQ-TOTALS", "/totals/taxes_amount"),
    (("totals", "total_amount"), 1179, "CHQ-TOTALS", "/totals/total_amount"),
    ((*LINE, "taxes", 0, "tax_amount"), 179.99, "CHQ-TOTALS", "/details/0/taxes/0/tax_amount"),
    ((*LINE, "taxes", 0, "tax_type_id"), "999", "UNKNOWN_TAX_TYPE", "/details/0/taxes/0/tax_type_id"),
    ((*LINE, "taxes", 0, "tax_type_id"), "415", "3105", "/details/0/taxes"),
    ((*LINE, "taxes", 0, "tax_type_id"), "426", "CHQ-AFFECTATION", "/details/0/additional/pe_detail/igv_affectation"),
    ((*LINE, "taxes"), [], "3105", "/details/0/taxes"),
    ((*LINE, "quantity"), 0, "CHQ-LINE", "/details/0/quantity"),
    ((*LINE, "quantity"), -1, "CHQ-LINE", "/details/0/quantity"),
    ((*LINE, "unit_price"), -1, "CHQ-LINE", "/details/0/unit_price"),
    ((*LINE, "modifier_amount"), -1000.01, "CHQ-LINE", "/details/0/modifier_amount"),
    ((*LINE, "unit_measure"), "XYZ", "2936", "/details/0/unit_measure"),
    ((*LINE, "line_description"), "x" * 501, "2027", "/details/0/line_description"),
    ((*LINE, "currency_id"), 5, "2071", "/details/0/currency_id"),
    (("totals", "currency_id"), 38, "2071", "/totals/currency_id"),
    (("header", "currency_id"), 28, "UNKNOWN_CURRENCY", "/header/currency_id"),
    (("header", "payment_conditions"), "a 30 días", "PAYMENT_CONDITIONS", "/header/payment_conditions"),
], ids=lambda value: None if isinstance(value, tuple) else str(value)[:16])
def test_amounts_that_do_not_add_up(
    place: World, shop: Tenancy, path: tuple[str | int, ...], value: Any, code: str, pointer: str
) -> None:
    body = body_of(shop)
    put(*path, value=value)(body)
    refused(place, shop.till, body, Refusal(status=422, code=code, pointer=pointer))


def test_a_rate_that_is_not_in_force(place: World, shop: Tenancy) -> None:
    body = body_of(shop)
    body["details"][0]["taxes"][0] |= {"tax_percentage": 17, "tax_amount": 170}
    body["totals"] = {"net_amount": 1000, "taxes_amount": 170, "total_amount": 1170}
    refused(place, shop.till, body, Refusal(
        status=422, code="CHQ-RATE", pointer="/details/0/taxes/0/tax_percentage"
    ))


def test_an_amount_beyond_what_sunat_can_write(place: World, shop: Tenancy) -> None:
    body = body_of(shop)
    body["details"][0] |= {"quantity": "999999999999", "unit_price": "2"}
    body["details"][0]["taxes"][0]["tax_amount"] = "359999999999.64"
    del body["totals"]
    refused(place, shop.till, body, Refusal(status=422, code="2062", pointer="/totals/total_amount"))


def test_totals_that_differ_are_explained_line_by_line(place: World, shop: Tenancy) -> None:
    body = body_of(shop)
    body["details"] = body["details"] * 2
    answer = refused(place, shop.till, body, Refusal(status=422, code="CHQ-TOTALS", pointer="/totals/net_amount"))
    said = {item["pointer"]: item["message"] for item in answer["errors"]}
    assert set(said) == {"/totals/net_amount", "/totals/taxes_amount", "/totals/total_amount"}
    assert "2360.00" in said["/totals/total_amount"]
    assert "1180" in said["/totals/total_amount"]
    assert "1000.00 + 1000.00" in said["/totals/net_amount"]


# ---- dates

WINDOWS = [  # kind, days from today that pass, days that do not, and SUNAT's code for them
    ("invoice", (2, 0, -3), ((3, "2329"), (-4, "2108"))),
    ("receipt", (2, 0, -5), ((3, "2329"), (-6, "1079"))),
    ("credit_note_for_invoice", (2, 0, -3), ((3, "2329"), (-4, "2108"))),
    ("credit_note_for_receipt", (2, 0, -5), ((3, "2329"), (-6, "1079"))),
    ("debit_note_for_invoice", (2, 0, -3), ((3, "2329"), (-4, "2108"))),
]


@pytest.mark.parametrize(("name", "inside", "outside"), WINDOWS, ids=[row[0] for row in WINDOWS])
def test_dates_outside_the_window_of_their_kind(
    place: World, name: str, inside: tuple[int, ...], outside: tuple[tuple[int, str], ...]
) -> None:
    other = place.open()

    def dated(days: int) -> Any:
        day = TODAY + timedelta(days=days)
        body = body_of(other, name, issue_date=day)
        for reference in body.get("references", ()):
            reference["reference_date"] = (TODAY - timedelta(days=30)).isoformat()
        return body

    for days, code in outside:
        refused(place, other.till, dated(days), Refusal(status=422, code=code, pointer=DAY))
    for number, days in enumerate(sorted(inside), start=1):
        assert other.till.issued(dated(days))["header"]["document_number"] == number


def test_the_day_is_limas(place: World) -> None:
    """At 23:30 in Lima it is tomorrow in UTC: what is dated three days after Lima's day is still refused."""
    other = place.open()
    place.clock.set(datetime(2026, 11, 21, 4, 30, tzinfo=UTC))
    try:
        refused(
            place, other.till, body_of(other, issue_date=TODAY + timedelta(days=3)),
            Refusal(status=422, code="2329", pointer=DAY),
        )
        assert other.till.issued(body_of(other))["header"]["document_number"] == 1
    finally:
        place.clock.set(FRIDAY)


# ---- certificates

def pem(of: str, start: int, days: int) -> str:
    made = signed_for(of, start=FRIDAY + timedelta(days=start), days=days)
    return b64encode(made.pem_with_key()).decode()


@pytest.mark.parametrize(("of", "start", "days", "code"), [
    (RUC, -400, 365, "CERTIFICATE_EXPIRED"), (RUC, 1, 365, "CERTIFICATE_NOT_YET_VALID"),
    ("20987654326", -1, 365, "CERTIFICATE_FOREIGN_RUC"),
])
def test_certificates_that_cannot_sign_are_not_taken(
    place: World, shop: Tenancy, of: str, start: int, days: int, code: str
) -> None:
    before = shop.till("GET", "/V1/digital_certificates").json()
    answers = [
        shop.till("POST", "/V1/digital_certificates", {"certificate_file": pem(of, start, days)},
                  headers={"Accept-Language": language})
        for language in ("es", "en")
    ]
    items = [answer.json()["errors"][0] for answer in answers]
    assert {answer.status_code for answer in answers} == {422}
    assert {(item["code"], item["pointer"]) for item in items} == {(code, "/certificate_file")}
    assert items[0]["message"] != items[1]["message"]
    assert all(item["hint"] for item in items)
    assert shop.till("GET", "/V1/digital_certificates").json() == before


def test_nothing_is_issued_without_a_certificate(place: World) -> None:
    other = place.open(signs=False)
    refused(place, other.till, body_of(other), Refusal(status=422, code="NO_CERTIFICATE", pointer=""))


def test_nothing_is_issued_with_a_certificate_that_has_expired_since(place: World) -> None:
    ruc = a_ruc(77_000_001)
    other = place.open(ruc=ruc, certificate=signed_for(ruc, start=FRIDAY - timedelta(days=364)))
    later = FRIDAY + timedelta(days=2)
    assert other.till.issued(body_of(other))["header"]["document_number"] == 1
    place.clock.set(later)
    try:
        body = body_of(other, issue_date=later.date())
        refused(place, other.till, body, Refusal(status=422, code="CERTIFICATE_EXPIRED", pointer=""))
    finally:
        place.clock.set(FRIDAY)


@pytest.mark.parametrize("used", [False, True], ids=["never used", "already loaded"])
def test_nothing_is_issued_with_a_certificate_of_a_provider_that_is_none_any_more(place: World, used: bool) -> None:
    ruc, provider = a_ruc(78_000_001 + used), a_ruc(79_000_001)
    other = place.open(
        ruc=ruc, pse_tax_id_code=provider, channel="pse",
        certificate=signed_for(provider, start=FRIDAY - timedelta(days=1)),
    )
    if used:
        assert other.till.issued(body_of(other))["header"]["document_number"] == 1
    changed = other.till("PATCH", f"/V1/accounts/{other.account_id}", {
        "additional": {"pe_account": {"pse_tax_id_code": "", "channel": "sunat"}}
    })
    assert changed.status_code == 200
    refused(place, other.till, body_of(other), Refusal(status=422, code="CERTIFICATE_UNFIT", pointer=""))
