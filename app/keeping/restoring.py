"""Putting a backup back, into an empty database only, whole or not at all; its series start stopped.

The schema is brought to the backup's own revision, the rows go in, references are checked, and then the schema comes
up to today's: all of it in one transaction. What was on its way to SUNAT begins anew, with its file compared before
anything is believed: since the backup was made it may have been sent, answered and corrected.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, insert, inspect, select, text, update
from sqlalchemy.engine import Connection

from app import migrations
from app.accounts.models import AccountRecord
from app.clock import lima
from app.db import Database
from app.http import Vault
from app.keeping.archive import Manifest, Member, Reader, reading, seal_keys
from app.keeping.tables import kept, rows_of
from app.ledger.lifecycle import DeliveryState, Phase
from app.ledger.models import EventRecord
from app.problems import Conflict, Refused, Text
from app.series.models import RESTORED, SeriesRecord

_MANY: Final = 500
_AGAIN: Final = frozenset({Phase.FRESH, Phase.RESEND, Phase.DOUBT, Phase.CLAIMED})
"""What was known of a voucher that may be known better by now; it begins again, where a claim means comparing."""

_UNDER_WAY: Final = frozenset({DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back: the backup's manifest, and how many series wait for `chasqui series probe`."""

    manifest: Manifest
    series: int


def check(path: Path, vault: Vault) -> Manifest:
    """Reads a whole backup as a restore would, and keeps nothing. Raises Refused where it is not to be trusted."""
    with reading(path) as reader:
        reader.check_seal(seal_keys(vault.keys))
        for member in reader.manifest.members:
            for _ in _rows(reader, member):
                pass
        return reader.manifest


def restore(database: Database, vault: Vault, path: Path, *, now: datetime) -> Restored:
    """Puts a backup back and stops its series.

    Raises Refused (damaged, another master key, a later version's), Conflict for a database that is not empty, OSError.
    """
    with reading(path) as reader:
        manifest = reader.manifest
        reader.check_seal(seal_keys(vault.keys))
        if not migrations.knows(manifest.revision):
            raise Refused("BACKUP_LATER", Text(
                f"La copia es de una versión posterior ({manifest.program}, {manifest.revision})",
                f"The backup is a later version's ({manifest.program}, {manifest.revision})",
            ), hint=Text("Use esa versión o una posterior", "Use that version or a later one"))
        _check_empty(database, manifest.revision)
        with database.schema_change() as connection:
            migrations.bring(connection, manifest.revision)
            with _references_apart(connection):
                for member in manifest.members:
                    _load(connection, reader, member)
            _count_on(connection, manifest)
            migrations.bring(connection, "head")
            stopped = _stop(connection, manifest, now)
    return Restored(manifest=manifest, series=stopped)


def _check_empty(database: Database, revision: str) -> None:
    found = migrations.current(database)
    if found is None:
        return
    with database.read() as session:
        names = set(inspect(session.connection()).get_table_names())
        used = any(
            session.scalar(select(func.count()).select_from(table))
            for table in kept() if table.name in names
        )
    if used or found != revision:
        raise Conflict("RESTORE_NOT_EMPTY", Text(
            "Solo se restaura en una base de datos vacía", "A backup is put back into an empty database only"
        ), hint=Text(
            "Use otra carpeta (--data) u otra base (DATABASE_URL); la que hay no se toca",
            "Use another folder (--data) or another database (DATABASE_URL); this one is left alone",
        ))


def _load(connection: Connection, reader: Reader, member: Member) -> None:
    statement = insert(member.shape.clause())
    rows = _rows(reader, member)
    while batch := list(islice(rows, _MANY)):
        connection.execute(statement, batch)


def _rows(reader: Reader, member: Member) -> Iterator[dict[str, Any]]:
    try:
        for row in rows_of(member.shape, reader.lines(member)):
            yield _begun_anew(row) if member.shape.name == "deliveries" else row
    except (ValueError, TypeError) as error:
        raise Refused("BACKUP_DAMAGED", Text(
            f"La copia está dañada ({member.shape.name})", f"The backup is damaged ({member.shape.name})"
        )) from error


def _begun_anew(row: dict[str, Any]) -> dict[str, Any]:
    """A voucher's delivery as it stands after a restore; a summary has no file to be compared, only its ticket."""
    if row["document_id"] is not None and row["state"] in _UNDER_WAY and row.get("phase", Phase.FRESH) in _AGAIN:
        row["state"] = str(DeliveryState.WAITING)
        if "phase" in row:
            row["phase"] = str(Phase.FRESH)
    return row


@contextmanager
def _references_apart(connection: Connection) -> Iterator[None]:
    """Leaves the references between rows unchecked inside the block, and checks every one of them at its end."""
    if connection.dialect.name == "sqlite":  # a schema change runs with them unchecked there
        yield
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise Refused("BACKUP_DAMAGED", Text(
                "La copia tiene filas que se refieren a otras que faltan",
                "The backup has rows that refer to rows that are missing",
            ))
        return
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    found = connection.execute(text(
        "SELECT conrelid::regclass::text AS of, conname AS name, pg_get_constraintdef(oid) AS said FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY conname"
    )).all()
    for row in found:
        connection.exec_driver_sql(f'ALTER TABLE {row.of} DROP CONSTRAINT "{row.name}"')
    yield
    for row in found:
        connection.exec_driver_sql(f'ALTER TABLE {row.of} ADD CONSTRAINT "{row.name}" {row.said}')


def _count_on(connection: Connection, manifest: Manifest) -> None:
    """Has PostgreSQL give out ids behind those that came; SQLite looks for itself."""
    if connection.dialect.name != "postgresql":
        return
    for member in manifest.members:
        forms = dict(member.shape.columns)
        for name in member.shape.key:
            if forms[name] != "integer":
                continue
            named = {"of": member.shape.name, "name": name}
            sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:of, :name)"), named)
            if sequence is not None:
                column = member.shape.clause().columns[name]
                last = connection.scalar(select(func.max(column)))
                connection.execute(
                    text("SELECT setval(CAST(:sequence AS regclass), :last, :used)"),
                    {"sequence": sequence, "last": last or 1, "used": last is not None},
                )


def _stop(connection: Connection, manifest: Manifest, now: datetime) -> int:
    """Stops every series that numbers vouchers of an authority that remembers them, and tells each account."""
    made_at = lima(datetime.fromisoformat(manifest.made_at))
    stopped = connection.execute(
        update(SeriesRecord)
        .where(SeriesRecord.profile == "sunat", SeriesRecord.environment != "beta")
        .values(
            frozen=f"Restaurada de la copia del {made_at:%Y-%m-%d %H:%M}: compruebe su último número en SUNAT",
            frozen_by=RESTORED, updated_at=now,
        )
    ).rowcount
    told = {"made_at": manifest.made_at, "program": manifest.program}
    rows = [
        {"account_id": account, "kind": "account.restored", "actor": "cli", "data": told, "at": now}
        for account in connection.scalars(select(AccountRecord.id).order_by(AccountRecord.id))
    ]
    if rows:
        connection.execute(insert(EventRecord), rows)
    return stopped
