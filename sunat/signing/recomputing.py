"""The digest of a signed voucher, computed again from its own bytes, as an auditor does.

The enveloped transform takes the signature out; what is left is hashed in canonical form (W3C XML Signature 6.6.4).
A voucher signed here was canonical when it was signed, so cutting the signature out of the bytes and hashing the rest
gives the same digest without parsing; only when that does not match is the document read and brought to its form.
Whether the RSA signature itself verifies is `verify`'s business.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sunat import xml
from sunat.errors import SignatureError
from sunat.signing.signer import DECLARATION
from sunat.signing.verifying import check_profile, only_signature

EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"

_HASHES: Final[dict[str, Callable[[bytes], Any]]] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": hashlib.sha256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
    "http://www.w3.org/2000/09/xmldsig#sha1": hashlib.sha1,  # vouchers of other systems, from before
}
_VALUE: Final = re.compile(rb"<ds:DigestValue>([A-Za-z0-9+/=]+)</ds:DigestValue>")
_SIGNATURE: Final = re.compile(rb"<ds:Signature[ >].*?</ds:Signature>", re.DOTALL)
_CANONICAL_START: Final = len(DECLARATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """The DigestValue that a signature declares and the one its document really has, both base64."""

    declared: str
    real: str


def recompute(document: bytes) -> Digests:
    """The digests of a signed voucher: nothing was changed since it was signed if they are the same.

    Raises XmlError for bytes that are not safe XML, SignatureError when there is no signature, or one outside the
    profile of `verify`.
    """
    declared = _VALUE.findall(document)
    if len(declared) == 1 and document.startswith(DECLARATION):
        rest, cuts = _SIGNATURE.subn(b"", document, count=2)
        plain = b64encode(hashlib.sha256(rest[_CANONICAL_START:]).digest())
        if cuts == 1 and plain == declared[0]:
            same = plain.decode("ascii")
            return Digests(declared=same, real=same)
    return _parsed(document)


def _parsed(document: bytes) -> Digests:
    root = xml.parse(document)
    signature = only_signature(root)
    declared = check_profile(signature)
    reference = xml.find(signature, "ds:SignedInfo/ds:Reference")
    method = None if reference is None else xml.find(reference, "ds:DigestMethod")
    hashed = _HASHES.get("" if method is None else str(method.get("Algorithm")))
    if reference is None or hashed is None:
        raise SignatureError("The signature's digest method is not supported")
    transforms = {str(one.get("Algorithm")) for one in xml.find_all(reference, "ds:Transforms/ds:Transform")}
    xml.cut(signature)
    real = hashed(xml.canonical(root, exclusive=EXCLUSIVE in transforms)).digest()
    return Digests(declared=declared, real=b64encode(real).decode("ascii"))
