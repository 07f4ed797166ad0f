"""One attempt at telling the authority about one voucher, or at asking it: take the delivery, act, settle.

`attempt` may be called for any delivery, any number of times, by any number of engines: it does something only for
one that is due, and writes the result only while the attempt is still its own. What it does is said by the delivery's
phase (`app.delivery.protocol`). What is sent are the bytes of the stored edition, never anything made anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select, update

from app.accounts.models import AccountRecord
from app.db import UtcDateTime
from app.delivery.asking import ask
from app.delivery.backoff import RETRIES, Retries
from app.delivery.due import takeable
from app.delivery.matching import readable
from app.delivery.parcels import Parcel, Report
from app.delivery.protocol import ACTIONS, Action
from app.delivery.sending import send
from app.delivery.settling import settle
from app.http import Office
from app.ledger import store
from app.ledger.lifecycle import DeliveryState, Phase
from app.ledger.models import DeliveryRecord, DocumentRecord, EditionRecord
from sunat.money import from_cents
from sunat.numbering import VoucherId
from sunat.transport import Criteria, Exchange, post

MARGIN: Final = timedelta(seconds=30)
"""What a lease lasts beyond the longest attempt; only a process that died lets it run out."""

_CALLS: Final = 3
"""The most calls that one attempt makes: a token, a question, and both again."""

_TAKING: Final = (
    update(DeliveryRecord)
    .where(DeliveryRecord.id == bindparam("delivery"), takeable())
    .values(
        state=str(DeliveryState.SENDING), attempt=DeliveryRecord.attempt + 1, tries=DeliveryRecord.tries + 1,
        next_at=bindparam("lease_until", type_=UtcDateTime()), updated_at=bindparam("now", type_=UtcDateTime()),
    )
    .returning(
        DeliveryRecord.attempt, DeliveryRecord.tries, DeliveryRecord.edition, DeliveryRecord.document_id,
        DeliveryRecord.phase,
    )
    .execution_options(synchronize_session=False)
)
_READING: Final = (
    select(DocumentRecord, AccountRecord, EditionRecord.xml)
    .join(AccountRecord, AccountRecord.id == DocumentRecord.account_id)
    .join(EditionRecord, EditionRecord.document_id == DocumentRecord.id)
    .where(DocumentRecord.id == bindparam("document"), EditionRecord.edition == bindparam("edition"))
)


def attempt(
    office: Office, delivery_id: int, *, retries: Retries = RETRIES, exchange: Exchange = post
) -> Report | None:
    """Makes one attempt if the delivery is due; None if it is not.

    Raises what the database raises once `settle` gave up; the delivery then stays taken until its lease ends.
    """
    parcel = _take(office, delivery_id)
    if parcel is None:
        return None
    action = ACTIONS[parcel.phase]
    if action is Action.SEND and parcel.kept_cdr is None:
        report = send(office, parcel, exchange)
    else:
        report = ask(office, parcel, action, exchange)
    settle(office, parcel, report, retries=retries)
    return report


def _take(office: Office, delivery_id: int) -> Parcel | None:
    """Makes the attempt ours by one conditional update, and reads what it needs; None when it is not to be had."""
    now = office.clock.now()
    lease_until = now + _CALLS * timedelta(seconds=office.settings.sunat_total_seconds) + MARGIN
    with office.database.write() as session:
        taken = session.execute(
            _TAKING, {"delivery": delivery_id, "now": now, "lease_until": lease_until}
        ).one_or_none()
        if taken is None:
            return None
        document, account, xml = session.execute(
            _READING, {"document": taken.document_id, "edition": taken.edition}
        ).one()
        kept = store.evidence_of(session, document) if taken.attempt > 1 else None
        kept_cdr = kept.content if kept is not None else None
    parcel = Parcel(
        delivery_id=delivery_id, attempt=taken.attempt, tries=taken.tries, edition=taken.edition,
        document_id=document.id, phase=Phase(taken.phase), account=account, xml=xml, digest=document.digest,
        voucher=VoucherId(
            ruc=document.ruc, type_code=document.sunat_code, series=document.series, number=document.number
        ),
        criteria=Criteria(
            receiver_code=document.receiver_code, receiver_number=document.receiver_number,
            issue_date=document.issue_date, total=from_cents(document.total),
        ),
        kept_cdr=kept_cdr, issued_at=document.created_at, started_at=now, lease_until=lease_until,
    )
    return parcel if kept_cdr is None or readable(parcel, kept_cdr) else replace(parcel, kept_cdr=None)

