"""The signer against signxml and xmlsec, and the verifier against forgeries."""

from __future__ import annotations

import copy
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from sunat import xml
from sunat.errors import CertificateError, SignatureError, XmlError
from sunat.signing import Certificate, Signer, digest_of, self_signed, verify
from sunat.signing.signer import DECLARATION
from tests.support.oracles import by_signxml, xmlsec_accepts
from tests.support.signing import fixed_certificate, fixed_signer, invoice

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SLOT = b"<ext:ExtensionContent></ext:ExtensionContent>"
VARIANTS = [
    pytest.param(invoice(), id="one line"),
    pytest.param(invoice(lines=100), id="hundred lines"),
    pytest.param(invoice(ds_on_root=False), id="ds not on the root"),
    pytest.param(invoice(note="a &gt; b &lt; c &amp; xmlns= xml:lang"), id="awkward text"),
    pytest.param(
        invoice().replace(b"<ext:UBLExtensions>", b'<ext:UBLExtensions xmlns:sac="urn:x:y">'), id="namespace below"
    ),
]


@pytest.mark.parametrize("canonical", VARIANTS)
def test_equals_signxml_byte_for_byte(canonical: bytes) -> None:
    signed = fixed_signer().sign(canonical).xml
    assert etree.tostring(etree.fromstring(signed), method="c14n") == by_signxml(canonical, fixed_certificate())


@pytest.mark.parametrize("canonical", VARIANTS)
def test_output_is_canonical_but_for_its_declaration(canonical: bytes) -> None:
    signed = fixed_signer().sign(canonical).xml
    assert signed.startswith(DECLARATION)
    assert xml.canonical(xml.parse(signed)) == signed.removeprefix(DECLARATION)


@pytest.mark.parametrize("canonical", VARIANTS)
def test_both_verifiers_accept(canonical: bytes) -> None:
    signed = fixed_signer().sign(canonical)
    assert xmlsec_accepts(signed.xml)
    verified = verify(signed.xml)
    assert verified.digest == signed.digest == digest_of(signed.xml)
    assert verified.signed == canonical
    assert verified.certificate.ruc == "20123456786"
    assert signed.digest == b64encode(sha256(canonical).digest()).decode()


def test_same_input_gives_the_same_bytes_from_many_threads() -> None:
    signer = Signer(fixed_certificate())
    with ThreadPoolExecutor(8) as pool:
        outputs = set(pool.map(lambda _: signer.sign(invoice()).xml, range(64)))
    assert len(outputs) == 1


def test_sha1_is_a_switch_for_both_sides() -> None:
    signed = Signer(fixed_certificate(), "rsa-sha1").sign(invoice())
    assert xmlsec_accepts(signed.xml)
    with pytest.raises(SignatureError):
        verify(signed.xml)
    assert verify(signed.xml, allow_sha1=True).digest == signed.digest


def test_sign_xml_takes_any_layout_and_encoding() -> None:
    text = invoice().decode().replace("<ext:ExtensionContent></ext:ExtensionContent>", "<ext:ExtensionContent>\n  "
                                      "</ext:ExtensionContent>").replace("<cbc:ID>F", "<!-- c --><cbc:ID >F", 1)
    document = ('<?xml version="1.0" encoding="ISO-8859-1"?>\n<!-- hello -->' + text).encode("iso-8859-1")
    signed = fixed_signer().sign_xml(document)
    assert verify(signed.xml).signed == invoice()
    assert xmlsec_accepts(signed.xml)


@pytest.mark.parametrize("prefix", ["", "e:"])
def test_sign_xml_takes_other_prefixes(prefix: str) -> None:
    colon = prefix.rstrip(":")
    declaration = f'xmlns{":" if colon else ""}{colon}="{xml.EXT}"'
    document = (f'<Voucher xmlns="urn:v"><{prefix}UBLExtensions {declaration}><{prefix}UBLExtension>'
                f"<{prefix}ExtensionContent/></{prefix}UBLExtension></{prefix}UBLExtensions></Voucher>").encode()
    signed = fixed_signer().sign_xml(document)
    assert verify(signed.xml).digest == signed.digest
    assert xmlsec_accepts(signed.xml)


@pytest.mark.parametrize("canonical", [
    invoice().replace(SLOT, b""),
    invoice().replace(SLOT, SLOT * 2),
    invoice().replace(b'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"', b'xmlns:ds="urn:other"'),
    invoice().replace(b"<Invoice ", b'<Invoice xml:lang="es" '),
])
def test_refuses_what_it_cannot_sign(canonical: bytes) -> None:
    with pytest.raises(SignatureError):
        fixed_signer().sign(canonical)


def test_signing_twice_is_refused() -> None:
    with pytest.raises(SignatureError):
        fixed_signer().sign_xml(fixed_signer().sign(invoice()).xml)


def test_a_certificate_without_key_cannot_sign() -> None:
    with pytest.raises(CertificateError) as caught:
        Signer(Certificate(leaf=fixed_certificate().leaf))
    assert caught.value.reason == "no_key"


# --- forgeries ---------------------------------------------------------------------------------------------


def signed_tree() -> etree._Element:
    return etree.fromstring(fixed_signer().sign(invoice()).xml)


