"""What happened to a voucher, in order and in plain words: issued, tried, answered, voided, told to other systems.

It is read from what the ledger keeps anyway: events, attempts (of its own, and of the summary that carries it),
mails and webhook notices. Attempts in a row that came to the same are one moment. The newest comes first; the oldest
`MOST` - 1 and the first are shown of a history that is longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.console.vouchers.codes import meaning
from app.console.vouchers.standing import Tone
from app.ledger import summaries
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord, EventRecord
from app.mail.models import FAILED as MAIL_FAILED
from app.mail.models import SENT as MAIL_SENT
from app.mail.models import WAITING as MAIL_WAITING
from app.mail.models import MailRecord
from app.problems import NO_TEXT, Text
from app.webhooks.models import DELIVERED, FAILED, NoticeRecord, WebhookRecord
from sunat.outcomes import Class, class_of_code, row_of

MOST: Final = 60
"""How many moments are shown."""
_MOST_READ: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened, at ``at`` (UTC; ``until`` where it went on) and by ``actor``, empty for the program.

    ``said`` are SUNAT's own words with their ``code``, ``means`` the same in plain ones, ``times`` how often in a row;
    ``rank`` orders what has one instant.
    """

    at: datetime
    tone: Tone
    title: Text
    detail: Text = NO_TEXT
    said: str = ""
    code: str = ""
    means: Text = NO_TEXT
    actor: str = ""
    times: int = 1
    until: datetime | None = None
    rank: int = 2


def timeline(session: Session, row: DocumentRecord) -> list[Moment]:
    """The moments of a voucher, the newest first."""
    found = [*_events(session, row), *_attempts(session, row), *_mails(session, row), *_notices(session, row)]
    found.sort(key=lambda moment: (moment.at, moment.rank))
    joined = _joined(found)
    if len(joined) > MOST:
        joined = [joined[0], *joined[-(MOST - 1):]]
    return joined[::-1]


# What the ledger says happened.

_T: Final[Mapping[str, tuple[Tone, Text]]] = {
    "document.issued": ("open", Text("Emitido y firmado", "Issued and signed")),
    "document.imported": ("quiet", Text("Traído de otro sistema", "Brought from another system")),
    "document.accepted": ("good", Text("SUNAT lo aceptó", "SUNAT accepted it")),
    "document.observed": ("good", Text("SUNAT lo aceptó con observaciones", "SUNAT accepted it with remarks")),
    "document.rejected": ("bad", Text("SUNAT lo rechazó", "SUNAT rejected it")),
    "document.cdr": ("good", Text("Llegó la constancia (CDR)", "The CDR came")),
    "document.corrected": ("open", Text("Corregido y firmado otra vez", "Corrected and signed again")),
    "document.lapsed": ("bad", Text("Venció sin llegar a SUNAT", "It lapsed without reaching SUNAT")),
    "document.replaced": ("quiet", Text("Reemplazado por otro", "Replaced by another")),
    "document.void_requested": ("open", Text("Se pidió la baja", "Voiding was asked for")),
    "document.void_refused": ("bad", Text("SUNAT no aceptó la baja", "SUNAT did not take the voiding")),
    "document.voided": ("quiet", Text("Dado de baja", "Voided")),
    "delivery.alarm": ("mind", Text("Aviso: sigue sin resolverse", "Alarm: it is still open")),
    "delivery.carried": ("open", Text("Pasa al resumen diario", "It goes into the daily summary")),
    "delivery.cdr_missing": ("mind", Text(
        "SUNAT lo tiene, pero no entregó la constancia", "SUNAT has it, but gave no CDR")),
    "delivery.contradiction": ("bad", Text(
        "SUNAT dice ahora otra cosa que antes", "SUNAT now says something other than before")),
    "delivery.held": ("bad", Text("Se detuvo el envío", "Its delivery stopped")),
    "delivery.released": ("open", Text("Se reanudó el envío", "Its delivery goes on")),
    "delivery.retried": ("open", Text("Se pidió enviar ahora", "Sending now was asked for")),
    "delivery.reconciled": ("open", Text("Se pidió preguntar a SUNAT", "Asking SUNAT was asked for")),
    "series.frozen": ("bad", Text("Se detuvo la serie", "The series was stopped")),
}
_UNTOLD: Final = ("delivery.overtaken",)
"""What says nothing to people."""
_FIRST: Final = ("document.issued", "document.imported")
_ALARMS: Final = {
    "warn": Text("Queda menos de un día de plazo", "Less than a day of its term is left"),
    "page": Text("Quedan menos de 6 horas de plazo", "Less than 6 hours of its term are left"),
    "missed": Text("El plazo de envío terminó", "Its term is over"),
    "stuck": Text("Lleva dos días sin resolverse", "It has been open for two days"),
}


