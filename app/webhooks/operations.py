"""Subscribing, leaving, new secrets and telling again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.accounts.operations import safe_of
from app.config import Settings
from app.db import changed
from app.http import Vault
from app.ledger.models import EventRecord
from app.problems import Conflict, NotFound, Refused, Text
from app.webhooks.fanning import LIFE, newest_event
from app.webhooks.models import ACTIVE, DISABLED, FAILED, REMOVED, WAITING, NoticeRecord, WebhookRecord
from app.webhooks.payloads import STATUS_UPDATE, TEST, payload
from app.webhooks.signatures import new_secret
from app.webhooks.targets import BadTarget, check_literal, target_of

MOST: Final = 20
"""Subscriptions an account may have."""

BOTH: Final = timedelta(hours=24)
"""How long a former secret signs beside the new one."""


def webhooks_of(account_id: int) -> Select[WebhookRecord]:
    """The subscriptions of one tenant: every query for them starts here."""
    return select(WebhookRecord).where(WebhookRecord.account_id == account_id, WebhookRecord.state != REMOVED)


def webhook_of(session: Session, account_id: int, webhook_id: int) -> WebhookRecord:
    """One subscription of a tenant. Raises NotFound also for another tenant's."""
    found = session.scalar(webhooks_of(account_id).where(WebhookRecord.id == webhook_id))
    if found is None:
        raise NotFound("WEBHOOK_NOT_FOUND", Text("La suscripción no existe", "The subscription does not exist"))
    return found


def subscribe(
    session: Session, vault: Vault, settings: Settings, account: AccountRecord, given: dict[str, Any], *,
    now: datetime,
) -> tuple[WebhookRecord, str]:
    """A new subscription, told of what happens from now on, and its signing secret.

    Raises Refused for an address that no webhook may reach, Conflict where there are too many.
    """
    try:
        target = target_of(given["callback_url"], secure_only=account.environment == "live")
        check_literal(target, private=settings.webhook_private)
    except BadTarget as bad:
        raise Refused("CALLBACK_URL", Text(bad.es, bad.en), pointer="/callback_url") from bad
    if (session.scalar(select(func.count()).select_from(webhooks_of(account.id).subquery())) or 0) >= MOST:
        raise Conflict("TOO_MANY_WEBHOOKS", Text(
            f"La cuenta ya tiene {MOST} suscripciones; borre una",
            f"The account has {MOST} subscriptions already; remove one",
        ))
    secret, safe = new_secret(), safe_of(vault, account)
    password = given.get("callback_password") or ""
    row = WebhookRecord(
        account_id=account.id, event_id=given.get("event_id") or STATUS_UPDATE, url=given["callback_url"],
        username=given.get("callback_username") or "",
        password_sealed=safe.seal("webhook_password", password.encode()) if password else None,
        secret_sealed=safe.seal("webhook_secret", secret.encode()), told_to=newest_event(session, account.id),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row, secret


def test(session: Session, row: WebhookRecord, *, now: datetime, actor: str) -> NoticeRecord:
    """Has one message sent that says nothing has happened, to try the address out. Raises Conflict for a disabled one.
    """
    if row.state == DISABLED:
        raise Conflict("WEBHOOK_DISABLED", Text(
            "La suscripción está apagada; repita un aviso para encenderla",
            "The subscription is disabled; replay a notice to enable it",
        ))
    event = EventRecord(account_id=row.account_id, kind=TEST, actor=actor, data={"test": True}, at=now)
    session.add(event)
    session.flush()
    notice = NoticeRecord(
        webhook_id=row.id, event_id=event.id, body=payload(session, event, row.event_id), next_at=now,
        expires_at=now + LIFE, happened_at=now, created_at=now,
    )
    session.add(notice)
    session.flush()
    return notice


def rotate(session: Session, vault: Vault, row: WebhookRecord, *, now: datetime) -> tuple[str, datetime]:
    """A new signing secret, and until when the former one signs beside it."""
    account, secret = session.get_one(AccountRecord, row.account_id), new_secret()
    until = now + BOTH
    row.former_sealed, row.former_until = row.secret_sealed, until
    row.secret_sealed = safe_of(vault, account).seal("webhook_secret", secret.encode())
    return secret, until


def remove(session: Session, row: WebhookRecord) -> None:
    """Ends a subscription: what waits is told no more, its log stays."""
    row.state, row.password_sealed, row.former_sealed = REMOVED, None, None
    fail_waiting(session, row)


def fail_waiting(session: Session, row: WebhookRecord) -> None:
    """Gives up what waits for a subscription that is told no more; `tell_again` takes it up."""
    session.execute(
        update(NoticeRecord).where(NoticeRecord.webhook_id == row.id, NoticeRecord.state == WAITING)
        .values(state=FAILED).execution_options(synchronize_session=False)
    )


def tell_again(
    session: Session, row: WebhookRecord, *, now: datetime, notice_id: int | None, since: datetime | None,
    until: datetime | None,
) -> int:
    """Puts notices that are done with back in line, one or those of a range of events' times; says how many.

    They go under the ids they had. A subscription that was disabled is told again from here on.
    Raises Conflict where that would be nothing.
    """
    which = [NoticeRecord.webhook_id == row.id, NoticeRecord.state != WAITING]
    if notice_id is not None:
        which.append(NoticeRecord.id == notice_id)
    if since is not None:
        which.append(NoticeRecord.happened_at >= since)
    if until is not None:
        which.append(NoticeRecord.happened_at < until)
    count = changed(
        session, update(NoticeRecord).where(*which)
        .values(state=WAITING, tries=0, next_at=now, expires_at=now + LIFE)
        .execution_options(synchronize_session=False),
    )
    if not count:
        raise Conflict("NOTHING_TO_REPLAY", Text(
            "No hay avisos terminados que repetir", "There are no finished notices to tell again"
        ))
    if row.state == DISABLED:
        row.state = ACTIVE
    return count
