"""Despatch guides: sent to the guides' REST service as the very zip that was stored, told of by a ticket.

There is nobody to ask about a guide: no query of SUNAT's knows them. So a lost answer is followed by the same zip
again, and what SUNAT says of it then is the answer: 1033 is its register saying that it has accepted a guide of that
number, and where one of ours was sent before under that number, that one is it.
Sources: manual of the GRE web services; `domain/sunat_operations.md` 1.4, 1.9, 2.3 and 7.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from app.delivery import outcomes
from app.delivery.asking import kept_report
from app.delivery.breakers import door_of
from app.delivery.matching import Match, match, pins_of, read_ours
from app.delivery.outcomes import Course
from app.delivery.parcels import GUIDE_POLLING, GUIDE_SENDING, MOST_KEPT, Parcel, Report, failed
from app.delivery.protocol import Action, Sign
from app.delivery.routes import GuideWay, way_of_guides
from app.delivery.sending import bounds_of, way_or_report
from app.http import Office
from app.ledger.lifecycle import Status
from app.ledger.models import AttemptRecord
from sunat.cdr import Cdr
from sunat.errors import CdrError, Fault, NotSent, TransportError
from sunat.outcomes import Class, Finding, class_of, class_of_code
from sunat.transport import (
    FAILED,
    IN_PROCESS,
    Exchange,
    GuideService,
    TicketState,
    pack,
)

_ACCEPTED: Final = "1033"
"""SUNAT's register holds an accepted guide of that number (guides' workbook, rule on cbc:ID)."""
_NOBODY: Final = "SUNAT no tiene consulta de guías: se envía otra vez el mismo archivo"
_STILL: Final = "SUNAT todavía la está procesando"
_BARE: Final = "SUNAT terminó y no entregó la constancia"
_REFUSALS: Final = frozenset({
    Class.PACKAGING, Class.CONTENT, Class.STANDING, Class.LATE, Class.REFERENCE, Class.SUMMARY,
})
"""What a ticket may say of a guide that was looked at and not taken: its number is still ours."""


def send_guide(office: Office, parcel: Parcel, exchange: Exchange) -> Report:
    """Sends the stored zip and says what came of it: a ticket, or nothing that counts."""
    found = way_or_report(lambda: way_of_guides(office, parcel.account), GUIDE_SENDING)
    if isinstance(found, Report):
        return found
    name = parcel.identity.file_name
    try:
        receipt = _service(office, found, exchange).send(
            name, parcel.zip or pack(name, parcel.xml), found.client, now=office.clock.now()
        )
    except TransportError as error:
        if isinstance(error, Fault) and error.code == _ACCEPTED and _sendings(office, parcel):
            return _known(parcel, found, error)
        return _failed(parcel, found, error, GUIDE_SENDING, outcomes.COURSES[class_of(error)])
    return Report(
        course=outcomes.TICKET, result="answered", operation=GUIDE_SENDING, address=found.address,
        door=door_of(parcel), text=f"Ticket {receipt.ticket}", ticket=receipt.ticket, http_status=receipt.http_status,
        request_sha256=receipt.request_sha256, response_sha256=receipt.response_sha256,
        evidence=("ticket", receipt.body[:MOST_KEPT]),
    )


def poll_guide(office: Office, parcel: Parcel, exchange: Exchange) -> Report:
    """Asks how far the guide's ticket is, and says what came of it."""
    found = way_or_report(lambda: way_of_guides(office, parcel.account), GUIDE_POLLING)
    if isinstance(found, Report):
        return found
    try:
        state = _service(office, found, exchange).status(parcel.ticket, found.client, now=office.clock.now())
    except TransportError as error:
        refused = isinstance(error, Fault) and class_of(error) in {Class.CREDENTIALS, Class.PERMISSION}
        course = outcomes.COURSES[class_of(error)] if refused else outcomes.FINDINGS[Finding.NOTHING]
        return _failed(parcel, found, error, GUIDE_POLLING, course)
    if not state.content:
        return _without_cdr(office, parcel, found, state)
    try:
        cdr = read_ours(parcel, state.content)
        if match(parcel, cdr, pins_of(office.settings.cdr_pins, parcel.account.environment)) is not Match.OURS:
            raise CdrError("La constancia no es de confianza, o es de otra guía")
    except CdrError as error:
        return _told(
            parcel, found, state, outcomes.FINDINGS[Finding.NOTHING], text=str(error),
            evidence=("cdr_unread", state.content[:MOST_KEPT]),
        )
    return _told(parcel, found, state, outcomes.SETTLED, cdr=cdr, evidence=("cdr", state.content))


