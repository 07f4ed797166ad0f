"""Certificates of retention and perception read back, and added up again."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sunat import xml
from sunat.errors import FormatError
from sunat.kinds import KINDS
from sunat.ubl.certificates import read_certificate, recompute_certificate
from sunat.ubl.reading import nature_of
from sunat.ubl.recomputing import Recomputation

FIXTURES = sorted(
    path for stem in ("retention", "perception")
    for path in (Path(__file__).parents[3] / "fixtures").glob(f"{stem}/*/document.xml")
)
ONE = next(path for path in FIXTURES if path.parent.name == "several_payments").read_bytes()


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_our_own_are_read_back_and_their_sums_are_right(path: Path) -> None:
    document = path.read_bytes()
    root = xml.parse(document)
    read = read_certificate(root)
    code = read.facts.voucher.type_code
    assert (nature_of(root).sort, nature_of(root).detail) == ("certificate", code)
    assert {row.stem for row in KINDS if row.code == code} == {path.parent.parent.name}
    assert (read.facts.issuer.identity_number, read.facts.currency) == ("20123456786", "PEN")
    assert f"<cbc:ID>{read.facts.voucher.text}</cbc:ID>".encode() in document
    assert len(read.paid) == document.count(b"DocumentReference>") // 2
    assert recompute_certificate(read) == Recomputation(differences=(), beyond=())


def test_a_sum_that_is_none_is_told() -> None:
    read = read_certificate(xml.parse(ONE))
    end = b"</cbc:TotalInvoiceAmount>"
    wrong = ONE.replace(f">{read.facts.payable}".encode() + end, b">9999.00" + end)
    (found,) = recompute_certificate(read_certificate(xml.parse(wrong))).differences
    assert (found.field, found.given, found.expected, found.cause) == (
        "payable", Decimal(9999), read.facts.payable, "wrong"
    )


@pytest.mark.parametrize("member", ["AgentParty", "ReceiverParty"])
def test_what_is_not_there_is_named(member: str) -> None:
    with pytest.raises(FormatError, match=member):
        read_certificate(xml.parse(ONE.replace(member.encode(), b"SellerParty")))
