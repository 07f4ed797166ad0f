"""Who may log in, and how often: passwords of people, and the count of failures.

Passwords are kept as argon2id (RFC 9106). A failure is counted in the database for the user and for the address, so
that restarting or another process forgives nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from datetime import datetime, timedelta
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
    now = services.clock.now()
    subjects = _subjects(client_id, username, address)
    _check_lockout(services, subjects, now)
    with services.database.read() as session:
        user = session.scalar(
            select(ApiUserRecord).where(
                ApiUserRecord.client_id == client_id, ApiUserRecord.username == username, ApiUserRecord.active
            )
        )
    known = _verified(user.password_hash if user else _stranger(), password)
    trusted = user is not None and _client_is(services.vault, user, client_secret)
    with services.database.write() as session:
        old = now - timedelta(seconds=services.settings.lockout_seconds)
        session.execute(delete(LoginFailureRecord).where(LoginFailureRecord.at <= old))
        if user is not None and known and trusted:
            session.execute(delete(LoginFailureRecord).where(LoginFailureRecord.subject == subjects[0]))
            return user
        session.add_all(LoginFailureRecord(subject=subject, at=now) for subject in subjects)
    return None


def refresh(services: Office, user_id: int, *, client_id: str, client_secret: str) -> ApiUserRecord | None:
    """The active user of a refresh token, if its client is the one that asks."""
    with services.database.read() as session:
        user = session.get(ApiUserRecord, user_id)
    if user is None or not user.active or not hmac.compare_digest(user.client_id.encode(), client_id.encode()):
        return None
    return user if _client_is(services.vault, user, client_secret) else None


def _check_lockout(services: Office, subjects: tuple[str, ...], now: datetime) -> None:
    settings = services.settings
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


def _subjects(client_id: str, username: str, address: str | None) -> tuple[str, str]:
    user = f"user\x1f{client_id}\x1f{username}"
    return tuple(  # type: ignore[return-value]
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=32).hexdigest()
        for text in (user, f"address\x1f{address}")
    )


def _client_is(vault: Vault, user: ApiUserRecord, client_secret: str) -> bool:
    return any(hmac.compare_digest(user.client_secret_digest, digest) for digest in vault.digests(client_secret))


def _verified(password_hash: str, password: str) -> bool:
    if not _KITCHEN.acquire(timeout=5):
        raise Unavailable
    try:
        return _HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    finally:
        _KITCHEN.release()
