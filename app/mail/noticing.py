"""From acceptances to mails: one for each address of the voucher, behind the back of whatever settled it.

Up to which event all was seen is believed only of events older than any transaction lives, for ids are given out
before they are committed; those after it are looked at once by each process. What was accepted before the account
wanted mail, or longer ago than a mail is tried, gets none.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.db import Database
from app.ledger.models import DocumentRecord, EventRecord
from app.mail.models import FAILED, MailMarkRecord, MailRecord
from app.wire.mailboxes import LONGEST, mailboxes

LIFE: Final = timedelta(days=1)
"""How long a mail is tried."""

SETTLED: Final = timedelta(minutes=5)
"""The age at which an event has no elder brother that is still to appear: writing transactions end within a minute."""

ASKING: Final = ("document.accepted", "document.observed")
"""The events that ask for a mail."""

NO_ADDRESS: Final = "receiver_email no es una dirección de correo / is no mail address"

_AT_ONCE: Final = 200


class Noticer:
    """The looking of one process, which remembers what it has seen."""

    def __init__(self, database: Database, domain: str) -> None:
        self._database = database
        self._domain = domain
        self._seen: dict[int, set[int]] = {}

    def notice(self, now: datetime) -> int:
        """Makes the mails that are missing, some hundreds of acceptances an account at a time; says how many."""
        with self._database.read() as session:
            wanting = [
                (account.id, since)
                for account in session.scalars(select(AccountRecord).where(AccountRecord.mail.is_not(None)))
                if (since := wants_since(account.mail)) is not None
            ]
        return sum(self._account(account_id, since, now) for account_id, since in wanting)

    def _account(self, account_id: int, since: datetime, now: datetime) -> int:
        with self._database.read() as session:
            mark = session.get(MailMarkRecord, account_id)
            told_to = mark.told_to if mark is not None else _before(session, account_id, since)
            missing = session.scalars(_missing(account_id, told_to, max(since, now - LIFE)))
            new = [one for one in missing if one not in self._seen.get(account_id, ())][:_AT_ONCE]
            if mark is not None and not new and _settled(session, account_id, told_to, now) is None:
                return 0
        with self._database.write() as session:
            mark = _locked(session, account_id, told_to)
            if mark is None:
                return 0
            told_to = mark.told_to
            events = session.scalars(
                _missing(account_id, told_to, max(since, now - LIFE)).with_only_columns(EventRecord)
                .where(EventRecord.id.in_(new))
            ).all()
            made = sum(self._mails(session, event, now) for event in events)
            if len(new) < _AT_ONCE:
                mark.told_to = told_to = _settled(session, account_id, told_to, now) or told_to
        self._seen[account_id] = {one for one in (*self._seen.get(account_id, ()), *new) if one > told_to}
        return made

    def _mails(self, session: Session, event: EventRecord, now: datetime) -> int:
        """The mails of an acceptance: one an address; one that failed already for what is none."""
        row = session.get_one(DocumentRecord, event.document_id)
        found = mailboxes(str(row.request.get("header", {}).get("receiver_email") or ""))
        for mailbox in found.good:
            session.add(mail_for(row, mailbox, self._domain, now=now, event_id=event.id))
        for wrong in found.bad:
            mail = mail_for(row, wrong[:LONGEST], self._domain, now=now, event_id=event.id)
            mail.state, mail.error = FAILED, NO_ADDRESS
            session.add(mail)
        session.flush()
        return len(found.good)


def wants_since(settings: Mapping[str, Any] | None) -> datetime | None:
    """Since when an account wants mail, by its settings; None where it does not."""
    if not settings or not settings.get("enabled"):
        return None
    return datetime.fromisoformat(settings["since"])


def mail_for(
    row: DocumentRecord, mailbox: str, domain: str, *, now: datetime, event_id: int | None = None, actor: str = ""
) -> MailRecord:
    """A mail of a voucher that waits to be sent; ``domain`` is the sender's, for its Message-ID."""
    return MailRecord(
        account_id=row.account_id, document_id=row.id, event_id=event_id, address=mailbox,
        message_id=f"<{row.id}.{secrets.token_hex(12)}@{domain}>", next_at=now, expires_at=now + LIFE, actor=actor,
        created_at=now,
    )


def _missing(account_id: int, told_to: int, since: datetime) -> Select[int]:
    """Ids of the acceptances after an event that have no mail."""
    return select(EventRecord.id).where(
        EventRecord.account_id == account_id, EventRecord.id > told_to, EventRecord.kind.in_(ASKING),
        EventRecord.at >= since,
        ~exists(select(MailRecord.id).where(MailRecord.event_id == EventRecord.id).correlate(EventRecord)),
    ).order_by(EventRecord.id)


def _locked(session: Session, account_id: int, told_to: int) -> MailMarkRecord | None:
    """The mark of an account, made where there is none; None while another process is at it."""
    found = session.scalar(
        select(MailMarkRecord).where(MailMarkRecord.account_id == account_id).with_for_update(skip_locked=True)
    )
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(MailMarkRecord(account_id=account_id, told_to=told_to))
    except IntegrityError:
        return None
    return session.get(MailMarkRecord, account_id)


def _before(session: Session, account_id: int, since: datetime) -> int:
    """The last event before an account wanted mail."""
    return session.scalar(
        select(EventRecord.id).where(EventRecord.account_id == account_id, EventRecord.at < since)
        .order_by(EventRecord.id.desc()).limit(1)
    ) or 0


def _settled(session: Session, account_id: int, told_to: int, now: datetime) -> int | None:
    return session.scalar(
        select(func.max(EventRecord.id)).where(
            EventRecord.account_id == account_id, EventRecord.id > told_to, EventRecord.at <= now - SETTLED,
        )
    )
