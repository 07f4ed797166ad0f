"""One file at a time: what it is to the account, and whether its signature holds."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.registry.archives import Found, Place
from app.registry.entries import CdrEntry, Passed, VoucherEntry
from app.registry.reading import examine
from sunat.signing import Signer
from tests.support.builders import OTHER_RUC
from tests.support.history import cdr, latin1, name, odd_style, signer_of, unsigned, voucher
from tests.support.signing import FIXTURES, RUC, signed_for


def looked(content: bytes, named: str = "x.xml") -> object:
    return examine(Found(place=Place(source=0), shown=named, name=named, content=content), RUC)


def seen(content: bytes, named: str = "x.xml") -> VoucherEntry:
    found = looked(content, named)
    assert isinstance(found, VoucherEntry), found
    return found


@pytest.mark.parametrize("document", [voucher(12), latin1(voucher(12)), odd_style(12), b"\xef\xbb\xbf" + voucher(12)])
def test_a_sound_voucher_in_any_style(document: bytes) -> None:
    found = seen(document)
    assert found.key == ("01", "F001", 12)
    assert found.seal.state == "valid"
    assert found.seal.rucs == (RUC,)
    assert found.seal.holder == "EMPRESA DE PRUEBA S.A.C."
    assert found.seal.in_force
    assert (found.differences, found.beyond, found.facts.lines) == ((), (), ())


def test_sha1_is_said() -> None:
    assert seen(odd_style(12)).seal.sha1
    assert not seen(voucher(12)).seal.sha1


def test_signatures_that_do_not_hold() -> None:
    tampered = seen(voucher(12).replace(b"PRODUCTO", b"PRODUCT0"))
    assert (tampered.seal.state, tampered.seal.rucs) == ("invalid", ())
    assert len(tampered.seal.digest) == 44
    assert seen(unsigned(12)).seal.state == "absent"


def test_the_certificate_was_another_ones_or_out_of_force() -> None:
    assert seen(voucher(12, signs=OTHER_RUC)).seal.rucs == (OTHER_RUC,)
    late = Signer(signed_for(RUC, start=datetime(2026, 1, 1, tzinfo=UTC)))
    assert not seen(late.sign(unsigned(12, issue_date=date(2025, 6, 2))).xml).seal.in_force


@pytest.mark.parametrize(("content", "reason"), [
    (b"%PDF-1.7", "unknown"),
    (b"", "unknown"),
    (b"<html><body/></html>", "unknown"),
    (b"<Invoice", "refused"),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "refused"),
    (voucher(12, ruc=OTHER_RUC), "foreign"),
    (unsigned(12).replace(b"2.1<", b"2.0<", 1), "not_yet"),
    (unsigned(12).replace(b">01</cbc:InvoiceTypeCode>", b">12</cbc:InvoiceTypeCode>"), "not_yet"),
    (unsigned(12, series="E001"), "not_yet"),
    (unsigned(12, series="0001"), "not_yet"),
    (unsigned(12).replace(b"F001-12<", b"F001-0<"), "refused"),
    (unsigned(12).replace(b">PEN</cbc:DocumentCurrencyCode>", b">soles</cbc:DocumentCurrencyCode>"), "refused"),
    (b'<SummaryDocuments xmlns="urn:sunat:names"/>', "not_yet"),
    (cdr(12, ruc=OTHER_RUC), "foreign"),
    (b'<ApplicationResponse xmlns="urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2"/>', "refused"),
    (cdr(12).replace(b"xmlns:ext=", b'xmlns:odd="relative" xmlns:ext='), "refused"),
    ((FIXTURES / "sunat" / "cdr" / "voided_no_date.xml").read_bytes(), "not_yet"),
])
def test_what_is_passed_over_says_why_in_both_languages(content: bytes, reason: str) -> None:
    found = looked(content)
    assert isinstance(found, Passed)
    assert found.reason == reason
    assert found.text.es
    assert found.text.en
    assert found.text.es != found.text.en


def test_a_purchase_is_told_from_another_ones_paper() -> None:
    bought = voucher(12, ruc=OTHER_RUC).replace(b"20987654326</cbc:ID></cac:PartyIdentification><cac:PartyLegalEntity>"
                                                b"<cbc:RegistrationName>CLIENTE",
                                                RUC.encode() + b"</cbc:ID></cac:PartyIdentification>"
                                                b"<cac:PartyLegalEntity><cbc:RegistrationName>CLIENTE")
    found = looked(bought)
    assert isinstance(found, Passed)
    assert found.reason == "received"


@pytest.mark.parametrize("named", [f"R-{name(12)}.xml", f"R-{RUC}-01-F001-00000012.XML", "whatever.xml"])
def test_a_cdr_is_read_under_any_name(named: str) -> None:
    found = looked(cdr(12, observations=(("4252", "texto"),)), named)
    assert isinstance(found, CdrEntry)
    assert (found.series, found.number) == ("F001", 12)
    assert found.type_code == ("" if named == "whatever.xml" else "01")
    assert found.cdr.observations == (("4252", "texto"),)
    assert (found.cdr.signature, found.cdr.raw_xml) == ("valid", b"")


def test_a_cdr_under_the_name_of_another_voucher_is_refused() -> None:
    found = looked(cdr(12), f"R-{name(13)}.xml")
    assert isinstance(found, Passed)
    assert found.reason == "refused"


def test_what_a_cdr_proves() -> None:
    sound = looked(cdr(12))
    tampered = looked(cdr(12).replace(b"tiene", b"tuvo "))
    placeholder = looked((FIXTURES / "sunat" / "cdr" / "beta_placeholder.xml").read_bytes())
    assert isinstance(sound, CdrEntry)
    assert isinstance(tampered, CdrEntry)
    assert isinstance(placeholder, CdrEntry)
    assert signer_of().certificate.rucs == (RUC,)
    assert [each.proves(env) for each in (sound, tampered, placeholder) for env in ("live", "beta")] == [
        True, True, False, False, False, True,
    ]


SPOILED = (voucher(12), odd_style(12), cdr(12, observations=(("4252", "texto"),)))


@settings(max_examples=200, deadline=None)
@given(
    which=st.sampled_from(SPOILED), at=st.floats(0, 0.999), cut=st.integers(0, 40),
    put=st.one_of(st.binary(max_size=20), st.sampled_from((b"</cbc:ID>", b"<a/>", b"99999999999999999999", b"-100"))),
)
def test_no_spoiled_file_stops_an_import(which: bytes, at: float, cut: int, put: bytes) -> None:
    place = int(at * len(which))
    found = looked(which[:place] + put + which[place + cut:], f"R-{name(12)}.xml")
    assert isinstance(found, VoucherEntry | CdrEntry | Passed)
