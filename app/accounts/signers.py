"""The signers of this process: a key is opened and loaded once, then signs until its certificate changes.

Loading an RSA key with its checks costs a hundred signatures; opening its seal needs the master key.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from app.accounts.certificates import active_certificate, opened
from app.accounts.models import AccountRecord, CertificateRecord
from app.http import Vault
from app.problems import Refused, Text
from sunat.errors import CertificateError
from sunat.signing import Signer, check_certificate
from sunat.signing.signer import Algorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """A signer and the row of its certificate."""

    signer: Signer
    certificate_id: int


class SignerDesk:
    """Gives each account its signer. Safe for many threads."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._lock = threading.Lock()
        self._signers: dict[tuple[int, str, str], Signer] = {}

    def for_account(self, session: Session, account: AccountRecord, *, now: datetime) -> Signing:
        """The account's signer. Raises Refused when it has no certificate, or one that cannot sign now."""
        row = active_certificate(session, account.id)
        if row is None:
            raise Refused("NO_CERTIFICATE", Text(
                "La cuenta no tiene un certificado digital activo", "The account has no active certificate"
            ), hint=Text("Súbalo con POST /V1/digital_certificates", "Upload one with POST /V1/digital_certificates"))
        if not row.valid_from <= now <= row.valid_to:
            raise Refused("CERTIFICATE_EXPIRED", Text(
                f"El certificado no está vigente: {row.valid_from:%Y-%m-%d} a {row.valid_to:%Y-%m-%d}",
                f"The certificate is not in force: {row.valid_from:%Y-%m-%d} to {row.valid_to:%Y-%m-%d}",
            ), hint=Text("Suba un certificado vigente", "Upload a certificate in force"))
        key = (row.id, account.signature_algorithm, account.pse_ruc)  # a former PSE's certificate is judged anew
        with self._lock:
            signer = self._signers.get(key)
            if signer is None:
                signer = self._signers[key] = self._load(account, row, now=now)
        return Signing(signer=signer, certificate_id=row.id)

    def _load(self, account: AccountRecord, row: CertificateRecord, *, now: datetime) -> Signer:
        certificate = opened(self._vault, account, row)
        others = (account.pse_ruc,) if account.pse_ruc else ()
        try:
            check_certificate(certificate, ruc=account.ruc, now=now, also_allowed_rucs=others)
        except CertificateError as error:
            raise Refused("CERTIFICATE_UNFIT", Text(
                "El certificado de la cuenta no puede firmar", f"The account's certificate cannot sign: {error}"
            )) from error
        return Signer(certificate, cast("Algorithm", account.signature_algorithm))