def _events(session: Session, row: DocumentRecord) -> Iterator[Moment]:
    rows = session.scalars(
        select(EventRecord).where(EventRecord.document_id == row.id, EventRecord.kind.not_in(_UNTOLD))
        .order_by(EventRecord.id.desc()).limit(_MOST_READ)
    )
    for event in rows:
        tone, title = _T.get(event.kind, ("quiet", Text(event.kind, event.kind)))
        code = str(event.data.get("code") or "")
        judged = event.kind in ("document.rejected", "document.void_refused", "delivery.held")
        yield Moment(
            at=event.at, tone=tone, title=title, detail=_detail(event), said=str(event.data.get("text") or ""),
            code=code, means=meaning(row.sunat_code, code)[0] if judged else NO_TEXT, actor=event.actor,
            rank=0 if event.kind in _FIRST else 2,
        )


def _detail(event: EventRecord) -> Text:
    told = _DETAILS.get(event.kind)
    return told(event.data) if told else NO_TEXT


def _remarks(data: Mapping[str, Any]) -> Text:
    codes = ", ".join(str(code) for code in data.get("observations", ()))
    return Text(f"Observaciones: {codes}", f"Remarks: {codes}") if codes else NO_TEXT


def _same(name: str) -> Callable[[Mapping[str, Any]], Text]:
    return lambda data: Text(str(data.get(name, "")), str(data.get(name, "")))


def _named(es: str, en: str, name: str) -> Callable[[Mapping[str, Any]], Text]:
    return lambda data: Text(f"{es} {data.get(name, '')}", f"{en} {data.get(name, '')}")


_DETAILS: Final[Mapping[str, Callable[[Mapping[str, Any]], Text]]] = {
    "delivery.alarm": lambda data: _ALARMS.get(str(data.get("alarm")), NO_TEXT),
    "document.replaced": _same("replacement"),
    "document.void_requested": _named("Motivo:", "Reason:", "reason"),
    "document.corrected": _named("Edición", "Edition", "edition"),
    "document.observed": _remarks,
}
"""What an event says beside its title, from its data."""


# What was tried.

_ACTIONS: Final = {
    "send": Text("Enviado a SUNAT", "Sent to SUNAT"),
    "query": Text("Consultado a SUNAT", "SUNAT was asked"),
    "poll": Text("Consultado el ticket", "The ticket was asked about"),
}
_SUMMARY: Final = {
    "send": Text("Resumen {id} enviado a SUNAT", "Summary {id} sent to SUNAT"),
    "query": Text("Consultado el resumen {id}", "Summary {id} was asked about"),
    "poll": Text("Consultado el ticket del resumen {id}", "The ticket of summary {id} was asked about"),
}
_RESULTS: Final[Mapping[str, tuple[Tone, Text]]] = {
    "answered": ("open", Text("SUNAT respondió", "SUNAT answered")),
    "fault": ("mind", Text("SUNAT no lo recibió", "SUNAT did not take it")),
    "not_sent": ("mind", Text("No se pudo conectar; nada se envió", "It could not be reached; nothing was sent")),
    "unknown": ("mind", Text("No llegó una respuesta clara", "No clear answer came")),
}


def _attempts(session: Session, row: DocumentRecord) -> Iterator[Moment]:
    delivery = session.scalar(select(DeliveryRecord).where(DeliveryRecord.document_id == row.id))
    if delivery is not None:
        yield from _of_delivery(session, row, delivery.id, _ACTIONS, "")
    carrier = summaries.carrier_of(session, row)
    if carrier is not None:
        of_summary = summaries.delivery_of(session, carrier)
        yield from _of_delivery(session, row, of_summary.id, _SUMMARY, carrier.full_number)


