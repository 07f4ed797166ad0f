"""Vouchers of other systems' making: read from wherever they put things, refused by the field that is missing."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunat import xml
from sunat.documents import PaymentTerms, Sale
from sunat.documents.sale import Instalment
from sunat.errors import FormatError
from sunat.kinds import KINDS
from sunat.signing import verify
from sunat.ubl.reading import VoucherFacts, nature_of, read_voucher
from sunat.ubl.recomputing import recompute
from tests.support.history import OLD_DAY, latin1, odd_style, unsigned, voucher

FIXTURES = sorted(
    path for row in KINDS if issubclass(row.model, Sale)
    for path in (Path(__file__).parents[3] / "fixtures").glob(f"{row.stem}/*/document.xml")
)


def guide_of(version: str, code: str) -> bytes:
    """The root of a despatch guide, and what tells which one it is."""
    of = "urn:oasis:names:specification:ubl:schema:xsd:"
    return (
        f'<DespatchAdvice xmlns="{of}DespatchAdvice-2" xmlns:cbc="{of}CommonBasicComponents-2">'
        f"<cbc:UBLVersionID>{version}</cbc:UBLVersionID>"
        f"<cbc:DespatchAdviceTypeCode>{code}</cbc:DespatchAdviceTypeCode></DespatchAdvice>"
    ).encode()


def read(document: bytes) -> VoucherFacts:
    return read_voucher(xml.parse(document))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_our_own_vouchers_are_read_back(path: Path) -> None:
    document = path.read_bytes()
    facts = read(document)
    assert nature_of(xml.parse(document)).sort == "voucher"
    assert f"<cbc:ID>{facts.voucher.text}</cbc:ID>".encode() in document
    assert f">{facts.payable}</cbc:PayableAmount>".encode() in document
    if b"AllowanceCharge" not in document and b"PayableRoundingAmount" not in document:
        assert facts.value + facts.tax_total == facts.payable + facts.totals.kept
    assert len(facts.lines) == len(re.findall(b"<cac:(?:Invoice|CreditNote|DebitNote)Line>", document))
    assert (facts.target is not None) == (facts.voucher.type_code in {"07", "08"} and b"BillingReference" in document)


def test_every_field_of_an_invoice() -> None:
    terms = PaymentTerms(kind="credit", pending=Decimal(118), instalments=(
        Instalment(amount=Decimal(59), due_date=date(2025, 7, 2)),
        Instalment(amount=Decimal(59), due_date=date(2025, 8, 1)),
    ))
    facts = read(voucher(12, establishment="0003", payment=terms))
    assert (facts.voucher.file_name, facts.written) == ("20123456786-01-F001-12", "F001-12")
    assert (facts.issue_date, facts.issue_time, facts.currency) == (OLD_DAY, time(10, 30), "PEN")
    assert (facts.issuer.establishment_code, facts.operation_type) == ("0003", "0101")
    assert facts.issuer.address is not None
    assert facts.issuer.address.ubigeo == "150101"
    assert (facts.customer.identity_code, facts.customer.identity_number) == ("6", "20987654326")
    assert (facts.value, facts.tax_total, facts.igv, facts.payable) == tuple(
        map(Decimal, ("100.00", "18.00", "18.00", "118.00"))
    )
    assert facts.on_credit_days == (30, 60)
    (line,) = facts.lines
    assert (line.quantity, line.unit_value, line.unit_price) == (1, 100, 118)
    assert (line.affectation, line.rate, line.tributes, line.seller_code) == ("10", 18, ("1000",), "SKU-1")
    assert facts.adjustments == ()


def test_a_note_names_what_it_changes() -> None:
    facts = read(voucher(4, series="FC01", stem="credit_note"))
    assert facts.target is not None
    assert (facts.target.type_code, facts.target.text, facts.reason_code) == ("01", "F001-87", "01")
    assert facts.reason_text == "MOTIVO DE PRUEBA"


def test_other_styles_say_the_same() -> None:
    odd = odd_style(12)
    assert b"basico:" in odd
    facts = read(odd)
    assert (facts.voucher.text, facts.written) == ("F001-12", "F001-00000012")
    assert facts.lines[0].description == "Ñandú disecado"
    assert verify(odd, allow_sha1=True).algorithm.endswith("rsa-sha1")
    recoded = latin1(voucher(12, description="Ñandú disecado"))
    assert b"CDATA" in recoded
    assert b"\xd1and\xfa" in recoded
    assert read(recoded) == read(voucher(12, description="Ñandú disecado"))
    assert verify(recoded).digest == verify(voucher(12, description="Ñandú disecado")).digest


def test_a_comment_does_not_hide_half_of_a_value() -> None:
    assert read(unsigned(12).replace(b"<cbc:ID>F001-12", b"<cbc:ID>F001-<!-- x -->12")).voucher.number == 12


def test_the_issuer_where_the_first_guide_had_him() -> None:
    document = unsigned(1)
    party = re.compile(
        rb'<cac:PartyIdentification><cbc:ID schemeID="6">20123456786</cbc:ID></cac:PartyIdentification>'
        rb"<cac:PartyLegalEntity>(.*?)</cac:PartyLegalEntity>", re.DOTALL,
    )
    old = party.sub(
        rb'<cac:PartyTaxScheme>\1<cbc:CompanyID schemeID="6">20123456786</cbc:CompanyID></cac:PartyTaxScheme>',
        document, count=1,
    )
    assert old != document
    facts = read(old)
    assert (facts.issuer.identity_number, facts.issuer.name) == ("20123456786", "EMPRESA EMISORA S.A.C.")
    assert facts.issuer.establishment_code == "0000"


def test_what_changes_the_whole_is_named() -> None:
    document = unsigned(1).replace(
        b"<cac:TaxTotal>",
        b"<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount>1.00</cbc:Amount>"
        b"</cac:AllowanceCharge><cac:TaxTotal>", 1,
    ).replace(b"<cbc:PayableAmount", b'<cbc:PrepaidAmount currencyID="PEN">5.00</cbc:PrepaidAmount><cbc:PayableAmount')
    assert read(document).adjustments == ("discount", "prepaid")


@pytest.mark.parametrize(("document", "sort", "detail"), [
    (unsigned(1).replace(b">2.1<", b">2.0<"), "old_ubl", "2.0"),
    (unsigned(1).replace(b"<cbc:UBLVersionID>2.1</cbc:UBLVersionID>", b""), "old_ubl", ""),
    (unsigned(1).replace(b">01</cbc:InvoiceTypeCode>", b">04</cbc:InvoiceTypeCode>"), "other_kind", "04"),
    (guide_of("2.1", "09"), "guide", "09"), (guide_of("2.1", "32"), "other_kind", "32"),
    (guide_of("2.0", "09"), "old_ubl", "2.0"), (b'<DespatchAdvice xmlns="urn:x"/>', "unknown", "DespatchAdvice"),
    (b'<v:VoidedDocuments xmlns:v="urn:sunat"/>', "other_kind", "voiding"),
    (b"<Invoice/>", "unknown", "Invoice"),
    (b"<html><body/></html>", "unknown", "html"),
    (b'<ar:ApplicationResponse xmlns:ar="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"/>', "cdr",
     ""),
])
def test_natures(document: bytes, sort: str, detail: str) -> None:
    nature = nature_of(xml.parse(document))
    assert (nature.sort, nature.detail) == (sort, detail)


@pytest.mark.parametrize(("old", "new", "said"), [
    (b"F001-1<", b"f001-1<", "voucher number"),
    (b"F001-1<", b"F001-00000000<", "zero"),
    (b"F001-1<", b"B001-1<", "B001"),
    (b">2025-06-02<", b">02/06/2025<", "no date"),
    (b">PEN</cbc:DocumentCurrencyCode>", b"></cbc:DocumentCurrencyCode>", "DocumentCurrencyCode"),
    (b">118.00</cbc:PayableAmount>", b">1e3</cbc:PayableAmount>", "no amount"),
    (b">118.00</cbc:PayableAmount>", b"></cbc:PayableAmount>", "PayableAmount"),
    (b"cac:LegalMonetaryTotal", b"cac:Other", "LegalMonetaryTotal"),
    (b"cac:AccountingCustomerParty", b"cac:Nobody", "AccountingCustomerParty"),
    (b">20123456786</cbc:ID>", b">123</cbc:ID>", "RUC"),
])
def test_what_cannot_be_read_is_named(old: bytes, new: bytes, said: str) -> None:
    document = unsigned(1)
    assert old in document
    with pytest.raises(FormatError, match=said):
        read(document.replace(old, new))


PIECES = tuple(re.findall(rb">[^<]+<", unsigned(1)))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(PIECES) - 1), text=st.text("0123456789-.eE_ +abF\n", max_size=60))
def test_any_value_is_read_or_refused(at: int, text: str) -> None:
    """Nothing but FormatError comes out of a value, whatever it is."""
    document = unsigned(1).replace(PIECES[at], b">" + text.encode() + b"<")
    try:
        facts = read(document)
    except FormatError:
        return
    found = recompute(facts)
    assert all(each.expected != each.given for each in found.differences)
