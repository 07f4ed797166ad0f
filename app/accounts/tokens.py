"""Signed tokens for ``POST /V1/auth``: an access token for an hour, a refresh token for longer.

A token names the API user and the state of its password; it says nothing about rights, which are read with the user
at every request. So a user that is switched off or changes the password loses all tokens at once.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from itsdangerous import BadData, URLSafeSerializer

from app.accounts.models import ApiUserRecord
from app.http import Vault

Kind = Literal["access", "refresh"]
_SALT: Final = "chasqui token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a valid token says."""

    user_id: int
    password_state: str
    kind: Kind

    def fits(self, user: ApiUserRecord) -> bool:
        """Whether the user still has the password the token was made for."""
        return hmac.compare_digest(self.password_state, password_state(user))


class Tokens:
    """Makes and reads the tokens of one installation."""

    def __init__(self, vault: Vault) -> None:
        keys = list(reversed(vault.keys("tokens")))  # the last one signs
        self._serializer = URLSafeSerializer(
            keys, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        )

    def make(self, user: ApiUserRecord, kind: Kind, *, now: datetime, seconds: int) -> str:
        """A token of a kind for a user, good for so many seconds."""
        until = int(now.timestamp()) + seconds
        return str(self._serializer.dumps({"u": user.id, "p": password_state(user), "k": kind, "x": until}))

    def read(self, text: str, kind: Kind, *, now: datetime) -> Token | None:
        """What the token says, or None when it is altered, of the other kind, or over."""
        try:
            said = self._serializer.loads(text)
        except BadData:
            return None
        if said["k"] != kind or said["x"] <= now.timestamp():
            return None
        return Token(user_id=said["u"], password_state=said["p"], kind=kind)


def password_state(user: ApiUserRecord) -> str:
    """A short mark of the present password; it changes with it."""
    return hashlib.blake2b(user.password_hash.encode(), digest_size=8).hexdigest()
