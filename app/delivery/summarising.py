"""Sending a summary, and asking what became of one whose ticket is lost.

There is no query by a summary's id. But it is taken or refused as a whole, so the states of vouchers in it tell: one
that it did not touch proves that it was not taken. One that stands as if it had been may have stood so before (held by
SUNAT already, voided at its portal), so it counts as taken only when all that are asked about agree.
Source: `domain/sunat_operations.md` 1.9.
"""

from __future__ import annotations

from typing import Final

from app.delivery import outcomes
from app.delivery.asking import kept_report
from app.delivery.breakers import door_of
from app.delivery.outcomes import Course
from app.delivery.parcels import MOST_KEPT, Parcel, Report, Witness, failed
from app.delivery.protocol import Action
from app.delivery.routes import Way, route_of, way_to_witness
from app.delivery.sending import bounds_of, refused, way_or_report
from app.http import Office
from app.ledger.lifecycle import Status
from sunat.errors import Fault, NotSent, TransportError
from sunat.outcomes import Class, Finding, class_of, finding_of
from sunat.transport import Exchange, RestConsult, State, TicketService, ValidityService, pack

OPERATION: Final = "sendSummary"
_NOBODY: Final = "No hay a quién preguntar por los comprobantes de este resumen"


def send_summary(office: Office, parcel: Parcel, exchange: Exchange) -> Report:
    """Sends the summary; the answer is a ticket."""
    route = way_or_report(lambda: route_of(office, parcel.account, parcel.service), OPERATION)
    if isinstance(route, Report):
        return route
    name = parcel.identity.file_name
    service = TicketService(route.address, bounds=bounds_of(office), exchange=exchange)
    try:
        receipt = service.send_summary(f"{name}.zip", pack(name, parcel.xml), route.credentials)
    except TransportError as error:
        return refused(parcel, route, error, OPERATION)
    return Report(
        course=outcomes.TICKET, result="answered", operation=OPERATION, address=route.address, door=door_of(parcel),
        text=f"Ticket {receipt.ticket}", ticket=receipt.ticket, http_status=receipt.http_status,
        request_sha256=receipt.request_sha256, response_sha256=receipt.response_sha256,
        evidence=("ticket", receipt.body[:MOST_KEPT]),
    )


def ask_witnesses(office: Office, parcel: Parcel, action: Action, exchange: Exchange) -> Report:
    """Asks about vouchers of the summary until one says no or all say yes, and tells what that says of it."""
    if parcel.kept_cdr is not None:
        return kept_report(parcel, parcel.kept_cdr)
    way = way_or_report(
        lambda: way_to_witness(office, parcel.account) if parcel.witnesses else None, str(action)
    )
    if isinstance(way, Report):
        return way
    if way is None:
        return Report(
            course=outcomes.NOBODY_TO_ASK, result="not_sent", operation=str(action), address="", text=_NOBODY
        )
    for witness in parcel.witnesses:
        try:
            state = _asked(office, parcel, witness, way, exchange)
        except TransportError as error:
            return _failed(parcel, way, error)
        finding = finding_of(way.operation, state.code)
        if finding is witness.untaken:
            # An id that was there before ours was ever sent was somebody else's.
            course = outcomes.FOREIGN if action is Action.COMPARE else outcomes.FINDINGS[Finding.ABSENT]
            return _told(parcel, way, witness, state, course)
        if finding is not witness.taken:
            return _told(parcel, way, witness, state, outcomes.FINDINGS[Finding.NOTHING])
    return _told(parcel, way, witness, state, outcomes.SETTLED, Status.ACCEPTED)


def _asked(office: Office, parcel: Parcel, witness: Witness, way: Way, exchange: Exchange) -> State:
    bounds = bounds_of(office)
    if way.client is not None:
        return RestConsult(way.token_address, way.address, bounds=bounds, exchange=exchange).check(
            witness.voucher, witness.criteria, way.client, caller_ruc=parcel.account.ruc, now=office.clock.now()
        )
    assert way.credentials is not None  # noqa: S101 - a way without a client has a user
    service = ValidityService(way.address, bounds=bounds, exchange=exchange)
    return service.by_criteria(witness.voucher, witness.criteria, way.credentials)


def _failed(parcel: Parcel, way: Way, error: TransportError) -> Report:
    stops = isinstance(error, Fault) and way.credentials is not None and class_of(error) is Class.CREDENTIALS
    return failed(
        outcomes.COURSES[Class.CREDENTIALS] if stops else outcomes.FINDINGS[Finding.NOTHING], error,
        operation=way.operation, address=way.address, door=door_of(parcel),
        text=error.text if isinstance(error, Fault) else str(error),
        code=error.code if isinstance(error, Fault) else "",
        result="fault" if isinstance(error, Fault) else "not_sent" if isinstance(error, NotSent) else "unknown",
    )


def _told(
    parcel: Parcel, way: Way, witness: Witness, state: State, course: Course, status: Status | None = None
) -> Report:
    return Report(
        course=course, result="answered", operation=way.operation, address=way.address, door=door_of(parcel),
        code=state.code, text=f"{witness.voucher.text}: {state.message}", http_status=state.http_status,
        request_sha256=state.request_sha256, response_sha256=state.response_sha256,
        evidence=("state", state.body[:MOST_KEPT]), status=status,
    )
