"""Despatch guides read back: who sends what to whom, without amounts."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from sunat import xml
from sunat.errors import FormatError
from sunat.kinds import KINDS
from sunat.ubl.facts import facts_of, recomputed
from sunat.ubl.guides import read_guide
from sunat.ubl.reading import nature_of

FIXTURES = sorted(
    path for stem in ("guide", "carrier_guide")
    for path in (Path(__file__).parents[3] / "fixtures").glob(f"{stem}/*/document.xml")
)
ONE = next(path for path in FIXTURES if path.parent.name == "sale_in_own_lorry").read_bytes()


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_our_own_are_read_back(path: Path) -> None:
    document = path.read_bytes()
    root = xml.parse(document)
    facts, paid = facts_of(root)
    code = facts.voucher.type_code
    assert (nature_of(root).sort, nature_of(root).detail, paid) == ("guide", code, ())
    assert {row.stem for row in KINDS if row.code == code} == {path.parent.parent.name}
    assert f"<cbc:ID>{facts.voucher.text}</cbc:ID>".encode() in document
    assert (facts.issuer.identity_number, facts.currency, facts.payable) == ("20123456786", "PEN", Decimal(0))
    assert facts.customer.identity_number
    assert len(facts.lines) == document.count(b"<cbc:Description>")
    assert all(line.description and line.tributes == () for line in facts.lines)
    assert facts.lines or code == "31"
    assert recomputed(root, facts, paid).differences == ()


def test_parties_where_the_first_guides_had_them() -> None:
    old = re.sub(
        rb"<cac:Party>\s*<cac:PartyIdentification>\s*<cbc:ID schemeID=\"6\">20123456786</cbc:ID>\s*"
        rb"</cac:PartyIdentification>",
        b"<cbc:CustomerAssignedAccountID schemeID=\"6\">20123456786</cbc:CustomerAssignedAccountID><cac:Party>",
        ONE, count=1,
    )
    assert old != ONE
    issuer = read_guide(xml.parse(old)).issuer
    assert (issuer.identity_code, issuer.identity_number) == ("6", "20123456786")


@pytest.mark.parametrize("member", ["DespatchSupplierParty", "DeliveryCustomerParty"])
def test_what_is_not_there_is_named(member: str) -> None:
    with pytest.raises(FormatError, match=member):
        read_guide(xml.parse(ONE.replace(member.encode(), b"SellerSupplierParty")))
