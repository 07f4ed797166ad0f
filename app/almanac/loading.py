"""Taking a register in while vouchers go on being issued.

An edition is loaded in small transactions that nobody looks at, becomes the current one in a single one, and only
then is the former emptied, in small ones again: at every moment the register is whole, one edition or the other. A
load that breaks off leaves an edition behind that the next load clears away.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from app.almanac.models import (
    ALWAYS,
    CURRENT,
    GIVEN_UP,
    LOADING,
    REPLACED,
    RegisterMemberRecord,
    RegisterRecord,
    RucStateRecord,
)
from app.almanac.register_files import RUC_STATE, BadLine, Row, digest_of, opened, read_register
from app.db import Database, changed
from app.db.bulk import add_new
from app.problems import Conflict, Item, Refused, Text, refusal

_BATCH: Final = 10_000
_BREATH: Final = 0.01
"""Seconds between two batches, in which others get their turn at SQLite."""

_ABANDONED: Final = timedelta(minutes=15)
_MOST_TOLD: Final = 20
_MOST_WORDS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What is to be taken in: the kind of register, the day it speaks of, its file, who asks."""

    kind: str
    as_of: date
    path: Path
    actor: str


@dataclass(slots=True, kw_only=True)
class Loaded:
    """What a load did, or would do: lines taken, repeated and passed over, and how many of each state or day."""

    lines: int = 0
    repeated: int = 0
    bad: int = 0
    told: list[BadLine] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    unchanged: bool = False

    def body(self) -> dict[str, Any]:
        """As the command line tells it."""
        return {
            "lines": self.lines, "repeated": self.repeated, "bad": self.bad, "unchanged": self.unchanged,
            "states": dict(self.states.most_common(50)),
            "bad_lines": [{"line": each.number, "message": each.text.es} for each in self.told],
        }


Now = Callable[[], datetime]
Progress = Callable[[int], None]


def load(
    database: Database, edition: Edition, *, now: Now, progress: Progress, skip_bad: bool = False,
    dry_run: bool = False,
) -> Loaded:
    """Takes an edition in and makes it the current one; the same file again changes nothing.

    Raises Refused for an edition older than the current one, for a file that is no such register, and for bad lines
    unless they are to be skipped; then the current edition stays.
    """
    digest = digest_of(edition.path)
    with database.read() as session:
        current = _check(session, edition)
        if current is not None and (current.sha256, current.as_of) == (digest, edition.as_of):
            return Loaded(lines=current.lines, unchanged=True)
    done = Loaded()
    if dry_run:
        for row in _good(edition, done, progress):
            done.lines += 1
            _count(edition, done, row)
        _refuse_bad(done, skip_bad=skip_bad)
        return done
    clear(database, now=now)
    with database.write() as session:
        record = RegisterRecord(
            kind=edition.kind, as_of=edition.as_of, file_name=edition.path.name[:200], sha256=digest,
            actor=edition.actor, created_at=now(), touched_at=now(),
        )
        session.add(record)
        session.flush()
        register_id = record.id
    try:
        words = _fill(database, register_id, edition, done, now=now, progress=progress)
        _refuse_bad(done, skip_bad=skip_bad)
        with database.write() as session:
            _switch(session, register_id, edition, done, words, now=now())
    except BaseException:
        with database.write() as session:
            session.execute(update(RegisterRecord).where(RegisterRecord.id == register_id).values(state=GIVEN_UP))
        clear(database, now=now)
        raise
    clear(database, now=now)
    return done


def clear(database: Database, *, now: Now) -> int:
    """Empties editions that are not looked at any more, a batch at a time, and says how many lines went."""
    gone = 0
    with database.write() as session:
        session.execute(
            update(RegisterRecord)
            .where(RegisterRecord.state == LOADING, RegisterRecord.touched_at < now() - _ABANDONED)
            .values(state=GIVEN_UP)
        )
    with database.read() as session:
        old = session.scalars(select(RegisterRecord.id).where(RegisterRecord.state.in_((REPLACED, GIVEN_UP)))).all()
    for register_id in old:
        for model in (RucStateRecord, RegisterMemberRecord):
            while count := _emptied(database, model, register_id):
                gone += count
                time.sleep(_BREATH)
    return gone


def _emptied(database: Database, model: type[RucStateRecord | RegisterMemberRecord], register_id: int) -> int:
    with database.read() as session:
        last = session.scalar(
            select(model.ruc).where(model.register_id == register_id).order_by(model.ruc).offset(_BATCH).limit(1)
        )
        some = session.scalar(select(model.ruc).where(model.register_id == register_id).limit(1))
    if some is None:
        return 0
    wanted = delete(model).where(model.register_id == register_id)
    with database.write() as session:
        return changed(session, wanted if last is None else wanted.where(model.ruc <= last))


