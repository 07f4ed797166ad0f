"""Which message an event makes, and what it says: the contract's members, and beside them which event it was.

A voucher's message tells its state at the time it is written, so that whoever gets two in the wrong order still ends
with what is true. Source: contract v1, 2.6.
"""

from __future__ import annotations

import json
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.clock import lima
from app.ledger import store
from app.ledger.models import IMPORTED, DocumentRecord, EventRecord
from app.wire.statuses import wire_status

STATUS_UPDATE: Final = "DOCUMENT.STATUSUPDATE"
DEADLINE: Final = "DOCUMENT.DEADLINE"
HOLD: Final = "ACCOUNT.HOLD"
CERTIFICATION_UPDATE: Final = "ACCOUNT.CERTIFICATIONUPDATE"

TEST: Final = "webhook.test"
"""The event of a message that is sent to try an address out; no subscription is told of another's."""

CERTIFICATE_CHANGED: Final = "certificate.changed"
_ALARM: Final = "delivery.alarm"
_HOLDS: Final = ("issuer.held", "issuer.released")

SELECTED: Final[dict[str, ColumnElement[bool]]] = {
    STATUS_UPDATE: EventRecord.document_id.is_not(None) & (EventRecord.kind != _ALARM)
    & EventRecord.kind.not_like("%imported%"),
    DEADLINE: EventRecord.document_id.is_not(None) & (EventRecord.kind == _ALARM),
    HOLD: EventRecord.kind.in_(_HOLDS),
    CERTIFICATION_UPDATE: EventRecord.kind == CERTIFICATE_CHANGED,
}
"""The events that each message is made of; the first and the last are the contract's, the others ours."""


def payload(session: Session, event: EventRecord, message: str) -> str:
    """The body of a message, as JSON."""
    told = event.data
    if event.document_id is not None:
        told = {**_voucher(session, session.get_one(DocumentRecord, event.document_id)), "data": event.data}
    return json.dumps({
        **told, "account_id": event.account_id, "event_id": message, "event": event.kind,
        "happened_at": event.at.isoformat(),
    }, ensure_ascii=False, separators=(",", ":"))


def _voucher(session: Session, row: DocumentRecord) -> dict[str, Any]:
    delivery, evidence = store.delivery_of(session, row), store.evidence_of(session, row)
    states = wire_status(row.status, delivery.state, delivery.tries, imported=row.origin == IMPORTED)
    return {
        "document_id": row.id, "document_status": states.document, "taxbureau_send_status": states.sending,
        "taxbureau_send_id": str(evidence.id) if evidence and evidence.code else "",
        "taxbureau_send_date": lima(evidence.received_at).date().isoformat() if evidence else "",
        "taxbureau_validation_status": states.validation,
        "taxbureau_validation_comments": evidence.text if evidence else "",
        "document_type_taxbureau": row.sunat_code, "number": row.full_number, "status": row.status,
        "delivery_state": delivery.state, "external_id": row.external_id,
    }
