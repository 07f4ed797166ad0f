"""The decision table of the notes: each reason of catalogues 09 and 10 kept, and broken at the caller's field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from sunat.__main__ import main
from sunat.catalogues import catalogue
from sunat.documents import CreditNote, Party, Target
from sunat.documents.note_reasons import CREDIT_REASONS, DEBIT_REASONS, unlike_its_extent
from sunat.taxes import Totals
from tests.support.ordering import FOREIGNER, Outcome, answered, asked, tax

LINE = "/details/0"
TAXES = f"{LINE}/taxes/0/tax_type_id"
AFFECTATION = f"{LINE}/additional/pe_detail/igv_affectation"
PAYMENT = "/header/additional/pe_header/payment"
TERMS = {"payment": {"kind": "credit", "instalments": [{"amount": "1180", "due_date": "2027-01-20"}]}}
ZERO = {"detail": {"unit_price": 0}, "taxes": [tax("413", 18, 0)]}
EXPORT = {"header": FOREIGNER, "taxes": [tax("425", 0, 0)]}
IVAP = {"taxes": [tax("413", 4, 40)], "pe_detail": {"igv_affectation": "17"}}
UNAFFECTED = {"taxes": [tax("428", 0, 0)]}


def note(code: str, reason: str, **changes: Any) -> Outcome:
    stem, series = {"07": ("credit_note/whole_invoice", "FC01"), "08": ("debit_note/penalty", "FD01")}[code]
    body = asked(stem, **changes)
    body["references"][0]["reference_code"] = reason
    return answered(body, code, series)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What keeps a reason, and what breaks it with which error."""

    keeps: tuple[dict[str, Any], ...] = ({},)
    breaks: tuple[tuple[dict[str, Any], tuple[str, str]], ...] = (
        (ZERO, ("3105", f"{LINE}/unit_price")), ({"pe": TERMS}, ("CHQ-NOTE-MEMBER", PAYMENT)),
        (IVAP, ("3230", AFFECTATION)),
    )


PLAIN = Case()
ADJUSTED = {
    "11": Case(keeps=(EXPORT,), breaks=(({}, ("2642", TAXES)), (UNAFFECTED, ("2642", TAXES)))),
    "12": Case(keeps=(IVAP,), breaks=(({}, ("2644", TAXES)), (UNAFFECTED, ("2644", TAXES)))),
}
CREDIT = {
    **dict.fromkeys(("01", "02", "04", "05", "06", "07", "08", "09", "10"), PLAIN),
    "03": Case(keeps=({}, ZERO), breaks=(({"pe": TERMS}, ("CHQ-NOTE-MEMBER", PAYMENT)),)),
    **ADJUSTED,
    "13": Case(keeps=({**ZERO, "pe": TERMS},), breaks=(
        ({"pe": TERMS}, ("3315", "/totals/total_amount")), (ZERO, ("3257", PAYMENT)),
        ({**ZERO, "pe": {"payment": {"kind": "cash"}}}, ("3246", PAYMENT)),
    )),
}
DEBIT = {
    **dict.fromkeys(("01", "02", "03"), PLAIN), **ADJUSTED,
    "13": Case(keeps=(UNAFFECTED,), breaks=(({}, ("3507", TAXES)), (EXPORT, ("3507", TAXES)))),
}


def test_every_reason_of_the_catalogues_is_in_the_table_and_tried() -> None:
    assert set(CREDIT_REASONS) == {entry.code for entry in catalogue("09")} == set(CREDIT)
    assert set(DEBIT_REASONS) == {entry.code for entry in catalogue("10")} == set(DEBIT)


@pytest.mark.parametrize(("code", "reason"), [
    *(("07", reason) for reason in CREDIT), *(("08", reason) for reason in DEBIT),
])
def test_a_note_that_keeps_its_reason_is_issued(code: str, reason: str) -> None:
    for changes in (CREDIT if code == "07" else DEBIT)[reason].keeps:
        assert note(code, reason, **changes).errors == []


@pytest.mark.parametrize(("code", "reason"), [
    *(("07", reason) for reason in CREDIT), *(("08", reason) for reason in DEBIT),
])
def test_a_note_that_breaks_its_reason_is_refused(code: str, reason: str) -> None:
    for changes, expected in (CREDIT if code == "07" else DEBIT)[reason].breaks:
        assert expected in note(code, reason, **changes).errors


def test_a_reason_that_no_catalogue_has_is_refused() -> None:
    assert ("2172", "/references/0/reference_code") in note("07", "14").errors
    assert ("2172", "/references/0/reference_code") in note("08", "04").errors


def test_reason_13_changes_a_factura_only() -> None:
    body = asked("credit_note/whole_boleta", **ZERO, pe=TERMS)
    body["references"][0]["reference_code"] = "13"
    assert ("3259", "/references/0/document_type_id") in answered(body, "07", "BC01").errors


@pytest.mark.parametrize(("kind", "number", "shown"), [
    ("12", "MAQ1-000123", "MAQ1-000123"), ("16", "BOL-7", "BOL-7"), ("55", "0001-00004567", "0001-00004567"),
    ("01", "F001-00000087", "F001-87"), ("01", "E001-9", "E001-9"),
])
def test_what_is_no_voucher_of_sunats_numbering_is_named_as_printed(kind: str, number: str, shown: str) -> None:
    body = asked("credit_note/whole_invoice")
    body["references"] = [{
        "document_type_taxbureau": kind, "reference_number": number, "reference_code": "10", "description": "AJUSTE",
    }]
    outcome = answered(body, "07", "FC01")
    assert outcome.errors == []
    assert f"<cbc:ID>{shown}</cbc:ID><cbc:DocumentTypeCode>{kind}<" in outcome.xml.replace("\n", "")


