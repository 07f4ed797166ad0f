"""The signer: a canonical voucher in, signed bytes out.

The voucher arrives as Canonical XML 1.0 with one empty slot in its last ``ext:ExtensionContent``. The enveloped
transform takes the signature out again before hashing, so the digest is that of the bytes as they came, and the
canonical ``ds:SignedInfo`` is a constant but for that digest: Canonical XML 1.0 puts the namespaces in scope on it.
One hash, one RSA operation and one splice are all that is left, and tests hold the result against signxml's.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from sunat import xml
from sunat.errors import CertificateError, SignatureError
from sunat.signing.certificates import Certificate, check_strength

Algorithm = Literal["rsa-sha256", "rsa-sha1"]

SIGNATURE_ID: Final = "SignatureSP"
"""What ``cac:Signature`` refers to, as ``#SignatureSP``."""

C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
DECLARATION: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n'

_METHODS: Final = {
    "rsa-sha256": (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmlenc#sha256",
        hashlib.sha256, hashes.SHA256(),
    ),
    "rsa-sha1": (
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#sha1",
        hashlib.sha1, hashes.SHA1(),  # noqa: S303 - the older algorithm some OSE still ask for, off by default
    ),
}
_EMPTY_SLOT: Final = b"<ext:ExtensionContent></ext:ExtensionContent>"
_SLOT_START: Final = len(b"<ext:ExtensionContent>")
_ANY_SLOT: Final = re.compile(rb"(<(?:([\w.-]+):)?ExtensionContent(?: [^<>]*)?>)</(?:[\w.-]+:)?ExtensionContent>")
_ROOT_TAG: Final = re.compile(rb'<[^\s<>/"!?][^\s<>/"]*((?: [^\s=<>"]+="[^"<]*")*)>')
_NAMESPACE: Final = re.compile(rb' xmlns(?::([^\s=]+))?="([^"]*)"')
_XML_ATTRIBUTE: Final = "{http://www.w3.org/XML/1998/namespace}"
_PADDING: Final = PKCS1v15()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed voucher: UTF-8 bytes with an XML declaration, its DigestValue and SignatureValue in base64."""

    xml: bytes
    digest: str
    signature_value: str


class Signer:
    """Signs for one certificate; the key is loaded once and may be used from any thread.

    Raises CertificateError when the certificate has no key or one too weak to sign with.
    """

    __slots__ = (
        "_hash", "_head", "_info_end", "_info_start", "_key", "_signing_hash", "_tail", "algorithm", "certificate",
    )

    def __init__(
        self, certificate: Certificate, algorithm: Algorithm = "rsa-sha256", *, signature_id: str = SIGNATURE_ID
    ) -> None:
        if certificate.private_key is None:
            raise CertificateError("The certificate came without its private key", reason="no_key")
        check_strength(certificate)
        self.certificate = certificate
        self.algorithm = algorithm
        self._key = certificate.private_key
        method, digest_method, self._hash, self._signing_hash = _METHODS[algorithm]
        self._info_start = (
            f'<ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
            f'<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
            f'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="{ENVELOPED}"></ds:Transform></ds:Transforms>'
            f'<ds:DigestMethod Algorithm="{digest_method}"></ds:DigestMethod><ds:DigestValue>'
        ).encode("ascii")
        self._head = f' Id="{signature_id}"><ds:SignedInfo>'.encode("ascii")
        self._info_end = b"</ds:DigestValue></ds:Reference></ds:SignedInfo>"
        self._tail = (
            b"</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" + b64encode(certificate.der)
            + b"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
        )

    def sign(self, canonical: bytes) -> Signed:
        """Signs a voucher that is already Canonical XML 1.0 (UTF-8, no declaration) with one empty slot.

        The bytes are taken at their word: what is not canonical gives a signature that does not verify. Raises
        SignatureError when there is no slot, or more than one.
        """
        slot = _slot(canonical)
        declarations, ds_in_scope = _scope(canonical, slot)
        digest = b64encode(self._hash(canonical).digest())
        info = self._info_start + digest + self._info_end
        value = b64encode(
            self._key.sign(b"<ds:SignedInfo" + declarations + b">" + info, _PADDING, self._signing_hash)
        )
        own = b"" if ds_in_scope else f' xmlns:ds="{xml.DS}"'.encode("ascii")
        signed = b"".join((
            DECLARATION, canonical[:slot], b"<ds:Signature", own, self._head, info,
            b"<ds:SignatureValue>", value, self._tail, canonical[slot:],
        ))
        return Signed(xml=signed, digest=digest.decode("ascii"), signature_value=value.decode("ascii"))

    def sign_xml(self, document: bytes) -> Signed:
        """Signs any unsigned UBL document; comments are dropped, nothing else of its content changes.

        Raises XmlError for bytes that are not safe XML, SignatureError when there is no empty slot.
        """
        root = xml.parse(document)
        slots = [
            slot for slot in root.iter(f"{{{xml.EXT}}}ExtensionContent")
            if len(slot) == 0 and not (slot.text or "").strip()
        ]
        if slots:
            slots[-1].text = None
        return self.sign(xml.canonical(root))


def _slot(canonical: bytes) -> int:
    """Where the signature goes; canonical text holds no literal tag except a real one."""
    first = canonical.find(_EMPTY_SLOT)
    if first >= 0:
        if canonical.find(_EMPTY_SLOT, first + 1) >= 0:
            raise SignatureError("There is more than one empty ext:ExtensionContent for the signature")
        return first + _SLOT_START
    found = list(_ANY_SLOT.finditer(canonical))
    if len(found) != 1:
        raise SignatureError("There must be exactly one empty ext:ExtensionContent for the signature")
    return found[0].end(1)


def _scope(canonical: bytes, slot: int) -> tuple[bytes, bool]:
    """The namespace declarations in scope at the slot in canonical order, and whether ``ds`` is among them."""
    tag = _ROOT_TAG.match(canonical)
    if tag is None:
        return _scope_by_parsing(canonical, slot)
    between = canonical[tag.end(0):slot]
    if b"xmlns" in between or b" xml:" in between or b" xml:" in tag.group(1):
        return _scope_by_parsing(canonical, slot)
    return _scope_of_root(tag.group(1))


@lru_cache(maxsize=64)
def _scope_of_root(attributes: bytes) -> tuple[bytes, bool]:
    return _declare(dict(_NAMESPACE.findall(attributes)))


def _scope_by_parsing(canonical: bytes, slot: int) -> tuple[bytes, bool]:
    """The slow way, for documents that declare namespaces below the root."""
    marked = xml.parse(canonical[:slot] + b"<mark/>" + canonical[slot:])
    content = next(mark for mark in marked.iter("{*}mark") if len(mark) == 0).getparent()
    if content is None or b'xmlns=""' in canonical[:slot]:
        raise SignatureError("The namespaces around the signature are not supported")
    for element in (content, *content.iterancestors()):
        if any(str(attribute).startswith(_XML_ATTRIBUTE) for attribute in element.attrib):
            raise SignatureError("An xml: attribute above the signature is not supported")
    return _declare({
        (prefix or "").encode(): _escape(uri) for prefix, uri in content.nsmap.items() if prefix != "xml"
    })


def _declare(namespaces: dict[bytes, bytes]) -> tuple[bytes, bool]:
    known = xml.DS.encode("ascii")
    if namespaces.get(b"ds", known) != known:
        raise SignatureError("The prefix ds belongs to another namespace")
    in_scope = b"ds" in namespaces
    declared = sorted({**namespaces, b"ds": known}.items())
    return b"".join(
        b' xmlns:%s="%s"' % (prefix, uri) if prefix else b' xmlns="%s"' % uri for prefix, uri in declared if uri
    ), in_scope


def _escape(uri: str) -> bytes:
    return uri.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode("utf-8")
