"""Who may log in, and how often: passwords of people, and the count of failures.

Passwords are kept as argon2id (RFC 9106). A failure is counted in the database for the user and for the address, so
that restarting or another process forgives nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from datetime import timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select

from app.accounts.models import ApiUserRecord, LoginFailureRecord
from app.http import Office, Vault
from app.problems import Text, TooMany, Unavailable

_HASHER: Final = PasswordHasher()
_KITCHEN: Final = threading.BoundedSemaphore(4)
"""argon2id takes 64 MiB a piece: not more than four at once."""

Subjects = tuple[str, str]
"""What failures are counted under: the user, the address."""


@cache
def _stranger() -> str:
    """What the password of a user that does not exist is compared with, to take as long."""
    return password_hash(secrets.token_urlsafe(16))


def password_hash(password: str) -> str:
    """A password as it is kept."""
    with _KITCHEN:
        return _HASHER.hash(password)


def log_in(
    services: Office, *, client_id: str, client_secret: str, username: str, password: str, address: str | None
) -> ApiUserRecord | None:
    """The user that these four make out, or None; counts a failure and clears the user's after a success.

    Raises TooMany while the user or the address is locked out, Unavailable when too many log in at this moment.
    """
    subjects = subjects_of(f"user\x1f{client_id}\x1f{username}", address)
    check_lockout(services, subjects)
    with services.database.read() as session:
        user = session.scalar(
            select(ApiUserRecord).where(
                ApiUserRecord.client_id == client_id, ApiUserRecord.username == username, ApiUserRecord.active
            )
        )
    known = is_password(user.password_hash if user else None, password)
    trusted = user is not None and _client_is(services.vault, user, client_secret)
    note(services, subjects, succeeded=known and trusted)
    return user if known and trusted else None


def refresh(services: Office, user_id: int, *, client_id: str, client_secret: str) -> ApiUserRecord | None:
    """The active user of a refresh token, if its client is the one that asks."""
    with services.database.read() as session:
        user = session.get(ApiUserRecord, user_id)
    if user is None or not user.active or not hmac.compare_digest(user.client_id.encode(), client_id.encode()):
        return None
    return user if _client_is(services.vault, user, client_secret) else None


def check_lockout(services: Office, subjects: Subjects) -> None:
    """Raises TooMany while the user or the address has failed too often."""
    settings, now = services.settings, services.clock.now()
    since = now - timedelta(seconds=settings.lockout_seconds)
    for subject, limit in zip(
        subjects, (settings.lockout_failures, settings.lockout_failures_per_ip), strict=True
    ):
        with services.database.read() as session:
            count, last = session.execute(
                select(func.count(), func.max(LoginFailureRecord.at)).where(
                    LoginFailureRecord.subject == subject, LoginFailureRecord.at > since
                )
            ).one()
        if count >= limit:
            left = settings.lockout_seconds - int((now - last).total_seconds())
            raise TooMany("LOCKED_OUT", Text(
                "Demasiados intentos fallidos; espere antes de volver a intentar",
                "Too many failed attempts; wait before trying again",
            ), retry_after=left)


def note(services: Office, subjects: Subjects, *, succeeded: bool) -> None:
    """Counts a failure of user and address, or forgives the user's former ones; what is too old is removed."""
    now = services.clock.now()
    with services.database.write() as session:
        old = now - timedelta(seconds=services.settings.lockout_seconds)
        session.execute(delete(LoginFailureRecord).where(LoginFailureRecord.at <= old))
        if succeeded:
            session.execute(delete(LoginFailureRecord).where(LoginFailureRecord.subject == subjects[0]))
        else:
            session.add_all(LoginFailureRecord(subject=subject, at=now) for subject in subjects)


def subjects_of(user: str, address: str | None) -> Subjects:
    """What failures of a user from an address are counted under: hashes, so that no table holds what was typed."""
    return tuple(  # type: ignore[return-value]
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=32).hexdigest()
        for text in (user, f"address\x1f{address}")
    )


def _client_is(vault: Vault, user: ApiUserRecord, client_secret: str) -> bool:
    return any(hmac.compare_digest(user.client_secret_digest, digest) for digest in vault.digests(client_secret))


def is_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one kept; takes as long for nobody's (None), whose never is.

    Raises Unavailable when too many sign in at this moment.
    """
    compared = kept or _stranger()
    if not _KITCHEN.acquire(timeout=5):
        raise Unavailable
    try:
        return _HASHER.verify(compared, password) and kept is not None
    except (VerifyMismatchError, InvalidHashError):
        return False
    finally:
        _KITCHEN.release()
