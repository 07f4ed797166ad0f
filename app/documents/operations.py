"""Issuing a voucher: understand the order, then number, sign and store it in one transaction.

::

    claim the idempotency key            (its own commit)
    draft, judge, relate                 (reading only; a refusal gives the key back)
    number, sign, store, advance, seal   (one transaction for all who wait at the same series)
    wake the delivery engine             (after the commit)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app import idempotency
from app.accounts.signers import SignerDesk
from app.db import Database
from app.documents.counters import Counters
from app.documents.numbering import Issued, Ready
from app.documents.orders import Caller, Order, plan
from app.http import Vault
from sunat.schemas import Schemas


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What issuing keeps between requests: loaded signers, and the queues before the series."""

    database: Database
    signers: SignerDesk
    counters: Counters
    schemas: Schemas | None = None

    @classmethod
    def of(cls, database: Database, vault: Vault, schemas: Schemas | None = None) -> Desk:
        """A desk for this process."""
        return cls(database=database, signers=SignerDesk(vault), counters=Counters(database), schemas=schemas)


def issue(
    desk: Desk, caller: Caller, order: Order, *, now: datetime, held: idempotency.Claim | None,
    answer: Callable[[Issued], tuple[int, bytes]], replaces: int | None = None,
) -> Issued:
    """Numbers, signs and stores a voucher; what ``answer`` makes of it is sealed under the held key.

    ``replaces`` is the rejected or lapsed voucher whose place it takes.

    ``answer`` may be called from another request's thread. Raises the Problems of ``plan``, Conflict for an external
    id that is taken meanwhile, Refused when no certificate can sign.
    """
    return desk.counters.issue(
        make_ready(desk, caller, order, now=now, held=held, answer=answer, replaces=replaces)
    )


def make_ready(
    desk: Desk, caller: Caller, order: Order, *, now: datetime, held: idempotency.Claim | None,
    answer: Callable[[Issued], tuple[int, bytes]], replaces: int | None = None,
) -> Ready:
    """An order planned and given its signer. Raises the Problems of ``plan`` and of the signers."""
    with desk.database.read() as session:
        planned = plan(session, caller, order, now=now, schemas=desk.schemas)
        signing = desk.signers.for_account(session, planned.account, now=now)
        session.expunge_all()
    return Ready(
        caller=caller, order=order, plan=planned, signing=signing, now=now, held=held, answer=answer, replaces=replaces,
    )