def wrap_root_in_evil(original: etree._Element) -> bytes:
    """The signed voucher is tucked away inside the signature's Object; another one takes its place."""
    evil = copy.deepcopy(original)
    evil.find(f"{{{xml.CBC}}}ID").text = "F001-999"
    signature = next(evil.iter(f"{{{xml.DS}}}Signature"))
    holder = etree.SubElement(signature, f"{{{xml.DS}}}Object")
    holder.append(copy.deepcopy(original))
    return etree.tostring(evil)


def reference_by_id(original: etree._Element) -> bytes:
    original.set("Id", "signed")
    next(original.iter(f"{{{xml.DS}}}Reference")).set("URI", "#signed")
    return etree.tostring(original)


def move_signature_to_root(original: etree._Element) -> bytes:
    original.append(next(original.iter(f"{{{xml.DS}}}Signature")))
    return etree.tostring(original)


def nest_voucher(original: etree._Element) -> bytes:
    outer = etree.fromstring(invoice(number=999))
    next(outer.iter(f"{{{xml.EXT}}}ExtensionContent")).append(original)
    return etree.tostring(outer)


def second_signature(original: etree._Element) -> bytes:
    signature = next(original.iter(f"{{{xml.DS}}}Signature"))
    signature.getparent().append(copy.deepcopy(signature))
    return etree.tostring(original)


def second_reference(original: etree._Element) -> bytes:
    reference = next(original.iter(f"{{{xml.DS}}}Reference"))
    reference.getparent().append(copy.deepcopy(reference))
    return etree.tostring(original)


def external_reference(original: etree._Element) -> bytes:
    next(original.iter(f"{{{xml.DS}}}Reference")).set("URI", "http://127.0.0.1:9/x")
    return etree.tostring(original)


def xslt_transform(original: etree._Element) -> bytes:
    transforms = next(original.iter(f"{{{xml.DS}}}Transforms"))
    etree.SubElement(transforms, f"{{{xml.DS}}}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116")
    return etree.tostring(original)


def no_transform(original: etree._Element) -> bytes:
    transforms = next(original.iter(f"{{{xml.DS}}}Transforms"))
    transforms.clear()
    return etree.tostring(original)


def hmac_confusion(original: etree._Element) -> bytes:
    next(original.iter(f"{{{xml.DS}}}SignatureMethod")).set(
        "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    )
    return etree.tostring(original)


def other_text(original: etree._Element) -> bytes:
    original.find(f"{{{xml.CBC}}}ID").text = "F001-2"
    return etree.tostring(original)


def re_indented(original: etree._Element) -> bytes:
    return etree.tostring(original, pretty_print=False).replace(b"<cbc:ID>", b"\n  <cbc:ID>")


def other_certificate(original: etree._Element) -> bytes:
    stranger = self_signed("20987654326", "OTRA", now=NOW)
    next(original.iter(f"{{{xml.DS}}}X509Certificate")).text = b64encode(stranger.der).decode()
    return etree.tostring(original)


def no_certificate(original: etree._Element) -> bytes:
    block = next(original.iter(f"{{{xml.DS}}}X509Data"))
    block.clear()
    return etree.tostring(original)


def rubbish_certificate(original: etree._Element) -> bytes:
    next(original.iter(f"{{{xml.DS}}}X509Certificate")).text = "AAAA"
    return etree.tostring(original)


def rubbish_value(original: etree._Element) -> bytes:
    next(original.iter(f"{{{xml.DS}}}SignatureValue")).text = "no base64!"
    return etree.tostring(original)


FORGERIES = [
    wrap_root_in_evil, reference_by_id, move_signature_to_root, nest_voucher, second_signature, second_reference,
    external_reference, xslt_transform, no_transform, hmac_confusion, other_text, re_indented, other_certificate,
    no_certificate, rubbish_certificate, rubbish_value,
]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_forgeries_do_not_verify(forge: object) -> None:
    with pytest.raises(SignatureError):
        verify(forge(signed_tree()))  # type: ignore[operator]


def test_an_elliptic_key_in_the_certificate_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    other = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
             .serial_number(1).not_valid_before(NOW).not_valid_after(NOW.replace(year=2030))
             .sign(key, x509.base.hashes.SHA256()))
    tree = signed_tree()
    block = next(tree.iter(f"{{{xml.DS}}}X509Certificate"))
    block.text = b64encode(other.public_bytes(serialization.Encoding.DER)).decode()
    with pytest.raises(SignatureError):
        verify(etree.tostring(tree))


def test_unsigned_and_unsafe_documents() -> None:
    with pytest.raises(SignatureError):
        verify(invoice())
    with pytest.raises(SignatureError):
        digest_of(invoice())
    with pytest.raises(XmlError):
        verify(b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>')
    with pytest.raises(XmlError):
        fixed_signer().sign_xml(b"not xml")


@pytest.mark.parametrize("place", [b"</ds:SignatureMethod>", b"</ds:CanonicalizationMethod>", b"</ds:KeyInfo>"])
def test_a_crowded_signature_is_refused_in_time(place: bytes) -> None:
    """The schema of signatures lets anything stand in these places, and looks at all of it again for each."""
    signed = fixed_signer().sign(invoice()).xml
    crowd = b'<x xmlns="urn:x"/>' * 60_000
    assert place in signed
    begun = time.thread_time()
    with pytest.raises(SignatureError):
        verify(signed.replace(place, crowd + place, 1))
    assert time.thread_time() - begun < 2
