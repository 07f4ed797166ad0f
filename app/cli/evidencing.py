"""``evidence``: everything about a voucher in a file that proves itself; a period of them; and judging either."""

from __future__ import annotations

import json
import sys
from calendar import monthrange
from datetime import date
from pathlib import Path

import click
from sqlalchemy.orm import Session

from app.cli.frame import account_option, data_option, find_account, office_in
from app.evidence import archiving
from app.evidence.checking import MOST, Judged, NoBundle, judge
from app.evidence.papers import bundled
from app.keeping.placing import new_file
from app.ledger import store
from app.ledger.models import DocumentRecord
from app.problems import NotFound, Text
from sunat.kinds import KINDS
from sunat.numbering import parse_number

_OUT = click.Path(dir_okay=False, path_type=Path)
_IN = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def evidence() -> None:
    """Expedientes de comprobantes / evidence of vouchers: exportar, archivar, verificar."""


@evidence.command("export")
@data_option
@account_option
@click.option("--type", "code", type=click.Choice([kind.code for kind in KINDS]), default="01", show_default=True,
              help="Tipo de SUNAT / SUNAT's kind.")
@click.option("--out", type=_OUT, help="Archivo / the file; else RUC-TT-SERIE-N-evidence.zip here.")
@click.argument("number", metavar="F001-123")
def export(data: Path | None, account: str, code: str, out: Path | None, number: str) -> None:
    """El expediente de un comprobante / the bundle of a voucher."""
    series, parsed = parse_number(number)
    with office_in(data) as office:
        with office.database.read() as session:
            owner = find_account(session, account).id

        def find(session: Session) -> DocumentRecord:
            row = store.document_by_number(session, owner, sunat_code=code, series=series, number=parsed)
            if row is None:
                raise NotFound("DOCUMENT_NOT_FOUND", Text("El comprobante no existe", "The document does not exist"))
            return row

        name, content = bundled(office, find)
    target = out or Path(f"{name}-evidence.zip")
    with new_file(target) as file:
        file.write(content)
    click.echo(str(target))


@evidence.command("archive")
@data_option
@account_option
@click.option("--period", required=True, metavar="AAAA-MM", help="Mes de emisión / month of issue dates.")
@click.option("--out", type=_OUT, required=True, help="Archivo / the file.")
@click.option("--no-pdf", is_flag=True, help="Sin representaciones impresas, más rápido / without papers, faster.")
def archive(data: Path | None, account: str, period: str, out: Path, no_pdf: bool) -> None:
    """Los expedientes de un mes en un archivo / a month's bundles in one file. Nada se borra / nothing is deleted."""
    first, last = _month(period)
    with office_in(data) as office:
        with office.database.read() as session:
            owner = find_account(session, account)
        total = archiving.count(office, owner, first, last)
        hidden = not sys.stderr.isatty()
        with click.progressbar(length=total, label="Archivando / archiving", file=sys.stderr, hidden=hidden) as bar:
            written = archiving.archive(
                office, owner, first, last, out, paper=not no_pdf, seen=lambda: bar.update(1)
            )
    click.echo(f"{out}: {written} comprobantes / vouchers")


@evidence.command("verify")
@click.option("--public-key", "trusted", default="", metavar="BASE64",
              help="La clave que debe haber firmado (chasqui audit --public-key) / the key that must have signed.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
@click.argument("file", metavar="ARCHIVO", type=_IN)
def verify(trusted: str, as_json: bool, file: Path) -> None:
    """Juzga un expediente o un archivo de ellos, sin base de datos / judges a bundle or an archive, without a database.

    Termina con 0 si todo vale, con 1 si algo no, con 2 si no es un expediente.
    """
    try:
        if archiving.is_archive(file):
            holds = _archive_told(archiving.judge_archive(file, trusted=trusted), as_json=as_json)
        else:
            with file.open("rb") as opened:
                content = opened.read(MOST + 1)
            holds = _told(judge(content, trusted=trusted), as_json=as_json)
    except NoBundle as error:
        click.echo(f"No es un expediente / it is no bundle: {error}", err=True)
        raise SystemExit(2) from error
    if not holds:
        raise SystemExit(1)


def _told(judged: Judged, *, as_json: bool) -> bool:
    if as_json:
        click.echo(json.dumps({
            "voucher": judged.voucher, "status": judged.status, "public_key": judged.public_key, "holds": judged.holds,
            "checks": [{"check": each.en, "holds": each.holds, "seen": each.seen} for each in judged.checks],
            "omitted": list(judged.omitted),
        }, indent=2, ensure_ascii=False))
        return judged.holds
    click.echo(f"{judged.voucher}: {judged.status}")
    for each in judged.checks:
        seen = f" ({each.seen})" if each.seen else ""
        click.echo(f"  {'sí' if each.holds else 'NO'}  {each.es} / {each.en}{seen}")
    for omitted in judged.omitted:
        click.echo(f"  --  {omitted}")
    return judged.holds


def _archive_told(found: archiving.Archived, *, as_json: bool) -> bool:
    if as_json:
        click.echo(json.dumps({
            "count": found.count, "holds": found.holds, "failed": list(found.failed), "wrong": list(found.wrong),
            "public_key": found.public_key,
        }, indent=2, ensure_ascii=False))
        return found.holds
    for each in (*found.wrong, *(f"{name}: no vale / does not hold" for name in found.failed)):
        click.echo(f"  NO  {each}")
    said = "VALEN TODOS / ALL HOLD" if found.holds else "NO VALE / DOES NOT HOLD"
    click.echo(f"{found.count} expedientes / bundles: {said}")
    return found.holds


def _month(text: str) -> tuple[date, date]:
    """The first and the last day of a month."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise click.BadParameter("Un mes es AAAA-MM / a month is YYYY-MM", param_hint="--period") from error
    return first, first.replace(day=monthrange(first.year, first.month)[1])


COMMANDS = {"evidence": evidence}
