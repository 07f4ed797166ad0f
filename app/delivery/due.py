"""Which deliveries are due, in which order, and which were left behind by a process that died.

The look is a plain read: it takes no lock, and taking a delivery is the business of the attempt itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    nulls_last,
    select,
    update,
)
from sqlalchemy.orm import aliased

from app.accounts.models import AccountRecord, FormerChannelRecord
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
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_OPEN_THERE: Final = (str(DeliveryState.UNKNOWN), str(DeliveryState.AWAITING_TICKET), _SENDING)
_FRESH: Final = str(Phase.FRESH)
_NOW: Final = bindparam("now", type_=UtcDateTime())
_LEFT: Final = (
    (FormerChannelRecord.account_id == DeliveryRecord.account_id)
    & (FormerChannelRecord.version == DeliveryRecord.sent_by)
)
"""The channel by which a delivery's bytes went last, where its issuer has left that."""


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
    # Inside a CASE PostgreSQL asks row by row; as joins it would read all documents to find the first in line.
    has_to_wait = case(
        (ahead_of_target, 1), (ahead_of_advance(), 1), (issuer_is_held(), 1), (_ahead_of_the_change(), 1), else_=0
    )
    return (
        _in_line(DeliveryRecord) & (DeliveryRecord.next_at <= _NOW)
        & (has_to_wait == 0)
    )


def _in_line(delivery: type[DeliveryRecord]) -> ColumnElement[bool]:
    """Whether it waits for an attempt of its own, in the very words of the index ``ix_deliveries_line``."""
    words = [str(state) for state in TAKEABLE]
    states: BindParameter[str] = bindparam(None, words, expanding=True, literal_execute=True)
    carried: BindParameter[str] = bindparam(None, CARRIED, literal_execute=True)
    return delivery.state.in_(states) & (delivery.channel != carried)


def _ahead_of_the_change() -> ColumnElement[bool]:
    """Whether a delivery would go by its issuer's new channel before what is open at the former one was asked about."""
    open_, account = aliased(DeliveryRecord), aliased(AccountRecord)
    unasked = (
        select(open_.id)
        .join(FormerChannelRecord, (
            (FormerChannelRecord.account_id == open_.account_id) & (FormerChannelRecord.version == open_.sent_by)
        ))
        .join(account, account.id == open_.account_id)
        .where(
            open_.account_id == DeliveryRecord.account_id, account.channel_settles_at > _NOW,
            open_.state.in_(_OPEN_THERE), open_.updated_at < FormerChannelRecord.until,
        )
        .correlate(DeliveryRecord)
    )
    return (DeliveryRecord.phase == _FRESH) & exists(unasked)


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

    An issuer's attempts under way count as turns he has had. Those behind a ``shut`` door are left alone, and so are
    retries at a ``spent`` one. What it costs grows with the issuers that have something pending, not with how much
    they have.
    """
    given = {"now": now, "besides": list(besides), "shut": sorted(shut), "spent": sorted(spent), "most": limit}
    with database.read() as session:
        line = [_Place.of(row.had + 1, row) for row in session.execute(_FIRSTS, given)]
        for first in _again(line, limit):
            about = {"issuer": first.account_id, "after": first.id, "most": limit - 1}
            rows = session.execute(_OF_ISSUER, {**given, **about})
            line += [_Place.of(first.turn + place, row) for place, row in enumerate(rows, 1)]
        chosen = [place.id for place in sorted(line)[:limit]]
        found = {
            row.id: Due(id=row.id, tries=row.tries, door=row.door)
            for row in session.execute(_ABOUT, {"chosen": chosen})
        }
    return [found[one] for one in chosen]


def may_go(
    database: Database, now: datetime, *, limit: int, shut: Collection[str] = (), only: str | None = None
) -> list[int]:
    """The ids of what may go, whoever's turn it is: what is due longest, behind no ``shut`` door, or one door only."""
    given = {"now": now, "besides": [], "shut": sorted(shut), "spent": [], "most": limit, "only": only}
    with database.read() as session:
        return list(session.scalars(_LONGEST_DUE if only is None else _BEHIND_ONE_DOOR, given))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Place:
    """Where a delivery stands in the line: whose turn it would be, the nearest deadline, the oldest."""

    turn: int
    deadline: datetime
    id: int
    account_id: int = field(compare=False)

    @classmethod
    def of(cls, turn: int, row: Any) -> Self:
        return cls(turn=turn, deadline=row.deadline_at or _NEVER, id=row.id, account_id=row.account_id)


