"""Verification under a strict profile: what verifies is the root document, whole, and nothing else.

The profile (W3C XML Signature Best Practices, practices 1 to 14): one signature in the document, in an
``ext:ExtensionContent`` below the root; one reference with ``URI=""``; the enveloped transform and at most one
canonicalisation; RSA with SHA-256 or stronger, SHA-1 only when asked for; the key from ``ds:X509Certificate``.
Trust in that certificate and its dates are the caller's business.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass
from itertools import islice
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from sunat import xml
from sunat.errors import SignatureError
from sunat.signing.certificates import Certificate
from sunat.signing.signer import ENVELOPED

_METHODS: Final = frozenset({
    SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512,
})
_DIGESTS: Final = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_CANONICAL: Final = frozenset(method.value for method in CanonicalizationMethod)
_PLACE: Final = ("UBLExtensions", "UBLExtension", "ExtensionContent")
_MAX_CERTIFICATES: Final = 5
_MAX_ELEMENTS: Final = 100
"""In a signature, which has about twenty; the library's schema takes time by the square of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a signature proves: the DigestValue in base64, the signing certificate, the bytes that were signed.

    ``signed`` is the canonical document without its signature. ``algorithm`` is the URI of the signature method.
    """

    digest: str
    certificate: Certificate
    signed: bytes
    algorithm: str


def verify(document: bytes, *, allow_sha1: bool = False) -> Verified:
    """Verifies the enveloped signature of a document.

    Raises XmlError for bytes that are not safe XML, SignatureError when the signature is missing, outside the
    profile, or does not verify.
    """
    root = xml.parse(document)
    signature = only_signature(root)
    digest = check_profile(signature)
    certificates = _certificates(signature)
    methods, digests = _METHODS, _DIGESTS
    if allow_sha1:
        methods |= {SignatureMethod.RSA_SHA1}
        digests |= {DigestAlgorithm.SHA1}
    for certificate in certificates:
        expected = SignatureConfiguration(
            location=".//", expect_references=1, signature_methods=methods, digest_algorithms=digests,
            # the signature is what is checked here, so any moment of the certificate's life will do
            verification_time=certificate.not_valid_before_utc,
            default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
        )
        try:
            result = XMLVerifier().verify(document, x509_cert=certificate, expect_config=expected)
        except (SignXMLException, ValueError, TypeError, UnsupportedAlgorithm, xml.LibraryError) as error:
            problem = error
            continue
        if isinstance(result, list):  # one reference was asked for, so the library gives one result
            raise SignatureError("The signature has more than one reference")
        method = xml.find(signature, "ds:SignedInfo/ds:SignatureMethod")
        return Verified(
            digest=digest, certificate=Certificate(leaf=certificate), signed=result.signed_data,
            algorithm="" if method is None else str(method.get("Algorithm", "")),
        )
    raise SignatureError(f"The signature does not verify: {problem}") from problem


def digest_of(document: bytes) -> str:
    """The DigestValue of a signed document in base64, read and not verified.

    Raises XmlError for bytes that are not safe XML, SignatureError when there is no signature.
    """
    value = xml.text(only_signature(xml.parse(document)), "ds:SignedInfo/ds:Reference/ds:DigestValue")
    if not value or not value.strip():
        raise SignatureError("The signature has no DigestValue")
    return value.strip()


def only_signature(root: xml.Element) -> xml.Element:
    """The one signature of a document. Raises SignatureError for none, several, or one in the wrong place."""
    found = list(root.iter(f"{{{xml.DS}}}Signature"))
    if len(found) != 1:
        raise SignatureError("The document is not signed" if not found else "The document has several signatures")
    path = tuple(str(element.tag) for element in reversed(list(found[0].iterancestors())))
    if path[1:] != tuple(f"{{{xml.EXT}}}{step}" for step in _PLACE):
        raise SignatureError("The signature is not in an ext:ExtensionContent of the document")
    return found[0]


def check_profile(signature: xml.Element) -> str:
    """The DigestValue of a signature. Raises SignatureError for every freedom that an enveloped voucher needs not."""
    if sum(1 for _ in islice(signature.iter(), _MAX_ELEMENTS + 1)) > _MAX_ELEMENTS:
        raise SignatureError(f"The signature has more than {_MAX_ELEMENTS} elements")
    if xml.find(signature, "ds:Object") is not None:
        raise SignatureError("The signature carries an Object")
    references = xml.find_all(signature, "ds:SignedInfo/ds:Reference")
    if len(references) != 1 or references[0].get("URI") != "":
        raise SignatureError("The signature must cover the whole document and nothing else")
    transforms = [str(one.get("Algorithm")) for one in xml.find_all(references[0], "ds:Transforms/ds:Transform")]
    rest = transforms[1:]
    if transforms[:1] != [ENVELOPED] or len(rest) > 1 or not _CANONICAL.issuperset(rest):
        raise SignatureError("The signature's transforms are not the enveloped one and a canonicalisation")
    value = xml.text(references[0], "ds:DigestValue")
    if not value or not value.strip():
        raise SignatureError("The signature has no DigestValue")
    return value.strip()


def _certificates(signature: xml.Element) -> list[x509.Certificate]:
    blocks = xml.find_all(signature, "ds:KeyInfo/ds:X509Data/ds:X509Certificate")
    if not blocks or len(blocks) > _MAX_CERTIFICATES:
        raise SignatureError("The signature must carry its certificate")
    try:
        found = [x509.load_der_x509_certificate(b64decode("".join((block.text or "").split()), validate=True))
                 for block in blocks]
        for certificate in found:
            certificate.public_key()
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm) as error:
        raise SignatureError("The certificate in the signature cannot be read") from error
    return found