def ask_nobody(office: Office, parcel: Parcel, action: Action, exchange: Exchange) -> Report:
    """Finds the CDR that an earlier attempt left; beyond that there is nobody to ask about a guide."""
    if parcel.kept_cdr is not None:
        return kept_report(parcel, parcel.kept_cdr)
    return Report(course=outcomes.NOBODY_TO_ASK, result="not_sent", operation=str(action), address="", text=_NOBODY)


def _without_cdr(office: Office, parcel: Parcel, way: GuideWay, state: TicketState) -> Report:
    if state.code == IN_PROCESS:
        return _told(parcel, way, state, outcomes.PENDING, text=_STILL)
    if state.code == _ACCEPTED:
        if _sendings(office, parcel) > 1:
            return _told(parcel, way, state, outcomes.SETTLED, status=Status.ACCEPTED)
        return _told(parcel, way, state, outcomes.FOREIGN)
    refused = class_of_code(state.code) if state.code.isdigit() and len(state.code) == len(_ACCEPTED) else None
    if refused in _REFUSALS:
        return _told(parcel, way, state, Course(name=str(refused), sign=Sign.UNREAD))
    text = state.text or (_BARE if state.code in {"0", FAILED} else "")
    return _told(parcel, way, state, outcomes.FINDINGS[Finding.NOTHING], text=text)


def _known(parcel: Parcel, way: GuideWay, error: Fault) -> Report:
    """The very bytes were sent before, so the guide that the register tells of while taking them again is that one."""
    return Report(
        course=outcomes.SETTLED, result="fault", operation=GUIDE_SENDING, address=way.address, door=door_of(parcel),
        code=error.code, text=error.text, http_status=error.http_status, request_sha256=error.request_sha256,
        response_sha256=error.response_sha256, evidence=("state", error.response[:MOST_KEPT]), status=Status.ACCEPTED,
    )


def _sendings(office: Office, parcel: Parcel) -> int:
    """How often before these very bytes were sent and may have been read: more than the ticket's own sending, or any
    before a sending that is refused, and the register's guide is the one that was sent first."""
    with office.database.read() as session:
        sendings = session.scalar(
            select(func.count()).select_from(AttemptRecord).where(
                AttemptRecord.delivery_id == parcel.delivery_id, AttemptRecord.edition == parcel.edition,
                AttemptRecord.number < parcel.attempt, AttemptRecord.action == "send",
                AttemptRecord.result.in_(("answered", "unknown")),
            )
        )
    return sendings or 0


def _service(office: Office, way: GuideWay, exchange: Exchange) -> GuideService:
    return GuideService(way.token, way.address, bounds=bounds_of(office), exchange=exchange)


def _failed(parcel: Parcel, way: GuideWay, error: TransportError, operation: str, course: Course) -> Report:
    fault = error if isinstance(error, Fault) else None
    return failed(
        course, error, operation=operation, address=way.address, door=door_of(parcel),
        text=fault.text if fault else f"{outcomes.said(class_of(error))} ({error})", code=fault.code if fault else "",
        result="fault" if fault else "not_sent" if isinstance(error, NotSent) else "unknown",
    )


def _told(
    parcel: Parcel, way: GuideWay, state: TicketState, course: Course, *, text: str = "", cdr: Cdr | None = None,
    status: Status | None = None, evidence: tuple[str, bytes] | None = None,
) -> Report:
    return Report(
        course=course, result="answered", operation=GUIDE_POLLING, address=way.address, door=door_of(parcel),
        code=cdr.code if cdr else state.code, text=cdr.description if cdr else text or state.text,
        http_status=state.http_status, request_sha256=state.request_sha256, response_sha256=state.response_sha256,
        evidence=evidence or ("state", state.body[:MOST_KEPT]), cdr=cdr, status=status,
    )
