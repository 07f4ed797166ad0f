"""Certificates: reading them, what they say, and whether they may sign for an issuer.

SUNAT asks for an X.509 v3 certificate with an RSA key and the digital-signature usage, whose subject names the
issuer's RUC or that of its registered PSE (Resolución de Superintendencia 097-2012, and rules 2325 and 2326 of the
workbook). Certificate authorities put the RUC in different places; see ``_RUC_PLACES``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from sunat.errors import CertificateError

MIN_BITS: Final = 2048
MAX_BYTES: Final = 256 * 1024
"""Far above any real container; keeps a hostile upload from costing time."""

_RUC: Final = re.compile(r"(?<!\d)(?:1[0567]|20)\d{9}(?!\d)")
_RUC_PLACES: Final = (
    NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.SERIAL_NUMBER, NameOID.ORGANIZATION_IDENTIFIER, NameOID.COMMON_NAME,
)
_PEM_BLOCK: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.+?-----END \1-----", re.DOTALL)
_NAME_LIMIT: Final = 64
"""X.520's upper bound for a common name and an organisation name, counted here in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate, with its private key where the holder gave it to us.

    ``leaf`` is the holder's own; ``chain`` are the issuing certificates that came in the same container. The key
    never shows in a repr.
    """

    leaf: x509.Certificate
    private_key: rsa.RSAPrivateKey | None = field(default=None, repr=False, compare=False)
    chain: tuple[x509.Certificate, ...] = field(default=(), repr=False)

    @property
    def pem(self) -> str:
        """The certificate alone, as PEM text; holds no secret."""
        return self.leaf.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def der(self) -> bytes:
        """The certificate alone, as DER bytes."""
        return self.leaf.public_bytes(serialization.Encoding.DER)

    @property
    def subject(self) -> str:
        """The whole subject in RFC 4514 form."""
        return self.leaf.subject.rfc4514_string()

    @property
    def holder(self) -> str:
        """The holder's name: the organisation, else the common name, else nothing."""
        return next(iter(self._subject(NameOID.ORGANIZATION_NAME) + self._subject(NameOID.COMMON_NAME)), "")

    @property
    def rucs(self) -> tuple[str, ...]:
        """Every RUC the subject names, each once, the likeliest place first."""
        found = [ruc for place in _RUC_PLACES for text in self._subject(place) for ruc in _RUC.findall(text)]
        return tuple(dict.fromkeys(found))

    @property
    def ruc(self) -> str:
        """The RUC the subject names, or nothing."""
        return self.rucs[0] if self.rucs else ""

    @property
    def serial(self) -> str:
        """The serial number in upper-case hexadecimal."""
        return f"{self.leaf.serial_number:X}"

    @property
    def valid_from(self) -> datetime:
        """Start of validity, UTC."""
        return self.leaf.not_valid_before_utc

    @property
    def valid_to(self) -> datetime:
        """End of validity, UTC."""
        return self.leaf.not_valid_after_utc

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER form, lower-case hexadecimal."""
        return self.leaf.fingerprint(hashes.SHA256()).hex()

    @property
    def bits(self) -> int:
        """Length of the RSA modulus; 0 for a key of another algorithm."""
        key = self.leaf.public_key()
        return key.key_size if isinstance(key, rsa.RSAPublicKey) else 0

    def pem_with_key(self) -> bytes:
        """Private key (PKCS 8, not encrypted), certificate and chain as PEM: a secret, to be sealed by the caller.

        Raises CertificateError ``no_key`` when there is none.
        """
        if self.private_key is None:
            raise CertificateError("The certificate came without its private key", reason="no_key")
        key = self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        others = b"".join(link.public_bytes(serialization.Encoding.PEM) for link in self.chain)
        return key + self.pem.encode("ascii") + others

    def _subject(self, place: x509.ObjectIdentifier) -> list[str]:
        values = [attribute.value for attribute in self.leaf.subject.get_attributes_for_oid(place)]
        return [value if isinstance(value, str) else value.decode("utf-8", "replace") for value in values]


def load_pfx(data: bytes, password: str | bytes | None) -> Certificate:
    """The certificate in a PKCS 12 container (.pfx, .p12), old ciphers included.

    Raises CertificateError: ``unreadable``, ``password``, ``key_mismatch``, ``key_type``.
    """
    _bounded(data)
    secret = _secret(password)
    try:
        key, leaf, others = pkcs12.load_key_and_certificates(data, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _unreadable(error, "PFX") from error
    found = [certificate for certificate in (leaf, *others) if certificate is not None]
    return _assemble([key] if key is not None else [], found)


def load_pem(data: bytes, password: str | bytes | None = None) -> Certificate:
    """The certificate in PEM text: key, certificate and chain in any order, with anything between the blocks.

    Raises CertificateError: ``unreadable``, ``password``, ``key_mismatch``, ``key_type``.
    """
    _bounded(data)
    keys: list[object] = []
    certificates: list[x509.Certificate] = []
    for block in _PEM_BLOCK.finditer(data):
        label = block.group(1)
        try:
            if label.endswith(b"PRIVATE KEY"):
                encrypted = label.startswith(b"ENCRYPTED") or b"ENCRYPTED" in block.group(0)
                keys.append(
                    serialization.load_pem_private_key(block.group(0), _secret(password) if encrypted else None)
                )
            elif label.endswith(b"CERTIFICATE"):
                certificates.append(x509.load_pem_x509_certificate(block.group(0)))
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unreadable(error, "PEM") from error
    return _assemble(keys, certificates)


def self_signed(ruc: str, name: str, *, now: datetime, days: int = 365, bits: int = MIN_BITS) -> Certificate:
    """A new key with a certificate that names this RUC and vouches for itself: for the sandbox and beta only.

    ``now`` is the start of validity and carries its zone; ``days`` is the length of validity.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    short = name.encode("utf-8")[:_NAME_LIMIT].decode("utf-8", "ignore") or ruc
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "PE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, short),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, ruc),
        x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRPE-{ruc}"),
        x509.NameAttribute(NameOID.COMMON_NAME, short),
    ])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return Certificate(leaf=certificate, private_key=key)


