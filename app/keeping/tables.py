"""Rows as lines of JSON: one list a row, its values by the column's form, the same from both databases.

Forms are few on purpose: a backup made on SQLite is put back on PostgreSQL and the other way round. Amounts, JSON and
decimals travel as the integers and texts they are stored as.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, LargeBinary, String, Table, Text, Time
from sqlalchemy import column as bare_column
from sqlalchemy import table as bare_table
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.db import PASSING, Base, UtcDateTime

_STORED: Final[Mapping[str, TypeEngine[Any]]] = {
    "integer": BigInteger(), "text": Text(), "flag": Boolean(), "bytes": LargeBinary(), "day": Date(), "time": Time(),
    "instant": UtcDateTime(),
}
_FORM_OF: Final = (
    (Integer, "integer"), (String, "text"), (Boolean, "flag"), (LargeBinary, "bytes"), (Date, "day"), (Time, "time"),
    (DateTime, "instant"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A table as a backup knows it: its columns with their forms, and which of them are its key."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    def clause(self) -> TableClause:
        """The table for statements, with the columns as they are stored."""
        return bare_table(self.name, *(bare_column(name, _STORED[form]) for name, form in self.columns))


def shapes() -> tuple[Shape, ...]:
    """Every table of this version that is worth keeping, those that others refer to first."""
    return tuple(shape_of(table) for table in kept())


def kept() -> list[Table]:
    """The tables whose rows are not of the moment (`app.ledger.pulses`), those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if not table.info.get(PASSING)]


def shape_of(table: Table) -> Shape:
    """A declared table. Raises TypeError for a column of a form that no backup knows."""
    return Shape(
        name=table.name, columns=tuple((column.name, _form(column.type)) for column in table.columns),
        key=tuple(column.name for column in table.primary_key.columns),
    )


def line_of(shape: Shape, row: Sequence[Any]) -> bytes:
    """A row as one line, with its line feed."""
    values = [_said(form, value) for (_, form), value in zip(shape.columns, row, strict=True)]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def rows_of(shape: Shape, lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """The rows again. Raises ValueError for a line that is none of this table's."""
    for line in lines:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(shape.columns):
            raise ValueError(f"{shape.name}: a row of another shape")
        yield {
            name: _read(form, value) for (name, form), value in zip(shape.columns, values, strict=True)
        }


def _form(of: TypeEngine[Any]) -> str:
    stored = of.impl_instance if isinstance(of, TypeDecorator) else of
    for known, form in _FORM_OF:
        if isinstance(stored, known):
            return form
    raise TypeError(f"A backup knows no {type(stored).__name__}")


def _said(form: str, value: Any) -> Any:
    if value is None or form in {"integer", "text"}:
        return value
    if form == "flag":
        return bool(value)
    if form == "bytes":
        return b64encode(value).decode("ascii")
    if form == "instant":
        return value.astimezone(UTC).isoformat()
    return value.isoformat()


def _read(form: str, value: Any) -> Any:
    if value is None:
        return None
    if form in {"integer", "text", "flag"}:
        wanted = {"integer": int, "text": str, "flag": bool}[form]
        if type(value) is not wanted:
            raise ValueError(f"{value!r} is no {form}")
        return value
    if form == "bytes":
        return b64decode(value, validate=True)
    reader: Any = {"day": date, "time": time, "instant": datetime}[form]
    return reader.fromisoformat(value)
