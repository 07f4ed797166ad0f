"""What follows from a report while its attempt is still its own: phase, state, next try, verdict, holds, events.

`app.delivery.protocol` says where a sign leads. Here stand the few things it cannot know: how often something came,
how far apart two answers were, and who has to be stopped.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.delivery import holds
from app.delivery.backoff import Retries
from app.delivery.outcomes import WAITS, course_of
from app.delivery.parcels import Parcel, Report
from app.delivery.protocol import SPACED, STATES, Sign, step
from app.delivery.routes import COMPARING
from app.delivery.subjects import Subject
from app.ledger.lifecycle import DeliveryState, Phase, move_delivery
from app.ledger.models import AttemptRecord, DeliveryRecord
from sunat.outcomes import Class, class_of_code
from sunat.transport import IN_PROCESS

IN_VAIN: Final = 4
"""So many questions in a row without an answer, and the same bytes are sent again, which is safe."""

IN_VAIN_LEFT: Final = 24
"""The same of a register that the issuer has left: nothing goes there again, so a person has to look."""

LEFT: Final = "channel"
"""The reason of a delivery held because the register it went to cannot be asked any more."""

CLAIMS: Final = 3
FILES: Final = 2
"""So many times "I have one of that number" without any being found, or "not that file" with one found: foreign."""

CDR_PATIENCE: Final = timedelta(days=7)
"""How long the CDR of a voucher that a query found accepted is fetched for."""

_SPOKEN: Final = ("answered", "fault")
_OUTAGE: Final = timedelta(hours=1)
"""A user whom the authority took so lately has not lost his profile: it is an outage."""

_TICKETED: Final = (Phase.TICKET, Phase.SETTLED)
"""Phases in which the last ticket is the one that counts; it is kept for the record after the verdict."""

_REMEMBERING: Final = frozenset(
    {Phase.REFUSED, Phase.MISSED, Phase.ABSENT, Phase.SUSPECT, Phase.STRANGE, Phase.FOREIGN}
)
"""Phases in which the code that led there says more than the answers of the questions."""

FRUITLESS: Final = 3
"""So many answers to a ticket that are neither "still at it" nor a CDR of ours, and it is given up."""

TICKET_PATIENCE: Final = timedelta(hours=6)
"""How long "still at it" is believed."""


def follow(
    session: Session, subject: Subject, delivery: DeliveryRecord, parcel: Parcel, report: Report, *,
    retries: Retries, now: datetime,
) -> None:
    """Moves the delivery on and does what that asks for."""
    course, sign = report.course, _sign(session, parcel, report, retries, now)
    phase = parcel.phase if sign is None else step(parcel.phase, sign)
    state, reason = STATES[phase], delivery.reason
    if phase in {Phase.REFUSED, Phase.ABSENT} and report.action != "query":
        reason = course.name
    elif phase is Phase.FOREIGN:
        reason = "foreign"
    elif phase in {Phase.FRESH, Phase.RESEND, Phase.DOUBT, Phase.CLAIMED, Phase.SETTLED}:
        reason = ""
    if sign is Sign.NOBODY and state is DeliveryState.UNKNOWN and phase is parcel.phase:
        state, reason = DeliveryState.HELD, course.name
    if parcel.left and (sign is Sign.TURNED_AWAY or (sign is Sign.NOBODY and phase is not Phase.FOREIGN)):
        phase, state, reason = parcel.phase, DeliveryState.HELD, LEFT
    elif course.over(_answers(session, parcel, report)):
        if course.blame:
            _blame(session, subject, report, now)
        else:
            state, reason = DeliveryState.HELD, course.name
            if subject.give_up(session, reason, now, code=report.code, text=report.text):
                phase, state, reason = Phase.SETTLED, DeliveryState.DONE, ""
    if course.name == "route" and not parcel.left:
        holds.hold(session, subject.account_id, reason="route", code=report.code, text=report.text, now=now)
    if phase is Phase.KNOWN and now - parcel.issued_at > CDR_PATIENCE:
        phase, state = Phase.SETTLED, DeliveryState.DONE
        subject.tell(session, "delivery.cdr_missing", now=now)
    if phase is Phase.ABSENT and subject.give_up(
        session, reason, now, code=delivery.last_code, text=delivery.last_text
    ):
        phase, state = Phase.SETTLED, DeliveryState.DONE
    if sign in {Sign.VERDICT, Sign.ACCEPTED} and not subject.pronounce(session, report, now):
        phase, state, reason = parcel.phase, DeliveryState.HELD, "contradiction"
    if phase is Phase.FOREIGN and parcel.phase is not Phase.FOREIGN and subject.foreign(
        session, now, code=delivery.last_code or report.code, text=delivery.last_text or report.text
    ):
        phase, state = Phase.SETTLED, DeliveryState.DONE
    _write(delivery, parcel, report, phase, state, reason, retries, now)
    if delivery.state == DeliveryState.HELD:
        subject.tell(
            session, "delivery.held", now=now, reason=delivery.reason, code=delivery.last_code, text=delivery.last_text
        )


def _sign(session: Session, parcel: Parcel, report: Report, retries: Retries, now: datetime) -> Sign | None:
    """The sign that counts; None for one that changes nothing yet."""
    sign = report.course.sign
    if parcel.phase is Phase.TICKET and _given_up(session, parcel, report, now):
        return Sign.GONE
    if sign is Sign.MISSING and parcel.left and parcel.phase is Phase.DOUBT:
        return Sign.LEFT
    if sign is Sign.MISSING and parcel.phase in SPACED:
        apart = now - (_missed_at(session, parcel) or now)
        if parcel.left and parcel.reason == "":
            sign = Sign.LEFT  # it was not refused: it waits for nobody's correction
        return sign if apart >= timedelta(seconds=retries.spaced.least) else None
    if sign is Sign.MISSING and parcel.phase is Phase.CLAIMED:
        apart = now - (_missed_at(session, parcel) or now)
        return Sign.LOST if apart >= timedelta(seconds=retries.spaced.least) else sign
    if sign is Sign.NOTHING and parcel.phase is Phase.DOUBT:
        most = IN_VAIN_LEFT if parcel.left else IN_VAIN
        return Sign.NOBODY if _in_vain(session, parcel, most) >= most else sign
    if sign is Sign.MISSING and parcel.phase is Phase.STRANGE and _claims(session, parcel) >= CLAIMS:
        return Sign.OTHER
    if sign is Sign.PRESENT and parcel.phase is Phase.STRANGE and _not_our_file(session, parcel) >= FILES:
        return Sign.OTHER
    return sign


def _given_up(session: Session, parcel: Parcel, report: Report, now: datetime) -> bool:
    """Whether the ticket has said too long that it is at it, or too often what says nothing; silence is neither."""
    if report.course.sign is Sign.PENDING:
        given = session.scalar(
            select(func.max(AttemptRecord.finished_at)).where(
                AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.action == "send"
            )
        )
        return given is not None and now - given > TICKET_PATIENCE
    if report.course.sign is not Sign.NOTHING or report.result not in _SPOKEN:
        return False
    polls = session.execute(
        select(AttemptRecord.action, AttemptRecord.result, AttemptRecord.code)
        .where(AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.number <= parcel.attempt)
        .order_by(AttemptRecord.number.desc()).limit(50)
    )
    count = 0
    for action, result, code in polls:
        if action != "poll":
            break
        count += result in _SPOKEN and code != IN_PROCESS and class_of_code(code) is not Class.BUSY
    return count >= FRUITLESS


def _claims(session: Session, parcel: Parcel) -> int:
    """How often the authority refused to take the voucher because it has one of that number."""
    codes = session.scalars(
        select(AttemptRecord.code).where(
            AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.action == "send",
            AttemptRecord.result == "fault",
        )
    )
    return sum(class_of_code(code) is Class.ALREADY_THERE for code in codes)


def _not_our_file(session: Session, parcel: Parcel) -> int:
    """How often the authority's copy was told not to be our file."""
    return session.scalar(
        select(func.count()).select_from(AttemptRecord).where(
            AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.operation == COMPARING,
            AttemptRecord.result == "answered", AttemptRecord.code == "0011",
        )
    ) or 0


