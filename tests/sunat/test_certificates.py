"""Reading certificates from every container, and refusing those that may not sign."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from sunat.errors import CertificateError
from sunat.signing import Certificate, check_certificate, load_pem, load_pfx, self_signed
from tests.support.signing import FIXTURES, RUC, fixed_certificate

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = fixed_certificate().private_key
PEM = (FIXTURES / "sunat" / "test_certificate.pem").read_bytes()


def made(subject: dict[x509.ObjectIdentifier, str], *, usage: x509.KeyUsage | None = None,
         key: rsa.RSAPrivateKey | None = None) -> Certificate:
    key = key or KEY
    assert key is not None
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()])
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
               .serial_number(77).not_valid_before(NOW - timedelta(days=1)).not_valid_after(NOW + timedelta(days=1)))
    if usage is not None:
        builder = builder.add_extension(usage, critical=True)
    return Certificate(leaf=builder.sign(key, hashes.SHA256()), private_key=key)


def pfx(password: bytes, encryption: object = None, certificate: Certificate | None = None) -> bytes:
    certificate = certificate or fixed_certificate()
    return pkcs12.serialize_key_and_certificates(
        b"name", certificate.private_key, certificate.leaf, None,
        encryption or serialization.BestAvailableEncryption(password),  # type: ignore[arg-type]
    )


def reason_of(call: object) -> str:
    with pytest.raises(CertificateError) as caught:
        call()  # type: ignore[operator]
    return caught.value.reason


def assert_loads_or_refuses(call: Callable[[], Certificate]) -> None:
    try:
        said = call().subject
    except CertificateError as error:
        said = error.reason
    assert said


def test_what_the_test_certificate_says() -> None:
    certificate = fixed_certificate()
    assert certificate.ruc == RUC
    assert certificate.holder == "EMPRESA DE PRUEBA S.A.C."
    assert certificate.bits == 2048
    assert certificate.valid_from == datetime(2020, 1, 1, tzinfo=UTC)
    assert certificate.valid_to == datetime(2049, 12, 31, tzinfo=UTC)
    assert len(certificate.fingerprint) == 64
    assert int(certificate.serial, 16) == certificate.leaf.serial_number
    assert f"OU={RUC}" in certificate.subject
    check_certificate(certificate, ruc=RUC, now=NOW)


def test_nothing_secret_is_printed() -> None:
    assert "PRIVATE" not in repr(fixed_certificate())
    assert "PrivateKey" not in repr(fixed_certificate())
    assert "PRIVATE" not in fixed_certificate().pem


def test_pem_round_trip_keeps_key_and_chain() -> None:
    chain = self_signed("20987654326", "CADENA", now=NOW)
    original = Certificate(leaf=fixed_certificate().leaf, private_key=KEY, chain=(chain.leaf,))
    again = load_pem(original.pem_with_key())
    assert again == original
    assert again.private_key is not None


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_pem_blocks_in_any_order_with_bag_attributes(order: tuple[int, ...]) -> None:
    authority = self_signed("20987654326", "AUTORIDAD", now=NOW).pem.encode()
    key_block, leaf_block = PEM[PEM.index(b"-----BEGIN PRIVATE"):PEM.index(b"-----BEGIN CERT")], PEM[
        PEM.index(b"-----BEGIN CERT"):]
    blocks = [key_block, leaf_block, authority]
    text = b"".join(b"Bag Attributes\r\n    friendlyName: x\r\n" + blocks[n].replace(b"\n", b"\r\n") for n in order)
    certificate = load_pem(text)
    assert certificate.leaf == fixed_certificate().leaf
    assert len(certificate.chain) == 1


def test_encrypted_pem_needs_its_password() -> None:
    assert KEY is not None
    locked = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption("ñandú".encode()),
    )
    text = fixed_certificate().pem.encode() + locked
    assert load_pem(text, "ñandú").private_key is not None
    assert reason_of(lambda: load_pem(text, "wrong")) == "password"
    assert reason_of(lambda: load_pem(text)) == "password"


OLD = (
    serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2000)
    .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1()).build(b"clave")
)


@pytest.mark.parametrize("encryption", [None, OLD], ids=["modern", "3des-sha1"])
def test_pfx_modern_and_old(encryption: object) -> None:
    data = pfx(b"clave", encryption)
    certificate = load_pfx(data, "clave")
    assert certificate.ruc == RUC
    assert certificate.private_key is not None
    assert reason_of(lambda: load_pfx(data, "mala")) == "password"
    assert reason_of(lambda: load_pfx(data, None)) == "password"


def test_pfx_without_password() -> None:
    data = pfx(b"", serialization.NoEncryption())
    assert load_pfx(data, None).ruc == RUC


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, PEM, os.urandom(500), b"x" * 300_000])
def test_pfx_rubbish(data: bytes) -> None:
    assert reason_of(lambda: load_pfx(data, "clave")) in {"unreadable", "password"}


@pytest.mark.parametrize("data", [
    b"", b"hello", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"-" * 300_000,
])
def test_pem_rubbish(data: bytes) -> None:
    assert reason_of(lambda: load_pem(data)) == "unreadable"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PEM) - 1), st.binary(max_size=8))
def test_damaged_containers_never_escape_the_error_tree(place: int, junk: bytes) -> None:
    for damaged in (PEM[:place] + junk + PEM[place + len(junk) + 1:], PEM[:place]):
        assert_loads_or_refuses(lambda data=damaged: load_pem(data))


PFX = pfx(b"clave", OLD)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PFX) - 1), st.binary(max_size=8))
def test_damaged_pfx_never_escapes_the_error_tree(place: int, junk: bytes) -> None:
    for damaged in (PFX[:place] + junk + PFX[place + len(junk) + 1:], PFX[:place]):
        assert_loads_or_refuses(lambda data=damaged: load_pfx(data, "clave"))


def test_a_key_of_another_certificate() -> None:
    other = self_signed(RUC, "OTRA", now=NOW)
    key_text = other.pem_with_key().split(b"-----BEGIN CERT")[0]
    assert reason_of(lambda: load_pem(key_text + fixed_certificate().pem.encode())) == "key_mismatch"


def test_a_certificate_alone_loads_but_may_not_sign() -> None:
    certificate = load_pem(fixed_certificate().pem.encode())
    assert certificate.private_key is None
    assert reason_of(lambda: check_certificate(certificate, ruc=RUC, now=NOW)) == "no_key"
    assert reason_of(certificate.pem_with_key) == "no_key"


def test_short_keys_are_refused() -> None:
    weak = self_signed(RUC, "DEBIL", now=NOW - timedelta(hours=1), bits=1024)
    assert reason_of(lambda: check_certificate(weak, ruc=RUC, now=NOW)) == "key_size"


def test_elliptic_keys_are_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, RUC)])
    leaf = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1)).sign(key, hashes.SHA256()))
    text = leaf.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    assert reason_of(lambda: load_pem(text)) == "key_type"


def test_dates() -> None:
    certificate = made({NameOID.ORGANIZATIONAL_UNIT_NAME: RUC})
    check = check_certificate
    assert reason_of(lambda: check(certificate, ruc=RUC, now=NOW + timedelta(days=2))) == "expired"
    assert reason_of(lambda: check(certificate, ruc=RUC, now=NOW - timedelta(days=2))) == "not_yet_valid"


def test_usage() -> None:
    def usage(*, signing: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=signing, content_commitment=False, key_encipherment=True, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )

    subject = {NameOID.ORGANIZATIONAL_UNIT_NAME: RUC}
    check_certificate(made(subject), ruc=RUC, now=NOW)
    check_certificate(made(subject, usage=usage(signing=True)), ruc=RUC, now=NOW)
    sealing = made(subject, usage=usage(signing=False))
    assert reason_of(lambda: check_certificate(sealing, ruc=RUC, now=NOW)) == "key_usage"


@pytest.mark.parametrize("subject", [
    {NameOID.ORGANIZATIONAL_UNIT_NAME: f"AGENTE AUTOMATIZADO {RUC}"},
    {NameOID.SERIAL_NUMBER: RUC},
    {NameOID.ORGANIZATION_IDENTIFIER: f"NTRPE-{RUC}"},
    {NameOID.COMMON_NAME: f"||USO TRIBUTARIO|| EMPRESA CDT {RUC}"},
    {NameOID.SERIAL_NUMBER: "DNI 12345678", NameOID.COMMON_NAME: f"{RUC} EMPRESA"},
])
def test_the_ruc_is_found_wherever_authorities_put_it(subject: dict[x509.ObjectIdentifier, str]) -> None:
    check_certificate(made(subject), ruc=RUC, now=NOW)


@pytest.mark.parametrize("subject", [
    {NameOID.ORGANIZATIONAL_UNIT_NAME: "20987654326"},
    {NameOID.COMMON_NAME: "SIN RUC"},
    {NameOID.COMMON_NAME: f"1{RUC}"},
    {NameOID.LOCALITY_NAME: RUC},
])
def test_a_foreign_ruc_is_refused_unless_it_is_the_pse(subject: dict[x509.ObjectIdentifier, str]) -> None:
    certificate = made(subject)
    assert reason_of(lambda: check_certificate(certificate, ruc=RUC, now=NOW)) == "foreign_ruc"


def test_a_registered_pse_may_sign() -> None:
    certificate = made({NameOID.ORGANIZATIONAL_UNIT_NAME: "20987654326"})
    check_certificate(certificate, ruc=RUC, now=NOW, also_allowed_rucs={"20987654326"})


def test_self_signed_with_a_long_name() -> None:
    certificate = self_signed(RUC, "Ñ" * 200, now=NOW, days=10)
    check_certificate(certificate, ruc=RUC, now=NOW + timedelta(days=5))
    assert certificate.valid_to == NOW + timedelta(days=10)
