"""The postman: takes what waits to the mail server, some at a time, by threads that nothing else waits for.

A mail is taken by one thread of one process, by a lease on its row. One whose process dies is taken again when the
lease has run out, under the same Message-ID: it may have arrived, and then arrives twice.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, or_, select, update

from app.db import changed
from app.deadline import ended
from app.http import Office
from app.mail.door import STOPPED_NOW, Door
from app.mail.enclosing import NoMore, NotYet, letter_for
from app.mail.letters import written
from app.mail.models import FAILED, SENT, WAITING, MailAttemptRecord, MailRecord
from app.mail.noticing import Noticer
from app.mail.smtp import Handover, Result, Server, hand_over, server_of

WAITS: Final = (60, 300, 900, 1800, 3600, 7200, 14400)
"""Seconds after each attempt that the server put off, the last one for all that follow; up to a fifth more by lot."""

NOT_YET: Final = 30
"""Seconds until the next look for what belongs into a mail and is not there."""

LANE: Final = 4
"""Mails on their way at once."""

MARGIN: Final = timedelta(seconds=90)
"""What a lease is longer than an attempt may take: its paper has to be set first."""

_TURN: Final = 20.0
"""Seconds after which a thread ends, so that a process that stops need not wait for a long line."""

_LOOK: Final = 20

_log = structlog.get_logger("chasqui.mail")
_lot = random.SystemRandom().uniform

Guard = Callable[[Callable[[], None]], bool]
"""Runs a step and logs a fault of ours in it."""


class Postman:
    """The postman of one process; he does nothing where the installation has no mail server.

    `round` never waits for the mail server; `stop` waits for what is on its way.
    """

    def __init__(self, office: Office, *, guard: Guard, deliver: Callable[..., Handover] = hand_over) -> None:
        self._office = office
        self._guard = guard
        self._deliver = deliver
        self._server = server_of(office.settings)
        self._lock = threading.Lock()
        self._under_way: set[threading.Thread] = set()
        self._stopping = False
        if self._server is not None:
            self._door = Door(office, self._server, lot=_lot)
            self._noticer = Noticer(office.database, domain_of(self._server))

    def round(self) -> int:
        """Makes the mails that are due, gives up those that are too old, and sets out; says with how many threads."""
        if self._server is None or self._stopping:
            return 0
        now = self._office.clock.now()
        self._noticer.notice(now)
        self._give_up(now)
        due = len(self._due(now))
        with self._lock:
            free = min(due, LANE) - len(self._under_way)
        if free <= 0 or not self._open(now):
            return 0
        for _ in range(free):
            thread = threading.Thread(target=self._walk, name="chasqui-mail", daemon=True)
            with self._lock:
                self._under_way.add(thread)
            thread.start()
        return free

    def stop(self, patience: float) -> bool:
        """Sets out no more; waits so many seconds for what is on its way, and says whether all of it ended."""
        self._stopping = True
        return self.rest(patience)

    def rest(self, patience: float) -> bool:
        """Waits so many seconds for what is on its way, and says whether all of it ended."""
        with self._lock:
            threads = list(self._under_way)
        return ended(threads, patience)

    def _open(self, now: datetime) -> bool:
        with self._office.database.read() as session:
            shut = self._door.shut(session)
        return shut is None or shut.again_at <= now

    def _due(self, now: datetime) -> list[int]:
        with self._office.database.read() as session:
            return list(session.scalars(
                select(MailRecord.id).where(*_takeable(now)).order_by(MailRecord.next_at, MailRecord.id).limit(_LOOK)
            ))

    def _give_up(self, now: datetime) -> None:
        old = (MailRecord.state == WAITING, MailRecord.expires_at <= now, _unleased(now))
        with self._office.database.read() as session:
            if session.scalar(select(MailRecord.id).where(*old).limit(1)) is None:
                return
        with self._office.database.write() as session:
            session.execute(
                update(MailRecord).where(*old).values(state=FAILED, error="Pasó un día / a day went by")
                .execution_options(synchronize_session=False)
            )

    def _walk(self) -> None:
        try:
            self._guard(self._turn)
        finally:
            with self._lock:
                self._under_way.discard(threading.current_thread())

    def _turn(self) -> None:
        end, server = time.monotonic() + _TURN, self._server
        while server is not None and not self._stopping and time.monotonic() < end and self._one(server):
            pass

    def _one(self, server: Server) -> bool:
        """One attempt at what has waited longest; whether there was any."""
        now = self._office.clock.now()
        lease = MARGIN + timedelta(seconds=server.seconds)
        waiting = self._due(now)
        if not waiting or not self._door.may_pass(now, lease):
            return False
        until = now + lease
        mail_id = next((each for each in waiting if self._taken(each, now, until)), None)
        if mail_id is None:
            return False
        try:
            letter = letter_for(self._office, server, mail_id)
        except NotYet:
            later = self._office.clock.now() + timedelta(seconds=NOT_YET * _lot(1.0, 1.5))
            self._note(mail_id, until, next_at=later)
        except NoMore as why:
            self._note(mail_id, until, state=FAILED, error=str(why)[:300])
        else:
            self._settle(mail_id, until, self._deliver(server, letter.recipient, written(letter)))
        return True

    def _taken(self, mail_id: int, now: datetime, until: datetime) -> bool:
        with self._office.database.write() as session:
            return changed(
                session, update(MailRecord).where(MailRecord.id == mail_id, *_takeable(now))
                .values(busy_until=until).execution_options(synchronize_session=False),
            ) == 1

    def _note(self, mail_id: int, until: datetime, **values: Any) -> None:
        """Gives a mail back that was not taken to the server, while the lease still is ours."""
        with self._office.database.write() as session:
            session.execute(
                update(MailRecord)
                .where(MailRecord.id == mail_id, MailRecord.state == WAITING, MailRecord.busy_until == until)
                .values(busy_until=None, **values).execution_options(synchronize_session=False)
            )

    def _settle(self, mail_id: int, until: datetime, came: Handover) -> None:
        now = self._office.clock.now()
        with self._office.database.write() as session:
            session.add(MailAttemptRecord(
                mail_id=mail_id, stage=str(came.stage), code=came.code, text=came.text,
                milliseconds=int(came.seconds * 1000), at=now,
            ))
            mail = session.get_one(MailRecord, mail_id, with_for_update=True)
            if mail.state == WAITING and (mail.busy_until == until or came.result is Result.SENT):
                _conclude(mail, came, now)
            news = self._door.heard(session, came, now)
        if news == STOPPED_NOW:
            _log.error(news, stage=str(came.stage), code=came.code, reason=came.text)
        elif news:
            _log.info(news)


def domain_of(server: Server) -> str:
    """The domain of the sender's address."""
    return server.sender.rpartition("@")[2]


def _conclude(mail: MailRecord, came: Handover, now: datetime) -> None:
    mail.busy_until = None
    if came.result in (Result.AWAY, Result.STOPPED):  # the installation is to blame
        mail.next_at = now + timedelta(seconds=_lot(0.0, 5.0))
        return
    mail.tries += 1
    mail.error = "" if came.result is Result.SENT else f"{came.code or ''} {came.text}".strip()[:300]
    if came.result is Result.SENT:
        mail.state, mail.sent_at = SENT, now
    elif came.result is Result.NEVER:
        mail.state = FAILED
    else:
        mail.next_at = now + timedelta(seconds=WAITS[min(mail.tries, len(WAITS)) - 1] * _lot(1.0, 1.2))


def _takeable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (MailRecord.state == WAITING, MailRecord.next_at <= now, _unleased(now))


def _unleased(now: datetime) -> ColumnElement[bool]:
    return or_(MailRecord.busy_until.is_(None), MailRecord.busy_until <= now)
