"""The whole installation's mail stopped, because its server takes nothing: a wrong password, no TLS, no answer.

No mail is to blame for that, so none uses up a try; one line is logged when it stops and one when it goes again. After
a while one mail tries; new settings are tried at once, which is known by a keyed hash of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
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

_ONE: Final = 1
_log = structlog.get_logger("chasqui.mail")


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

    def heard(self, session: Session, came: Handover, now: datetime) -> None:
        """Shuts the door or opens it, by what came of an attempt."""
        row = session.get(MailDoorRecord, _ONE, with_for_update=True)
        if came.result not in (Result.AWAY, Result.STOPPED):
            if row is not None:
                session.delete(row)
                _log.info("mail.goes_again", since=row.since.isoformat())
            return
        text = f"{came.code or ''} {came.text}".strip()[:300]
        if row is None:
            row = self._made(session, now)
            if row is None:
                return
            _log.error("mail.stopped", stage=str(came.stage), code=came.code, reason=came.text)
        elif row.settings_mark != self._mark:
            row.failures, row.since = 0, now
            _log.error("mail.stopped", stage=str(came.stage), code=came.code, reason=came.text)
        row.failures += 1
        row.settings_mark, row.stage, row.text = self._mark, str(came.stage), text
        wait = STOPPED if came.result is Result.STOPPED else AWAY[min(row.failures, len(AWAY)) - 1]
        row.again_at = now + timedelta(seconds=wait * self._lot(1.0, 1.2))

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