def check_certificate(
    certificate: Certificate, *, ruc: str, now: datetime, also_allowed_rucs: Collection[str] = ()
) -> None:
    """Refuses a certificate that cannot sign for the issuer ``ruc`` at ``now`` (with its zone).

    ``also_allowed_rucs`` are those of its registered PSE. Raises CertificateError: ``no_key``, ``key_type``,
    ``key_size``, ``key_usage``, ``not_yet_valid``, ``expired``, ``foreign_ruc``, the first that applies.
    """
    if certificate.private_key is None:
        raise CertificateError("The certificate came without its private key", reason="no_key")
    check_strength(certificate)
    if now < certificate.valid_from:
        raise CertificateError(f"Not valid before {certificate.valid_from:%Y-%m-%d %H:%M} UTC", reason="not_yet_valid")
    if now > certificate.valid_to:
        raise CertificateError(f"Expired on {certificate.valid_to:%Y-%m-%d %H:%M} UTC", reason="expired")
    if not {ruc, *also_allowed_rucs} & set(certificate.rucs):
        named = ", ".join(certificate.rucs) or "no RUC"
        raise CertificateError(f"The certificate names {named}, not {ruc}", reason="foreign_ruc")


def check_strength(certificate: Certificate) -> None:
    """Refuses what nobody may sign with: a key that is not RSA, a short one, or one meant for something else.

    Raises CertificateError: ``key_type``, ``key_size``, ``key_usage``.
    """
    if not isinstance(certificate.leaf.public_key(), rsa.RSAPublicKey):
        raise CertificateError("SUNAT takes RSA keys only", reason="key_type")
    if certificate.bits < MIN_BITS:
        raise CertificateError(f"A key of {certificate.bits} bits; {MIN_BITS} are the least", reason="key_size")
    try:
        usage = certificate.leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return  # X.509: without the extension every usage is allowed
    except ValueError as error:
        raise CertificateError("The certificate's extensions cannot be read") from error
    if not usage.digital_signature:
        raise CertificateError("The certificate is not meant for digital signatures", reason="key_usage")


def _assemble(keys: Sequence[object], certificates: Sequence[x509.Certificate]) -> Certificate:
    """Pairs the key with its certificate, whatever the order they came in."""
    if not certificates:
        raise CertificateError("There is no certificate in it", reason="unreadable")
    for certificate in certificates:
        _readable(certificate)
    if not keys:
        leaf = next((one for one in certificates if not _is_authority(one)), certificates[0])
        return Certificate(leaf=leaf, chain=tuple(one for one in certificates if one is not leaf))
    for key in keys:
        if not isinstance(key, rsa.RSAPrivateKey):
            continue
        numbers = key.public_key().public_numbers()
        for leaf in certificates:
            public = leaf.public_key()
            if isinstance(public, rsa.RSAPublicKey) and public.public_numbers() == numbers:
                return Certificate(
                    leaf=leaf, private_key=key, chain=tuple(one for one in certificates if one is not leaf)
                )
    if not any(isinstance(key, rsa.RSAPrivateKey) for key in keys):
        raise CertificateError("SUNAT takes RSA keys only", reason="key_type")
    raise CertificateError("The private key belongs to another certificate", reason="key_mismatch")


def _readable(certificate: x509.Certificate) -> None:
    """cryptography reads the fields when they are asked for; ask now, so that nothing surprises later."""
    try:
        certificate.subject.rfc4514_string()
        certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError("The certificate's fields cannot be read") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _bounded(data: bytes) -> None:
    if not data or len(data) > MAX_BYTES:
        raise CertificateError(f"A certificate file has between 1 and {MAX_BYTES} bytes", reason="unreadable")


def _secret(password: str | bytes | None) -> bytes | None:
    return password.encode("utf-8") if isinstance(password, str) else password


def _unreadable(error: Exception, container: str) -> CertificateError:
    """cryptography tells a wrong password from broken bytes by its words only."""
    words = str(error).lower()
    reason: Literal["password", "unreadable"]
    reason = "password" if "password" in words or "decrypt" in words else "unreadable"
    said = "The password does not open it" if reason == "password" else f"It cannot be read as {container}"
    return CertificateError(said, reason=reason)
