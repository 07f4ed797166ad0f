"""Voiding: the wish, recorded beside its voucher; the channel that takes it, or why none does and what to do instead.

Nothing is sent here. The wish waits for the voucher's own answer, is gathered with others of its day and told to
SUNAT by summary (`app.delivery.gathering`); the voucher stays as it is until SUNAT has answered (decisions 26, 39).
Which channel takes what, and until when, is `sunat.moves`' to say.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.clock import LIMA, lima
from app.ledger import store, summaries
from app.ledger.lifecycle import Status, VoidingState
from app.ledger.models import DeliveryRecord, DocumentRecord, SummaryLineRecord, VoidingRecord
from app.ledger.wake import announce
from app.problems import Conflict, Refused, Text
from app.wire.document_types import DOCUMENT_TYPES
from sunat.moves import Act, Move, Way, form_of, instead_of, move_of

DEFAULT_REASON: Final = "ANULACION DE LA OPERACION"
"""What the authority is told where the caller gives no reason (the contract has none)."""

_REASON: Final = range(3, 101)
_DELIVERED: Final = Text(
    "Si ya entregó el comprobante a su cliente, avísele de la baja o emita una nota de crédito",
    "If your customer already has the document, tell him that it is voided, or issue a credit note",
)
_GONE: Final = {
    Status.VOIDED: ("ALREADY_VOIDED", Text("El comprobante ya está de baja", "The document is voided already")),
    Status.REJECTED: ("NOT_VOIDABLE", Text(
        "SUNAT rechazó el comprobante: no hay nada que dar de baja", "SUNAT rejected the document: there is nothing "
        "to void")),
    Status.LAPSED: ("NOT_VOIDABLE", Text(
        "El comprobante venció sin llegar a SUNAT: no hay nada que dar de baja",
        "The document lapsed without reaching SUNAT: there is nothing to void")),
}


def request_void(
    session: Session, document: DocumentRecord, *, reason: str, now: datetime, actor: str
) -> VoidingRecord:
    """Records the wish to void a voucher, which the caller has locked.

    Raises Conflict for a voucher that does not stand or is being voided already, Refused where no channel takes it
    any more: with what to do instead.
    """
    words = " ".join(reason.split())
    if len(words) not in _REASON:
        raise Refused("CHQ-VOID-REASON", Text(
            "El motivo de la baja va de 3 a 100 caracteres", "The reason for voiding has 3 to 100 characters"
        ), pointer="/cancellation_reason")
    gone = _GONE.get(Status(document.status))
    if gone is not None:
        raise Conflict(*gone, extra={"status": document.status})
    _refuse_second(session, document)
    account = session.get_one(AccountRecord, document.account_id)
    move = _move(document)
    last = _refuse_late(document, move, lima(now).date())
    if move.way is Way.RR and account.channel == "ose":
        raise Refused("VOID_NOT_BY_OSE", Text(
            "Las reversiones se envían a SUNAT, no por un OSE", "Reversals go to SUNAT, not through an OSE"
        ), hint=Text("Cambie el canal de la cuenta, o revierta en el portal SOL",
                     "Change the account's channel, or reverse it at the SOL portal"))
    voiding = VoidingRecord(
        account_id=document.account_id, document_id=document.id, channel=str(move.way), reason=words,
        state=str(VoidingState.QUEUED if document.status == Status.ISSUED else VoidingState.REQUESTED),
        deadline_at=datetime.combine(last, time(23, 59, 59), LIMA).astimezone(UTC) if last else None,
        actor=actor, requested_at=now,
    )
    session.add(voiding)
    store.add_event(
        session, document, "document.void_requested", now=now, actor=actor, number=document.full_number,
        channel=voiding.channel, reason=words, state=voiding.state,
    )
    session.flush()
    announce(session, ())
    return voiding


def voiding_of(session: Session, document: DocumentRecord) -> dict[str, Any] | None:
    """How the newest wish to void a voucher stands, None where there never was one."""
    voiding = session.scalar(
        select(VoidingRecord).where(VoidingRecord.document_id == document.id).order_by(VoidingRecord.id.desc()).limit(1)
    )
    if voiding is None:
        return None
    delivery = session.scalar(
        select(DeliveryRecord)
        .join(SummaryLineRecord, SummaryLineRecord.summary_id == DeliveryRecord.summary_id)
        .where(SummaryLineRecord.voiding_id == voiding.id).order_by(DeliveryRecord.id.desc()).limit(1)
    )
    return {
        "channel": voiding.channel, "id": voiding.summary or None, "ticket": delivery.ticket if delivery else None,
        "state": voiding.state, "reason": voiding.reason,
        "deadline": lima(voiding.deadline_at).isoformat() if voiding.deadline_at else None,
        "requested_at": lima(voiding.requested_at).isoformat(),
        "settled_at": lima(voiding.settled_at).isoformat() if voiding.settled_at else None,
        "last_code": delivery.last_code if delivery else "", "last_text": delivery.last_text if delivery else "",
        "warning": {"es": _DELIVERED.es, "en": _DELIVERED.en} if voiding.state != VoidingState.REFUSED else None,
    }


def carriage_of(session: Session, document: DocumentRecord) -> dict[str, Any] | None:
    """The summary that carries a boleta, None for what goes by itself."""
    summary = summaries.carrier_of(session, document)
    if summary is None:
        return None
    return {
        "id": summary.full_number, "state": summary.state, "ticket": summaries.delivery_of(session, summary).ticket,
        "code": summary.code, "text": summary.text,
    }


def _refuse_second(session: Session, document: DocumentRecord) -> None:
    found = session.scalar(select(VoidingRecord).where(
        VoidingRecord.document_id == document.id, VoidingRecord.state != str(VoidingState.REFUSED)
    ))
    if found is not None:
        raise Conflict("VOID_UNDER_WAY", Text(
            "Ya se pidió la baja de este comprobante", "This document's voiding was asked for already"
        ), hint=Text("Espere su resultado: está en voiding", "Wait for its outcome: it is in voiding"),
            extra={"voiding": voiding_of(session, document)})


def _move(document: DocumentRecord) -> Move:
    form = form_of(document.sunat_code, document.series, document.target_sunat_code or "")
    move = move_of(document.sunat_code, form, Act.VOID)
    if move is None or move.way is Way.PORTAL:
        raise Refused("VOID_AT_PORTAL", Text(
            "SUNAT no da de baja este comprobante por sus servicios web",
            "SUNAT does not void this document through its web services",
        ), hint=Text(
            "Délo de baja en SUNAT Operaciones en Línea con la clave SOL",
            "Void it at SUNAT Operaciones en Línea with the SOL key",
        ))
    return move


def _refuse_late(document: DocumentRecord, move: Move, today: date) -> date | None:
    """The last day for voiding. Raises Refused when it has passed."""
    last = move.last_day(document.issue_date)
    if last is None or today <= last:
        return last
    instead = instead_of(document.sunat_code)
    raise Refused("VOID_TOO_LATE", Text(
        f"El plazo para dar de baja este comprobante terminó el {last.isoformat()}",
        f"The term for voiding this document ended on {last.isoformat()}",
    ), hint=Text(instead.es, instead.en) if instead else Text(
        "Revierta la operación con su contraparte y consulte a SUNAT",
        "Settle it with the other party and ask SUNAT",
    ), extra={"deadline": last.isoformat(), "instead": _instead(document)})


def _instead(document: DocumentRecord) -> dict[str, Any] | None:
    """What to send to ``POST /V1/documents`` instead, but for its lines."""
    instead = instead_of(document.sunat_code)
    if instead is None:
        return None
    type_id = next((row.id for row in DOCUMENT_TYPES.values() if row.sunat_code == instead.type_code), None)
    itself = document.target_series is None
    number = document.full_number if itself else f"{document.target_series}-{document.target_number}"
    return {
        "header": {"document_type_id": type_id},
        "references": [{
            "document_type_id": document.document_type_id if itself else None,
            "document_type_taxbureau": document.sunat_code if itself else document.target_sunat_code,
            "reference_number": number,
            "reference_date": document.issue_date.isoformat() if itself else None,
            "reference_code": instead.reason,
        }],
    }
