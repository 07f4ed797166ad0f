"""The ids of RC, RA and RR files: one counter for (account, kind), starting anew every day.

The ids are shared with any other system of that RUC (decision 13): the first of a day is the account's setting, and
whoever learns that an id is taken there takes the next one. Gaps are fine here, repetitions are not.
Source: `domain/sunat_operations.md` 4.2 and 8.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.accounts.operations import head_office
from app.problems import Conflict
from app.series import operations
from app.series.entries import Wish, take
from app.series.models import SeriesRecord
from sunat.numbering import SummaryId
from sunat.numbering.identifiers import SummaryKind

_DIGITS = 5


def summary_id(
    session: Session, account: AccountRecord, kind: SummaryKind, day: date, *, now: datetime, actor: str = "system"
) -> SummaryId:
    """Takes the next id of a kind for a day of generation (Lima), in the caller's transaction.

    Called again it gives the next one, also after an answer that the former is taken elsewhere. Raises Conflict for
    a day before the last one and after 99,999 ids of a day.
    """
    taken = take(
        session, _series(session, account, kind, now=now).id, Wish(issue_date=day, actor=actor), now=now,
        restart=account.summary_start_number,
    )
    return SummaryId(ruc=account.ruc, kind=kind, date=day, number=taken.entry.number)


def _series(session: Session, account: AccountRecord, kind: SummaryKind, *, now: datetime) -> SeriesRecord:
    found = operations.find(session, account.id, kind, kind)
    if found is not None:
        return found
    row = SeriesRecord(
        profile="summary", sunat_code=kind, kind=kind, code=kind, name=kind, padding=_DIGITS,
        template="{CODE}-{YEAR}{MONTH}{DAY}-{NUM}", counter_reset="DAILY", chronological="off",
        last_number=account.summary_start_number - 1, start_number=account.summary_start_number,
    )
    try:
        return operations.add(session, head_office(session, account.id), account, row, now=now)
    except Conflict:  # another transaction was first, and has committed since
        found = operations.find(session, account.id, kind, kind)
        if found is None:
            raise
        return found
