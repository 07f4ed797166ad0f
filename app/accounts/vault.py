"""Secrets at rest: a data key for every tenant, sealed with the master key; values sealed with the data key.

A value is AES-256-GCM with tenant and purpose as associated data: moved to another tenant or column it does not open.
Data keys are sealed by MultiFernet, so changing the master key means sealing the small keys again and nothing else.
The installation's own keys (hashing credentials, signing tokens) are derived from the master key by HKDF-SHA256.
Sources: NIST SP 800-38D (GCM), RFC 5869 (HKDF), the Fernet specification.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FORM: Final = b"\x01"
"""The first byte of everything sealed: which form the rest has."""
_NONCE: Final = 12


class VaultError(Exception):
    """This secret does not open here: another tenant's, another purpose's, another master key's, or altered."""


class Vault:
    """The master keys, newest first; the first seals, all of them open."""

    def __init__(self, master_keys: Sequence[bytes]) -> None:
        if not master_keys:
            raise ValueError("A vault needs a master key")
        self._masters = tuple(master_keys)
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in self.keys("data keys")])
        self._hashing = self.keys("credentials")

    def new_data_key(self) -> bytes:
        """A fresh data key for a tenant, sealed with the newest master key."""
        return self._fernet.encrypt(AESGCM.generate_key(bit_length=256))

    def safe(self, data_key_sealed: bytes, tenant: str) -> TenantSafe:
        """The safe of a tenant; ``tenant`` names it for good. Raises VaultError under another master key."""
        try:
            return TenantSafe(self._fernet.decrypt(data_key_sealed), tenant)
        except InvalidToken as error:
            raise VaultError("The tenant's data key does not open with the master key given") from error

    def rotate(self, data_key_sealed: bytes) -> bytes:
        """The same data key, sealed with the newest master key. Raises VaultError."""
        try:
            return self._fernet.rotate(data_key_sealed)
        except InvalidToken as error:
            raise VaultError("The tenant's data key does not open with the master key given") from error

    def digests(self, secret: str) -> tuple[str, ...]:
        """The keyed BLAKE2b hash of a random credential (64 hex digits), under every master key, the newest first."""
        given = secret.encode("utf-8", "surrogatepass")
        return tuple(hashlib.blake2b(given, key=key, digest_size=32).hexdigest() for key in self._hashing)

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for a purpose of the installation, one for every master key, the newest first."""
        info = b"chasqui/" + purpose.encode()
        return tuple(
            HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(master) for master in self._masters
        )


class TenantSafe:
    """The secrets of one tenant."""

    def __init__(self, data_key: bytes, tenant: str) -> None:
        self._cipher = AESGCM(data_key)
        self._tenant = tenant

    def seal(self, purpose: str, secret: bytes) -> bytes:
        """The secret, sealed for a purpose; never the same bytes twice."""
        nonce = os.urandom(_NONCE)
        return _FORM + nonce + self._cipher.encrypt(nonce, secret, self._bound(purpose))

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """The secret again. Raises VaultError."""
        if sealed[:1] != _FORM:
            raise VaultError("The sealed bytes have an unknown form")
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, body, self._bound(purpose))
        except (InvalidTag, ValueError) as error:
            raise VaultError("The secret does not open for this tenant and purpose") from error

    def _bound(self, purpose: str) -> bytes:
        return f"{self._tenant}\x1f{purpose}".encode()
