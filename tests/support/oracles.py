"""Other people's signature libraries, asked for a second opinion."""

from __future__ import annotations

from base64 import b64encode

import xmlsec
from lxml import etree
from signxml import XMLSigner
from signxml.algorithms import CanonicalizationMethod

from sunat import xml
from sunat.signing import Certificate
from tests.support.signing import fixed_certificate


def by_signxml(canonical: bytes, certificate: Certificate) -> bytes:
    """What signxml itself makes of the same voucher, key and certificate, in canonical form."""
    root = etree.fromstring(canonical)
    slot = next(root.iter(f"{{{xml.EXT}}}ExtensionContent"))
    etree.SubElement(slot, f"{{{xml.DS}}}Signature", {"Id": "placeholder"}, nsmap={"ds": xml.DS})
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0)
    signed = signer.sign(
        root, key=certificate.private_key, cert=[b64encode(certificate.der).decode()],
        exclude_c14n_transform_element=True,
    )
    next(signed.iter(f"{{{xml.DS}}}Signature")).set("Id", "SignatureSP")
    return etree.tostring(signed, method="c14n")


def xmlsec_accepts(document: bytes) -> bool:
    root = etree.fromstring(document)
    node = xmlsec.tree.find_node(root, xmlsec.Node.SIGNATURE)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(fixed_certificate().pem.encode(), xmlsec.KeyFormat.CERT_PEM)
    try:
        context.verify(node)
    except xmlsec.Error:
        return False
    return True
