"""A certificate's state, made an event whenever it is another than the last one told: for accounts that want to know.

80 is the contract's own number for a certificate in order; the others are ours, for it publishes none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import CertificateRecord
from app.clock import lima
from app.db import Database
from app.ledger.models import EventRecord
from app.webhooks.models import ACTIVE, WebhookRecord
from app.webhooks.payloads import CERTIFICATE_CHANGED, CERTIFICATION_UPDATE

IN_ORDER: Final = 80
EXPIRING: Final = 70
EXPIRED: Final = 60
MISSING: Final = 0

SOON: Final = timedelta(days=30)
"""How long before its end a certificate counts as expiring."""

_SAID: Final = {
    EXPIRING: "El certificado vence pronto", EXPIRED: "El certificado ha vencido",
    MISSING: "No hay certificado activo",
}


def certify(database: Database, now: datetime) -> int:
    """Writes an event for every certificate whose state changed since it was last told; says how many did."""
    wanted = select(WebhookRecord.account_id).where(
        WebhookRecord.state == ACTIVE, WebhookRecord.event_id == CERTIFICATION_UPDATE
    )
    with database.read() as session:
        changed = [
            account_id for account_id in session.scalars(wanted.distinct()) if _news(session, account_id, now)
        ]
    written = 0
    for account_id in changed:
        with database.write() as session:
            session.scalars(  # one process at a time
                select(WebhookRecord).where(WebhookRecord.account_id == account_id).order_by(WebhookRecord.id)
                .with_for_update()
            ).all()
            news = _news(session, account_id, now)
            if news is not None:
                session.add(EventRecord(account_id=account_id, kind=CERTIFICATE_CHANGED, data=news, at=now))
                written += 1
    return written


def _news(session: Session, account_id: int, now: datetime) -> dict[str, Any] | None:
    """What is to be told of an account's certificate; None where that is known."""
    row = session.scalar(
        select(CertificateRecord).where(CertificateRecord.account_id == account_id, CertificateRecord.active)
    )
    state = MISSING
    if row is not None:
        state = EXPIRED if row.valid_to <= now else EXPIRING if row.valid_to <= now + SOON else IN_ORDER
    certificate = row.public_id if row is not None else ""
    last = session.scalar(
        select(EventRecord).where(EventRecord.account_id == account_id, EventRecord.kind == CERTIFICATE_CHANGED)
        .order_by(EventRecord.id.desc()).limit(1)
    )
    if last is not None and (last.data["certification_status"], last.data["certificate_id"]) == (state, certificate):
        return None
    return {
        "certification_status": state, "observations": _SAID.get(state, ""),
        "date": lima(now).strftime("%Y-%m-%d %H:%M:%S"), "certificate_id": certificate,
        "valid_to": row.valid_to.isoformat() if row is not None else None,
    }
