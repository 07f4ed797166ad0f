"""API keys: what they look like, what they may do, how they are kept.

A key is ``chq_test_`` or ``chq_live_`` and 256 random bits; the database holds its keyed hash and enough of its
beginning to tell keys apart. A key of one mode opens accounts of that mode only: live for the environment live,
test for sandbox and beta (decision 1).
"""

from __future__ import annotations

import re
import secrets
from typing import Final, Literal

Mode = Literal["test", "live"]

_KEY: Final = re.compile(r"chq_(test|live)_[A-Za-z0-9_-]{43}")
_SHOWN: Final = 15

ACCOUNT_SCOPES: Final = (
    "documents:read", "documents:write", "series:read", "series:write", "accounts:read", "accounts:write",
    "branches:write", "certificates:write", "keys:write",
)
"""What an account's own credentials may do unless told otherwise."""

BRANCH_SCOPES: Final = ("documents:read", "documents:write", "series:read", "accounts:read")
"""What a key that is bound to a branch may do unless told otherwise."""

NUMBERS_FORCE: Final = "numbers:force"
"""The scope to choose a number; given on purpose only."""

ACCOUNTS_CREATE: Final = "accounts:create"
"""The scope to open accounts; operators' only."""

RATES_WRITE: Final = "rates:write"
"""The scope to write exchange rates; operators' only."""

OPERATOR_SCOPES: Final = (
    ACCOUNTS_CREATE, "accounts:read", "accounts:write", "branches:write", "certificates:write", "keys:write",
    "series:read", "series:write", RATES_WRITE,
)
"""What an operator may do for any account of his key's mode; issuing is not among it."""

TENANT_SCOPES: Final = (*ACCOUNT_SCOPES, NUMBERS_FORCE)
"""What an account's credentials may be given at all."""

SCOPES: Final = (*TENANT_SCOPES, ACCOUNTS_CREATE, RATES_WRITE)
"""Every scope there is."""


def new_key(mode: Mode) -> str:
    """A fresh key; it is shown once and kept by its hash only."""
    return f"chq_{mode}_{secrets.token_urlsafe(32)}"


def mode_of(key: str) -> Mode | None:
    """The mode a key carries, or None for what does not look like a key."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    return "live" if match[1] == "live" else "test"


def shown(key: str) -> str:
    """The beginning of a key, for lists."""
    return key[:_SHOWN]


def mode_for(environment: str) -> Mode:
    """The mode that an environment's credentials have.

    >>> mode_for("live"), mode_for("beta"), mode_for("sandbox")
    ('live', 'test', 'test')
    """
    return "live" if environment == "live" else "test"
