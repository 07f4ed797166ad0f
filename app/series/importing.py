"""Moving in: series and last numbers of a former system, all of them or none, and the list of ours as a file.

A file is CSV in UTF-8 with a header, separated by commas or semicolons; ``type``, ``code`` and ``last_number`` are
needed. New series are registered, unused ones set, used ones moved forward with a reason. Whatever would contradict
what is stored is refused with its row (`domain/numbering.md` 2: forward only, declared gaps).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.operations import branches_of, head_office
from app.http.answers import malformed
from app.problems import Item, Malformed, Problem, Refused, Text
from app.series import configuring, operations
from app.series.models import SeriesRecord
from app.series.schemas.series import ImportRow
from app.series.template import usual

COLUMNS: Final = (
    "type", "code", "last_number", "branch", "name", "prefix", "suffix", "padding", "overflow", "format",
    "counter_reset", "reason",
)
_NEEDED: Final = ("type", "code", "last_number")
_FORM: Final = ("prefix", "suffix", "padding", "overflow", "format", "counter_reset")
_MOST_ROWS: Final = 5000
_ROWS: Final = ImportRow(many=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of one row (counted from 1): create, set, declare_gap or unchanged."""

    row: int
    type: str
    code: str
    action: str
    last_number_before: int | None
    last_number: int


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file. Raises Malformed for what is none, Refused for missing columns or too many rows."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("CSV", Text("El archivo no es UTF-8", "The file is not UTF-8")) from error
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    names = [name.strip() for name in reader.fieldnames or ()]
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise Refused("CSV_COLUMNS", Text(
            f"Faltan columnas: {', '.join(missing)}", f"Columns are missing: {', '.join(missing)}"
        ), hint=Text(f"Columnas: {', '.join(COLUMNS)}", f"Columns: {', '.join(COLUMNS)}"))
    try:
        rows = [
            {str(name).strip(): value for name, value in row.items() if isinstance(value, str)}
            for row in reader if any(row.values())
        ]
    except csv.Error as error:
        raise Malformed("CSV", Text("El archivo no es CSV", "The file is not CSV")) from error
    if not 1 <= len(rows) <= _MOST_ROWS:
        raise Refused("CSV_ROWS", Text(f"De 1 a {_MOST_ROWS} filas", f"1 to {_MOST_ROWS} rows"))
    return rows


