"""Keys and API users: made, shown once, revoked; and who may log in how often.

Passwords of people are kept as argon2id (RFC 9106), random secrets as keyed hashes. A login that fails is counted in
the database for the user and for the address, so that restarting or another process forgives nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from app.accounts.keys import (
    ACCOUNT_SCOPES,
    ACCOUNTS_CREATE,
    BRANCH_SCOPES,
    OPERATOR_SCOPES,
    SCOPES,
    Mode,
    mode_for,
    new_key,
    shown,
)
from app.accounts.models import AccountRecord, ApiKeyRecord, ApiUserRecord, LoginFailureRecord
from app.accounts.operations import branch_of
from app.config import Settings
from app.http import Office, Vault
from app.problems import NotFound, Refused, Text, TooMany, Unavailable

_HASHER: Final = PasswordHasher()
_STRANGER: Final = _HASHER.hash(secrets.token_urlsafe(16))
"""What the password of a user that does not exist is compared with, to take as long."""
_KITCHEN: Final = threading.BoundedSemaphore(4)
"""argon2id takes 64 MiB a piece: not more than four at once."""


def create_key(
    session: Session, vault: Vault, *, account: AccountRecord | None, now: datetime, mode: Mode | None = None,
    scopes: Iterable[str] | None = None, branch_id: int | None = None, name: str = "",
) -> tuple[ApiKeyRecord, str]:
    """Makes a key for an account, or an operator's without one; the text is given here and never again.

    An account's key has its environment's mode; an operator's is a test key unless told. Raises Refused for scopes
    that do not exist or do not fit, or for another mode, NotFound for another tenant's branch.
    """
    allowed: tuple[str, ...] = OPERATOR_SCOPES
    standard: tuple[str, ...] = OPERATOR_SCOPES
    if account is None:
        mode = mode or "test"
    else:
        allowed = tuple(scope for scope in SCOPES if scope != ACCOUNTS_CREATE)
        standard = ACCOUNT_SCOPES if branch_id is None else BRANCH_SCOPES
        if mode not in (None, mode_for(account.environment)):
            raise Refused("KEY_MODE", Text(
                "El modo de la clave no corresponde al entorno de la cuenta", "The mode does not fit the environment"
            ), pointer="/mode")
        mode = mode_for(account.environment)
        if branch_id is not None:
            branch_of(session, account.id, branch_id)
    text = new_key(mode)
    row = ApiKeyRecord(
        account_id=account.id if account else None, branch_id=branch_id, name=name, prefix=shown(text),
        digest=vault.digests(text)[0], mode=mode, scopes=_scopes(scopes, allowed, standard), created_at=now,
    )
    session.add(row)
    session.flush()
    return row, text


def keys_of(account_id: int) -> Select[ApiKeyRecord]:
    """The keys of one tenant that are not revoked: every query for keys starts here."""
    return select(ApiKeyRecord).where(ApiKeyRecord.account_id == account_id, ApiKeyRecord.revoked_at.is_(None))


def revoke_key(
    session: Session, account_id: int, key_id: int, *, now: datetime, branch_id: int | None = None
) -> None:
    """Revokes a key at once. Raises NotFound also for another tenant's, and for another branch's if one is given."""
    row = session.scalar(keys_of(account_id).where(ApiKeyRecord.id == key_id))
    if row is None or branch_id not in (None, row.branch_id):
        raise NotFound("KEY_NOT_FOUND", Text("La clave no existe", "The key does not exist"))
    row.revoked_at = now
    session.flush()


def create_user(
    session: Session, vault: Vault, account: AccountRecord, *, username: str, password: str, now: datetime,
    scopes: Iterable[str] | None = None,
) -> tuple[ApiUserRecord, str]:
    """Makes an API user with a client of its own; gives the client secret, once."""
    client_secret = secrets.token_urlsafe(32)
    row = ApiUserRecord(
        account_id=account.id, client_id=f"chq-{secrets.token_hex(12)}",
        client_secret_digest=vault.digests(client_secret)[0], username=username, password_hash=_hash(password),
        scopes=_scopes(scopes, SCOPES, ACCOUNT_SCOPES), created_at=now,
    )
    session.add(row)
    session.flush()
    return row, client_secret


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
    known = _verified(user.password_hash if user else _STRANGER, password)
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
    settings: Settings = services.settings
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


def _hash(password: str) -> str:
    with _KITCHEN:
        return _HASHER.hash(password)


def _verified(password_hash: str, password: str) -> bool:
    if not _KITCHEN.acquire(timeout=5):
        raise Unavailable
    try:
        return _HASHER.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    finally:
        _KITCHEN.release()


def _scopes(wanted: Iterable[str] | None, allowed: tuple[str, ...], standard: tuple[str, ...]) -> str:
    chosen = standard if wanted is None else tuple(dict.fromkeys(wanted))
    foreign = [scope for scope in chosen if scope not in allowed]
    if foreign or not chosen:
        raise Refused("SCOPE_UNKNOWN", Text(
            f"Permisos que no existen o no corresponden: {', '.join(foreign) or '(ninguno)'}",
            f"Scopes that do not exist or do not fit: {', '.join(foreign) or '(none)'}",
        ), pointer="/scopes", hint=Text(f"Permisos: {', '.join(allowed)}", f"Scopes: {', '.join(allowed)}"))
    return " ".join(chosen)
