"""The installation itself: database, disk, master key, backups, high-water file."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import migrations
from app.accounts.models import AccountRecord
from app.accounts.operations import safe_of
from app.accounts.vault import VaultError
from app.config import MASTER_KEY_FILE
from app.db import Busy
from app.doctor.rows import Row, bad, ok, span, warn
from app.http import Office
from app.keeping.watermark import older_series
from app.ledger import pulses
from app.problems import Text

_GIGABYTE: Final = 1024**3
_LOW: Final = _GIGABYTE
_FULL: Final = 100 * 1024**2
"""Free bytes below which the disk is running out, and below which nothing can be relied on."""

_DAY: Final = 86_400
_OLD: Final = 2 * _DAY
_TOO_OLD: Final = 7 * _DAY
"""Seconds since the last backup."""

_SEVERAL: Final = 3
"""So many are named; the others are counted."""


def database(office: Office) -> Row:
    """Whether the database answers and is of this version. A row that is not good means: look no further."""
    try:
        found, wanted = migrations.current(office.database), migrations.newest()
    except (SQLAlchemyError, Busy) as error:
        return bad("database", Text(
            f"No responde ({type(error).__name__})", f"It does not answer ({type(error).__name__})"
        ), Text("Revise DATABASE_URL y el servidor de la base de datos", "Check DATABASE_URL and the database server"))
    if found != wanted:
        return bad("database", Text(
            f"Está en la revisión {found or 'ninguna'}, no en {wanted}", f"At revision {found or 'none'}, not {wanted}"
        ), Text("Ejecute: chasqui migrate", "Run: chasqui migrate"))
    kind = "SQLite" if office.database.dialect == "sqlite" else "PostgreSQL"
    return ok("database", Text(f"{kind} responde, revisión {found}", f"{kind} answers, revision {found}"))


def disk(office: Office) -> Row:
    """Whether the data folder can be written, and how much room there is."""
    advice = Text(
        "Libere espacio o mueva la carpeta de datos (CHASQUI_DATA)", "Free some space, or move the data (CHASQUI_DATA)"
    )
    folder = office.settings.data_dir
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return bad("disk", Text(
            f"No se puede escribir en la carpeta de datos ({error.strerror})",
            f"The data folder cannot be written ({error.strerror})",
        ), Text(
            "Revise permisos y espacio de la carpeta de datos", "Check the data folder's permissions and free space"
        ))
    seen = Text(f"{free / _GIGABYTE:.1f} GB libres, se puede escribir", f"{free / _GIGABYTE:.1f} GB free, writable")
    if free < _FULL:
        return bad("disk", seen, advice)
    return warn("disk", seen, advice) if free < _LOW else ok("disk", seen)


def master_key(office: Office, accounts: Sequence[AccountRecord]) -> Row:
    """Whether the master key opens these accounts' data keys, and nobody else may read its file."""
    shut, total = [], len(accounts)
    for account in accounts:
        try:
            safe_of(office.vault, account)
        except VaultError:
            shut.append(account.ruc)
    if shut:
        named = ", ".join(shut[:_SEVERAL])
        return bad("master_key", Text(
            f"No abre los secretos de {len(shut)} de {total} cuentas ({named})",
            f"It does not open the secrets of {len(shut)} of {total} accounts ({named})",
        ), Text(
            "Ponga en CHASQUI_KEY (o master.key) la clave con la que se guardaron; sin ella hay que volver a subir "
            "certificados y claves",
            "Put the key they were stored under into CHASQUI_KEY (or master.key); without it certificates and "
            "passwords have to be uploaded again",
        ))
    try:
        mode = stat.S_IMODE((office.settings.data_dir / MASTER_KEY_FILE).stat().st_mode)
    except OSError:
        mode = 0
    if not office.settings.master_key and mode & 0o077:
        return warn("master_key", Text(
            f"Otros usuarios de la máquina pueden leer master.key (permisos {mode:o})",
            f"Other users of the machine may read master.key (mode {mode:o})",
        ), Text("Ejecute: chmod 600 master.key", "Run: chmod 600 master.key"))
    return ok("master_key", Text(
        f"Abre los secretos de {total} cuentas", f"It opens the secrets of {total} accounts"
    ))


def backup(session: Session, now: datetime) -> Row:
    """How old the last backup is. Where a live account issues, none for a week is bad."""
    live = session.scalar(
        select(func.count()).select_from(AccountRecord).where(AccountRecord.environment == "live")
    ) or 0
    advice = Text(
        "Ejecute chasqui backup CARPETA cada noche y guarde la copia en otra máquina",
        "Run chasqui backup FOLDER every night and keep the copy on another machine",
    )
    found = pulses.latest(session, pulses.BACKUP)
    if found is None:
        seen = Text("Todavía no se hizo ninguna copia", "No backup was made yet")
        return bad("backup", seen, advice) if live else warn("backup", seen, advice)
    age = (now - found.at).total_seconds()
    seen = Text(f"La última es de hace {span(age)}", f"The last one is {span(age)} old")
    if age <= _OLD:
        return ok("backup", seen)
    return bad("backup", seen, advice) if live and age > _TOO_OLD else warn("backup", seen, advice)


def high_water(office: Office, accounts: Sequence[AccountRecord] | None) -> Row:
    """Whether the database is as new as what this machine has seen, of all accounts or of these."""
    if office.database.marks is None:
        return ok("high_water", Text("Esta instalación no la lleva", "This installation keeps none"))
    older = older_series(office.database)
    if accounts is not None:
        mine = tuple(f"{one.environment} {one.ruc} " for one in accounts)
        older = tuple(one for one in older if one.key.startswith(mine))
    if older:
        named = ", ".join(one.key for one in older[:_SEVERAL])
        return bad("high_water", Text(
            f"La base de datos es anterior a lo que esta máquina emitió, en {len(older)} series ({named})",
            f"The database is older than what this machine issued, in {len(older)} series ({named})",
        ), Text(
            "Compruebe cada una con SUNAT: chasqui series probe --account ID",
            "Find out with SUNAT how far each went: chasqui series probe --account ID",
        ))
    return ok("high_water", Text("La base de datos está al día", "The database is up to date"))
