"""What may be done with a voucher as it stands, and what is best done next, in one sentence.

What is legal comes from `sunat.moves`, what is possible from the delivery; orders are the API's, which looks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from app.console.vouchers.standing import Standing, standing_of
from app.ledger import store
from app.ledger.lifecycle import DeliveryState, Phase, Status, VoidingState
from app.ledger.models import CARRIED, DeliveryRecord, DocumentRecord, VoidingRecord
from app.problems import NO_TEXT, Text
from sunat.moves import Act, Move, Way, form_of, instead_of, move_of


class Deed(StrEnum):
    """What somebody may order."""

    RETRY = "retry"
    RECONCILE = "reconcile"
    RELEASE = "release"
    VOID = "void"
    REPLACE = "replace"
    CORRECT = "correct"
    CREDIT = "credit_note"
    DEBIT = "debit_note"
    PORTAL = "external-void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is best done next (empty where nothing is), and all that may be; ``urgent`` wants a person.

    ``last_day`` is the last one (Lima) for voiding, None where there is no term or no voiding; ``days_left`` counts
    to it from today, today's being 0.
    """

    next: Text = NO_TEXT
    urgent: bool = False
    deeds: tuple[Deed, ...] = ()
    last_day: date | None = None
    days_left: int | None = None
    way: Way | None = None

    def may(self, deed: str) -> bool:
        """Whether something may be ordered."""
        return deed in self.deeds


def advice_of(
    row: DocumentRecord, delivery: DeliveryRecord, voiding: VoidingRecord | None, *, today: date
) -> Advice:
    """The advice for a voucher; ``voiding`` is the newest wish to void it."""
    standing = standing_of(row, delivery)
    move = _void_move(row)
    last_day = move.last_day(row.issue_date) if move is not None else None
    left = (last_day - today).days if last_day is not None else None
    under_way = voiding is not None and voiding.state not in (VoidingState.ACCEPTED, VoidingState.REFUSED)
    stands = row.status in (Status.ISSUED, Status.ACCEPTED, Status.OBSERVED)
    late = left is not None and left < 0
    deeds = list(_delivery_deeds(row, delivery))
    if _correctable(row, delivery):
        deeds.append(Deed.CORRECT)
    if row.status in store.REPLACEABLE and row.replaced_by_id is None and not store.keeps_its_number(row):
        deeds.append(Deed.REPLACE)
    absent = Deed.CORRECT in deeds  # what SUNAT surely does not hold is neither voided nor changed
    if stands and move is not None and not under_way and not late and not absent:
        portal = move.way is Way.PORTAL
        if not portal:
            deeds.append(Deed.VOID)
        elif row.status != Status.ISSUED:
            deeds.append(Deed.PORTAL)
    if stands and not under_way and not absent and row.sunat_code in _CHANGED_BY_NOTES:
        deeds += [Deed.CREDIT, Deed.DEBIT]
    return Advice(
        next=_next(row, delivery, standing, voiding, deeds, late=late), deeds=tuple(deeds),
        urgent=standing.key in ("held", "rejected", "lapsed") and row.replaced_by_id is None,
        last_day=last_day, days_left=left, way=move.way if move is not None else None,
    )


_CHANGED_BY_NOTES: Final = ("01", "03")
_MOVABLE: Final = (
    DeliveryState.WAITING, DeliveryState.UNKNOWN, DeliveryState.AWAITING_TICKET, DeliveryState.HELD,
)


def _void_move(row: DocumentRecord) -> Move | None:
    return move_of(row.sunat_code, form_of(row.sunat_code, row.series, row.target_sunat_code or ""), Act.VOID)


def _delivery_deeds(row: DocumentRecord, delivery: DeliveryRecord) -> tuple[Deed, ...]:
    held = delivery.state == DeliveryState.HELD
    if row.status != Status.ISSUED or delivery.state not in _MOVABLE or (delivery.channel == CARRIED and not held):
        return ()
    return (Deed.RELEASE if held and delivery.reason == "person" else Deed.RETRY, Deed.RECONCILE)


def _correctable(row: DocumentRecord, delivery: DeliveryRecord) -> bool:
    absent = (row.status, delivery.state, delivery.phase) == (Status.ISSUED, DeliveryState.HELD, Phase.ABSENT)
    return absent or (store.keeps_its_number(row) and row.replaced_by_id is None)


