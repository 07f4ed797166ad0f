"""Rows about the structure of the signature (sheet Firma): that each part is there and has its form.

They are asked of a signed voucher, by whoever receives it; the voucher itself is judged unsigned before it gets its
number. Whether the signature is *true* is the business of ``sunat.signing``. Source: workbook of 2026-02-12.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from sunat.rules import paths
from sunat.rules.checks import exists, holds, matches, present, text
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable

_SIGNATURE: Final = "signature"
_BASE64: Final = matches(r"[A-Za-z0-9+/=\s]{2,}", "texto en base 64", "base 64 text")


def _signatory(view: View) -> bool:
    written = view.text("cac:Signature/cac:SignatoryParty/identity")
    return not written or written in (view.text("supplier/identity"), view.document.context.sender_ruc)


def _needed(missing: str, wrong: str, path: str, name: tuple[str, str]) -> tuple[Rule, ...]:
    return (
        Rule(missing, path, exists(), scope="", field=name),
        Rule(wrong, path, text(1, 3000), field=name),
    )


_SIGNED_INFO: Final = "signature/ds:SignedInfo"

ROWS: Final = (
    *_needed("2085", "2084", "signature/@Id", ("identificador de la firma", "signature's Id")),
    *_needed("2087", "2086", f"{_SIGNED_INFO}/ds:CanonicalizationMethod/@Algorithm",
             ("método de canonización", "canonicalisation method")),
    *_needed("2089", "2088", f"{_SIGNED_INFO}/ds:SignatureMethod/@Algorithm", ("método de firma", "signature method")),
    Rule("2091", f"{_SIGNED_INFO}/ds:Reference/@URI", exists(), scope="",
         field=("referencia firmada", "signed reference")),
    Rule("2090", f"{_SIGNED_INFO}/ds:Reference/@URI", matches(
        r"|[\s\S]*\S[\s\S]*", "la referencia al documento, que es vacía y sin espacios, o a una parte de él",
        "the reference to the document, which is empty and without blanks, or to a part of it"),
        field=("referencia firmada", "signed reference")),
    *_needed("2093", "2092", f"{_SIGNED_INFO}/ds:Reference/ds:Transforms/ds:Transform/@Algorithm",
             ("transformación firmada", "signed transform")),
    *_needed("2095", "2094", f"{_SIGNED_INFO}/ds:Reference/ds:DigestMethod/@Algorithm",
             ("método de resumen", "digest method")),
    Rule("2097", f"{_SIGNED_INFO}/ds:Reference/ds:DigestValue", present(), scope="", field=("resumen", "digest")),
    Rule("2099", "signature/ds:SignatureValue", exists(), scope="", field=("valor de la firma", "signature value")),
    Rule("2098", "signature/ds:SignatureValue", _BASE64, field=("valor de la firma", "signature value")),
    Rule("2101", "signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate", exists(), scope="",
         field=("certificado", "certificate")),
    Rule("2100", "signature/ds:KeyInfo/ds:X509Data/ds:X509Certificate", _BASE64, field=("certificado", "certificate")),
    Rule("2076", "cac:Signature/cbc:ID", exists()),
    Rule("2077", "cac:Signature/cbc:ID", text(1, 3000)),
    Rule("2079", "cac:Signature/cac:SignatoryParty/identity", exists()),
    Rule("2078", "cac:Signature/cac:SignatoryParty/identity", holds(
        _signatory, ("no es el RUC del emisor ni el de quien envía", "is neither the issuer's RUC nor the sender's"),
        ("Firme con el RUC del emisor.", "Sign with the issuer's RUC."), "/supplier/identity"), scope=""),
    Rule("2081", "cac:Signature/cac:SignatoryParty/cac:PartyName/cbc:Name", exists()),
    Rule("2080", "cac:Signature/cac:SignatoryParty/cac:PartyName/cbc:Name", text(1, 3000)),
    Rule("2083", "cac:Signature/cac:DigitalSignatureAttachment/cac:ExternalReference/cbc:URI", exists()),
    Rule("2082", "cac:Signature/cac:DigitalSignatureAttachment/cac:ExternalReference/cbc:URI", text(1, 3000)),
)
"""2090 speaks of an empty reference, yet XML Signature (4.4.3.1) writes a reference to the whole document as an empty
URI, and every signature in use has it: what is refused is a reference of blanks alone, which refers to nothing."""


CERTIFICATE: Final = (
    f"{paths.SIGNED['signature']}/ds:KeyInfo/ds:X509Data/ds:X509Certificate"
)
"""Where the certificate is, below the root."""


@cache
def table(root: str) -> RuleTable:
    """The signature rows for a root element (Invoice, Retention ...)."""
    return RuleTable("firma", root, ROWS, short=paths.signed(root), scopes=())


RULES: Final = {root: table(root) for root in ("Invoice", "CreditNote", "DebitNote")}
"""The signature rows by root element."""