def _again(firsts: list[_Place], limit: int) -> list[_Place]:
    """Those whose issuers may have a further turn before the last of the firsts has his only one."""
    if limit == 1:
        return []
    return [one for one in firsts if len(firsts) < limit or one.turn < firsts[-1].turn]


def _line(*columns: Any) -> Select[Any]:
    """The deliveries of one issuer that may go, in their order."""
    return (
        select(*columns)
        .select_from(DeliveryRecord)
        .outerjoin(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
        .join(AccountRecord, AccountRecord.id == DeliveryRecord.account_id)
        .outerjoin(FormerChannelRecord, _LEFT)
        .where(
            takeable(), DeliveryRecord.id.not_in(bindparam("besides", expanding=True)),
            door_column().not_in(bindparam("shut", expanding=True)),
            (DeliveryRecord.tries == 0) | door_column().not_in(bindparam("spent", expanding=True)),
        )
        .order_by(nulls_last(DeliveryRecord.deadline_at), DeliveryRecord.id)
    )


def _firsts() -> Select[Any]:
    """The first delivery that may go of each issuer that has one, and the attempts that issuer has under way."""
    pending = aliased(DeliveryRecord)
    issuers = (
        select(func.min(pending.account_id).label("account_id")).where(_in_line(pending)).cte("issuers", recursive=True)
    )
    following = (
        select(func.min(pending.account_id)).where(_in_line(pending), pending.account_id > issuers.c.account_id)
        .correlate(issuers).scalar_subquery()
    )
    issuers = issuers.union_all(select(following).where(issuers.c.account_id.is_not(None)))
    first, sent = aliased(DeliveryRecord), aliased(DeliveryRecord)
    first_of_issuer = (
        _line(DeliveryRecord.id).where(DeliveryRecord.account_id == issuers.c.account_id).limit(1)
        .correlate(issuers).scalar_subquery()
    )
    had = (
        select(func.count()).where(sent.account_id == first.account_id, sent.state == _SENDING)
        .correlate(first).scalar_subquery().label("had")
    )
    return (
        select(first.id, first.account_id, first.deadline_at, had)
        .select_from(issuers).join(first, first.id == first_of_issuer)
        .order_by(had, nulls_last(first.deadline_at), first.id).limit(bindparam("most", type_=Integer))
    )


_FIRSTS: Final = _firsts()
_OF_ISSUER: Final = (
    _line(DeliveryRecord.id, DeliveryRecord.account_id, DeliveryRecord.deadline_at)
    .where(DeliveryRecord.account_id == bindparam("issuer"), DeliveryRecord.id != bindparam("after"))
    .limit(bindparam("most", type_=Integer))
)
_LONGEST_DUE: Final = (
    _line(DeliveryRecord.id).order_by(None).order_by(DeliveryRecord.next_at, DeliveryRecord.id)
    .limit(bindparam("most", type_=Integer))
)
_BEHIND_ONE_DOOR: Final = _LONGEST_DUE.where(door_column() == bindparam("only"))
_ABOUT: Final = (
    select(DeliveryRecord.id, DeliveryRecord.tries, door_column().label("door"))
    .outerjoin(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
    .join(AccountRecord, AccountRecord.id == DeliveryRecord.account_id)
    .outerjoin(FormerChannelRecord, _LEFT)
    .where(DeliveryRecord.id.in_(bindparam("chosen", expanding=True)))
)


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
