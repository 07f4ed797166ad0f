"""The committed test certificate, and a neutral voucher to sign while the templates are not what is tested."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from sunat import xml
from sunat.signing import Certificate, Signer, load_pem

FIXTURES = Path(__file__).parents[2] / "fixtures"
RUC = "20123456786"


@cache
def fixed_certificate() -> Certificate:
    return load_pem((FIXTURES / "sunat" / "test_certificate.pem").read_bytes())


@cache
def fixed_signer() -> Signer:
    return Signer(fixed_certificate())


def signed_for(ruc: str, *, start: datetime, days: int = 365) -> Certificate:
    """A certificate of another RUC over the committed test key: making a key takes a hundred times as long."""
    key = fixed_certificate().private_key
    assert key is not None
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "PE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "EMPRESA DE PRUEBA S.A.C."),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, ruc),
    ])
    leaf = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(start)
        .not_valid_after(start + timedelta(days=days)).sign(key, hashes.SHA256())
    )
    return Certificate(leaf=leaf, private_key=key)


def invoice(*, series: str = "F001", number: int = 1, lines: int = 1, ruc: str = RUC, kind: str = "01",
            note: str = "MIL CON 00/100 SOLES", ds_on_root: bool = True) -> bytes:
    """An unsigned invoice in canonical form, with an empty slot for the signature."""
    ds = f' xmlns:ds="{xml.DS}"' if ds_on_root else ""
    body = "".join(
        f'<cac:InvoiceLine><cbc:ID>{n}</cbc:ID><cbc:InvoicedQuantity unitCode="NIU">1</cbc:InvoicedQuantity>'
        f'<cbc:LineExtensionAmount currencyID="PEN">10.00</cbc:LineExtensionAmount>'
        f"<cac:Item><cbc:Description>Ñandú &amp; \"cía\" n.° {n}</cbc:Description></cac:Item></cac:InvoiceLine>"
        for n in range(1, lines + 1)
    )
    text = (
        f'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="{xml.CAC}" '
        f'xmlns:cbc="{xml.CBC}"{ds} xmlns:ext="{xml.EXT}"><ext:UBLExtensions><ext:UBLExtension>'
        "<ext:ExtensionContent></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
        "<cbc:UBLVersionID>2.1</cbc:UBLVersionID><cbc:CustomizationID>2.0</cbc:CustomizationID>"
        f"<cbc:ID>{series}-{number}</cbc:ID><cbc:IssueDate>2026-11-20</cbc:IssueDate>"
        f'<cbc:InvoiceTypeCode listID="0101">{kind}</cbc:InvoiceTypeCode>'
        f'<cbc:Note languageLocaleID="1000">{note}</cbc:Note>'
        "<cbc:DocumentCurrencyCode>PEN</cbc:DocumentCurrencyCode>"
        "<cac:AccountingSupplierParty><cac:Party><cac:PartyIdentification>"
        f'<cbc:ID schemeID="6">{ruc}</cbc:ID></cac:PartyIdentification></cac:Party></cac:AccountingSupplierParty>'
        '<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification>'
        '<cbc:ID schemeID="6">20987654326</cbc:ID></cac:PartyIdentification></cac:Party></cac:AccountingCustomerParty>'
        f"{body}</Invoice>"
    )
    return text.encode("utf-8")
