"""The parts of a signature: a signed voucher has them all, and each missing or misshapen one has its code."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.rules.signature import ROWS, RULES
from sunat.xml import PREFIXES, Element, parse
from tests.sunat.rules.vouchers import Shape, build
from tests.support.signing import fixed_signer

CONTEXT: Final = Context(received=date(2026, 11, 20))
TABLE: Final = RULES["Invoice"]
INFO: Final = "signature/ds:SignedInfo"
TRANSFORM: Final = f"{INFO}/ds:Reference/ds:Transforms/ds:Transform"
CERTIFICATE: Final = "signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate"
URI: Final = "cac:Signature/cac:DigitalSignatureAttachment/cac:ExternalReference/cbc:URI"
SIGNATORY: Final = "cac:Signature/cac:SignatoryParty"
LONG: Final = "X" * 3001

BREAKS: Final = (
    ("2085", "signature/@Id", None), ("2084", "signature/@Id", LONG),
    ("2087", f"{INFO}/ds:CanonicalizationMethod/@Algorithm", None),
    ("2086", f"{INFO}/ds:CanonicalizationMethod/@Algorithm", LONG),
    ("2089", f"{INFO}/ds:SignatureMethod/@Algorithm", None), ("2088", f"{INFO}/ds:SignatureMethod/@Algorithm", LONG),
    ("2091", f"{INFO}/ds:Reference/@URI", None), ("2090", f"{INFO}/ds:Reference/@URI", "  "),
    ("2093", f"{TRANSFORM}/@Algorithm", None), ("2092", f"{TRANSFORM}/@Algorithm", LONG),
    ("2095", f"{INFO}/ds:Reference/ds:DigestMethod/@Algorithm", None),
    ("2094", f"{INFO}/ds:Reference/ds:DigestMethod/@Algorithm", LONG),
    ("2097", f"{INFO}/ds:Reference/ds:DigestValue", None), ("2099", "signature/ds:SignatureValue", None),
    ("2098", "signature/ds:SignatureValue", "¡no!"), ("2101", CERTIFICATE, None), ("2100", CERTIFICATE, "¡no!"),
    ("2076", "cac:Signature/cbc:ID", None), ("2077", "cac:Signature/cbc:ID", LONG),
    ("2079", f"{SIGNATORY}/identity", None), ("2078", f"{SIGNATORY}/identity", "20987654326"),
    ("2081", f"{SIGNATORY}/cac:PartyName/cbc:Name", None), ("2080", f"{SIGNATORY}/cac:PartyName/cbc:Name", LONG),
    ("2083", URI, None), ("2082", URI, LONG),
)


def signed() -> Element:
    return parse(fixed_signer().sign_xml(build(Shape())).xml)


def test_a_signed_voucher_has_every_part() -> None:
    assert judge(signed(), TABLE, CONTEXT) == ()


def test_an_unsigned_one_lacks_them() -> None:
    codes = {finding.code for finding in judge(parse(build(Shape())), TABLE, CONTEXT)}
    assert {"2085", "2097", "2099", "2101"} <= codes


@pytest.mark.parametrize(("code", "path", "value"), BREAKS)
def test_each_part_has_its_code(code: str, path: str, value: str | None) -> None:
    root = signed()
    element, _, attribute = TABLE.names.full(path).partition("/@")
    for node in root.findall(element, PREFIXES):
        above = node.getparent()
        assert above is not None
        if attribute:
            node.attrib.pop(attribute) if value is None else node.set(attribute, value)
        elif value is None:
            above.remove(node)
        else:
            node.text = value
    assert {finding.code for finding in judge(root, TABLE, CONTEXT)} == {code}


def test_every_row_is_broken_here() -> None:
    assert {rule.code for rule in ROWS} == {code for code, _, _ in BREAKS}


def test_a_provider_may_sign_for_the_issuer() -> None:
    root = signed()
    node = root.find(TABLE.names.full(f"{SIGNATORY}/identity"), PREFIXES)
    assert node is not None
    node.text = "20987654326"
    assert judge(root, TABLE, Context(received=date(2026, 11, 20), sender_ruc="20987654326")) == ()
