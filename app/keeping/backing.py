"""Making a backup while the office serves: every table out of one consistent picture of the database.

Readers stand in nobody's way on either database: SQLite's WAL keeps the picture, on PostgreSQL it is a REPEATABLE READ
transaction. Rows come a few hundred at a time, so memory does not grow with the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import migrations
from app.audit.reading import snapshot
from app.db import Busy, Database
from app.http import Vault
from app.keeping.archive import Manifest, seal_keys, writing
from app.keeping.tables import Shape, line_of, shapes
from app.ledger import pulses

_PAGE: Final = 200
_log = structlog.get_logger("chasqui.keeping")


def backup(database: Database, vault: Vault, path: Path, *, now: datetime, master_key: str = "") -> Manifest:
    """Writes everything the database holds into a file of its own and says what that is.

    ``path`` may be a folder; the file then gets a name with the instant. With a ``master_key`` (its text) the backup
    opens by itself, so it must be kept as the key is. Raises FileExistsError, OSError, app.db's and SQLAlchemy's
    errors; the database must be at this version's revision.
    """
    made_at = now.astimezone(UTC)
    target = path / f"chasqui-{made_at:%Y%m%dT%H%M%SZ}.zip" if path.is_dir() else path
    with writing(target) as writer, snapshot(database) as session:
        for shape in shapes():
            writer.table(shape, _lines(session, shape))
        manifest = writer.finish(
            made_at=made_at.isoformat(timespec="seconds"), program=version("chasqui"), revision=migrations.newest(),
            database=database.dialect, master_key=master_key, keys=seal_keys(vault.keys),
        )
    _note(database, target, now)
    return manifest


def _note(database: Database, target: Path, now: datetime) -> None:
    """Notes that there is a backup; a database that refuses this one row makes it no worse."""
    try:
        with database.write() as session:
            pulses.beat(session, pulses.BACKUP, now=now, note=target.name)
    except (SQLAlchemyError, Busy) as error:
        _log.warning("backup_not_noted", file=target.name, reason=type(error).__name__)


def _lines(session: Session, shape: Shape) -> Iterator[bytes]:
    table = shape.clause()
    query = select(*table.columns).order_by(*(table.columns[name] for name in shape.key))
    for row in session.execute(query, execution_options={"yield_per": _PAGE}):
        yield line_of(shape, row)
