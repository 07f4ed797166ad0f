"""Claiming a key, sealing an answer under it, giving it back."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Database, changed
from app.idempotency.models import IdempotencyRecord
from app.problems import Conflict, KeyReused, Malformed, Text

MAX_KEY: Final = 255
LEASE_SECONDS: Final = 60
"""How long a request that died holds its key, unless the installation is told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose key it is: an account's, or an operator's by his API key. Exactly one of the two."""

    account_id: int | None = None
    operator_key_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to answer a key, until the lease runs out."""

    id: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The first answer to a key, and the id of its row: status, bytes, headers of its own, the voucher it made.

    ``vault_account_id`` names the account in whose safe the bytes are closed, if they hold a secret.
    """

    id: int
    status: int
    body: bytes
    document_id: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    vault_account_id: int | None = None


def claim(
    database: Database, owner: Owner, *, key: str, fingerprints: Sequence[str], now: datetime,
    lease_seconds: int = LEASE_SECONDS,
) -> Claim | Replay:
    """Claims a key in a transaction of its own, or gives back its sealed answer.

    ``fingerprints`` tell the request from another (64 hex digits each): the first is kept, any that is equal to the
    one kept is a repetition. Raises Malformed for a key that is empty, too long or not printable ASCII, Conflict while
    another request holds the key, KeyReused when the request is another.
    """
    if not 1 <= len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
        raise Malformed("IDEMPOTENCY_KEY", Text(
            "Idempotency-Key debe tener entre 1 y 255 caracteres ASCII imprimibles",
            "Idempotency-Key must have 1 to 255 printable ASCII characters",
        ))
    lease = now + timedelta(seconds=lease_seconds)
    token = secrets.token_hex(16)
    try:
        with database.write() as session:
            row = IdempotencyRecord(
                account_id=owner.account_id, operator_key_id=owner.operator_key_id, key=key,
                fingerprint=fingerprints[0], token=token, lease_until=lease, created_at=now,
            )
            found = _find(session, owner, key)
            if found is None:
                session.add(row)
                session.flush()
                return Claim(id=row.id, token=token)
            return _answer(session, found, fingerprints=fingerprints, token=token, lease=lease, now=now)
    except IntegrityError as error:  # another machine inserted the key between our look and our insert
        raise _in_flight() from error


def release(database: Database, held: Claim) -> None:
    """Gives a key back after a refusal; nothing happens if it was sealed or taken over."""
    with database.write() as session:
        session.execute(delete(IdempotencyRecord).where(_mine(held)))


def seal(
    session: Session, held: Claim, *, status: int, body: bytes, now: datetime, document_id: int | None = None,
    headers: Mapping[str, str] | None = None, vault_account_id: int | None = None,
) -> None:
    """Stores the answer in the caller's transaction. Raises Conflict when the lease was lost to another request."""
    done = update(IdempotencyRecord).where(_mine(held)).values(
        status_code=status, body=body, document_id=document_id, headers=dict(headers) if headers else None,
        vault_account_id=vault_account_id, sealed_at=now,
    )
    if changed(session, done) != 1:
        raise _in_flight()


def _find(session: Session, owner: Owner, key: str) -> IdempotencyRecord | None:
    theirs = (
        IdempotencyRecord.account_id == owner.account_id if owner.account_id is not None
        else IdempotencyRecord.operator_key_id == owner.operator_key_id
    )
    return session.scalar(select(IdempotencyRecord).where(theirs, IdempotencyRecord.key == key).with_for_update())


def _answer(
    session: Session, found: IdempotencyRecord, *, fingerprints: Sequence[str], token: str, lease: datetime,
    now: datetime,
) -> Claim | Replay:
    live = found.lease_until > now
    same = any(hmac.compare_digest(found.fingerprint, each) for each in fingerprints)
    if (found.sealed_at is not None or live) and not same:
        raise KeyReused
    if found.sealed_at is not None:
        return Replay(
            id=found.id, status=found.status_code or 200, body=found.body or b"", document_id=found.document_id,
            headers=found.headers or {}, vault_account_id=found.vault_account_id,
        )
    if live:
        raise _in_flight()
    found.token, found.lease_until, found.fingerprint = token, lease, fingerprints[0]
    session.flush()
    return Claim(id=found.id, token=token)


def _mine(held: Claim) -> ColumnElement[bool]:
    return and_(
        IdempotencyRecord.id == held.id, IdempotencyRecord.token == held.token, IdempotencyRecord.sealed_at.is_(None)
    )


def _in_flight() -> Conflict:
    return Conflict("IDEMPOTENCY_IN_FLIGHT", Text(
        "Una solicitud con esta Idempotency-Key está en curso; repítala en unos segundos",
        "A request with this Idempotency-Key is in flight; repeat it in a few seconds",
    ))
