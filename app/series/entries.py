"""Giving out the numbers of internal series and of summaries: once, in order, for ever.

::

    lock the series ─► known id? its entry ─► turn the period ─► number, text, chain ─► store, advance

All of it in the caller's transaction. The lock is the allocator's; the counter moves with the entry or not at all.
Each entry is chained to the one before it by SHA-256, so that changing, removing or inserting one shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.clock import lima
from app.problems import Conflict, Item, NotFound, Refused, Text
from app.series import allocator
from app.series.models import EntryRecord, SeriesRecord, new_public_id
from app.series.operations import scheme_of
from app.series.scheme import Place

MOST_DAYS_AHEAD: Final = 2
"""How far ahead an issue date may lie: a slip of the year would close the running one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An entry to make. ``public_id`` is the caller's own id.

    ``kind`` is that of the paper, where it is not the series'. ``paper`` is what an internal paper keeps.
    """

    issue_date: date
    actor: str
    public_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    kind: str = ""
    external_id: str | None = None
    paper: dict[str, Any] | None = None
    date_pointer: str = "/issue_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An entry, whether it was made just now, and the remarks that ride along with it."""

    entry: EntryRecord
    created: bool
    remarks: tuple[Item, ...] = ()


def take(session: Session, series_id: int, wish: Wish, *, now: datetime, restart: int = 1) -> Taken:
    """The entry a wish stands for: the one made for its id before, else the series' next.

    Raises NotFound, Conflict (no number left, past period, text or external id taken, a series of vouchers),
    Refused (inactive series, date out of bounds or out of order).
    """
    row = session.scalar(
        select(SeriesRecord).where(SeriesRecord.id == series_id).with_for_update().execution_options(
            populate_existing=True
        )
    )
    if row is None:
        raise NotFound("SERIES_NOT_FOUND", Text("La serie no existe", "The series does not exist"))
    if row.profile not in ("internal", "summary"):
        raise of_vouchers(row)
    earlier = _earlier(session, row, wish)
    if earlier is not None:
        return Taken(entry=earlier, created=False)
    head = allocator.lock(session, series_id)
    if wish.issue_date > lima(now).date() + timedelta(days=MOST_DAYS_AHEAD):
        raise Refused("DATE_AHEAD", Text(
            f"La fecha puede adelantarse {MOST_DAYS_AHEAD} días como máximo",
            f"The date may be {MOST_DAYS_AHEAD} days ahead at most",
        ), pointer=wish.date_pointer)
    remarks = _in_order(head, wish.issue_date, wish.date_pointer)
    scheme = scheme_of(row, restart=restart)
    place = scheme.following(Place(period=row.period, last_number=row.last_number), wish.issue_date)
    code = scheme.text(place.last_number, wish.issue_date)
    entry = EntryRecord(
        account_id=row.account_id, branch_id=row.branch_id, series_id=row.id,
        public_id=wish.public_id or new_public_id(), kind=wish.kind or row.kind, position=row.position + 1,
        period=place.period, number=place.last_number, code=_free(session, row, code), issue_date=wish.issue_date,
        details=dict(wish.details), paper=wish.paper, external_id=wish.external_id,
        previous_id=_last_id(session, row), chain_previous=row.chain_head,
        chain_hash=link(row.chain_head, row, code=code, position=row.position + 1, day=wish.issue_date),
        actor=wish.actor, created_at=now,
    )
    session.add(entry)
    row.position, row.period, row.last_number = entry.position, entry.period, entry.number
    row.chain_head, row.updated_at = entry.chain_hash, now
    row.last_issue_date = max(wish.issue_date, row.last_issue_date or wish.issue_date)
    session.flush()
    return Taken(entry=entry, created=True, remarks=remarks)