def _check(session: Session, edition: Edition) -> RegisterRecord | None:
    """The current edition. Raises Refused when it is newer than the one that comes."""
    current = session.scalar(
        select(RegisterRecord).where(RegisterRecord.kind == edition.kind, RegisterRecord.state == CURRENT)
    )
    if current is not None and current.as_of > edition.as_of:
        raise Refused("REGISTER_OLDER", Text(
            f"El padrón en uso es más nuevo: {current.as_of.isoformat()}",
            f"The register in use is newer: {current.as_of.isoformat()}",
        ), hint=Text("Revise la fecha del archivo", "Check the file's date"))
    return current


def _fill(
    database: Database, register_id: int, edition: Edition, done: Loaded, *, now: Now, progress: Progress
) -> list[str]:
    """Stores the lines in batches and gives the words they refer to."""
    words: dict[str, int] = {}
    rows = _good(edition, done, progress)
    while batch := list(islice(rows, _BATCH)):
        for row in batch:
            _count(edition, done, row)
        table, columns = _columns(edition.kind, register_id, batch, words)
        with database.write() as session:
            new = add_new(session, table, columns)
            alive = changed(session, update(RegisterRecord).where(
                RegisterRecord.id == register_id, RegisterRecord.state == LOADING
            ).values(touched_at=now()))
        if not alive:
            raise Conflict("REGISTER_CLEARED", Text(
                "Otra importación dio esta por perdida", "Another import gave this one up for lost"
            ))
        done.lines += new
        done.repeated += len(batch) - new
        time.sleep(_BREATH)
    return list(words)


def _columns(
    kind: str, register_id: int, batch: list[Row], words: dict[str, int]
) -> tuple[Table, dict[str, list[Any]]]:
    columns: dict[str, list[Any]] = {"register_id": [register_id] * len(batch), "ruc": [row.ruc for row in batch]}
    if kind == RUC_STATE:
        columns["state"] = [_position(words, row.state) for row in batch]
        columns["condition"] = [_position(words, row.condition) for row in batch]
        return cast("Table", RucStateRecord.__table__), columns
    columns["valid_from"] = [row.valid_from or ALWAYS for row in batch]
    columns["valid_until"] = [row.valid_until for row in batch]
    return cast("Table", RegisterMemberRecord.__table__), columns


def _position(words: dict[str, int], word: str) -> int:
    found = words.setdefault(word, len(words))
    if found >= _MOST_WORDS:
        raise Refused("REGISTER_WORDS", Text(
            "Hay demasiados estados distintos: ¿son esas las columnas?",
            "There are too many different states: are these the columns?",
        ))
    return found


def _switch(
    session: Session, register_id: int, edition: Edition, done: Loaded, words: list[str], *, now: datetime
) -> None:
    """Makes the new edition the current one. Raises Refused when a newer one has come meanwhile, or there is none."""
    if not done.lines:
        raise Refused("REGISTER_EMPTY", Text("El archivo no trae ninguna línea", "The file holds no line"))
    session.scalars(
        select(RegisterRecord.id).where(RegisterRecord.kind == edition.kind).order_by(RegisterRecord.id)
        .with_for_update()
    ).all()
    current = _check(session, edition)
    if current is not None:
        current.state = REPLACED
        session.flush()
    row = session.get_one(RegisterRecord, register_id)
    row.state, row.words, row.lines, row.touched_at = CURRENT, words, done.lines, now


def _good(edition: Edition, done: Loaded, progress: Progress) -> Iterator[Row]:
    """The good lines of the file; the bad ones are counted, the first few kept."""
    with opened(edition.path) as source:
        rows: Iterable[Row | BadLine] = read_register(edition.kind, source, progress=progress)
        for row in rows:
            if isinstance(row, BadLine):
                done.bad += 1
                if len(done.told) < _MOST_TOLD:
                    done.told.append(row)
            else:
                yield row


def _count(edition: Edition, done: Loaded, row: Row) -> None:
    if edition.kind == RUC_STATE:
        done.states[f"{row.state}/{row.condition}"] += 1


def _refuse_bad(done: Loaded, *, skip_bad: bool) -> None:
    if not done.bad or skip_bad:
        return
    items = [
        Item(code="REGISTER_LINE", message=Text(
            f"Línea {each.number}: {each.text.es}", f"Line {each.number}: {each.text.en}"
        ))
        for each in done.told
    ]
    more = done.bad - len(done.told)
    if more:
        items.append(Item(code="REGISTER_LINE", message=Text(f"y {more} más", f"and {more} more")))
    raise refusal(items)
