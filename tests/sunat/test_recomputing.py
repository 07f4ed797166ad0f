"""The digest of a voucher's bytes, computed again: the same for every form of signing, another for altered bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from sunat import xml
from sunat.errors import SunatError
from sunat.signing import Digests, Signer, digest_of, recompute
from tests.support.signing import fixed_certificate, invoice, signed_for


def same(digest: str) -> Digests:
    return Digests(declared=digest, real=digest)


def by_another_system(document: bytes, *, exclusive: bool = False, sha384: bool = False) -> bytes:
    """A voucher signed with signxml's own signer, indented, its signature where SUNAT wants it."""
    root = xml.parse(document)
    slot = next(root.iter(f"{{{xml.EXT}}}ExtensionContent"))
    method = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0 if exclusive else (
        CanonicalizationMethod.CANONICAL_XML_1_0
    )
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256, c14n_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA384 if sha384 else DigestAlgorithm.SHA256,
    )
    certificate = fixed_certificate()
    placeholder = xml.parse(b'<ds:Signature xmlns:ds="%s" Id="placeholder"/>' % xml.DS.encode())
    slot.append(placeholder)
    signed = signer.sign(
        root, key=certificate.private_key, cert=[certificate.leaf], always_add_key_value=False,
    )
    return xml.serialise(signed)


def test_what_was_signed_here_has_the_digest_it_says() -> None:
    for algorithm in ("rsa-sha256", "rsa-sha1"):
        for lines in (1, 30):
            signed = Signer(fixed_certificate(), algorithm).sign(invoice(lines=lines))
            assert recompute(signed.xml) == same(signed.digest) == same(digest_of(signed.xml))
    other = signed_for("20987654326", start=datetime(2026, 1, 1, tzinfo=UTC))
    signed = Signer(other).sign(invoice(ds_on_root=False, ruc="20987654326"))
    assert recompute(signed.xml) == same(signed.digest)


def test_both_ways_agree() -> None:
    """Cutting the bytes and parsing them give one digest: here the declaration is gone, so it is parsed."""
    signed = Signer(fixed_certificate()).sign(invoice(lines=3))
    parsed_only = signed.xml.split(b"\n", 1)[1]
    assert recompute(parsed_only) == recompute(signed.xml) == same(signed.digest)


@pytest.mark.parametrize("options", [{}, {"exclusive": True}, {"sha384": True}])
def test_vouchers_of_other_systems(options: dict[str, bool]) -> None:
    document = by_another_system(invoice(), **options)
    assert recompute(document) == same(digest_of(document))
    spaced = document.replace(b"</ext:ExtensionContent>", b" </ext:ExtensionContent>")
    assert recompute(spaced).real != recompute(spaced).declared == digest_of(spaced)


def test_text_after_the_signature_counts() -> None:
    signed = Signer(fixed_certificate()).sign(invoice()).xml
    for altered in (
        signed.replace(b"</ds:Signature>", b"</ds:Signature> "),
        signed.replace(b"MIL CON", b"DOS MIL CON"),
        signed.replace(b"F001-1<", b"F001-2<"),
    ):
        assert altered != signed
        assert recompute(altered).real != recompute(altered).declared == digest_of(altered)


@pytest.mark.parametrize("document", [b"", b"<Invoice/>", invoice(), b"not xml"])
def test_what_is_not_signed_has_no_digest(document: bytes) -> None:
    with pytest.raises(SunatError):
        recompute(document)


def test_two_signatures_or_two_references_are_refused() -> None:
    signed = Signer(fixed_certificate()).sign(invoice()).xml
    signature = signed[signed.index(b"<ds:Signature"):signed.index(b"</ds:Signature>") + len(b"</ds:Signature>")]
    with pytest.raises(SunatError):
        recompute(signed.replace(signature, signature * 2))
    with pytest.raises(SunatError):
        recompute(signed.replace(b'URI=""', b'URI="#x"').replace(b"MIL CON", b"UN MIL CON"))
