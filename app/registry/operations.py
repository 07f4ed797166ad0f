"""Imports from their files to their end: analyse, keep the report, apply once it is confirmed.

A report stands for the very effects it names: confirming works the plan out again and goes on only if it is the same.
What was broken off while being applied is resumed by confirming it again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.db import Database, changed
from app.http import Office
from app.problems import Conflict, NotFound, Refused, Text
from app.registry.applying import Result, apply_plan
from app.registry.archives import Archives, Limits, Source
from app.registry.matching import match
from app.registry.models import ImportRecord, ImportState
from app.registry.planning import Choices, Plan, plan_import
from app.registry.reading import examine
from app.registry.report import report_of

UPLOAD_FILES: Final = 5_000
UPLOAD_LIMITS: Final = Limits(files=UPLOAD_FILES, total_bytes=1024 * 1024 * 1024)
"""An upload is analysed while its caller waits; more goes through the command line."""

Progress = Callable[[int], None]


def analyse(
    database: Database, account_id: int, archives: Archives, choices: Choices, *, progress: Progress = lambda _: None
) -> Plan:
    """Reads every file and works out what importing them would do. Nothing is written."""
    with database.read() as session:
        account = session.get_one(AccountRecord, account_id)
        ruc, environment = account.ruc, account.environment
    entries = []
    for found in archives.walk():
        entries.append(examine(found, ruc))
        progress(1)
    matched = match(entries, environment)
    with database.read() as session:
        return plan_import(session, session.get_one(AccountRecord, account_id), matched, choices)


def imports_of(account_id: int) -> Select[ImportRecord]:
    """The imports of one tenant: every query for imports starts here."""
    return select(ImportRecord).where(ImportRecord.account_id == account_id)


def import_of(session: Session, account_id: int, import_id: int) -> ImportRecord:
    """One import of a tenant. Raises NotFound also for another tenant's."""
    found = session.scalar(imports_of(account_id).where(ImportRecord.id == import_id))
    if found is None:
        raise NotFound("IMPORT_NOT_FOUND", Text("La importación no existe", "The import does not exist"))
    return found


def reported(
    services: Office, account: AccountRecord, *, name: str, content: bytes, choices: Choices, actor: str
) -> ImportRecord:
    """An upload analysed, with its report, for `submit` to keep.

    Raises Refused for an upload in which there is nothing at all.
    """
    with Archives((Source(name=name, content=content),), UPLOAD_LIMITS) as archives:
        plan = analyse(services.database, account.id, archives, choices)
    if not plan.items and not plan.passed:
        raise Refused("IMPORT_EMPTY", Text("El archivo no contiene nada", "There is nothing in the file"),
                      pointer="/file")
    return ImportRecord(
        account_id=account.id, digest=plan.digest, options=_options(choices, name), content=content,
        report=report_of(plan, account.ruc), actor=actor, created_at=services.clock.now(),
    )


def submit(session: Session, row: ImportRecord) -> None:
    """Keeps an upload and its report until it is confirmed; an earlier report is replaced."""
    session.execute(
        update(ImportRecord)
        .where(ImportRecord.account_id == row.account_id, ImportRecord.state == str(ImportState.PLANNED))
        .values(state=str(ImportState.REPLACED), content=None)
    )
    session.add(row)
    session.flush()


def confirm(services: Office, account: AccountRecord, import_id: int, digest: str, *, actor: str) -> Result | None:
    """Applies an import whose report was read; what was done is for `finish` to note. Confirming it again resumes it.

    None for one that was applied and finished before. Raises NotFound, Refused for the digest of another plan, Conflict
    when it was replaced or the account has changed since the report.
    """
    database = services.database
    with database.read() as session:
        row = import_of(session, account.id, import_id)
        state, content, options = row.state, row.content, row.options
    if digest != row.digest:
        raise Refused("PLAN_MISMATCH", Text(
            "El plan confirmado no es el de esta importación", "The plan confirmed is not this import's"
        ), pointer="/plan")
    if state == ImportState.APPLIED:
        return None
    if state == ImportState.REPLACED or content is None:
        raise Conflict("IMPORT_REPLACED", Text(
            "Otra importación reemplazó a esta", "A later import has replaced this one"
        ))
    with Archives((Source(name=options["name"], content=content),), UPLOAD_LIMITS) as archives:
        plan = analyse(database, account.id, archives, choices_in(options))
        if state == ImportState.PLANNED and plan.digest != row.digest:
            raise plan_changed(plan)
        _begin(services, import_id)
        return apply_plan(
            database, archives, account.id, plan, actor=actor, now=services.clock.now, environment=account.environment
        )


def begin_local(services: Office, account: AccountRecord, plan: Plan, *, actor: str) -> int:
    """Notes that files at hand are being applied, so that it can be resumed under the same digest; gives its id."""
    now = services.clock.now()
    with services.database.write() as session:
        row = session.scalar(resumable(account.id, plan.digest))
        if row is None:
            row = ImportRecord(
                account_id=account.id, digest=plan.digest, state=str(ImportState.APPLYING), actor=actor,
                options=_options(plan.choices, ""), report=report_of(plan, account.ruc), created_at=now,
                confirmed_at=now,
            )
            session.add(row)
            session.flush()
        return row.id


def resumable(account_id: int, digest: str) -> Select[ImportRecord]:
    """The import with that plan that was begun and not finished."""
    return imports_of(account_id).where(
        ImportRecord.digest == digest, ImportRecord.state == str(ImportState.APPLYING)
    ).order_by(ImportRecord.id.desc()).limit(1)


def finish(session: Session, import_id: int, result: Result, *, now: datetime) -> None:
    """Notes that an import is done and lets its upload go."""
    row = session.get_one(ImportRecord, import_id)
    row.state, row.result = str(ImportState.APPLIED), result.body()
    row.content, row.finished_at = None, now
    session.flush()


def choices_in(options: dict[str, Any]) -> Choices:
    """The importer's choices as they were kept."""
    return Choices(branches=options["create_branches"], defaults=options["set_defaults"])


def plan_changed(plan: Plan) -> Conflict:
    """The refusal of a plan whose effects are others by now."""
    return Conflict("PLAN_CHANGED", Text(
        "La cuenta o los archivos cambiaron desde el reporte; vuelva a analizar",
        "The account or the files changed since the report; analyse again",
    ), extra={"plan": plan.digest})


def _begin(services: Office, import_id: int) -> None:
    with services.database.write() as session:
        begun = changed(session, update(ImportRecord).where(
            ImportRecord.id == import_id,
            ImportRecord.state.in_((str(ImportState.PLANNED), str(ImportState.APPLYING))),
        ).values(state=str(ImportState.APPLYING), confirmed_at=services.clock.now()))
    if begun != 1:
        raise Conflict("IMPORT_REPLACED", Text(
            "Otra importación reemplazó a esta", "A later import has replaced this one"
        ))



def _options(choices: Choices, name: str) -> dict[str, Any]:
    return {"name": name, "create_branches": choices.branches, "set_defaults": choices.defaults}
