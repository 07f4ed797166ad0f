"""``import``: moving in from another system with its XML and CDR files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from app.accounts.models import AccountRecord
from app.cli.frame import account_option, data_option, find_account, office_in
from app.cli.progress import Bar
from app.http import Office
from app.registry import operations
from app.registry.applying import apply_plan
from app.registry.archives import Archives, sources_at
from app.registry.planning import Choices, Plan
from app.registry.report import report_of, text_of

_WHO = "cli"


@click.command("import")
@data_option
@account_option
@click.option("--yes", is_flag=True, help="Importa sin preguntar / import without asking.")
@click.option("--confirm", "confirmed", metavar="PLAN", help="Importa si el plan es ese / import if it is that plan.")
@click.option("--json", "as_json", is_flag=True, help="El reporte en JSON / the report as JSON.")
@click.option("--no-branches", is_flag=True, help="No crear establecimientos / add no branches.")
@click.option("--no-defaults", is_flag=True, help="No cambiar series por defecto / leave the default series.")
@click.argument("paths", nargs=-1, required=True, metavar="ZIP|DIR...",
                type=click.Path(exists=True, readable=True, path_type=Path))
def import_files(
    data: Path | None, account: str, yes: bool, confirmed: str | None, as_json: bool, no_branches: bool,
    no_defaults: bool, paths: tuple[Path, ...],
) -> None:
    """Múdese desde otro sistema con sus XML y CDR / move in with the XML and CDR files of another system.

    Lee archivos, carpetas y zips, informa qué se importaría y no cambia nada hasta que usted confirme.
    Reads files, folders and zips, reports what would be imported, and changes nothing until you confirm.
    Repetirlo no importa nada dos veces / running it again imports nothing twice.
    """
    choices = Choices(branches=not no_branches, defaults=not no_defaults)
    with office_in(data) as office, Archives(sources_at(paths)) as archives:
        with office.database.read() as session:
            row = find_account(session, account)
        with Bar("Leyendo / reading", None) as progress:
            plan = operations.analyse(office.database, row.id, archives, choices, progress=progress)
        report = report_of(plan, row.ruc)
        if not as_json:
            click.echo("\n".join(text_of(report)))
        work = len(plan.of("import")) + len(plan.of("complete"))
        if not work and not any(each.moves or not each.registered for each in plan.series):
            click.echo("Nada que importar / nothing to import", err=True)
            _tell(report, None, as_json=as_json)
            return
        began = _agreed(office, row, plan, yes=yes, confirmed=confirmed)
        if began is None:
            click.echo(
                f"No se cambió nada. Para importar / nothing was changed; to import: --confirm {plan.digest}", err=True
            )
            _tell(report, None, as_json=as_json)
            return
        with Bar("Importando / importing", work) as progress:
            result = apply_plan(
                office.database, archives, row.id, plan, actor=_WHO, now=office.clock.now,
                environment=row.environment, progress=progress,
            )
        with office.database.write() as session:
            operations.finish(session, began, result, now=office.clock.now())
        _tell(report, result.body(), as_json=as_json)
    if result.failed:
        raise SystemExit(1)


def _agreed(office: Office, row: AccountRecord, plan: Plan, *, yes: bool, confirmed: str | None) -> int | None:
    """The id under which the plan is applied, None without a yes. Raises Conflict for another plan than confirmed."""
    if confirmed is not None and confirmed != plan.digest:
        with office.database.read() as session:
            begun = session.scalar(operations.resumable(row.id, confirmed))
        if begun is None:
            raise operations.plan_changed(plan)
        return begun.id
    asked = sys.stdin.isatty() and click.confirm("¿Importar? / Import?", err=True) if not yes else True
    if confirmed is None and not asked:
        return None
    return operations.begin_local(office, row, plan, actor=_WHO)


def _tell(report: dict[str, Any], result: dict[str, Any] | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"report": report, "result": result}, ensure_ascii=False))
    if as_json or result is None:
        return
    click.echo(
        f"Importados / imported: {result['imported']}; con CDR nuevo / completed: {result['completed']}; "
        f"ya estaban / already there: {result['already_there']}; fallidos / failed: {result['failed']}"
    )
    for name in result["failed_files"]:
        click.echo(f"  {name}", err=True)


COMMANDS = {"import": import_files}