@pytest.mark.parametrize("member", [
    {"is_advance": True}, {"advances": [{"number": "F001-1", "total_amount": "1"}]}, {"perception": {"code": "51"}},
    {"retention": {}}, {"income_withholding": {"rate": "5"}}, {"incoterm": "FOB"}, {"service_use_country": "US"},
    {"delivery_address": {"ubigeo": "150101"}}, {"detraction": {"code": "037", "rate": "12"}},
], ids=lambda member: next(iter(member)))
def test_what_a_note_cannot_say_is_named_not_dropped(member: dict[str, Any]) -> None:
    name = next(iter(member))
    assert ("CHQ-NOTE-MEMBER", f"/header/additional/pe_header/{name}") in note("07", "01", pe=member).errors


def test_a_debit_note_may_bear_a_detraction() -> None:
    outcome = note("08", "02", pe={"detraction": {"code": "037", "rate": "12"}})
    assert outcome.errors == []
    assert "<cbc:ID>Detraccion</cbc:ID>" in outcome.xml


def test_a_discount_of_the_whole_goes_into_the_lines_of_a_note() -> None:
    outcome = note("07", "01", pe={"charges_discounts": [{"code": "02", "rate": "10"}, {"code": "50", "amount": "5"}]})
    assert outcome.errors == []
    assert ">900.00</cbc:LineExtensionAmount>" in outcome.xml
    assert ">1067.00</cbc:PayableAmount>" in outcome.xml


@pytest.mark.parametrize(("reason", "amount", "fits"), [
    ("01", "1180", True), ("01", "1179.99", False), ("06", "100", False), ("07", "1180", False), ("07", "100", True),
    ("10", "1180", True), ("03", "0", True), ("01", "0", True), ("99", "1", True),
])
def test_the_extent_of_a_reason_is_held_against_the_voucher(reason: str, amount: str, fits: bool) -> None:
    zero, sum_ = Decimal(0), Decimal(amount)
    content = CreditNote(
        issue_date=date(2026, 11, 20), issue_time=time(10), currency="PEN", lines=(),
        issuer=Party(identity_code="6", identity_number="20123456786", name="X"),
        customer=Party(identity_code="6", identity_number="20987654326", name="Y"),
        totals=Totals(value=sum_, tax_total=zero, price=sum_, payable=sum_, taxes=()),
        reason_code=reason, reason_text="Z", target=Target(type_code="01", series="F001", number=1),
    )
    assert (unlike_its_extent(content, Decimal(1180)) is None) == fits


@pytest.mark.parametrize(("kind", "rows"), [("07", 13), ("08", 6)])
def test_the_table_is_printed(capsys: pytest.CaptureFixture[str], kind: str, rows: int) -> None:
    assert main(("reasons", kind)) == 0
    spanish = capsys.readouterr().out.splitlines()
    assert main(("reasons", kind, "--english")) == 0
    english = capsys.readouterr().out.splitlines()
    assert len(spanish) == len(english) == rows
    assert all(line.count("\t") == 7 for line in (*spanish, *english))
    assert spanish != english


def alone(code: str, series: str, reason: str, text: str = "OTROS", **changes: Any) -> Outcome:
    """A note that names no voucher."""
    body = asked({"07": "credit_note/whole_invoice", "08": "debit_note/penalty"}[code], **changes)
    del body["references"]
    body["header"]["additional"]["pe_header"]["note"] = {"reason_code": reason, "reason_text": text}
    return answered(body, code, series)


@pytest.mark.parametrize(("code", "series", "reason"), [
    ("07", "FC01", "10"), ("07", "BC01", "10"), ("08", "FD01", "03"), ("08", "BD01", "03"),
])
def test_a_note_of_other_concepts_needs_no_voucher(code: str, series: str, reason: str) -> None:
    made = alone(code, series, reason)
    assert made.errors == []
    assert "BillingReference" not in made.xml
    assert "ReferenceID" not in made.xml
    assert f"<cbc:ResponseCode>{reason}</cbc:ResponseCode>" in made.xml
    nameless = alone(code, series, reason, "")
    assert ("2136", "/header/additional/pe_header/note/reason_text") in nameless.errors


@pytest.mark.parametrize(("code", "series", "reason"), [("07", "FC01", "01"), ("08", "FD01", "10"), ("07", "FC01", "")])
def test_every_other_note_names_one(code: str, series: str, reason: str) -> None:
    assert ("2524", "/references") in alone(code, series, reason).errors


def test_a_row_of_references_may_say_the_reason_alone() -> None:
    body = asked("credit_note/whole_invoice")
    body["references"] = [{"reference_code": "10", "description": "OTROS"}]
    made = answered(body, "07", "FC01")
    assert (made.errors, "BillingReference" in made.xml) == ([], False)
    body["references"][0]["reference_number"] = "F001-87"
    body["references"][0]["document_type_id"] = "96"
    assert "<cbc:ID>F001-87</cbc:ID>" in answered(body, "07", "FC01").xml


def test_whose_customer_may_stay_unnamed_follows_the_series_of_a_note_alone() -> None:
    nobody = {"header": {"receiver_tax_id_code": "", "receiver_tax_id_type": "", "receiver_legal_name": ""}}
    assert alone("07", "BC01", "10", **nobody).errors == []
    assert alone("07", "FC01", "10", **nobody).errors != []
