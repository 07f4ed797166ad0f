"""Sending: the stored bytes to the authority, and what it makes of them.

Nothing the authority can do raises here: every answer, and every silence, becomes a report.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from app.accounts.vault import VaultError
from app.delivery import outcomes
from app.delivery.breakers import door_of
from app.delivery.matching import Match, match, pins_of, read_ours
from app.delivery.parcels import MOST_KEPT, Parcel, Report, failed
from app.delivery.routes import Route, route_of
from app.http import Office
from sunat.errors import CdrError, Fault, FormatError, NotSent, TransportError
from sunat.outcomes import Class, class_of
from sunat.transport import Answer, BillService, Bounds, Exchange, pack

Chosen = TypeVar("Chosen")

OPERATION: Final = "sendBill"
UNOPENED: Final = "La clave SOL guardada de la cuenta no se puede abrir en esta instalación; vuelva a registrarla"
_UNROUTABLE: Final = "La cuenta no tiene credenciales o dirección de envío válidas"
_UNTRUSTED: Final = "La firma de la constancia no es de confianza"
_FOREIGN: Final = "La constancia es de otro comprobante con el mismo número"


def send(office: Office, parcel: Parcel, exchange: Exchange) -> Report:
    """Sends the parcel and says what came of it."""
    route = way_or_report(lambda: route_of(office, parcel.account, parcel.service), OPERATION)
    if isinstance(route, Report):
        return route
    name = parcel.identity.file_name
    service = BillService(route.address, bounds=bounds_of(office), exchange=exchange)
    try:
        answer = service.send_bill(f"{name}.zip", pack(name, parcel.xml), route.credentials)
    except TransportError as error:
        return refused(parcel, route, error, OPERATION)
    return _answered(office, parcel, route, answer)


def bounds_of(office: Office) -> Bounds:
    """How much of anything one call may take, as the settings say."""
    return Bounds(
        connect_timeout=office.settings.sunat_connect_seconds, total_timeout=office.settings.sunat_total_seconds
    )


def way_or_report(choose: Callable[[], Chosen], operation: str) -> Chosen | Report:
    """What is chosen; or the report of an attempt that could not even be made, as the account lacks what it takes."""
    try:
        return choose()
    except FormatError as error:
        text = f"{_UNROUTABLE} ({error})"
    except VaultError:
        text = UNOPENED
    return Report(
        course=outcomes.UNROUTABLE, result="not_sent", operation=operation, code="CHQ-ROUTE", address="", text=text
    )


def refused(parcel: Parcel, route: Route, error: TransportError, operation: str) -> Report:
    """The report of a sending that failed, or that an exception answered."""
    name = class_of(error)
    result = "fault" if isinstance(error, Fault) else "not_sent" if isinstance(error, NotSent) else "unknown"
    code, text = (error.code, error.text) if isinstance(error, Fault) else ("", f"{outcomes.said(name)} ({error})")
    return failed(
        outcomes.COURSES[name], error, operation=operation, address=route.address, door=door_of(parcel),
        text=text, code=code, result=result,
    )


def _answered(office: Office, parcel: Parcel, route: Route, answer: Answer) -> Report:
    """What the answer's zip says. Unreadable, not to be trusted, or another voucher's: nothing is known; it is kept."""
    try:
        cdr = read_ours(parcel, answer.cdr_zip)
        found = match(parcel, cdr, pins_of(office.settings.cdr_pins, parcel.account.environment))
        if found is not Match.OURS:
            raise CdrError(_UNTRUSTED if found is Match.UNTRUSTED else _FOREIGN)
    except CdrError as error:
        return Report(
            course=outcomes.COURSES[Class.UNREADABLE], result="unknown", operation=OPERATION, address=route.address,
            door=door_of(parcel), text=f"{outcomes.said(Class.UNREADABLE)} ({error})"[:4000],
            http_status=answer.http_status, request_sha256=answer.request_sha256,
            response_sha256=answer.response_sha256, evidence=("cdr_unread", answer.cdr_zip[:MOST_KEPT]),
        )
    return Report(
        course=outcomes.SETTLED, result="answered", operation=OPERATION, address=route.address, door=door_of(parcel),
        code=cdr.code, text=cdr.description, http_status=answer.http_status, request_sha256=answer.request_sha256,
        response_sha256=answer.response_sha256, evidence=("cdr", answer.cdr_zip), cdr=cdr,
    )
