"""``registers``: SUNAT's registers as dated files, for warnings before a number is spent."""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from sqlalchemy import select

from app.almanac.loading import Edition, Loaded, load
from app.almanac.models import REGISTERS, RegisterRecord
from app.almanac.register_files import opened
from app.cli.frame import data_option, office_in

_WHO: Final = "cli"
_MOST_STATES: Final = 12


@click.group()
def registers() -> None:
    """Padrones de SUNAT / SUNAT's registers: avisan antes de numerar, nunca rechazan."""


@registers.command("import")
@data_option
@click.option("--date", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="De qué día es / the day it speaks of; hoy.")
@click.option("--dry-run", is_flag=True, help="Lee y cuenta, no guarda nada / reads and counts, keeps nothing.")
@click.option("--skip-bad-lines", is_flag=True, help="Deja fuera las líneas malas / leaves bad lines out.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
@click.argument("kind", type=click.Choice(REGISTERS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
def import_register(
    data: Path | None, as_of: datetime | None, dry_run: bool, skip_bad_lines: bool, as_json: bool, kind: str,
    file: Path,
) -> None:
    """Toma un padrón y reemplaza el anterior / takes a register in, in place of the former.

    CSV con una primera línea: ruc,state,condition para ruc-state; ruc (y from, until) para los demás. También los de
    SUNAT tal como los publica (padron_reducido_ruc.zip, AgenRet_TXT.zip, AgenPerc_TXT.zip), con sus propios nombres
    de columna. Mientras se carga rige el anterior; repetir el mismo archivo no cambia nada.
    """
    with office_in(data) as office:
        edition = Edition(
            kind=kind, as_of=as_of.date() if as_of is not None else office.clock.today(), path=file, actor=_WHO
        )
        with opened(file) as source:
            size = source.size
        hidden = not sys.stderr.isatty()
        with click.progressbar(
            length=size, label="Leyendo / reading", file=sys.stderr, hidden=hidden, update_min_steps=1 << 20
        ) as bar:
            began = time.monotonic()
            done = load(
                office.database, edition, now=office.clock.now, progress=bar.update, skip_bad=skip_bad_lines,
                dry_run=dry_run,
            )
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **done.body()}, ensure_ascii=False))
    else:
        _tell(done, seconds=time.monotonic() - began, dry_run=dry_run)


@registers.command("list")
@data_option
def list_registers(data: Path | None) -> None:
    """Los padrones tomados / the registers taken in: cuál, fecha, estado, líneas, archivo."""
    with office_in(data) as office, office.database.read() as session:
        for row in session.scalars(select(RegisterRecord).order_by(RegisterRecord.kind, RegisterRecord.id.desc())):
            click.echo(f"{row.kind}\t{row.as_of}\t{row.state}\t{row.lines}\t{row.file_name}")


def _tell(done: Loaded, *, seconds: float, dry_run: bool) -> None:
    if done.unchanged:
        click.echo(f"Ya estaba / already there: {done.lines} líneas/lines")
        return
    click.echo(
        f"{done.lines} líneas/lines, {done.repeated} repetidas/repeated, {done.bad} malas/bad, {seconds:.0f} s"
        + ("; no se guardó nada / nothing was kept" if dry_run else "")
    )
    for name, count in done.states.most_common(_MOST_STATES):
        click.echo(f"  {name}: {count}")
    for bad in done.told:
        click.echo(f"  línea/line {bad.number}: {bad.text.es} / {bad.text.en}", err=True)


COMMANDS = {"registers": registers}
