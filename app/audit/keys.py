"""The installation's Ed25519 keys: derived from the master keys, so there is nothing more to keep or to lose.

A report is signed with the newest; the public keys of older master keys stay known, as their reports do.
Sources: RFC 8032 (Ed25519), RFC 5869 (HKDF, in `app.accounts.vault`).
"""

from __future__ import annotations

from base64 import b64encode
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.http import Vault

_PURPOSE: Final = "audit reports"


def signing_key(vault: Vault) -> Ed25519PrivateKey:
    """The key that signs today's reports."""
    return Ed25519PrivateKey.from_private_bytes(vault.keys(_PURPOSE)[0])


def public_keys(vault: Vault) -> tuple[str, ...]:
    """The public keys of this installation in base64 (32 bytes each), the one in use first."""
    return tuple(public_text(Ed25519PrivateKey.from_private_bytes(key)) for key in vault.keys(_PURPOSE))


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key in base64."""
    return b64encode(key.public_key().public_bytes_raw()).decode("ascii")
