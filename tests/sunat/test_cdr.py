"""CDRs of every dialect, and answers that are none."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sunat import xml
from sunat.cdr import Cdr, Outcome, build_cdr, read_cdr
from sunat.errors import CdrError
from sunat.signing import Signer, verify
from tests.support.sandbox import NOW, authority
from tests.support.signing import FIXTURES, RUC

SIGNER = Signer(authority(), signature_id="SignSUNAT")


def fixture(name: str) -> bytes:
    return (FIXTURES / "sunat" / "cdr" / f"{name}.xml").read_bytes()


def read(document: bytes, voucher: str = "F001-1") -> Cdr:
    return read_cdr(document, voucher_file_name=f"{RUC}-01-{voucher}", ruc=RUC, voucher_text=voucher)


def built(**changes: object) -> bytes:
    parts: dict[str, object] = {
        "signer": SIGNER, "process_id": "20261120103000000001", "received_at": NOW, "answered_at": NOW,
        "issuer_ruc": RUC, "reference": "F001-1", "code": "0", "description": "El comprobante ha sido aceptado",
        "recipient": "6-20987654326", **changes,
    }
    return build_cdr(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "voucher", "code", "outcome"), [
    ("accepted", "F001-1", "0", Outcome.ACCEPTED),
    ("accepted_latin1", "F001-1", "0", Outcome.ACCEPTED),
    ("accepted_zeros", "F001-1", "0", Outcome.ACCEPTED),
    ("accepted_spaces", "F001-1", "0", Outcome.ACCEPTED),
    ("observed", "F001-1", "0", Outcome.OBSERVED),
    ("rejected", "F001-1", "2800", Outcome.REJECTED),
    ("beta_placeholder", "F001-1", "0", Outcome.ACCEPTED),
    ("voided_no_date", "RA-20261120-1", "0", Outcome.ACCEPTED),
    ("guide_with_qr", "T001-00000001", "0", Outcome.ACCEPTED),
    ("ose_observed", "F001-1", "0", Outcome.OBSERVED),
])
def test_dialects(name: str, voucher: str, code: str, outcome: Outcome) -> None:
    cdr = read(fixture(name), voucher)
    assert (cdr.code, cdr.outcome) == (code, outcome)
    assert cdr.raw_xml == fixture(name)
    assert cdr.signature == "absent"


def test_every_field() -> None:
    cdr = read(fixture("observed"))
    assert cdr.issuer_ruc == RUC
    assert cdr.receiver == "6-20987654326"
    assert cdr.reference == "F001-1"
    assert cdr.file_name == f"{RUC}-01-F001-1"
    assert cdr.process_id == "1763652600123"
    assert cdr.received_at == datetime(2026, 11, 20, 10, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert cdr.observations[0][0] == "4252"
    assert cdr.observations[1] == ("3496", "El codigo de producto no es valido")
    assert len(cdr.observations) == 2
    assert cdr.notes[2] == "Remark without a code"


def test_letters_of_latin1() -> None:
    assert read(fixture("accepted_latin1")).description == "La Factura número F001-1, ha sido aceptada"


def test_qr_link_of_a_guide() -> None:
    link = read(fixture("guide_with_qr"), "T001-1").qr_link
    assert link is not None
    assert link.startswith("https://e-factura.sunat.gob.pe/")


def test_moments_that_cannot_be_read() -> None:
    assert read(fixture("voided_no_date"), "RA-20261120-1").received_at is None
    beta = read(fixture("beta_placeholder")).received_at
    assert beta is not None
    assert beta.date().isoformat() == "2026-11-20"


def test_observations_of_an_ose() -> None:
    assert read(fixture("ose_observed")).observations == (("4287", "El precio unitario difiere"),)


@pytest.mark.parametrize("name", ["bad_no_code", "bad_code_text", "bad_other_number", "bad_other_ruc",
                                  "bad_no_receiver"])
def test_answers_that_are_none(name: str) -> None:
    with pytest.raises(CdrError):
        read(fixture(name))


@pytest.mark.parametrize("document", [
    b"", b"<html>502</html>", b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><a>&e;</a>",
    b"<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><a>&b;</a>",
    fixture("accepted").replace(b"ApplicationResponse-2", b"ApplicationResponse-3"),
    fixture("accepted")[:-20],
])
def test_documents_that_are_no_cdr(document: bytes) -> None:
    with pytest.raises(CdrError):
        read(document)


def test_another_vouchers_cdr_beside_ours_in_type_of_number() -> None:
    for other in ("F001-10", "F002-1", "B001-1", "RA-20261120-1", "nothing"):
        with pytest.raises(CdrError):
            read(fixture("accepted"), other)


def test_a_comment_cannot_hide_half_a_value() -> None:
    tricked = fixture("accepted").replace(b"<cbc:ResponseCode>0<", b"<cbc:ResponseCode>0<!-- -->2800<")
    with pytest.raises(CdrError):
        read(tricked)


def test_a_code_of_the_observations_class_accepts() -> None:
    assert read(built(code="4287")).outcome is Outcome.OBSERVED


# --- built ones --------------------------------------------------------------------------------------------


def test_what_we_build_we_read() -> None:
    document = built(code="0", observations=[("4252", 'texto <raro> & "x"'), ("3496", "otro\x00\ud800")])
    cdr = read(document)
    assert cdr.outcome is Outcome.OBSERVED
    assert cdr.observations[0] == ("4252", 'texto <raro> & "x"')
    assert cdr.observations[1][0] == "3496"
    assert cdr.received_at == NOW
    assert cdr.signature == "valid"
    assert cdr.signed_by == authority().fingerprint
    assert verify(document).certificate.ruc == "20131312955"


def test_built_ones_are_shaped_like_sunats() -> None:
    root = xml.parse(built())
    assert [xml.name(child) for child in xml.children(root)] == [
        "ext:UBLExtensions", "cbc:UBLVersionID", "cbc:CustomizationID", "cbc:ID", "cbc:IssueDate", "cbc:IssueTime",
        "cbc:ResponseDate", "cbc:ResponseTime", "cac:Signature", "cac:SenderParty", "cac:ReceiverParty",
        "cac:DocumentResponse",
    ]
    signature = next(root.iter(f"{{{xml.DS}}}Signature"))
    assert signature.get("Id") == "SignSUNAT"
    assert xml.text(root, "cbc:IssueTime") == "10:30:00"


def test_an_altered_cdr_says_so() -> None:
    altered = built(code="2800").replace(b">2800<", b">0<")
    cdr = read(altered)
    assert cdr.signature == "invalid"
    assert cdr.signed_by == ""


def test_the_check_can_be_left_to_later() -> None:
    cdr = read_cdr(built(), voucher_file_name=f"{RUC}-01-F001-1", ruc=RUC, voucher_text="F001-1",
                   check_signature=False)
    assert cdr.signature == "unchecked"


GOOD = fixture("observed")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=6), st.integers(0, 40))
def test_damaged_cdrs_never_escape_the_error_tree(place: int, junk: bytes, gone: int) -> None:
    try:
        outcome = read(GOOD[:place] + junk + GOOD[place + gone:]).outcome
    except CdrError:
        outcome = Outcome.OBSERVED
    assert outcome in Outcome
