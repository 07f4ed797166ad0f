"""Which deliveries are due, in which order, and which were left behind by a process that died.

The look is a plain read: it takes no lock, and taking a delivery is the business of the attempt itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, exists, func, nulls_last, select, update
from sqlalchemy.orm import aliased

from app.accounts.models import AccountRecord
from app.db import Database, UtcDateTime, changed
from app.delivery.breakers import door_column
from app.delivery.holds import issuer_is_held
from app.delivery.protocol import SENDING
from app.ledger.awaiting import ahead_of_advance
from app.ledger.lifecycle import DeliveryState, Phase, Status
from app.ledger.models import CARRIED, IMPORTED, DeliveryRecord, DocumentRecord

TAKEABLE: Final = (DeliveryState.WAITING, DeliveryState.UNKNOWN, DeliveryState.AWAITING_TICKET)
"""The states an attempt may start from."""

ACCEPTED: Final = (Status.ACCEPTED, Status.OBSERVED)
"""What a voucher has to be for a note on it to be sent."""

_SENDING: Final = str(DeliveryState.SENDING)


def takeable() -> ColumnElement[bool]:
    """Whether a delivery may be taken: due, in a state for it, its issuer not stopped, not ahead of its own invoice,
    and not of a boleta that a summary carries.

    The moment is the parameter ``now``: the condition is long, and statements with it are made once and kept.

    SUNAT refuses a note whose invoice it does not hold (2119), and by CDR that spends the note's number; so a note on
    one of our vouchers waits until that one is accepted, and a sale until the advances it uses are (3218). One from
    another system is waited for by nobody.
    """
    note, target = aliased(DocumentRecord), aliased(DocumentRecord)
    ahead_of_target = exists(
        select(note.id)
        .join(target, target.id == note.target_document_id)
        .where(
            note.id == DeliveryRecord.document_id, target.status.not_in([str(one) for one in ACCEPTED]),
            target.origin != IMPORTED,
        )
        .correlate(DeliveryRecord)
    )
    return (
        DeliveryRecord.state.in_([str(state) for state in TAKEABLE]) & (DeliveryRecord.channel != CARRIED)
        & (DeliveryRecord.next_at <= bindparam("now", type_=UtcDateTime()))
        & ~ahead_of_target & ~ahead_of_advance() & ~issuer_is_held()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery that is due: its id, how often it was tried, the door it goes to (`app.delivery.breakers`)."""

    id: int
    tries: int
    door: str


def due(database: Database, now: datetime, *, limit: int, besides: Collection[int] = ()) -> list[int]:
    """The ids of what is due, in the order of `pick`; ``besides`` are left out."""
    return [one.id for one in pick(database, now, limit=limit, besides=besides)]


def pick(
    database: Database, now: datetime, *, limit: int, besides: Collection[int] = (), shut: Collection[str] = (),
    spent: Collection[str] = (),
) -> list[Due]:
    """What is due: issuers take turns, each with its nearest deadline first and then its oldest.

    An issuer's attempts under way count as turns he has had. Those behind a ``shut`` door are left alone,
    and so are retries at a ``spent`` one.
    """
    given = {"now": now, "besides": list(besides), "shut": sorted(shut), "spent": sorted(spent), "most": limit}
    with database.read() as session:
        return [Due(id=row.id, tries=row.tries, door=row.door) for row in session.execute(_PICKING, given)]


def _picking() -> Select[tuple[int, int, str]]:
    """The statement of `pick`."""
    door = door_column()
    under_way = (
        select(DeliveryRecord.account_id, func.count().label("attempts"))
        .where(DeliveryRecord.state == _SENDING).group_by(DeliveryRecord.account_id).subquery()
    )
    turn = func.row_number().over(
        partition_by=DeliveryRecord.account_id,
        order_by=(DeliveryRecord.deadline_at.is_(None), DeliveryRecord.deadline_at, DeliveryRecord.id),
    )
    rows = (
        select(
            DeliveryRecord.id, DeliveryRecord.tries, door.label("door"), DeliveryRecord.deadline_at,
            (turn + func.coalesce(under_way.c.attempts, 0)).label("turn"),
        )
        .outerjoin(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
        .join(AccountRecord, AccountRecord.id == DeliveryRecord.account_id)
        .outerjoin(under_way, under_way.c.account_id == DeliveryRecord.account_id)
        .where(
            takeable(), DeliveryRecord.id.not_in(bindparam("besides", expanding=True)),
            door.not_in(bindparam("shut", expanding=True)),
            (DeliveryRecord.tries == 0) | door.not_in(bindparam("spent", expanding=True)),
        )
        .subquery()
    )
    return (
        select(rows.c.id, rows.c.tries, rows.c.door)
        .order_by(rows.c.turn, nulls_last(rows.c.deadline_at), rows.c.id)
        .limit(bindparam("most", type_=Integer))
    )


_PICKING: Final = _picking()


def rescue(database: Database, now: datetime) -> int:
    """Frees what is being sent by nobody any more: its outcome is unknown, and it is due. Says how many.

    What was being sent may have been read, so the next attempt asks.
    """
    left_behind = (DeliveryRecord.state == _SENDING) & (DeliveryRecord.next_at <= now)
    with database.read() as session:
        if session.scalar(select(DeliveryRecord.id).where(left_behind).limit(1)) is None:
            return 0
    phase = case(
        (DeliveryRecord.phase.in_(sorted(str(one) for one in SENDING)), str(Phase.DOUBT)),
        else_=DeliveryRecord.phase,
    )
    with database.write() as session:
        return changed(
            session,
            update(DeliveryRecord).where(left_behind)
            .values(state=str(DeliveryState.UNKNOWN), phase=phase, next_at=now, updated_at=now)
            .execution_options(synchronize_session=False),
        )
