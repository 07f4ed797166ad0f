"""Who did what at the console, when and from where.

An order is written down before it is carried out, and its outcome after it: what a process that died left behind is a
deed without an outcome, never an order without a deed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.people_models import DeedRecord, PersonRecord
from app.console.sessions import Visit
from app.http import Office

PAGE: Final = 50
_ID: Final = re.compile(r"(?<=/)[^/]*[0-9][^/]*(?=/|$)")
_VERSION: Final = "/V1"


def begun(services: Office, visit: Visit, action: str, subject: str, address: str) -> int:
    """Writes down what somebody is about to do and gives the deed's id."""
    with services.database.write() as session:
        row = DeedRecord(
            account_id=visit.account_id, person_id=visit.person_id, action=action[:100], subject=subject[:200],
            address=address[:50], at=services.clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def done(services: Office, deed_id: int, status: int) -> None:
    """Writes down what came of it: the HTTP status of the answer."""
    with services.database.write() as session:
        session.execute(update(DeedRecord).where(DeedRecord.id == deed_id).values(status=status))


def note(session: Session, services: Office, visit: Visit, action: str, subject: str, address: str) -> None:
    """Writes down what is done in this very transaction."""
    session.add(DeedRecord(
        account_id=visit.account_id, person_id=visit.person_id, action=action[:100], subject=subject[:200],
        address=address[:50], status=200, at=services.clock.now(),
    ))


def action_of(method: str, path: str) -> str:
    """An order by its kind, whatever it is about.

    >>> action_of("POST", "/V1/documents/17/void")
    'POST /documents/*/void'
    """
    return f"{method} {_ID.sub('*', path.removeprefix(_VERSION))}"


def deeds(
    session: Session, account_id: int, *, before: int | None = None, person_id: int | None = None
) -> Sequence[tuple[DeedRecord, PersonRecord]]:
    """The deeds of an account, the latest first: a page of `PAGE`, and one more where there are more."""
    chosen = (
        select(DeedRecord, PersonRecord).join(PersonRecord, PersonRecord.id == DeedRecord.person_id)
        .where(DeedRecord.account_id == account_id).order_by(DeedRecord.id.desc()).limit(PAGE + 1)
    )
    if before is not None:
        chosen = chosen.where(DeedRecord.id < before)
    if person_id is not None:
        chosen = chosen.where(DeedRecord.person_id == person_id)
    return session.execute(chosen).all()