def loaded(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their types. Raises Malformed with the place of everything that is wrong."""
    try:
        found: list[dict[str, Any]] = _ROWS.load(rows)
    except ValidationError as error:
        raise malformed({"rows": error.messages}) from error
    return found


def bring_in(
    session: Session, account: AccountRecord, rows: Sequence[Mapping[str, Any]], *, author: str, limit: int,
    now: datetime, dry_run: bool, may_use: Callable[[int], None] = lambda _: None,
) -> list[Outcome]:
    """Applies rows (members as the schema loads them) to the account; a dry run leaves nothing behind.

    ``may_use`` is asked for every branch and raises where the caller may not use it. Raises Refused with every row
    that cannot be applied; then nothing is stored.
    """
    operations.serialise(session, account.id)
    outcomes: list[Outcome] = []
    wrong: list[Item] = []
    seen: set[tuple[str, str]] = set()
    everything = session.begin_nested()
    for number, row in enumerate(rows, start=1):
        identity = (row["type"], row["code"])
        try:
            if identity in seen:
                raise Refused("TWICE", Text("La serie está dos veces", "The series is there twice"), pointer="/code")
            seen.add(identity)
            with session.begin_nested():
                outcomes.append(_apply(
                    session, account, number, row, author=author, limit=limit, now=now, may_use=may_use
                ))
        except Problem as problem:
            wrong += _located(problem, number)
    if wrong or dry_run:
        everything.rollback()
        session.expire_all()
    else:
        everything.commit()
    if wrong:
        raise Refused("IMPORT_REFUSED", Text(
            "No se importó nada: hay filas que corregir", "Nothing was imported: some rows need mending"
        ), items=wrong)
    return outcomes


def body_of(outcomes: Sequence[Outcome], *, dry_run: bool) -> dict[str, Any]:
    """The outcomes as the API tells them."""
    return {
        "dry_run": dry_run, "changes": sum(each.action != "unchanged" for each in outcomes),
        "rows": [asdict(each) for each in outcomes],
    }


def csv_of(session: Session, rows: Iterable[SeriesRecord]) -> str:
    """Series as a file that `rows_of` reads: every series with its prefix and its last number (FRI-23)."""
    rows = list(rows)
    ids = {row.branch_id for row in rows}
    codes = {row.id: row.code for row in session.scalars(select(BranchRecord).where(BranchRecord.id.in_(ids)))}
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        if row.profile == "contingency":
            continue
        shown = {name: _form_of(row)[name] for name in _FORM} if row.profile == "internal" else {}
        writer.writerow({
            "type": row.kind, "code": row.code, "last_number": row.last_number, "branch": codes[row.branch_id],
            "name": row.name, **shown,
        })
    return text.getvalue()


def _apply(
    session: Session, account: AccountRecord, number: int, row: Mapping[str, Any], *, author: str, limit: int,
    now: datetime, may_use: Callable[[int], None],
) -> Outcome:
    last = row["last_number"]
    found = session.scalar(operations.series_of(account.id).where(
        SeriesRecord.kind == row["type"], SeriesRecord.code == row["code"]
    ))
    if found is None:
        branch = _branch(session, account.id, row.get("branch"))
        may_use(branch.id)
        given = {name: value for name, value in row.items() if name not in ("type", "branch", "reason")}
        configuring.create(
            session, account, branch, {**given, "kind": row["type"]}, limit=limit, author=author, now=now
        )
        return Outcome(row=number, type=row["type"], code=row["code"], action="create", last_number_before=None,
                       last_number=last)
    may_use(found.branch_id)
    _check_same(session, found, row)
    before, used = found.last_number, found.used
    operations.set_last_number(session, found.id, last, reason=row.get("reason", ""), author=author, now=now)
    action = "unchanged" if before == last else "declare_gap" if used else "set"
    return Outcome(row=number, type=row["type"], code=row["code"], action=action, last_number_before=before,
                   last_number=last)


def _check_same(session: Session, found: SeriesRecord, row: Mapping[str, Any]) -> None:
    """An import counts; it does not reshape a series that is there."""
    form = _form_of(found)
    form["branch"] = session.get_one(BranchRecord, found.branch_id).code
    for name in (*_FORM, "branch"):
        if name in row and row[name] != form[name]:
            raise Refused("SERIES_DIFFERS", Text(
                f"La serie existe con {name} = {form[name]!r}", f"The series exists with {name} = {form[name]!r}"
            ), pointer=f"/{name}", hint=Text(
                "Cámbiela con PATCH /V1/series/{id}", "Change it with PATCH /V1/series/{id}"
            ))


def _form_of(row: SeriesRecord) -> dict[str, Any]:
    internal = row.profile == "internal"
    return {
        "prefix": row.prefix, "suffix": row.suffix, "padding": row.padding, "overflow": row.overflow,
        "format": (row.template or usual(row.counter_reset)) if internal else configuring.LOCKED["format"],
        "counter_reset": row.counter_reset,
    }


def _branch(session: Session, account_id: int, code: str | None) -> BranchRecord:
    if code is None:
        return head_office(session, account_id)
    found = session.scalar(branches_of(account_id).where(BranchRecord.code == code))
    if found is None:
        raise Refused("BRANCH_UNKNOWN", Text(
            f"No existe el establecimiento {code}", f"There is no branch {code}"
        ), pointer="/branch")
    return found


def _located(problem: Problem, number: int) -> list[Item]:
    return [
        Item(code=item.code, message=item.message, pointer=f"/rows/{number - 1}{item.pointer}", hint=item.hint)
        for item in problem.items
    ]
