"""Pulses: when something that has to happen again and again last did, such as a round of delivery or a backup.

A pulse is of this installation and of this day: backups leave the table out, and a database with nothing but pulses
counts as empty.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import String, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import PASSING, Base, UtcDateTime, changed

ROUND: Final = "round"
"""A round of a delivery engine or a worker, each under its machine and process."""

BACKUP: Final = "backup"
"""The last backup that was written whole."""

_FORGOTTEN: Final = timedelta(days=1)
_NAME: Final = 120
_NOTE: Final = 200


class PulseRecord(Base):
    """Something and when it last happened; ``name`` is its kind, a space and whose it is. ``note`` says more."""

    __tablename__ = "pulses"
    __table_args__ = {"info": {PASSING: True}}

    name: Mapped[str] = mapped_column(String(_NAME), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(_NOTE), default="")


def here() -> str:
    """This process, by its machine's name and its number."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def beat(session: Session, kind: str, *, now: datetime, whose: str = "", note: str = "") -> None:
    """Notes that it has happened just now. Pulses of that kind and of others that are a day old are forgotten."""
    name = f"{kind} {whose}"[:_NAME]
    values = {"at": now, "note": note[:_NOTE]}
    same = update(PulseRecord).where(PulseRecord.name == name).execution_options(synchronize_session=False)
    if not changed(session, same.values(**values)):
        try:
            with session.begin_nested():
                session.execute(insert(PulseRecord).values(name=name, **values))
        except IntegrityError:  # another process was first
            session.execute(same.values(**values))
    session.execute(
        delete(PulseRecord)
        .where(PulseRecord.name.startswith(f"{kind} "), PulseRecord.name != name, PulseRecord.at < now - _FORGOTTEN)
        .execution_options(synchronize_session=False)
    )


def latest(session: Session, kind: str) -> PulseRecord | None:
    """The last pulse of a kind, whosever; None where there never was one."""
    return session.scalar(
        select(PulseRecord).where(PulseRecord.name.startswith(f"{kind} "))
        .order_by(PulseRecord.at.desc(), PulseRecord.name).limit(1)
    )
