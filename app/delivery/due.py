"""Which deliveries are due, in which order, and which were left behind by a process that died.

The look is a plain read: it takes no lock, and taking a delivery is the business of the attempt itself.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, nulls_last, select, update
from sqlalchemy.orm import aliased

from app.db import Database, changed
from app.ledger.lifecycle import DeliveryState, Status
from app.ledger.models import IMPORTED, DeliveryRecord, DocumentRecord

TAKEABLE: Final = (DeliveryState.WAITING, DeliveryState.UNKNOWN)
"""The states an attempt may start from."""

_SENDING: Final = str(DeliveryState.SENDING)


def takeable(now: datetime) -> ColumnElement[bool]:
    """Whether a delivery may be taken: due, in a state for it, and not a note ahead of its own invoice.

    SUNAT refuses a note whose invoice it does not hold (2119), and by CDR that spends the note's number; so a note on
    one of our vouchers waits until that one has its answer. One from another system is waited for by nobody.
    """
    note, target = aliased(DocumentRecord), aliased(DocumentRecord)
    ahead_of_target = exists(
        select(note.id)
        .join(target, target.id == note.target_document_id)
        .where(
            note.id == DeliveryRecord.document_id, target.status == str(Status.ISSUED), target.origin != IMPORTED
        )
        .correlate(DeliveryRecord)
    )
    return (
        DeliveryRecord.state.in_([str(state) for state in TAKEABLE]) & (DeliveryRecord.next_at <= now)
        & ~ahead_of_target
    )


def due(database: Database, now: datetime, *, limit: int, besides: Collection[int] = ()) -> list[int]:
    """The ids of what is due, nearest deadline first and then the oldest; ``besides`` are left out."""
    query = (
        select(DeliveryRecord.id)
        .where(takeable(now), DeliveryRecord.id.not_in(besides))
        .order_by(nulls_last(DeliveryRecord.deadline_at), DeliveryRecord.id)
        .limit(limit)
    )
    with database.read() as session:
        return list(session.scalars(query))


def rescue(database: Database, now: datetime) -> int:
    """Frees what is being sent by nobody any more: its outcome is unknown, and it is due. Says how many."""
    left_behind = (DeliveryRecord.state == _SENDING) & (DeliveryRecord.next_at <= now)
    with database.read() as session:
        if session.scalar(select(DeliveryRecord.id).where(left_behind).limit(1)) is None:
            return 0
    with database.write() as session:
        return changed(
            session,
            update(DeliveryRecord).where(left_behind)
            .values(state=str(DeliveryState.UNKNOWN), next_at=now, updated_at=now)
            .execution_options(synchronize_session=False),
        )