def link(head: str, row: SeriesRecord, *, code: str, position: int, day: date) -> str:
    """The chain's head after an entry (64 hex digits): SHA-256 over the former head and what identifies the entry."""
    parts = (head, row.environment, row.ruc, row.kind, row.code, str(position), code, day.isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def entries_of(account_id: int) -> Select[EntryRecord]:
    """The entries of one tenant: every query for entries starts here."""
    return select(EntryRecord).where(EntryRecord.account_id == account_id)


def entry_of(session: Session, row: SeriesRecord, public_id: str) -> EntryRecord:
    """One entry of a series. Raises NotFound."""
    found = session.scalar(
        entries_of(row.account_id).where(EntryRecord.series_id == row.id, EntryRecord.public_id == public_id)
    )
    if found is None:
        raise NotFound("ENTRY_NOT_FOUND", Text("La entrada no existe", "The entry does not exist"))
    return found


def page_of(session: Session, row: SeriesRecord, *, page: int, size: int) -> tuple[list[EntryRecord], int]:
    """One page of a series' entries, the newest first, and how many there are."""
    query = entries_of(row.account_id).where(EntryRecord.series_id == row.id)
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(EntryRecord.id).subquery())) or 0
    rows = session.scalars(query.order_by(EntryRecord.position.desc()).offset((page - 1) * size).limit(size)).all()
    return list(rows), total


def previous_of(session: Session, entries: list[EntryRecord]) -> dict[int, str]:
    """The public ids of the entries that precede these, by the rows' ids."""
    ids = [entry.previous_id for entry in entries if entry.previous_id is not None]
    if not ids:
        return {}
    found = session.execute(select(EntryRecord.id, EntryRecord.public_id).where(EntryRecord.id.in_(ids)))
    return {row.id: row.public_id for row in found}


def of_vouchers(row: SeriesRecord) -> Conflict:
    """The refusal of entries for a series whose numbers need a signed voucher."""
    return Conflict("SERIES_OF_VOUCHERS", Text(
        f"La serie {row.code} numera comprobantes: cada número nace con su XML firmado",
        f"Series {row.code} numbers vouchers: each number is born with its signed XML",
    ), hint=Text("Emita con POST /V1/documents", "Issue with POST /V1/documents"))


def _earlier(session: Session, row: SeriesRecord, wish: Wish) -> EntryRecord | None:
    """The entry made for the same id. Same id, same code, for ever."""
    if wish.public_id is not None:
        found = session.scalar(
            entries_of(row.account_id).where(EntryRecord.series_id == row.id, EntryRecord.public_id == wish.public_id)
        )
        if found is not None:
            return found
    if wish.external_id is not None:
        found = session.scalar(entries_of(row.account_id).where(EntryRecord.external_id == wish.external_id))
        if found is not None:
            raise Conflict("EXTERNAL_ID_TAKEN", Text(
                f"Este external_id ya emitió {found.code}", f"This external_id has already issued {found.code}"
            ), pointer="/header/external_id", extra={"number": found.code})
    return None


def _in_order(head: allocator.Head, day: date, pointer: str) -> tuple[Item, ...]:
    """Issue dates run forward; the series says whether that is a remark or a rule (decision 11)."""
    if head.last_issue_date is None or day >= head.last_issue_date or head.chronological == "off":
        return ()
    said = Text(
        f"La serie ya tiene una entrada del {head.last_issue_date.isoformat()}",
        f"The series already has an entry of {head.last_issue_date.isoformat()}",
    )
    hint = Text("Use esa fecha o una posterior", "Use that date or a later one")
    if head.chronological == "refuse":
        raise Refused("CHQ-CHRONOLOGICAL", said, pointer=pointer, hint=hint)
    return (Item(code="CHQ-CHRONOLOGICAL", message=said, pointer=pointer, hint=hint, severity="observation"),)


def _free(session: Session, row: SeriesRecord, code: str) -> str:
    """The text, which no entry of the series has yet: a changed format may write an old number's text again."""
    taken = session.scalar(
        select(EntryRecord.id).where(EntryRecord.series_id == row.id, EntryRecord.code == code)
    )
    if taken is not None:
        raise Conflict("CODE_TAKEN", Text(
            f"{code} ya existe en la serie: el formato repite un texto anterior",
            f"{code} exists in the series: the format repeats an earlier text",
        ), hint=Text("Cambie prefix, suffix o format", "Change prefix, suffix or format"))
    return code


def _last_id(session: Session, row: SeriesRecord) -> int | None:
    return session.scalar(
        select(EntryRecord.id).where(EntryRecord.series_id == row.id, EntryRecord.position == row.position)
    )
