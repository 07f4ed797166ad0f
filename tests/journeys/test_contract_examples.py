"""The contract's own examples, from HTTP to the CDR, under the conditions of decision 22 (KOY-09, KOY-10)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from app.accounts.keys import ACCOUNT_SCOPES, NUMBERS_FORCE
from app.clock import LIMA
from sunat.numbering import VoucherId
from sunat.sandbox import Entry, State
from sunat.signing import verify
from tests.support.signing import RUC
from tests.support.world import Tenancy, Till, World, body_of, contract, world

EXAMPLES = (  # in the order of their issue dates: clocks do not run backwards
    "debit_note_for_invoice", "retention_balanced", "credit_note_for_invoice",
    "credit_note_for_invoice_by_document_id", "credit_note_for_receipt", "credit_note_for_receipt_postman_variant",
    "receipt", "receipt_dni", "invoice_export", "invoice", "invoice_credit_terms", "invoice_second_point_of_sale",
    "invoice_forced_number", "receipt_under_700_no_customer", "receipt_under_700_as_published_412",
    "receipt_foreign_customer_minimal_lines",
)
KNOWN_TO_SUNAT = (("01", "F001", 80), ("01", "F001", 87), ("03", "B001", 87))
Told = dict[str, tuple[dict[str, Any], dict[str, Any]]]
"""Example -> what POST answered, and what GET says once SUNAT has spoken."""
OUR_KEYS = {
    "number", "document_sequence_code", "issuer_department", "receiver_department", "issuer_postalcode",
    "receiver_postalcode", "additional", "taxbureau_send_status", "taxbureau_send_id", "taxbureau_send_date",
    "taxbureau_validation_comments",
}


def noon(day: str) -> datetime:
    """Noon in Lima on a day."""
    return datetime.combine(datetime.fromisoformat(day), time(12), LIMA).astimezone(UTC)


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("contract"), at=noon("2025-01-20")) as made:
        for code, series, number in KNOWN_TO_SUNAT:
            made.sandbox.ledger.add(Entry(
                voucher=VoucherId(ruc=RUC, type_code=code, series=series, number=number), state=State.ACCEPTED,
                sha256="0" * 64, received_at=made.clock.now(),
            ))
        yield made


@pytest.fixture(scope="module")
def tenancy(place: World) -> Tenancy:
    """The account of the examples: number 1, with a second point of sale, allowed to leave gaps."""
    made = place.open(ruc=RUC, allow_number_gaps=True)
    assert made.account_id == 1
    for type_id, code in ((96, "F002"), (109, "R001")):
        answer = made.till(
            "PATCH", f"/V1/document_types/{type_id}", {"document_sequence_code": code, "last_sequence_number": 0}
        )
        assert answer.status_code == 201
    return made


@pytest.fixture(scope="module")
def till(place: World, tenancy: Tenancy) -> Till:
    """A till whose key may choose numbers."""
    return place.till(tenancy.account_id, scopes=(*ACCOUNT_SCOPES, NUMBERS_FORCE))


@pytest.fixture(scope="module")
def told(place: World, tenancy: Tenancy, till: Till) -> Told:
    """What POST answered to every example, and what GET says once SUNAT has spoken."""
    found = {}
    for name in EXAMPLES:
        body = contract(name)
        place.clock.set(noon(body["header"]["issue_date"]))
        reference = (body.get("references") or [{}])[0]
        if "reference_document_id" in reference:
            reference["reference_document_id"] = till.issued(
                body_of(tenancy, issue_date=datetime.fromisoformat(body["header"]["issue_date"]).date())
            )["document_id"]
        posted = till.issued(body)
        found[name] = (posted, till.settled(posted["document_id"]))
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_accepted_with_a_cdr(told: Told, place: World, name: str) -> None:
    posted, settled = told[name]
    given = contract(name)["header"]
    header = settled["header"]
    assert settled["status"] == "accepted", settled
    assert (header["taxbureau_send_status"], header["taxbureau_validation_status"]) == (1, 3)
    assert header["document_sequence_code"] == given["document_sequence_code"]
    assert header["document_type_id"] == int(given["document_type_id"])
    assert header["number"] == f"{given['document_sequence_code']}-{posted['header']['document_number']:08d}"
    assert settled["delivery"]["state"] == "done"
    assert settled["delivery"]["last_code"] == "0"

    xml = b64decode(settled["electronic_document"]["document_xml"])
    assert verify(xml).certificate.ruc == RUC
    assert xml == b64decode(posted["electronic_document"]["document_xml"])
    cdr = b64decode(settled["electronic_document"]["document_cdr"])
    assert f"{given['document_sequence_code']}-{header['document_number']}".encode() in cdr
    entry = place.sandbox.ledger.get(VoucherId(
        ruc=RUC, type_code=header["document_type_taxbureau"], series=given["document_sequence_code"],
        number=header["document_number"],
    ))
    assert entry is not None
    assert entry.sha256 == hashlib.sha256(xml).hexdigest()


def test_the_published_rate_id_passes_with_a_warning(told: Told) -> None:
    posted, _ = told["receipt_under_700_as_published_412"]
    assert [(row["code"], row["pointer"]) for row in posted["observations"]] == [
        ("CHQ-RATE-ID", "/details/0/taxes/0/tax_type_id")
    ]
    assert not told["receipt_under_700_no_customer"][0]["observations"]


def test_a_voucher_that_only_sunat_knows_is_referred_to_with_a_warning(told: Told) -> None:
    by_number, by_id = told["credit_note_for_invoice"][0], told["credit_note_for_invoice_by_document_id"][0]
    assert [row["code"] for row in by_number["observations"]] == ["CHQ-TARGET-UNKNOWN"]
    assert by_id["observations"] == []
    assert by_number["references"][0]["reference_number"] == "F001-00000087"
    assert by_number["references"][0]["document_id"] is None
    assert isinstance(by_id["references"][0]["document_id"], int)


def test_the_two_ways_to_credit_a_boleta_count_on_one_series(told: Told) -> None:
    canonical, variant = told["credit_note_for_receipt"][0], told["credit_note_for_receipt_postman_variant"][0]
    assert [canonical["header"]["document_type_id"], variant["header"]["document_type_id"]] == [155, 98]
    assert [canonical["header"]["number"], variant["header"]["number"]] == ["BC01-00000001", "BC01-00000002"]


def test_the_forced_number_is_taken_and_its_gap_declared(told: Told, tenancy: Tenancy) -> None:
    assert told["invoice_forced_number"][0]["header"]["number"] == "F001-00012345"
    kept = tenancy.till("GET", "/V1/document_types/96").json()
    assert kept["last_sequence_number"] == 12345


def test_our_own_ledger_answers_for_what_it_issued(place: World, tenancy: Tenancy) -> None:
    """The note of the example, on an invoice that is ours: no warning, and not more than its total."""
    other = place.open()
    today = place.clock.today()
    other.till("PATCH", "/V1/document_types/96", {"last_sequence_number": 86})
    first = other.till.issued(body_of(other, "invoice", issue_date=today))
    assert first["header"]["number"] == "F001-00000087"
    note = body_of(other, "credit_note_for_invoice", issue_date=today)
    note["references"][0]["reference_date"] = today.isoformat()
    answer = other.till.issued(note)
    assert answer["observations"] == []
    assert answer["references"][0]["document_id"] == first["document_id"]
    assert other.till.settled(answer["document_id"])["status"] == "accepted"
    again = other.till.issue(note)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "CHQ-OVER-CREDITED")


def test_the_guide_is_accepted_without_the_driver_that_its_vehicle_does_not_have(
    place: World, tenancy: Tenancy
) -> None:
    """Decision 22: with the M1/L indicator the driver is dropped with a warning."""
    place.clock.set(noon("2025-01-31"))
    series = {"document_sequence_code": "T001", "last_sequence_number": 0}
    assert tenancy.till("PATCH", "/V1/document_types/100", series).status_code == 201
    posted = tenancy.till.issued(contract("shipping_guide"))
    assert [row["code"] for row in posted["observations"]] == ["3455", "4394", "4394"]
    for _ in range(200):
        settled = tenancy.till.settled(posted["document_id"], seconds=0.2)
        if settled["status"] != "issued":
            break
        place.clock.advance(timedelta(seconds=1))
    assert settled["status"] == "observed", settled["delivery"]
    assert settled["header"]["number"] == "T001-00000001"
    assert settled["electronic_document"]["qr_text"].startswith("https://")


def test_the_published_retention_does_not_add_up_and_takes_no_number(place: World, tenancy: Tenancy) -> None:
    """Decision 22: what it says was paid in all is not what was paid net of the retention."""
    place.clock.set(noon("2025-01-24"))
    before = place.held()
    answer = tenancy.till.issue(contract("retention_as_published_amounts"), key="published")
    assert (answer.status_code, [(row["code"], row["pointer"]) for row in answer.json()["errors"]]) == (
        422, [("2629", "/header/additional/pe_retention_header/pe_sunat_total_paid")]
    )
    assert place.held() == before


def test_the_same_body_twice_gives_1_then_2_while_another_series_gives_1(place: World) -> None:
    """KOY-04, KOY-06, KOY-10: the second body is the same down to the last byte."""
    shop, today = place.open(), place.clock.today()
    shop.till("PATCH", "/V1/document_types/96", {"document_sequence_code": "F002", "last_sequence_number": 0})
    numbers = [
        shop.till.issued(body_of(shop, name, issue_date=today))["header"]["number"]
        for name in ("invoice", "invoice", "invoice_second_point_of_sale", "invoice")
    ]
    assert numbers == ["F001-00000001", "F001-00000002", "F002-00000001", "F001-00000003"]


def test_the_lines_of_an_answer_can_be_sent_again(place: World) -> None:
    """An answer writes quantities as 1.000000; a client that copies a sale sends them back like that."""
    shop, today = place.open(), place.clock.today()
    body = body_of(shop, issue_date=today)
    again = {**body, "details": shop.till.issued(body)["details"]}
    assert shop.till.issued(again)["totals"] == contract("document_create_response")["totals"]


def test_the_answer_to_a_new_voucher_has_v1s_keys_and_types(told: Told) -> None:
    published, (posted, settled) = contract("document_create_response"), told["invoice"]
    for answer in (posted, settled):
        assert shape(published, answer) == []
        assert answer["references"] is None
        assert answer["global_modifiers"] is None
        assert answer["payment_link"] is None
        assert answer["result"] == {"status": 0, "error_message": ""}
    assert posted["totals"] == published["totals"]
    assert {name: posted["details"][0][name] for name in published["details"][0]} == published["details"][0]
    same = set(published["header"]) - {"document_number", "taxbureau_validation_status"}
    assert {name: posted["header"][name] for name in same} == {name: published["header"][name] for name in same}
    assert set(posted["header"]) - set(published["header"]) <= OUR_KEYS
    assert posted["_links"]["self"]["href"].endswith(f"/V1/documents/{posted['document_id']}")
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", posted["electronic_document"]["digest_value"])
    assert posted["electronic_document"]["qr_text"].startswith(f"{RUC}|01|F001|")


def test_the_list_has_v1s_keys_and_types_in_both_forms(told: Told, tenancy: Tenancy) -> None:
    answer = tenancy.till("GET", "/V1/documents", params={"per_page": 100}).json()
    assert shape(contract("documents_list_response"), answer) == []
    assert answer["documents"] == answer["_embedded"]["documents"]
    by_id = {row["document_id"]: row for row in answer["documents"]}
    for posted, settled in told.values():
        row = by_id[str(posted["document_id"])]
        assert row["document_number"] == str(posted["header"]["document_number"])
        assert row["total_amount"] == posted["totals"]["total_amount"]
        assert row["taxbureau_validation_status"] == str(settled["header"]["taxbureau_validation_status"])


def test_a_document_type_has_v1s_keys_and_types(tenancy: Tenancy) -> None:
    published = contract("document_type_response")
    got = tenancy.till("GET", "/V1/document_types/96").json()
    assert shape(published, got) == []
    assert {name: got[name] for name in published} == published  # the example's own number, after the forced one
    listed = tenancy.till("GET", "/V1/document_types").json()
    rows = {row["document_type_id"]: row for row in listed["document_types"]}
    assert listed["_embedded"]["document_types"] == listed["document_types"]
    assert rows[96]["charged_credit_flag"] == 1
    assert rows[98]["charged_credit_flag"] == rows[155]["charge_credit_flag"] == 0


def test_patching_a_type_answers_201_with_the_published_body(place: World) -> None:
    shop = place.open()
    answer = shop.till("PATCH", "/V1/document_types/96", contract("document_type_patch_request"))
    assert answer.status_code == 201
    assert shape(contract("document_type_response"), answer.json()) == []
    assert answer.json()["last_sequence_number"] == 12345
    number = shop.till.issued(body_of(shop, issue_date=place.clock.today()))["header"]["document_number"]
    assert number == 12346


def test_a_token_has_exactly_v1s_five_keys_and_works(place: World) -> None:
    shop = place.open(password="una clave larga")
    body = {**contract("auth_request"), **shop.created["api_user"], "password": "una clave larga"}
    answer = Till(place.url, None)("POST", "/V1/auth", body)
    assert answer.status_code == 200
    published = contract("auth_response")
    assert answer.json().keys() == published.keys()
    assert shape(published, answer.json()) == []
    assert (answer.json()["token_type"], answer.json()["scope"]) == ("Bearer", None)
    bearer = Till(place.url, answer.json()["access_token"])
    assert bearer.issued(body_of(shop, issue_date=place.clock.today()))["header"]["document_number"] == 1


def test_an_error_has_v1s_text_and_result(place: World, tenancy: Tenancy) -> None:
    answer = tenancy.till("POST", "/V1/documents", contract("invoice") | {"header": {
        **contract("invoice")["header"], "document_type_id": "9999"
    }}, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]) == (400, contract("error_response")["error"])
    assert answer.json()["result"] == {"status": 400, "error_message": "Invalid document type ID"}
    stranger = Till(place.url, "chq_test_nobody")("GET", "/V1/documents", headers={"Accept-Language": "en"})
    assert (stranger.status_code, stranger.json()["error"]) == (401, "Invalid or expired token")


def shape(published: Any, got: Any, pointer: str = "") -> list[str]:
    """Where an answer lacks a published member or gives it another type; members beyond the published ones are free."""
    if isinstance(published, dict):
        if not isinstance(got, dict):
            return [f"{pointer}: {type(got).__name__} instead of an object"]
        missing = [f"{pointer}/{name}: missing" for name in published if name not in got]
        return missing + [
            found for name, value in published.items() if name in got
            for found in shape(value, got[name], f"{pointer}/{name}")
        ]
    if isinstance(published, list):
        if not isinstance(got, list) or not got:
            return [f"{pointer}: {got!r} instead of a filled list"]
        return [found for index, item in enumerate(got) for found in shape(published[0], item, f"{pointer}/{index}")]
    if published is None or pointer.endswith(("/document_pdf", "/taxbureau_validation_status")):
        return []
    numbers = (int, float)
    same = isinstance(got, numbers) if isinstance(published, numbers) else type(got) is type(published)
    return [] if same else [f"{pointer}: {got!r} instead of {published!r}"]
