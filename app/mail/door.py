"""The whole installation's mail stopped, because its server takes nothing: a wrong password, no TLS, no answer.

No mail is to blame for that, so none uses up a try, and it is news when it stops and when it goes again, once. After
a while one mail tries; new settings are tried at once, which is known by a keyed hash of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import changed
from app.http import Office
from app.mail.models import MailDoorRecord
from app.mail.smtp import Handover, Result, Server

AWAY: Final = (30, 60, 120, 300, 600)
"""Seconds until the next trial where the server was not reached, the last for all that follow."""

STOPPED: Final = 1800
"""The same where it refuses us: trying on would lock the user."""

STOPPED_NOW: Final = "mail.stopped"
GOES_AGAIN: Final = "mail.goes_again"

_ONE: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """Why nothing goes, since when, and when the next trial is."""

    stage: str
    text: str
    since: datetime
    again_at: datetime


class Door:
    """The way to the mail server, as all processes of an installation see it."""

    def __init__(self, office: Office, server: Server, *, lot: Callable[[float, float], float]) -> None:
        self._office = office
        self._lot = lot
        told = json.dumps([
            server.host, server.port, server.security, server.user, server.password, server.sender,
            str(server.ca or ""),
        ])
        self._mark = office.vault.digests(told)[0]

    def shut(self, session: Session) -> Shut | None:
        """Why nothing goes; None while mail goes, or where the settings are others than those that failed."""
        row = session.get(MailDoorRecord, _ONE)
        if row is None or row.settings_mark != self._mark:
            return None
        return Shut(stage=row.stage, text=row.text, since=row.since, again_at=row.again_at)

    def may_pass(self, now: datetime, lease: timedelta) -> bool:
        """Whether a mail may go now: always while the door is open, and after a while one for trial."""
        with self._office.database.read() as session:
            shut = self.shut(session)
        if shut is None:
            return True
        if shut.again_at > now:
            return False
        with self._office.database.write() as session:
            return changed(
                session, update(MailDoorRecord)
                .where(MailDoorRecord.id == _ONE, MailDoorRecord.again_at == shut.again_at)
                .values(again_at=now + lease).execution_options(synchronize_session=False),
            ) == 1

    def heard(self, session: Session, came: Handover, now: datetime) -> str:
        """Shuts the door or opens it, by what came of an attempt; `STOPPED_NOW` or `GOES_AGAIN` where it is news."""
        row = session.get(MailDoorRecord, _ONE, with_for_update=True)
        if came.result not in (Result.AWAY, Result.STOPPED):
            if row is None:
                return ""
            session.delete(row)
            return GOES_AGAIN
        text = f"{came.code or ''} {came.text}".strip()[:300]
        news = row is None or row.settings_mark != self._mark
        row = row or self._made(session, now)
        if row is None:
            return ""
        if row.settings_mark != self._mark:
            row.failures, row.since = 0, now
        row.failures += 1
        row.settings_mark, row.stage, row.text = self._mark, str(came.stage), text
        wait = STOPPED if came.result is Result.STOPPED else AWAY[min(row.failures, len(AWAY)) - 1]
        row.again_at = now + timedelta(seconds=wait * self._lot(1.0, 1.2))
        return STOPPED_NOW if news else ""

    def _made(self, session: Session, now: datetime) -> MailDoorRecord | None:
        """The row, new; None where another process has just made it."""
        row = MailDoorRecord(
            id=_ONE, since=now, again_at=now, failures=0, settings_mark=self._mark, stage="", text=""
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            return None
        return row
