"""The last day of each voucher: alarms while there is time, and the end of what never reached SUNAT.

::

    deadline - 24 h   warn      told once, as an event and a figure
    deadline -  6 h   page
    deadline          missed
    48 h old          stuck     whatever the deadline: a person should look
    some time after   lapsed    what SUNAT surely does not hold, where the law makes a late voucher none

Nothing is given up that SUNAT may hold: only what was never read, or whose absence is proven. What a database says of
that from before it was put back proves nothing, for the voucher may have been sent since: it is sent, and the answer
decides. A boleta past its term does not lapse, for a daily summary takes it. Sources: `sunat.terms` (dated rows);
`domain/sunat_operations.md` 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, case, exists, select, update
from sqlalchemy.orm import Session, aliased

from app.db import changed
from app.delivery.subjects import subject_of
from app.delivery.verdicts import lapse
from app.http import Office
from app.ledger import store
from app.ledger.awaiting import on_dead_advance
from app.ledger.lifecycle import DEAD, DeliveryState, Phase, Status, move_delivery
from app.ledger.models import IMPORTED, DeliveryRecord, DocumentRecord, EventRecord
from app.series.models import RESTORED, SeriesRecord
from sunat.outcomes import Class
from sunat.terms import term_of

LATE_FOR_GOOD: Final = "2108"
"""The code whose vouchers are none when they are late (`sunat.terms`)."""

_OPEN: Final = tuple(str(state) for state in DeliveryState if state is not DeliveryState.DONE)
_PROVEN_ABSENT: Final = (str(Phase.FRESH), str(Phase.ABSENT))
_GIVEN_UP: Final = (str(DeliveryState.WAITING), str(DeliveryState.HELD))
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm: its bit, its word, and how long before the deadline it goes off (after the issue for "stuck")."""

    bit: int
    name: str
    before: timedelta | None = None
    age: timedelta | None = None

    def due(self, now: datetime) -> ColumnElement[bool]:
        """Deliveries it goes off for."""
        if self.before is not None:
            return DeliveryRecord.deadline_at <= now + self.before
        return DeliveryRecord.created_at <= now - (self.age or timedelta())


ALARMS: Final = (
    Alarm(bit=4, name="missed", before=timedelta()),
    Alarm(bit=2, name="page", before=timedelta(hours=6)),
    Alarm(bit=1, name="warn", before=timedelta(hours=24)),
    Alarm(bit=8, name="stuck", age=timedelta(hours=48)),
)
"""The alarms, the gravest of a deadline first: what is told as missed needs no warning any more."""


def watch(office: Office) -> int:
    """Gives the alarms that are due, holds what rests on dead vouchers, lapses what is lost; says how many of all."""
    return _give_alarms(office) + _hold_orphans(office) + _lapse(office)


def _give_alarms(office: Office) -> int:
    now, given = office.clock.now(), 0
    for alarm in ALARMS:
        lesser = sum(one.bit for one in ALARMS if one.bit <= alarm.bit and one.before is not None)
        marks = lesser if alarm.before is not None else alarm.bit
        waiting = (
            DeliveryRecord.state.in_(_OPEN) & alarm.due(now)
            & (DeliveryRecord.alarms.bitwise_and(alarm.bit) == 0)
        )
        for delivery_id in _ids(office, waiting):
            with office.database.write() as session:
                taken = changed(
                    session,
                    update(DeliveryRecord).where(DeliveryRecord.id == delivery_id, waiting)
                    .values(alarms=DeliveryRecord.alarms.bitwise_or(marks))
                    .execution_options(synchronize_session=False),
                )
                if taken:
                    _tell(session, delivery_id, alarm, now)
                    given += 1
    return given


def _tell(session: Session, delivery_id: int, alarm: Alarm, now: datetime) -> None:
    delivery = session.get_one(DeliveryRecord, delivery_id)
    subject_of(session, delivery).tell(
        session, "delivery.alarm", now=now, alarm=alarm.name, state=delivery.state, phase=delivery.phase,
        code=delivery.last_code,
        deadline=delivery.deadline_at.isoformat() if delivery.deadline_at else None,
    )


