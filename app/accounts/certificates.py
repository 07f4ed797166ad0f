"""Signing certificates: proved on arrival, their keys sealed, one active, rotation in one transaction.

What is proved (decision 3; SUNAT's rules on signatures, `sunat.signing`): the private key is there and fits, RSA of
2048 bits or more, usable for signatures, valid today, naming the issuer's RUC or its PSE's.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, CertificateRecord
from app.accounts.operations import safe_of
from app.http import Vault
from app.problems import NotFound, Refused, Text
from sunat.errors import CertificateError
from sunat.signing import Certificate, check_certificate, load_pem, load_pfx

_PURPOSE: Final = "certificate"

_REASONS: Final[Mapping[str, Text]] = {
    "unreadable": Text("El certificado no se puede leer", "The certificate cannot be read"),
    "password": Text("La contraseña del certificado no es correcta", "The certificate's password is wrong"),
    "no_key": Text("El certificado vino sin su clave privada", "The certificate came without its private key"),
    "key_mismatch": Text("La clave privada no es la del certificado", "The private key is not the certificate's"),
    "key_type": Text("La clave debe ser RSA", "The key must be RSA"),
    "key_size": Text("La clave debe tener al menos 2048 bits", "The key must have at least 2048 bits"),
    "key_usage": Text("El certificado no sirve para firmar", "The certificate is not meant for signatures"),
    "expired": Text("El certificado está vencido", "The certificate has expired"),
    "not_yet_valid": Text("El certificado todavía no es válido", "The certificate is not valid yet"),
    "foreign_ruc": Text(
        "El certificado no es del RUC de la cuenta ni de su PSE",
        "The certificate is neither the account's nor its PSE's",
    ),
}


def read(data: bytes, *, password: str) -> Certificate:
    """The certificate in a PFX or in PEM text, key included. Raises Refused."""
    try:
        return load_pem(data, password or None) if b"-----BEGIN" in data else load_pfx(data, password)
    except CertificateError as error:
        raise refused(error) from error


def read_halves(certificate: bytes, key: bytes, *, password: str) -> Certificate:
    """The certificate from two files, each PEM or DER. Raises Refused."""
    kind = "ENCRYPTED PRIVATE KEY" if password else "PRIVATE KEY"
    return read(_pem(certificate, "CERTIFICATE") + _pem(key, kind), password=password)


def add(
    session: Session, vault: Vault, account: AccountRecord, certificate: Certificate, *, now: datetime,
    name: str = "", activate: bool = True,
) -> CertificateRecord:
    """Proves a certificate, seals it and, unless told otherwise, makes it the one that signs from now on.

    The same certificate again brings its row back. Raises Refused with the code of the first thing that is wrong.
    """
    pse = (account.pse_ruc,) if account.pse_ruc else ()
    try:
        check_certificate(certificate, ruc=account.ruc, now=now, also_allowed_rucs=pse)
        sealed = safe_of(vault, account).seal(_PURPOSE, certificate.pem_with_key())
    except CertificateError as error:
        raise refused(error) from error
    row = session.scalar(
        select(CertificateRecord).where(
            CertificateRecord.account_id == account.id, CertificateRecord.fingerprint == certificate.fingerprint
        )
    )
    if row is None:
        row = CertificateRecord(
            public_id=f"cert_{secrets.token_hex(12)}", account_id=account.id, holder=certificate.holder[:250],
            ruc=certificate.ruc, serial=certificate.serial[:100], fingerprint=certificate.fingerprint,
            certificate_pem=certificate.pem, valid_from=certificate.valid_from, valid_to=certificate.valid_to,
            active=False, created_at=now,
        )
    row.name, row.key_sealed, row.retired_at = name, sealed, None
    session.add(row)
    session.flush()
    if activate:
        make_active(session, row)
    return row


def make_active(session: Session, row: CertificateRecord) -> None:
    """Makes a certificate the one that signs; the former one stays, inactive."""
    session.execute(select(AccountRecord.id).where(AccountRecord.id == row.account_id).with_for_update())
    session.execute(
        update(CertificateRecord)
        .where(CertificateRecord.account_id == row.account_id, CertificateRecord.id != row.id)
        .values(active=False)
    )
    row.active = True
    session.flush()


def certificates_of(account_id: int) -> Select[CertificateRecord]:
    """The certificates of one tenant that were not removed: every query for them starts here."""
    return select(CertificateRecord).where(
        CertificateRecord.account_id == account_id, CertificateRecord.retired_at.is_(None)
    )


def certificate_of(session: Session, account_id: int, public_id: str) -> CertificateRecord:
    """One certificate of a tenant. Raises NotFound also for another tenant's."""
    found = session.scalar(certificates_of(account_id).where(CertificateRecord.public_id == public_id))
    if found is None:
        raise NotFound("CERTIFICATE_NOT_FOUND", Text("El certificado no existe", "The certificate does not exist"))
    return found


_ACTIVE: Final = select(CertificateRecord).where(
    CertificateRecord.account_id == bindparam("account_id"), CertificateRecord.retired_at.is_(None),
    CertificateRecord.active,
)
"""The signing certificate of one tenant; asked for every voucher, hence made once."""


def active_certificate(session: Session, account_id: int) -> CertificateRecord | None:
    """The certificate that signs for a tenant, or None."""
    return session.scalar(_ACTIVE, {"account_id": account_id})


def opened(vault: Vault, account: AccountRecord, row: CertificateRecord) -> Certificate:
    """A stored certificate with its private key. Raises VaultError."""
    return load_pem(safe_of(vault, account).open(_PURPOSE, row.key_sealed))


def remove(session: Session, row: CertificateRecord, *, now: datetime) -> None:
    """Removes a certificate: its key is destroyed, what it signed keeps pointing at it."""
    row.active, row.key_sealed, row.retired_at = False, b"", now
    session.flush()


def refused(error: CertificateError) -> Refused:
    """The refusal that tells what is wrong with a certificate."""
    text = _REASONS.get(error.reason, _REASONS["unreadable"])
    return Refused(f"CERTIFICATE_{error.reason.upper()}", text, pointer="/certificate_file", hint=Text(
        "Use el certificado digital a nombre del emisor, con su clave", "Use the issuer's certificate with its key"
    ))


def _pem(data: bytes, label: str) -> bytes:
    if b"-----BEGIN" in data:
        return data.rstrip() + b"\n"
    body = base64.encodebytes(data).decode("ascii")
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode("ascii")
