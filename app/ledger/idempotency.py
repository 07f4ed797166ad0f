"""One key, one voucher: a caller may repeat a request and gets the first answer again (decision 7).

::

    claim ──► (work) ──► seal, in the transaction that issues ──► every repetition is a replay
                 └─────► release, when the request is refused: a corrected body may use the key

A claim is a committed row with a lease. While the lease lives, the same key is answered 409; when it has run out
(the process died), the next request takes it over, and the former owner can no longer seal.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Database, changed
from app.ledger.models import IdempotencyRecord
from app.problems import Conflict, KeyReused, Malformed, Text

MAX_KEY: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to answer a key, until the lease runs out."""

    id: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The first answer to a key: its status, its bytes, the voucher it made."""

    status: int
    body: bytes
    document_id: int | None


def claim(
    database: Database, *, account_id: int, key: str, fingerprint: str, now: datetime, lease_seconds: int = 60
) -> Claim | Replay:
    """Claims a key in a transaction of its own, or gives back its sealed answer.

    ``fingerprint`` is the SHA-256 (hex) of the normalised body. Raises Malformed for a key that is empty, too long
    or not printable ASCII, Conflict while another request holds the key, KeyReused when the body is another.
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
                account_id=account_id, key=key, fingerprint=fingerprint, token=token, lease_until=lease, created_at=now
            )
            found = _find(session, account_id, key)
            if found is None:
                session.add(row)
                session.flush()
                return Claim(id=row.id, token=token)
            return _answer(session, found, fingerprint=fingerprint, token=token, lease=lease, now=now)
    except IntegrityError as error:  # another machine inserted the key between our look and our insert
        raise _in_flight() from error


def release(database: Database, held: Claim) -> None:
    """Gives a key back after a refusal; nothing happens if it was sealed or taken over."""
    with database.write() as session:
        session.execute(delete(IdempotencyRecord).where(_mine(held)))


def seal(
    session: Session, held: Claim, *, status: int, body: bytes, document_id: int | None, now: datetime
) -> None:
    """Stores the answer in the caller's transaction. Raises Conflict when the lease was lost to another request."""
    done = update(IdempotencyRecord).where(_mine(held)).values(
        status_code=status, body=body, document_id=document_id, sealed_at=now
    )
    if changed(session, done) != 1:
        raise _in_flight()


def _find(session: Session, account_id: int, key: str) -> IdempotencyRecord | None:
    return session.scalar(
        select(IdempotencyRecord)
        .where(IdempotencyRecord.account_id == account_id, IdempotencyRecord.key == key)
        .with_for_update()
    )


def _answer(
    session: Session, found: IdempotencyRecord, *, fingerprint: str, token: str, lease: datetime, now: datetime
) -> Claim | Replay:
    live = found.lease_until > now
    if (found.sealed_at is not None or live) and not hmac.compare_digest(found.fingerprint, fingerprint):
        raise KeyReused
    if found.sealed_at is not None:
        return Replay(status=found.status_code or 200, body=found.body or b"", document_id=found.document_id)
    if live:
        raise _in_flight()
    found.token, found.lease_until, found.fingerprint = token, lease, fingerprint
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
