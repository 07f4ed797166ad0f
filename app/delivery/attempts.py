"""One attempt at telling the authority something, or at asking it: take the delivery, act, settle.

`attempt` may be called for any delivery, any number of times, by any number of engines: it does something only for
one that is due, and writes the result only while the attempt is still its own. What it does is said by the delivery's
phase (`app.delivery.protocol`). What is sent are the bytes of the stored edition, never anything made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from sqlalchemy import bindparam, update

from app.db import UtcDateTime
from app.delivery.asking import ask
from app.delivery.backoff import RETRIES, Retries
from app.delivery.due import takeable
from app.delivery.guides import ask_nobody, poll_guide, send_guide
from app.delivery.loading import Taken, load
from app.delivery.parcels import Parcel, Report
from app.delivery.polling import poll
from app.delivery.protocol import ACTIONS, Action
from app.delivery.sending import send
from app.delivery.settling import settle
from app.delivery.summarising import ask_witnesses, send_summary
from app.http import Office
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import BILL, SUMMARY, DeliveryRecord
from sunat.transport import Exchange, Service, post

MARGIN: Final = timedelta(seconds=30)
"""What a lease lasts beyond the longest attempt; only a process that died lets it run out."""

_CALLS: Final = 6
"""The most calls that one attempt makes: a token and a question, both again, and two more witnesses of a summary."""

_TAKING: Final = (
    update(DeliveryRecord)
    .where(DeliveryRecord.id == bindparam("delivery"), takeable())
    .values(
        state=str(DeliveryState.SENDING), attempt=DeliveryRecord.attempt + 1, tries=DeliveryRecord.tries + 1,
        next_at=bindparam("lease_until", type_=UtcDateTime()), updated_at=bindparam("now", type_=UtcDateTime()),
    )
    .returning(
        DeliveryRecord.attempt, DeliveryRecord.tries, DeliveryRecord.edition, DeliveryRecord.document_id,
        DeliveryRecord.summary_id, DeliveryRecord.phase, DeliveryRecord.ticket, DeliveryRecord.reason,
        DeliveryRecord.sent_by,
    )
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class Carrier:
    """How something is sent, polled by its ticket, and asked about."""

    send: Callable[[Office, Parcel, Exchange], Report]
    poll: Callable[[Office, Parcel, Exchange], Report]
    ask: Callable[[Office, Parcel, Action, Exchange], Report]


CARRIERS: Final = {BILL: Carrier(send, poll, ask), SUMMARY: Carrier(send_summary, poll, ask_witnesses)}
"""By the delivery's channel; what a summary carries has no attempts of its own."""

_GUIDES: Final = Carrier(send_guide, poll_guide, ask_nobody)


def _carrier_of(parcel: Parcel) -> Carrier:
    """How a parcel goes: guides have a service of their own."""
    if parcel.service is Service.GUIDES:
        return _GUIDES
    return CARRIERS[BILL if parcel.summary_id is None else SUMMARY]


def attempt(
    office: Office, delivery_id: int, *, retries: Retries = RETRIES, exchange: Exchange = post
) -> Report | None:
    """Makes one attempt if the delivery is due; None if it is not.

    Raises what the database raises once `settle` gave up; the delivery then stays taken until its lease ends.
    """
    parcel = _take(office, delivery_id)
    if parcel is None:
        return None
    carrier, action = _carrier_of(parcel), ACTIONS[parcel.phase]
    if parcel.kept_cdr is not None or action in {Action.ASK, Action.COMPARE}:
        report = carrier.ask(office, parcel, action, exchange)
    else:
        report = (carrier.send if action is Action.SEND else carrier.poll)(office, parcel, exchange)
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
        return load(session, delivery_id, cast("Taken", taken), now=now, lease_until=lease_until)
