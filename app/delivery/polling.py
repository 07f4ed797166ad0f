"""Polling: how far the authority is with what it gave a ticket for.

Only a CDR of ours settles anything. A ticket that nobody knows, or that answers for another file, is given up after a
few answers of that kind: the protocol then asks what the authority holds, and sends the same bytes again.
Source: `domain/sunat_operations.md` 1.4 and 1.9.
"""

from __future__ import annotations

from typing import Final

from app.delivery import outcomes
from app.delivery.breakers import door_of
from app.delivery.matching import Match, match, pins_of, read_ours
from app.delivery.outcomes import Course
from app.delivery.parcels import MOST_KEPT, Parcel, Report, failed
from app.delivery.routes import route_of
from app.delivery.sending import bounds_of, way_or_report
from app.http import Office
from sunat.cdr import Cdr
from sunat.errors import CdrError, Fault, NotSent, TransportError
from sunat.outcomes import Class, Finding, class_of
from sunat.transport import DONE, FAILED, IN_PROCESS, Exchange, TicketService, TicketState

OPERATION: Final = "getStatus.ticket"
"""The attempt row's word: the query of the CDRs has a getStatus of its own."""

UNKNOWN_TICKET: Final = "0127"
_SAID: Final = {
    IN_PROCESS: "SUNAT todavía lo está procesando", UNKNOWN_TICKET: "SUNAT no conoce el ticket",
    DONE: "SUNAT dice que terminó, pero no entregó la constancia",
    FAILED: "SUNAT dice que terminó con errores, pero no entregó la constancia",
}


def poll(office: Office, parcel: Parcel, exchange: Exchange) -> Report:
    """Asks how far the parcel's ticket is, and says what came of it."""
    route = way_or_report(lambda: route_of(office, parcel.account, parcel.service), OPERATION)
    if isinstance(route, Report):
        return route
    service = TicketService(route.address, bounds=bounds_of(office), exchange=exchange)
    try:
        state = service.status(parcel.ticket, route.credentials)
    except TransportError as error:
        return _failed(parcel, route.address, error)
    if not state.content:
        course = outcomes.PENDING if state.code == IN_PROCESS else outcomes.FINDINGS[Finding.NOTHING]
        return _told(parcel, route.address, state, course)
    try:
        cdr = read_ours(parcel, state.content)
    except CdrError as error:
        return _told(
            parcel, route.address, state, outcomes.FINDINGS[Finding.NOTHING], text=str(error),
            evidence=("cdr_unread", state.content[:MOST_KEPT]),
        )
    if match(parcel, cdr, pins_of(office.settings.cdr_pins, parcel.account.environment)) is not Match.OURS:
        return _told(
            parcel, route.address, state, outcomes.FINDINGS[Finding.NOTHING],
            text="La constancia no es de confianza, o es de otro envío", evidence=("cdr_unread", state.content),
        )
    return _told(parcel, route.address, state, outcomes.SETTLED, cdr=cdr, evidence=("cdr", state.content))


def _failed(parcel: Parcel, address: str, error: TransportError) -> Report:
    """What fails says nothing of the file; a user whom SUNAT refuses stops the issuer."""
    refused = isinstance(error, Fault) and class_of(error) is Class.CREDENTIALS
    course = outcomes.COURSES[Class.CREDENTIALS] if refused else outcomes.FINDINGS[Finding.NOTHING]
    result = "fault" if isinstance(error, Fault) else "not_sent" if isinstance(error, NotSent) else "unknown"
    return failed(
        course, error, operation=OPERATION, address=address, door=door_of(parcel),
        text=error.text if isinstance(error, Fault) else str(error),
        code=error.code if isinstance(error, Fault) else "", result=result,
    )


def _told(
    parcel: Parcel, address: str, state: TicketState, course: Course, *, text: str = "", cdr: Cdr | None = None,
    evidence: tuple[str, bytes] | None = None,
) -> Report:
    return Report(
        course=course, result="answered", operation=OPERATION, address=address, door=door_of(parcel),
        code=cdr.code if cdr else state.code,
        text=cdr.description if cdr else text or state.text or _SAID.get(state.code, ""),
        http_status=state.http_status, request_sha256=state.request_sha256, response_sha256=state.response_sha256,
        evidence=evidence or ("state", state.body[:MOST_KEPT]), cdr=cdr,
    )
