"""Issuers whose sending is stopped: the authority does not take their user, or somebody asked for it.

Trying on would lock the SOL user, and no voucher is to blame, so none uses up its tries. A hold ends when it is
released, or when the account is changed after it began: whoever stored a new key wants it tried.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.delivery.models import IssuerHoldRecord
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import DeliveryRecord, EventRecord


def hold(
    session: Session, account_id: int, *, reason: str, code: str, text: str, now: datetime, actor: str = ""
) -> None:
    """Stops an issuer's sending and tells it once; one that is stopped already stays stopped for the first reason."""
    found = session.get(IssuerHoldRecord, account_id, with_for_update=True)
    account = session.get_one(AccountRecord, account_id)
    if found is not None and account.updated_at <= found.since:
        return
    row = found or IssuerHoldRecord(account_id=account_id)
    row.reason, row.code, row.text, row.actor, row.since = reason, code, text, actor, now
    session.add(row)
    session.add(EventRecord(
        account_id=account_id, document_id=None, kind="issuer.held", actor=actor, at=now,
        data={"reason": reason, "code": code, "text": text},
    ))


def release(session: Session, account_id: int, *, now: datetime, actor: str = "") -> bool:
    """Lets an issuer's vouchers go again, those never sent at once; False when he was not stopped."""
    found = session.get(IssuerHoldRecord, account_id, with_for_update=True)
    if found is None:
        return False
    session.delete(found)
    session.execute(
        update(DeliveryRecord)
        .where(
            DeliveryRecord.account_id == account_id, DeliveryRecord.state == str(DeliveryState.WAITING),
            DeliveryRecord.next_at > now,
        )
        .values(next_at=now, updated_at=now).execution_options(synchronize_session=False)
    )
    session.add(EventRecord(
        account_id=account_id, document_id=None, kind="issuer.released", actor=actor, at=now,
        data={"reason": found.reason, "since": found.since.isoformat()},
    ))
    return True


def held_issuer(session: Session, account_id: int) -> IssuerHoldRecord | None:
    """The hold of an account that is in force."""
    return session.scalar(
        select(IssuerHoldRecord)
        .join(AccountRecord, AccountRecord.id == IssuerHoldRecord.account_id)
        .where(IssuerHoldRecord.account_id == account_id, AccountRecord.updated_at <= IssuerHoldRecord.since)
    )


def issuer_is_held() -> ColumnElement[bool]:
    """Whether a delivery's issuer is stopped."""
    return exists(
        select(IssuerHoldRecord.account_id)
        .join(AccountRecord, AccountRecord.id == IssuerHoldRecord.account_id)
        .where(
            IssuerHoldRecord.account_id == DeliveryRecord.account_id,
            AccountRecord.updated_at <= IssuerHoldRecord.since,
        )
        .correlate(DeliveryRecord)
    )