def _hold_orphans(office: Office) -> int:
    """Notes on vouchers, and sales using advances, that turned out not to be valid: sent, they would only spend their
    numbers, and left alone they would wait for them until they are too late."""
    target = aliased(DocumentRecord)
    dead = (
        select(DocumentRecord.id)
        .join(target, target.id == DocumentRecord.target_document_id)
        .where(
            DocumentRecord.id == DeliveryRecord.document_id, target.status.in_([str(each) for each in DEAD]),
            target.origin != IMPORTED,
        )
        .correlate(DeliveryRecord).exists()
    )
    return _hold(office, dead, "El comprobante que modifica no es válido") + _hold(
        office, on_dead_advance(), "Un anticipo que usa no es válido"
    )


def _hold(office: Office, dead: ColumnElement[bool], text: str) -> int:
    orphaned = (
        (DeliveryRecord.state == str(DeliveryState.WAITING)) & (DeliveryRecord.phase == str(Phase.FRESH)) & dead
    )
    held = 0
    for delivery_id in _ids(office, orphaned):
        now = office.clock.now()
        with office.database.write() as session:
            delivery = session.get_one(DeliveryRecord, delivery_id, with_for_update=True)
            if (delivery.state, delivery.phase) != (DeliveryState.WAITING, Phase.FRESH):
                continue
            document = session.get_one(DocumentRecord, delivery.document_id)
            delivery.state = str(move_delivery(delivery.state, DeliveryState.HELD))
            delivery.reason, delivery.updated_at = str(Class.REFERENCE), now
            store.add_event(
                session, document, "delivery.held", now=now, reason=str(Class.REFERENCE), code="",
                number=document.full_number, text=text,
            )
            held += 1
    return held


def _lapse(office: Office) -> int:
    now, lapsed = office.clock.now(), 0
    limit = now - timedelta(hours=office.settings.lapse_after_hours)
    lost = (
        DeliveryRecord.state.in_(_GIVEN_UP) & DeliveryRecord.phase.in_(_PROVEN_ABSENT)
        & DeliveryRecord.document_id.is_not(None)
        & (DeliveryRecord.deadline_at < limit) & (DeliveryRecord.reason != str(Class.SUMMARY)) & ~from_before()
    )
    for delivery_id in _ids(office, lost):
        with office.database.write() as session:
            head = session.get_one(DeliveryRecord, delivery_id)
            document = session.get_one(DocumentRecord, head.document_id, with_for_update=True)
            delivery = session.get_one(DeliveryRecord, delivery_id, with_for_update=True, populate_existing=True)
            term = term_of(document.sunat_code, document.series, document.issue_date)
            if (
                document.status != Status.ISSUED or term is None or term.late_code != LATE_FOR_GOOD
                or delivery.state not in _GIVEN_UP or delivery.phase not in _PROVEN_ABSENT
            ):
                continue
            delivery.state = str(move_delivery(delivery.state, DeliveryState.DONE))
            delivery.phase, delivery.reason, delivery.updated_at = str(Phase.SETTLED), str(Class.LATE), now
            lapse(session, document, now, code=delivery.last_code, text=delivery.last_text)
            lapsed += 1
    return lapsed


def from_before() -> ColumnElement[bool]:
    """Whether what a delivery says was written before its database was put back from an older copy, or may have been.

    Of what was never sent that is the voucher's own age: one more attempt in vain says nothing of those in between.
    """
    said = case((DeliveryRecord.phase == str(Phase.FRESH), DocumentRecord.created_at), else_=DeliveryRecord.updated_at)
    put_back = exists(
        select(EventRecord.id).where(
            EventRecord.account_id == DocumentRecord.account_id, EventRecord.kind == "account.restored",
            EventRecord.at >= said,
        )
    )
    return exists(
        select(DocumentRecord.id)
        .join(SeriesRecord, SeriesRecord.id == DocumentRecord.series_id)
        .where(
            DocumentRecord.id == DeliveryRecord.document_id,
            (SeriesRecord.frozen_by == RESTORED) | (SeriesRecord.proven_at >= said)
            | ((SeriesRecord.profile == "contingency") & put_back),
        )
        .correlate(DeliveryRecord)
    )


def _ids(office: Office, condition: ColumnElement[bool]) -> Iterator[int]:
    """The deliveries of a condition, some at a time, so that nothing is read long before it is looked at."""
    last = 0
    while True:
        with office.database.read() as session:
            found = session.scalars(
                select(DeliveryRecord.id).where(condition, DeliveryRecord.id > last)
                .order_by(DeliveryRecord.id).limit(_AT_ONCE)
            ).all()
        if not found:
            return
        yield from found
        last = found[-1]
