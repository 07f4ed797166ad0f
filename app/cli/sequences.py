"""``series``: where numbers come from."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from app.accounts.models import BranchRecord
from app.accounts.operations import branches_of, head_office
from app.cli.frame import account_option, data_option, find_account, office_in
from app.cli.probing import probe
from app.series import importing, operations, stopping
from app.series.models import RESTORED, SeriesRecord
from sunat.kinds import KINDS
from sunat.numbering import MAX_NUMBER

KIND = click.Choice([kind.code for kind in KINDS])


@click.group()
def series() -> None:
    """Series y sus contadores / series and their counters."""


@series.command("list")
@data_option
@account_option
def list_series(data: Path | None, account: str) -> None:
    """Las series / the series: tipo, serie, último número, por defecto, estado."""
    with office_in(data) as office, office.database.read() as session:
        row = find_account(session, account)
        query = operations.series_of(row.id).where(SeriesRecord.profile != "summary")
        for each in session.scalars(query.order_by(SeriesRecord.kind, SeriesRecord.code)):
            state = "detenida" if each.frozen else "activa" if each.active else "inactiva"
            marks = "\t".join(("default" if each.is_default else "-", state))
            click.echo(f"{each.kind}\t{each.code}\t{each.last_number}\t{marks}")


@series.command("add")
@data_option
@account_option
@click.option("--type", "code", type=KIND, required=True, help="Tipo de SUNAT / SUNAT's kind.")
@click.option("--branch", help="Código del establecimiento / branch code (domicilio fiscal).")
@click.argument("name", metavar="SERIE")
def add_series(data: Path | None, account: str, code: str, branch: str | None, name: str) -> None:
    """Registra una serie / registers a series."""
    with office_in(data) as office, office.database.write() as session:
        row = find_account(session, account)
        place = head_office(session, row.id) if branch is None else session.scalar(
            branches_of(row.id).where(BranchRecord.code == branch)
        )
        if place is None:
            raise click.BadParameter(f"No existe el establecimiento {branch}", param_hint="--branch")
        operations.register(
            session, place, row, sunat_code=code, code=name, now=office.clock.now(), pointer=""
        )


@series.command("release")
@data_option
@account_option
@click.option("--type", "code", type=KIND, required=True, help="Tipo de SUNAT / SUNAT's kind.")
@click.argument("name", metavar="SERIE")
def release_series(data: Path | None, account: str, code: str, name: str) -> None:
    """Libera una serie detenida / lets a stopped series issue again.

    Antes averigüe qué otro sistema la usa: su próximo número debe estar libre en SUNAT.
    """
    with office_in(data) as office, office.database.write() as session:
        row = find_account(session, account)
        found = session.scalar(
            operations.series_of(row.id).where(SeriesRecord.sunat_code == code, SeriesRecord.code == name)
        )
        if found is None:
            raise click.BadParameter(f"No existe la serie {name} / There is no series {name}", param_hint="SERIE")
        was = found.frozen
        if found.frozen_by == RESTORED:
            raise click.ClickException(
                f"{was}: chasqui series probe --account {account} --type {code} {name} / compare it with SUNAT first"
            )
        stopping.thaw(session, found, now=office.clock.now())
        click.echo(was or "-")


@series.command("set-last")
@data_option
@account_option
@click.option("--type", "code", type=KIND, required=True, help="Tipo de SUNAT / SUNAT's kind.")
@click.option("--reason", default="", help="Motivo del salto en una serie usada / why numbers are skipped.")
@click.argument("name", metavar="SERIE")
@click.argument("last_number", metavar="NUMERO", type=click.IntRange(0, MAX_NUMBER))
def set_last(data: Path | None, account: str, code: str, reason: str, name: str, last_number: int) -> None:
    """Fija el último número usado / sets the last number used; the next voucher gets the one after it."""
    with office_in(data) as office, office.database.write() as session:
        row = find_account(session, account)
        found = operations.find(session, row.id, code, name)
        if found is None:
            raise click.BadParameter(f"La serie {name} no está registrada / not registered", param_hint="SERIE")
        operations.set_last_number(
            session, found.id, last_number, reason=reason, author="cli", now=office.clock.now(), pointer=""
        )


@series.command("import")
@data_option
@account_option
@click.option("--dry-run", is_flag=True, help="Solo dice qué cambiaría / only tells what would change.")
@click.argument("file", metavar="FILE.csv", type=click.File("rb"))
def import_series(data: Path | None, account: str, dry_run: bool, file: BinaryIO) -> None:
    """Trae series y últimos números / brings in series and last numbers: todas las filas o ninguna, all rows or none.

    Columnas / columns: type, code, last_number [branch, name, prefix, suffix, padding, overflow, format,
    counter_reset, reason].
    """
    rows = importing.loaded(importing.rows_of(file.read()))
    with office_in(data) as office, office.database.write() as session:
        outcomes = importing.bring_in(
            session, find_account(session, account), rows, author="cli", limit=office.settings.series_limit,
            now=office.clock.now(), dry_run=dry_run,
        )
    for each in outcomes:
        before = "-" if each.last_number_before is None else each.last_number_before
        click.echo(f"{each.type}\t{each.code}\t{before} -> {each.last_number}\t{each.action}")
    changes = sum(each.action != "unchanged" for each in outcomes)
    said = "cambiarían, no se guardó nada / would change, nothing was stored" if dry_run else "cambiaron / changed"
    click.echo(f"{changes} de {len(outcomes)} series {said}", err=True)


@series.command("export")
@data_option
@account_option
def export_series(data: Path | None, account: str) -> None:
    """Las series como CSV, en la forma que import lee / the series as CSV, in the form that import reads."""
    with office_in(data) as office, office.database.read() as session:
        row = find_account(session, account)
        query = operations.series_of(row.id).where(SeriesRecord.profile != "summary").order_by(SeriesRecord.id)
        click.echo(importing.csv_of(session, session.scalars(query)), nl=False)


series.add_command(probe)

COMMANDS = {"series": series}
