"""What a person may do with a delivery, of a voucher or of a summary: have it tried or asked about, stop it, let it go.

None of it settles anything: a verdict needs evidence, whoever asks for it. Where SUNAT surely holds nothing the bytes
may simply go again; where it may, it is asked first.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.consequences import LEFT
from app.delivery.protocol import SENDING
from app.ledger import store, summaries
from app.ledger.lifecycle import DeliveryState, Phase, move_delivery
from app.ledger.models import CARRIED, DeliveryRecord, DocumentRecord, SummaryRecord
from app.ledger.wake import announce
from app.problems import Conflict, Text

PERSON: Final = "person"

About = DocumentRecord | SummaryRecord
"""What is delivered."""


def retry(session: Session, about: About, *, now: datetime, actor: str) -> DeliveryRecord:
    """Has the next attempt made now.

    Where its absence is proven the stored bytes go again; so they do, by the issuer's present channel, where the
    former one cannot be asked any more: a register that holds them already says so.
    Raises Conflict for a delivery that is done or under way.
    """
    delivery = _movable(session, about)
    if delivery.phase == Phase.ABSENT or (delivery.state == DeliveryState.HELD and delivery.reason == LEFT):
        delivery.phase = str(Phase.FRESH)
    return _go(session, about, delivery, "delivery.retried", now=now, actor=actor)


def reconcile(session: Session, about: About, *, now: datetime, actor: str) -> DeliveryRecord:
    """Has the authority asked now, before anything is sent again. Raises Conflict as `retry` does."""
    delivery = _movable(session, about)
    if Phase(delivery.phase) in SENDING:
        delivery.phase = str(Phase.DOUBT)
    return _go(session, about, delivery, "delivery.reconciled", now=now, actor=actor)


def hold(session: Session, about: About, *, now: datetime, actor: str, text: str) -> DeliveryRecord:
    """Stops a delivery until it is released. Raises Conflict as `retry` does, or when it is stopped already."""
    delivery = _movable(session, about)
    if delivery.state == DeliveryState.HELD:
        raise Conflict("ALREADY_HELD", Text("El envío ya está detenido", "The delivery is already held"))
    delivery.state = str(move_delivery(delivery.state, DeliveryState.HELD))
    delivery.reason, delivery.updated_at = PERSON, now
    _tell(session, about, "delivery.held", now=now, actor=actor, reason=PERSON, code="", text=text)
    return delivery


def release(session: Session, about: About, *, now: datetime, actor: str) -> DeliveryRecord:
    """Lets a stopped delivery go on where it was. Raises Conflict for one that is not stopped."""
    delivery = _movable(session, about)
    if delivery.state != DeliveryState.HELD:
        raise Conflict("NOT_HELD", Text("El envío no está detenido", "The delivery is not held"))
    return _go(session, about, delivery, "delivery.released", now=now, actor=actor)


def about_of(session: Session, delivery: DeliveryRecord) -> About:
    """The voucher or the summary that a delivery is about."""
    if delivery.document_id is not None:
        return session.get_one(DocumentRecord, delivery.document_id)
    return session.get_one(SummaryRecord, delivery.summary_id)


def _movable(session: Session, about: About) -> DeliveryRecord:
    single = isinstance(about, DocumentRecord)
    mine = DeliveryRecord.document_id == about.id if single else DeliveryRecord.summary_id == about.id
    delivery = session.scalars(select(DeliveryRecord).where(mine).with_for_update()).one()
    if delivery.state == DeliveryState.DONE:
        status = about.status if isinstance(about, DocumentRecord) else about.state
        raise Conflict("ALREADY_SETTLED", Text(
            f"{'El comprobante' if single else 'El resumen'} ya tiene su resultado: {status}",
            f"The {'document' if single else 'summary'} already has its verdict: {status}",
        ), extra={"status": status})
    if delivery.channel == CARRIED and delivery.state != DeliveryState.HELD:
        raise Conflict("GOES_IN_SUMMARY", Text(
            "Este comprobante va en un resumen diario: no se envía solo",
            "This document goes in a daily summary: it is not sent by itself",
        ))
    if delivery.state == DeliveryState.SENDING:
        raise Conflict("UNDER_WAY", Text(
            "Se está enviando o consultando en este momento", "It is being sent or asked about at this moment"
        ), hint=Text("Consulte el resultado en unos segundos", "Look at the result in a few seconds"))
    return delivery


def _go(
    session: Session, about: About, delivery: DeliveryRecord, kind: str, *, now: datetime, actor: str
) -> DeliveryRecord:
    if delivery.state == DeliveryState.HELD:
        delivery.state = str(move_delivery(delivery.state, DeliveryState.WAITING))
        delivery.reason = ""
    delivery.next_at = delivery.updated_at = now
    _tell(session, about, kind, now=now, actor=actor, phase=delivery.phase)
    announce(session, [delivery.id])
    return delivery


def _tell(session: Session, about: About, kind: str, *, now: datetime, actor: str, **data: Any) -> None:
    if isinstance(about, DocumentRecord):
        store.add_event(session, about, kind, now=now, actor=actor, number=about.full_number, **data)
    else:
        summaries.add_event(session, about, kind, now=now, actor=actor, **data)
