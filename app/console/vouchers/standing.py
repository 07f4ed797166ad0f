"""Where a voucher stands, in one word for a badge: its legal status, and while that is open its delivery.

The same table says what to look for when somebody asks for all vouchers that stand so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, and_, exists, select

from app.ledger.lifecycle import DeliveryState, Status, VoidingState
from app.ledger.models import CARRIED, IMPORTED, DeliveryRecord, DocumentRecord, VoidingRecord
from app.problems import Text

Tone = Literal["good", "bad", "mind", "open", "quiet"]
"""It stands; it does not; somebody should mind it; it is under way; there is nothing to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A word for where a voucher stands, its colour, and one sentence about it."""

    key: str
    tone: Tone
    name: Text
    detail: Text


STANDINGS: Final[Mapping[str, Standing]] = {
    row.key: row
    for row in (
        Standing(key="accepted", tone="good", name=Text("Aceptado", "Accepted"), detail=Text(
            "SUNAT lo aceptó: es válido", "SUNAT accepted it: it is valid")),
        Standing(key="observed", tone="good", name=Text("Aceptado con observaciones", "Accepted, with remarks"),
                 detail=Text("Es válido; SUNAT anotó algo que conviene corregir en los próximos",
                             "It is valid; SUNAT noted something to be put right in the next ones")),
        Standing(key="rejected", tone="bad", name=Text("Rechazado", "Rejected"), detail=Text(
            "SUNAT lo rechazó: no tiene validez", "SUNAT rejected it: it is not valid")),
        Standing(key="voided", tone="quiet", name=Text("De baja", "Voided"), detail=Text(
            "Se dio de baja: ya no tiene validez", "It was voided: it is no longer valid")),
        Standing(key="lapsed", tone="bad", name=Text("Vencido", "Lapsed"), detail=Text(
            "No llegó a SUNAT dentro del plazo: no tiene validez", "It did not reach SUNAT in time: it is not valid")),
        Standing(key="waiting", tone="open", name=Text("En cola", "In line"), detail=Text(
            "Espera su turno para ir a SUNAT", "It waits for its turn to go to SUNAT")),
        Standing(key="sending", tone="open", name=Text("Enviándose", "Being sent"), detail=Text(
            "Se está enviando o consultando en este momento", "It is being sent or asked about right now")),
        Standing(key="processing", tone="open", name=Text("SUNAT lo procesa", "SUNAT is at it"), detail=Text(
            "SUNAT dio un ticket y todavía no responde por él", "SUNAT gave a ticket and has not answered for it yet")),
        Standing(key="unknown", tone="mind", name=Text("Sin respuesta", "No answer"), detail=Text(
            "Se envió y no llegó una respuesta clara: se le pregunta a SUNAT antes de volver a enviar",
            "It was sent and no clear answer came: SUNAT is asked before it is sent again")),
        Standing(key="summary", tone="open", name=Text("Va en resumen", "In a summary"), detail=Text(
            "Irá a SUNAT en el resumen diario", "It goes to SUNAT in the daily summary")),
        Standing(key="held", tone="bad", name=Text("Detenido", "Stopped"), detail=Text(
            "Su envío se detuvo: necesita a una persona", "Its delivery stopped: it needs a person")),
        Standing(key="elsewhere", tone="quiet", name=Text("De otro sistema", "From another system"), detail=Text(
            "Se emitió en otro sistema; aquí no consta la respuesta de SUNAT",
            "It was issued in another system; SUNAT's answer is not known here")),
    )
}
"""Every word there is."""

_BY_DELIVERY: Final = {
    DeliveryState.WAITING: "waiting", DeliveryState.SENDING: "sending", DeliveryState.AWAITING_TICKET: "processing",
    DeliveryState.UNKNOWN: "unknown", DeliveryState.HELD: "held", DeliveryState.DONE: "processing",
}
_OPEN: Final = (
    DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.AWAITING_TICKET,
    DeliveryState.HELD,
)
ASKED: Final[Mapping[str, Text]] = {
    "open": Text("Por resolver", "Open"),
    "waiting": Text("En cola o enviándose", "In line or being sent"),
    "unknown": Text("Sin respuesta", "No answer"),
    "held": STANDINGS["held"].name,
    "accepted": STANDINGS["accepted"].name,
    "observed": STANDINGS["observed"].name,
    "rejected": STANDINGS["rejected"].name,
    "lapsed": STANDINGS["lapsed"].name,
    "voiding": Text("Baja en camino", "Voiding under way"),
    "voided": STANDINGS["voided"].name,
}
"""What the list can be narrowed to, in the order offered."""


def standing_of(row: DocumentRecord, delivery: DeliveryRecord) -> Standing:
    """The word for a voucher as it stands now."""
    if row.status != Status.ISSUED:
        return STANDINGS[row.status]
    if row.origin == IMPORTED:
        return STANDINGS["elsewhere"]
    if delivery.channel == CARRIED and delivery.state != DeliveryState.HELD:
        return STANDINGS["summary"]
    return STANDINGS[_BY_DELIVERY[DeliveryState(delivery.state)]]


def stands(key: str) -> ColumnElement[bool]:
    """The condition of one of `ASKED`. Raises KeyError for another word."""
    return _CONDITIONS[key]


def _delivery(*states: DeliveryState) -> ColumnElement[bool]:
    return and_(
        DocumentRecord.status == Status.ISSUED,
        exists(select(DeliveryRecord.id).where(
            DeliveryRecord.document_id == DocumentRecord.id, DeliveryRecord.state.in_(states)
        )),
    )


_CONDITIONS: Final[Mapping[str, ColumnElement[bool]]] = {
    "open": _delivery(*_OPEN),
    "waiting": _delivery(DeliveryState.WAITING, DeliveryState.SENDING),
    "unknown": _delivery(DeliveryState.UNKNOWN, DeliveryState.AWAITING_TICKET),
    "held": _delivery(DeliveryState.HELD),
    "voiding": exists(select(VoidingRecord.id).where(
        VoidingRecord.document_id == DocumentRecord.id,
        VoidingRecord.state.in_((VoidingState.REQUESTED, VoidingState.QUEUED, VoidingState.SENT)),
    )),
    **{str(status): DocumentRecord.status == status for status in Status if status is not Status.ISSUED},
}
