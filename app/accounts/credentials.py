"""Keys and API users: made, shown once, revoked. Random secrets are kept as keyed hashes, passwords as argon2id."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.keys import (
    ACCOUNT_SCOPES,
    BRANCH_SCOPES,
    OPERATOR_SCOPES,
    TENANT_SCOPES,
    Mode,
    mode_for,
    new_key,
    shown,
)
from app.accounts.login import password_hash
from app.accounts.models import AccountRecord, ApiKeyRecord, ApiUserRecord
from app.accounts.operations import branch_of
from app.http import Vault
from app.problems import NotFound, Refused, Text


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
        allowed = TENANT_SCOPES
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
        client_secret_digest=vault.digests(client_secret)[0], username=username, password_hash=password_hash(password),
        scopes=_scopes(scopes, TENANT_SCOPES, ACCOUNT_SCOPES), created_at=now,
    )
    session.add(row)
    session.flush()
    return row, client_secret


def _scopes(wanted: Iterable[str] | None, allowed: tuple[str, ...], standard: tuple[str, ...]) -> str:
    chosen = standard if wanted is None else tuple(dict.fromkeys(wanted))
    foreign = [scope for scope in chosen if scope not in allowed]
    if foreign or not chosen:
        raise Refused("SCOPE_UNKNOWN", Text(
            f"Permisos que no existen o no corresponden: {', '.join(foreign) or '(ninguno)'}",
            f"Scopes that do not exist or do not fit: {', '.join(foreign) or '(none)'}",
        ), pointer="/scopes", hint=Text(f"Permisos: {', '.join(allowed)}", f"Scopes: {', '.join(allowed)}"))
    return " ".join(chosen)