def _of_delivery(
    session: Session, row: DocumentRecord, delivery_id: int, titles: Mapping[str, Text], name: str
) -> Iterator[Moment]:
    rows = session.scalars(
        select(AttemptRecord).where(AttemptRecord.delivery_id == delivery_id)
        .order_by(AttemptRecord.number.desc()).limit(_MOST_READ)
    )
    for attempt in rows:
        tone, result = _RESULTS[attempt.result]
        title = titles[attempt.action]
        yield Moment(
            at=attempt.started_at, tone=tone, title=Text(title.es.format(id=name), title.en.format(id=name)),
            detail=result, said=attempt.text, code=attempt.code, means=_fault(row, attempt), rank=1,
        )


def _fault(row: DocumentRecord, attempt: AttemptRecord) -> Text:
    """An exception in plain words; a state or a CDR speaks by the event it led to."""
    if attempt.result != "fault":
        return NO_TEXT
    name = class_of_code(attempt.code)
    if name in (Class.CONTENT, Class.PACKAGING):
        return meaning(row.sunat_code, attempt.code)[0]
    return Text(row_of(name).es, row_of(name).en)


# Who was told.

_TOLD: Final[Mapping[str, tuple[Tone, Text]]] = {
    DELIVERED: ("quiet", Text("Avisado a otro sistema", "Another system was told")),
    FAILED: ("mind", Text("No se pudo avisar a otro sistema", "Another system could not be told")),
}


_MAILED: Final[Mapping[str, tuple[Tone, Text]]] = {
    MAIL_WAITING: ("open", Text("Por enviar por correo", "To be mailed")),
    MAIL_SENT: ("quiet", Text("Enviado por correo", "Mailed")),
    MAIL_FAILED: ("mind", Text("No se pudo enviar por correo", "It could not be mailed")),
}


def _mails(session: Session, row: DocumentRecord) -> Iterator[Moment]:
    """Its mails, as far as they are: when one was sent or, until then, asked for."""
    rows = session.scalars(
        select(MailRecord).where(MailRecord.document_id == row.id).order_by(MailRecord.id.desc()).limit(_MOST_READ)
    )
    for mail in rows:
        tone, title = _MAILED[mail.state]
        words = f"{mail.address}: {mail.error}" if mail.error and mail.state != MAIL_SENT else mail.address
        yield Moment(
            at=mail.sent_at or mail.created_at, tone=tone, title=title, detail=Text(words, words), actor=mail.actor,
            rank=3,
        )


def _notices(session: Session, row: DocumentRecord) -> Iterator[Moment]:
    """Webhooks of its events that came to an end; by host alone, for addresses may hold secrets."""
    rows = session.execute(
        select(NoticeRecord, WebhookRecord.url)
        .join(EventRecord, EventRecord.id == NoticeRecord.event_id)
        .join(WebhookRecord, WebhookRecord.id == NoticeRecord.webhook_id)
        .where(EventRecord.document_id == row.id, NoticeRecord.state.in_((DELIVERED, FAILED)))
        .order_by(NoticeRecord.id.desc()).limit(_MOST_READ)
    )
    for notice, url in rows:
        tone, title = _TOLD[notice.state]
        host = urlsplit(url).hostname or ""
        yield Moment(at=notice.created_at, tone=tone, title=title, detail=Text(host, host), rank=3)


def _joined(moments: Sequence[Moment]) -> list[Moment]:
    """Moments in a row that say the same thing, as one."""
    found: list[Moment] = []
    for moment in moments:
        last = found[-1] if found else None
        if last is not None and _alike(last, moment):
            found[-1] = replace(last, times=last.times + 1, until=moment.at)
        else:
            found.append(moment)
    return found


def _alike(one: Moment, other: Moment) -> bool:
    return (one.title, one.detail, one.code, one.said, one.actor) == (
        other.title, other.detail, other.code, other.said, other.actor
    )