def _missed_at(session: Session, parcel: Parcel) -> datetime | None:
    """When it was first told that the voucher is not there, in the questions since the last sending."""
    since = (
        select(AttemptRecord.number)
        .where(AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.action == "send")
        .order_by(AttemptRecord.number.desc()).limit(1).scalar_subquery()
    )
    rows = session.execute(
        select(AttemptRecord.finished_at, AttemptRecord.code, AttemptRecord.result)
        .where(
            AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.number > since,
            AttemptRecord.number < parcel.attempt, AttemptRecord.result == "answered",
            AttemptRecord.code.in_(("0011", "0")),
        )
        .order_by(AttemptRecord.number)
    ).all()
    return rows[0].finished_at if rows else None


def _in_vain(session: Session, parcel: Parcel, most: int) -> int:
    """How many questions since the last sending got no answer, this one included; counted up to ``most``."""
    results = session.execute(
        select(AttemptRecord.action, AttemptRecord.result)
        .where(AttemptRecord.delivery_id == parcel.delivery_id)
        .order_by(AttemptRecord.number.desc()).limit(most)
    ).all()
    count = 0
    for action, result in results:
        if action != "query" or result == "answered":
            break
        count += 1
    return count


def _answers(session: Session, parcel: Parcel, report: Report) -> int:
    """How often the authority answered with this class of exceptions, this attempt included."""
    if report.course.most is None:
        return 1
    codes = session.scalars(
        select(AttemptRecord.code).where(
            AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.result == "fault"
        )
    )
    return sum(course_of(code).name == report.course.name for code in codes)


def _blame(session: Session, subject: Subject, report: Report, now: datetime) -> None:
    """Stops the issuer, unless his user was taken a moment ago, which no lost profile explains."""
    blame = report.course.blame
    if blame == "permission":
        lately = session.scalar(
            select(AttemptRecord.id)
            .join(DeliveryRecord, DeliveryRecord.id == AttemptRecord.delivery_id)
            .where(
                DeliveryRecord.account_id == subject.account_id, AttemptRecord.result == "answered",
                AttemptRecord.operation != "kept", AttemptRecord.finished_at > now - _OUTAGE,
            )
            .limit(1)
        )
        if lately is not None:
            return
    holds.hold(session, subject.account_id, reason=blame, code=report.code, text=report.text, now=now)


def _write(
    delivery: DeliveryRecord, parcel: Parcel, report: Report, phase: Phase, state: DeliveryState, reason: str,
    retries: Retries, now: datetime,
) -> None:
    course = report.course
    wait = course.wait or (WAITS.get(phase) if parcel.phase is not Phase.STRANGE else "spaced")
    moving = wait is not None and state not in {DeliveryState.DONE, DeliveryState.HELD}
    delivery.next_at = now + getattr(retries, wait).delay(parcel.tries) if moving and wait is not None else now
    delivery.state = str(move_delivery(delivery.state, state))
    delivery.phase, delivery.reason = str(phase), reason
    delivery.ticket = report.ticket or (delivery.ticket if phase in _TICKETED else None)
    delivery.tries = parcel.tries if course.counts else parcel.tries - 1
    if report.action != "query" or phase not in _REMEMBERING:
        delivery.last_code, delivery.last_text = report.code, report.text
    delivery.updated_at = now

