"""Taking numbers: lock, sign, advance, in the transaction that stores the voucher.

::

    head = lock(session, series_id)          # the row is ours until the transaction ends
    ... render and sign with head.next_number, link(head, ...) ...
    store_issued(session, ...)
    advance(session, head, chain_head=..., issue_date=..., now=...)

`advance` writes only where the row still says what `head` says, so that a group may also sign before it locks
(decision 8). Numbers are skipped by `skip` alone, which leaves a declared gap. Rules: `domain/numbering.md` 2.

How far a series went is also noted in the high-water file once its transaction is committed (`app.db.marks`); a row
that is behind what that file held at start is of an older database, and nothing is numbered on it.

Every series carries a hash chain over its editions in the order of signing: changing, removing or inserting one
breaks every link after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, event, select, update
from sqlalchemy.orm import Session, SessionTransaction

from app.db import Mark, changed
from app.db.database import MARKS
from app.problems import Conflict, NotFound, Refused, Text
from app.series.models import RESTORED, DeclaredGapRecord, SeriesRecord, mark_key
from sunat.numbering import MAX_NUMBER

# Run for every voucher, hence made once: making a statement takes longer than running it.
_HEAD: Final = select(
    SeriesRecord.active, SeriesRecord.frozen, SeriesRecord.frozen_by, SeriesRecord.last_number,
    SeriesRecord.chain_head, SeriesRecord.last_issue_date, SeriesRecord.chronological, SeriesRecord.profile,
    SeriesRecord.environment, SeriesRecord.ruc, SeriesRecord.sunat_code, SeriesRecord.code,
).where(SeriesRecord.id == bindparam("series"))
_LOCKED_HEAD: Final = _HEAD.with_for_update()
_UNMOVED: Final = update(SeriesRecord).where(
    SeriesRecord.id == bindparam("series"), SeriesRecord.last_number == bindparam("last_seen"),
    SeriesRecord.chain_head == bindparam("head_seen"), SeriesRecord.active, SeriesRecord.frozen == "",
).execution_options(synchronize_session=False)


class Overtaken(Exception):
    """Another transaction took numbers from this series meanwhile; read the head again and repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a series stands: last number issued, head of its chain, last issue date (Lima).

    ``key`` is its name in the high-water file, empty where none is kept of it.
    """

    series_id: int
    last_number: int
    chain_head: str
    last_issue_date: date | None
    chronological: str
    key: str = ""

    @property
    def next_number(self) -> int:
        """The next number. Raises Conflict when the series has none left."""
        return self.after(1)

    def moved_to(self, number: int, chain_head: str, issue_date: date) -> Head:
        """Where the series stands once ``number`` is issued; nothing is written yet (`advance` does)."""
        latest = max(issue_date, self.last_issue_date or issue_date)
        return replace(self, last_number=number, chain_head=chain_head, last_issue_date=latest)

    def after(self, numbers: int) -> int:
        """The last number once so many more are taken. Raises Conflict when there are not so many left."""
        if self.last_number + numbers > MAX_NUMBER:
            raise Conflict("SERIES_EXHAUSTED", Text(
                "La serie llegó al número 99999999; registre otra serie para seguir emitiendo",
                "The series has reached number 99999999; register another one to go on issuing",
            ))
        return self.last_number + numbers


def read(session: Session, series_id: int) -> Head:
    """The head as it is now, without a lock. Raises NotFound, Refused for an inactive series."""
    return _head(session, series_id, lock=False)


def lock(session: Session, series_id: int) -> Head:
    """The head, with the row locked until the transaction ends (SQLite: the whole database already is).

    Raises NotFound, Refused for an inactive series.
    """
    return _head(session, series_id, lock=True)


def link(head: str, *, ruc: str, sunat_code: str, series: str, number: int, edition: int, xml: bytes) -> str:
    """The chain's head after an edition: SHA-256 (64 hex digits) over the head before it and what was signed.

    The parts are the former head, RUC, SUNAT code, series, number and edition in plain digits, and the SHA-256 of the
    signed XML in hex, joined by line feeds.
    """
    return chain_hash(
        head, ruc=ruc, sunat_code=sunat_code, series=series, number=number, edition=edition,
        xml_sha256=hashlib.sha256(xml).hexdigest(),
    )


def chain_hash(
    head: str, *, ruc: str, sunat_code: str, series: str, number: int, edition: int, xml_sha256: str
) -> str:
    """The same as `link` for whoever has the SHA-256 of the signed XML (64 hex digits) and not its bytes."""
    parts = (head, ruc, sunat_code, series, str(number), str(edition), xml_sha256)
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()


def advance(
    session: Session, head: Head, *, chain_head: str, issue_date: date, now: datetime, numbers: int = 1
) -> Head:
    """Moves the series on by so many numbers (0 for another edition of an old one) and gives the new head.

    Raises Overtaken when the row no longer says what ``head`` says, Conflict when there are not so many numbers left.
    """
    moved = head.moved_to(head.after(numbers), chain_head, issue_date)
    _write(
        session, head, last_number=moved.last_number, chain_head=chain_head, last_issue_date=moved.last_issue_date,
        updated_at=now,
    )
    note(session, moved.key, number=moved.last_number, chain_head=moved.chain_head, now=now)
    return moved


def skip(session: Session, head: Head, *, to: int, reason: str, author: str, now: datetime) -> Head:
    """Declares that the numbers after the head up to ``to`` (inclusive) are never used, and gives the new head.

    Raises Overtaken like `advance`, ValueError when there is nothing to skip.
    """
    if not head.last_number < to <= MAX_NUMBER:
        raise ValueError(f"Nothing to skip between {head.last_number} and {to}")
    _write(session, head, last_number=to, updated_at=now)
    session.add(
        DeclaredGapRecord(
            series_id=head.series_id, from_number=head.last_number + 1, to_number=to, reason=reason, author=author,
            at=now,
        )
    )
    note(session, head.key, number=to, chain_head=head.chain_head, now=now)
    return replace(head, last_number=to)


def note(session: Session, key: str, *, number: int, chain_head: str, now: datetime) -> None:
    """Has the high-water file told where a series stands, once that is committed; an empty ``key`` is not told."""
    marks = session.info.get(MARKS)
    if marks is None or not key:
        return
    reached = {key: Mark(number=number, head=chain_head, at=now)}
    savepoints = list(_savepoints(session))
    taken_back: list[object] = []

    def tell(_: Session) -> None:
        if not session.in_nested_transaction() and not taken_back:  # a savepoint let go of promises nothing yet
            marks.note(reached)

    def undone(_: Session, ended: SessionTransaction) -> None:
        if ended in savepoints:
            taken_back.append(ended)

    event.listen(session, "after_commit", tell)
    if savepoints:
        event.listen(session, "after_soft_rollback", undone)


def _savepoints(session: Session) -> Iterator[SessionTransaction]:
    """The savepoints that what happens now is behind, the nearest first."""
    found = session.get_nested_transaction()
    while found is not None and found.nested:
        yield found
        found = found.parent


def _head(session: Session, series_id: int, *, lock: bool) -> Head:
    row = session.execute(_LOCKED_HEAD if lock else _HEAD, {"series": series_id}).one_or_none()
    if row is None:
        raise NotFound("SERIES_NOT_FOUND", Text("La serie no existe", "The series does not exist"))
    if not row.active:
        raise inactive()
    if row.frozen:
        raise frozen(row.frozen, by=row.frozen_by)
    marked = is_marked(row.profile, row.environment)
    key = mark_key(row.environment, row.ruc, row.sunat_code, row.code) if marked else ""
    marks = session.info.get(MARKS)
    mark = marks.found.get(key) if marks is not None else None
    if mark is not None and mark.number > row.last_number:
        raise frozen(behind(mark.number, row.last_number), by=RESTORED)
    return Head(
        series_id=series_id, last_number=row.last_number, chain_head=row.chain_head,
        last_issue_date=row.last_issue_date, chronological=row.chronological, key=key,
    )


def is_marked(profile: str, environment: str) -> bool:
    """Whether the high-water file minds a series: it numbers vouchers, and not on beta, whose numbers are everybody's.

    Pre-printed numbers have no counter, internal papers are nobody's but ours, and summaries may leave gaps.
    """
    return profile == "sunat" and environment != "beta"


def behind(mark: int, last_number: int) -> str:
    """Why a series is stopped whose row is behind the high-water file."""
    return f"La base de datos es anterior: ya se emitió hasta el número {mark} y ella dice {last_number}"


def _write(session: Session, head: Head, **values: object) -> None:
    seen = {"series": head.series_id, "last_seen": head.last_number, "head_seen": head.chain_head}
    if changed(session, _UNMOVED, {**seen, **values}) != 1:
        raise Overtaken


def inactive() -> Refused:
    """The refusal of a series that was retired."""
    return Refused("SERIES_INACTIVE", Text("La serie está inactiva", "The series is inactive"),
                   pointer="/header/document_sequence_code")


def frozen(reason: str, *, by: str = "") -> Conflict:
    """The refusal of a series that is stopped until somebody has looked: its numbers may be another's, or used."""
    return Conflict("SERIES_FROZEN", Text(
        f"La serie está detenida: {reason}", f"The series is stopped: {reason}"
    ), pointer="/header/document_sequence_code", hint=Text(
        "Compruebe con SUNAT su último número: chasqui series probe",
        "Compare its last number with what SUNAT holds: chasqui series probe",
    ) if by == RESTORED else Text(
        "Averigüe qué otro sistema usa la serie, o use otra; luego libérela (chasqui series release)",
        "Find out which other system uses the series, or use another one; then release it (chasqui series release)",
    ))
