"""One attempt at telling the authority about one voucher: take the delivery, send the stored bytes, settle.

`attempt` may be called for any delivery, any number of times, by any number of engines: it does something only for
one that is due, and writes the result only while the attempt is still its own. What is sent are the bytes of the
stored edition, never anything made anew.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import select, update

from app.accounts.models import AccountRecord
from app.accounts.vault import VaultError
from app.delivery import outcomes
from app.delivery.backoff import RETRIES, Retries
from app.delivery.due import takeable
from app.delivery.parcels import Parcel, Report
from app.delivery.routes import Route, route_of
from app.delivery.settling import settle
from app.http import Office
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import DeliveryRecord, DocumentRecord, EditionRecord
from sunat.cdr import Cdr, read_cdr
from sunat.errors import CdrError, Fault, FormatError, NotSent, SunatError, TransportError, UnknownOutcome
from sunat.numbering import VoucherId
from sunat.transport import Answer, BillService, Bounds, pack, unpack_cdr

MARGIN: Final = timedelta(seconds=30)
"""What a lease lasts beyond the longest call; only a process that died lets it run out."""

_UNOPENED: Final = "La clave SOL guardada de la cuenta no se puede abrir en esta instalación; vuelva a registrarla"


def attempt(office: Office, delivery_id: int, *, retries: Retries = RETRIES) -> bool:
    """Makes one attempt if the delivery is due; says whether it did.

    Raises what the database raises once `settle` gave up; the delivery then stays taken until its lease ends.
    """
    parcel = _take(office, delivery_id)
    if parcel is None:
        return False
    settle(office, parcel, _carry(office, parcel), retries=retries)
    return True


def _take(office: Office, delivery_id: int) -> Parcel | None:
    """Makes the attempt ours by one conditional update, and reads what it needs; None when it is not to be had."""
    now = office.clock.now()
    lease_until = now + timedelta(seconds=office.settings.sunat_total_seconds) + MARGIN
    taking = (
        update(DeliveryRecord)
        .where(DeliveryRecord.id == delivery_id, takeable(now))
        .values(
            state=str(DeliveryState.SENDING), attempt=DeliveryRecord.attempt + 1, tries=DeliveryRecord.tries + 1,
            next_at=lease_until, updated_at=now,
        )
        .returning(
            DeliveryRecord.attempt, DeliveryRecord.tries, DeliveryRecord.edition, DeliveryRecord.document_id
        )
        .execution_options(synchronize_session=False)
    )
    with office.database.write() as session:
        taken = session.execute(taking).one_or_none()
        if taken is None:
            return None
        document, account, xml = session.execute(
            select(DocumentRecord, AccountRecord, EditionRecord.xml)
            .join(AccountRecord, AccountRecord.id == DocumentRecord.account_id)
            .join(EditionRecord, EditionRecord.document_id == DocumentRecord.id)
            .where(DocumentRecord.id == taken.document_id, EditionRecord.edition == taken.edition)
        ).one()
    voucher = VoucherId(
        ruc=document.ruc, type_code=document.sunat_code, series=document.series, number=document.number
    )
    return Parcel(
        delivery_id=delivery_id, attempt=taken.attempt, tries=taken.tries, edition=taken.edition,
        document_id=document.id, account=account, voucher=voucher, xml=xml, started_at=now, lease_until=lease_until,
    )


def _carry(office: Office, parcel: Parcel) -> Report:
    """Sends the parcel and says what came of it; raises nothing that the authority can cause."""
    try:
        route = route_of(office, parcel.account, parcel.voucher.type_code)
    except FormatError as error:
        return _unroutable(_said(outcomes.UNROUTABLE, error))
    except VaultError:
        return _unroutable(_UNOPENED)
    name = parcel.voucher.file_name
    settings = office.settings
    service = _service(route.address, settings.sunat_connect_seconds, settings.sunat_total_seconds)
    try:
        answer = service.send_bill(f"{name}.zip", pack(name, parcel.xml), route.credentials)
    except NotSent as error:
        return _failed(route, error, outcomes.NOT_SENT, "not_sent")
    except UnknownOutcome as error:
        return _failed(route, error, outcomes.UNANSWERED, "unknown")
    except Fault as error:
        return _failed(route, error, outcomes.course_of(error.code), "fault", code=error.code, text=error.text)
    return _answered(route, parcel, answer)


def _unroutable(text: str) -> Report:
    return Report(course=outcomes.UNROUTABLE, result="not_sent", code="CHQ-ROUTE", address="", text=text)


def _failed(
    route: Route, error: TransportError, course: outcomes.Course, result: str, *, code: str = "", text: str = ""
) -> Report:
    return Report(
        course=course, result=result, code=code, text=text or _said(course, error), address=route.address,
        http_status=error.http_status, request_sha256=error.request_sha256, response_sha256=error.response_sha256,
        evidence=("fault" if result == "fault" else "answer", error.response) if error.response else None,
    )


def _answered(route: Route, parcel: Parcel, answer: Answer) -> Report:
    """What the answer's zip says. Unreadable or another voucher's: nothing is known, and it is kept.

    A signature that does not verify is written down with the verdict and decides nothing: beta signs with a
    placeholder, and no certificate is pinned yet.
    """
    voucher = parcel.voucher
    try:
        cdr = read_cdr(
            unpack_cdr(answer.cdr_zip, voucher.file_name), voucher_file_name=voucher.file_name, ruc=voucher.ruc,
            voucher_text=voucher.text,
        )
    except CdrError as error:
        return _report(
            route, answer, course=outcomes.UNREADABLE, result="unknown", text=_said(outcomes.UNREADABLE, error),
            evidence=("cdr_unread", answer.cdr_zip),
        )
    return _report(
        route, answer, course=outcomes.SETTLED, result="answered", code=cdr.code, text=cdr.description, cdr=cdr,
        evidence=("cdr", answer.cdr_zip),
    )


def _report(
    route: Route, answer: Answer, *, course: outcomes.Course, result: str, text: str, evidence: tuple[str, bytes],
    code: str = "", cdr: Cdr | None = None,
) -> Report:
    return Report(
        course=course, result=result, code=code, text=text, cdr=cdr, evidence=evidence, address=route.address,
        http_status=answer.http_status, request_sha256=answer.request_sha256, response_sha256=answer.response_sha256,
    )


def _said(course: outcomes.Course, error: SunatError) -> str:
    return f"{course.says} ({error})" if course.says else str(error)


@lru_cache(maxsize=64)
def _service(address: str, connect_seconds: float, total_seconds: float) -> BillService:
    return BillService(address, bounds=Bounds(connect_timeout=connect_seconds, total_timeout=total_seconds))