_HELD: Final[Mapping[str, Text]] = {
    "person": Text("Alguien detuvo su envío: reanúdelo cuando corresponda",
                   "Somebody stopped its delivery: let it go on when it is time"),
    "foreign": Text(
        "SUNAT tiene otro comprobante con este número: avise a soporte, la serie está detenida",
        "SUNAT has another voucher of this number: tell support, the series is stopped"),
    "contradiction": Text("SUNAT dijo dos cosas distintas: pregunte otra vez; si sigue, llame a SUNAT",
                          "SUNAT said two different things: ask again; if it goes on, call SUNAT"),
    "channel": Text("El canal por el que se envió ya no responde: envíelo por el actual con «Enviar ahora»",
                    "The channel it went by cannot be asked any more: send it by the present one"),
    "reference": Text("El comprobante al que se refiere no está en SUNAT: resuelva ese primero",
                      "The voucher it refers to is not at SUNAT: settle that one first"),
    "standing": Text("Revise el RUC del cliente o el suyo en el padrón de SUNAT, y corríjalo",
                     "Check the customer's RUC or your own in SUNAT's register, and correct it"),
}
_OPEN: Final[Mapping[str, Text]] = {
    "waiting": Text("No hay que hacer nada: irá a SUNAT por sí solo", "Nothing is to be done: it goes by itself"),
    "sending": Text("Espere unos segundos", "Wait a few seconds"),
    "processing": Text("No hay que hacer nada: se le pregunta a SUNAT cada cierto tiempo",
                       "Nothing is to be done: SUNAT is asked from time to time"),
    "unknown": Text(
        "No lo emita otra vez: se le está preguntando a SUNAT. El comprobante ya tiene su número y puede entregarse",
        "Do not issue it again: SUNAT is being asked. It has its number and may be handed over"),
    "summary": Text("No hay que hacer nada: va en el resumen del día", "Nothing is to be done: it goes in the summary"),
}


def _next(
    row: DocumentRecord, delivery: DeliveryRecord, standing: Standing, voiding: VoidingRecord | None,
    deeds: list[Deed], *, late: bool,
) -> Text:
    if voiding is not None and voiding.state == VoidingState.REFUSED and row.status != Status.VOIDED:
        return Text("SUNAT no aceptó la baja: lea por qué abajo y pídala otra vez o emita una nota",
                    "SUNAT did not take the voiding: read why below, and ask again or issue a note")
    if Deed.CORRECT in deeds:
        return Text("Corrija los datos: vuelve a ir a SUNAT con el mismo número",
                    "Correct the data: it goes to SUNAT again under the same number")
    if Deed.REPLACE in deeds:
        return Text("Corrija los datos y emita otro en su lugar: toma el número siguiente",
                    "Correct the data and issue another in its place: it takes the next number")
    if row.replaced_by_id is not None:
        return Text("Ya tiene reemplazo", "It has been replaced")
    if standing.key == "held":
        return _HELD.get(delivery.reason, Text(
            "Lea qué dijo SUNAT; si ya está resuelto, use «Enviar ahora»",
            "Read what SUNAT said; once that is settled, send it now"))
    if standing.key in _OPEN:
        return _OPEN[standing.key]
    instead = instead_of(row.sunat_code)
    if late and instead is not None and row.status in (Status.ACCEPTED, Status.OBSERVED):
        return Text(f"Ya no se puede dar de baja. Si hay que anularlo: {_small(instead.es)}",
                    f"It can no longer be voided. To undo it: {_small(instead.en)}")
    return NO_TEXT


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def telling(way: Way) -> Text:
    """How a voiding goes to SUNAT, for the page that asks whether one is sure."""
    return _WAYS[way]


_WAYS: Final[Mapping[Way, Text]] = {
    Way.RA: Text("Va a SUNAT en una comunicación de baja", "It goes to SUNAT in a communication of voided vouchers"),
    Way.RC: Text("Va a SUNAT en un resumen diario", "It goes to SUNAT in a daily summary"),
    Way.RR: Text("Va a SUNAT en un resumen de reversiones", "It goes to SUNAT in a summary of reversals"),
    Way.PORTAL: Text("Se hace en el portal SOL", "It is done at the SOL portal"),
}
