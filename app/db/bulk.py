"""Many rows of one table at once, passing over those whose key is there.

SQLite takes them one by one inside its own process, PostgreSQL as one array a column: a statement for thousands of
rows instead of a round trip for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def add_new(session: Session, table: Table, columns: Mapping[str, Sequence[Any]]) -> int:
    """Adds rows given column by column, all of one length, and says how many were new."""
    names = list(columns)
    connection = session.connection(execution_options={"preserve_rowcount": True})
    if connection.dialect.name == "postgresql":
        source = select(*(
            func.unnest(bindparam(name, list(columns[name]), type_=postgresql.ARRAY(table.c[name].type)))
            for name in names
        ))
        return connection.execute(
            postgresql.insert(table).from_select(names, source).on_conflict_do_nothing()
        ).rowcount
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows).rowcount if rows else 0
