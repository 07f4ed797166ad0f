"""A breaker for each address: one that fails again and again is left alone, then tried by one attempt at a time.

A door is an address as deliveries see it: where an issuer's vouchers are sent, or where is asked about them. The
failures are counted in each process; that a door is shut is a row, so that all processes leave it alone. Waits have
full jitter and a cap; a door opens at the first answer, whatever it says.
"""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import AccountRecord, FormerChannelRecord
from app.clock import Clock
from app.db import Database, changed
from app.delivery.backoff import Backoff
from app.delivery.models import BreakerRecord
from app.delivery.parcels import Parcel
from app.delivery.protocol import SENDING
from app.delivery.routes import CDR_SERIES
from app.ledger.lifecycle import Phase
from app.ledger.models import DeliveryRecord, DocumentRecord
from sunat.kinds import KINDS
from sunat.numbering import VoucherId
from sunat.transport import Service

THRESHOLD: Final = 5
"""Failures in a row that shut a door."""

PROBES: Final = Backoff(first=4, cap=120, least=2)
"""How long a door stays shut, by its failures beyond the threshold."""

_GUIDES: Final = sorted(row.code for row in KINDS if row.service is Service.GUIDES)
_LEFT_ALONE: Final = timedelta(seconds=90)
"""How long a probe may take before another attempt is let try."""


def door_of(parcel: Parcel) -> str:
    """The door that an attempt at this parcel goes to."""
    account = parcel.account
    if parcel.service is Service.GUIDES:
        return f"{account.environment}:guides"
    if account.channel == "ose":
        return account.ose_url or f"{account.environment}:ose"
    if parcel.phase in SENDING or parcel.phase is Phase.TICKET:
        return f"{account.environment}:bill"
    by_cdr = isinstance(parcel.identity, VoucherId) and parcel.identity.series.startswith(CDR_SERIES)
    return f"{account.environment}:{'cdr' if by_cdr else 'state'}"


def door_column() -> ColumnElement[str]:
    """The same over rows of deliveries, documents (none for a summary) and accounts, and of former channels joined
    to them from outside."""
    asks = case((func.substr(DocumentRecord.series, 1, 1) == CDR_SERIES, ":cdr"), else_=":state")
    polls, sends = DeliveryRecord.phase == str(Phase.TICKET), DeliveryRecord.phase.in_(sorted(map(str, SENDING)))
    left = (FormerChannelRecord.channel.is_not(None)) & (DeliveryRecord.phase != str(Phase.FRESH))
    channel = case((left, FormerChannelRecord.channel), else_=AccountRecord.channel)
    ose_url = case((left, FormerChannelRecord.ose_url), else_=AccountRecord.ose_url)
    return case(
        (DocumentRecord.sunat_code.in_(_GUIDES), AccountRecord.environment + ":guides"),
        (channel == "ose", func.coalesce(func.nullif(ose_url, ""), AccountRecord.environment + ":ose")),
        else_=AccountRecord.environment + case((polls | (sends & ~left), ":bill"), else_=asks),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """How the doors stand: ``shut`` ones are left alone, a ``probed`` one is open to a single attempt."""

    shut: frozenset[str] = frozenset()
    probed: frozenset[str] = frozenset()


@dataclass(slots=True)
class Breakers:
    """The breakers as one process sees them; safe from any thread."""

    database: Database
    clock: Clock
    _failures: Counter[str] = field(default_factory=Counter)
    _unopened: frozenset[str] = frozenset()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def doors(self) -> Doors:
        """The doors that are not simply open."""
        now = self.clock.now()
        with self.database.read() as session:
            rows = session.execute(select(BreakerRecord.door, BreakerRecord.open_until)).all()
        self._unopened = frozenset(door for door, _ in rows)
        return Doors(
            shut=frozenset(door for door, until in rows if until > now),
            probed=frozenset(door for door, until in rows if until <= now),
        )

    def probe(self, door: str) -> bool:
        """Takes the one attempt that a probed door is open to; False when another process has it."""
        now = self.clock.now()
        with self.database.write() as session:
            return changed(
                session,
                update(BreakerRecord).where(BreakerRecord.door == door, BreakerRecord.open_until <= now)
                .values(open_until=now + _LEFT_ALONE).execution_options(synchronize_session=False),
            ) == 1

    def note(self, door: str, *, answered: bool, text: str = "") -> None:
        """Counts what came of an attempt at a door; writes only when the door shuts, stays shut or opens."""
        if not door:
            return
        with self._lock:
            before = self._failures[door]
            if answered:
                self._failures.pop(door, None)
            else:
                self._failures[door] = before + 1
        if answered:
            if before >= THRESHOLD or door in self._unopened:
                self._open(door)
        elif before + 1 >= THRESHOLD or door in self._unopened:
            with suppress(IntegrityError):  # another process shut it in the same moment
                self._shut(door, before + 1, text)

    def _open(self, door: str) -> None:
        with self.database.write() as session:
            session.execute(delete(BreakerRecord).where(BreakerRecord.door == door))

    def _shut(self, door: str, failures: int, text: str) -> None:
        now = self.clock.now()
        with self.database.write() as session:
            row = session.scalar(select(BreakerRecord).where(BreakerRecord.door == door).with_for_update())
            if row is None:
                session.add(BreakerRecord(
                    door=door, failures=max(failures, 1), opened_at=now, text=text[:500],
                    open_until=now + PROBES.delay(1),
                ))
                return
            if row.open_until > now + _LEFT_ALONE:
                return  # another process has just shut it for longer
            row.failures += 1
            row.text = text[:500]
            row.open_until = now + PROBES.delay(max(1, row.failures - THRESHOLD + 1))
