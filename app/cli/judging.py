"""``validate``: what SUNAT would say of anybody's files, without a database.

Exit status: 1 when there is an error in any file, else 2 when a file could not be judged, else 0. With ``--json`` there
is one JSON object a line for each file, as it is judged (JSON Lines), so that any number of files can be piped on.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import click

from app.checking.examining import SUFFIXES, Report, body, reports
from app.cli.progress import Bar
from app.config import read_schemas, read_settings
from app.registry.archives import sources_at
from sunat.money import decimal
from sunat.rules.context import Context
from sunat.rules.engine import Severity
from sunat.validation import Asked


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="XML|ZIP|DIR...",
                type=click.Path(exists=True, path_type=Path))
@click.option("--date", "received", type=click.DateTime(("%Y-%m-%d",)),
              help="Día en que SUNAT lo recibe; sin él, el de emisión / day of reception, else the issue date.")
@click.option("--exchange-rate", type=decimal, metavar="PEN",
              help="Soles por una unidad de la moneda / soles for one unit of the currency.")
@click.option("--check-name", is_flag=True,
              help="Exigir nombres RUC-TT-SERIE-NÚMERO / ask for names of that form.")
@click.option("--unsigned", is_flag=True, help="Sin mirar la firma / do not look at the signature.")
@click.option("--strict", is_flag=True, help="Lo que SUNAT está convirtiendo en error lo es / turning ones are errors.")
@click.option("--json", "as_json", is_flag=True, help="Un objeto JSON por archivo y línea / one JSON object a line.")
@click.option("--english", is_flag=True, help="Mensajes en inglés / messages in English.")
def validate(
    paths: tuple[Path, ...], received: datetime | None, exchange_rate: Decimal | None, check_name: bool, unsigned: bool,
    strict: bool, as_json: bool, english: bool,
) -> None:
    """Lo que SUNAT rechazaría u observaría / what SUNAT would reject or observe.

    Archivos, carpetas y zips de cualquier sistema; un zip con nombre de comprobante se juzga como envío. No guarda ni
    envía nada. Termina con 1 si hay errores, con 2 si algo no se pudo juzgar.

    Files, folders and zips of any system; a zip named as a voucher is judged as the parcel SUNAT gets. Nothing is
    stored or sent. Ends with 1 for errors, with 2 for what could not be judged.
    """
    asked = Asked(
        received=received.date() if received is not None else None, signed=not unsigned, named=check_name,
        strict=strict, schemas=read_schemas(read_settings()),
        context=Context(received=date.min, exchange_rate=exchange_rate),
    )
    sources = tuple(
        source for path in paths for source in sources_at((path,))
        if not path.is_dir() or source.name.lower().endswith(SUFFIXES)
    )
    files = errors = unjudged = 0
    with Bar("Juzgando / judging", len(sources)) as progress:
        done = 0
        for index, report in reports(sources, asked):
            files += 1
            errors += report.examined.rejected
            unjudged += report.examined.unjudged is not None
            click.echo(json.dumps(body(report, "en" if english else "es"), ensure_ascii=False) if as_json
                       else "\n".join(_told(report, english=english)))
            if index > done:
                progress(index - done)
                done = index
        progress(len(sources) - done)
    if files != 1:
        click.echo(f"{files} archivos / files: {errors} con errores / with errors, "
                   f"{unjudged} sin juzgar / not judged", err=True)
    raise SystemExit(1 if errors else 2 if unjudged or not files else 0)


def _told(report: Report, *, english: bool) -> list[str]:
    examined = report.examined
    if examined.unjudged is not None:
        return [f"{report.file}: {examined.unjudged.en if english else examined.unjudged.es}"]
    kind = examined.kind
    name = "XML" if kind is None else kind.name_en if english else kind.name
    errors = sum(finding.severity is Severity.ERROR for finding in examined.findings)
    remarks = len(examined.findings) - errors
    counted = f"{errors} errors, {remarks} observations" if english else f"{errors} errores, {remarks} observaciones"
    return [
        f"{report.file}: {name}: {counted}",
        *(
            f"  {one.code}\t{one.severity.value}\t{one.path}\t"
            + (f"{one.message_en} {one.hint_en}" if english else f"{one.message_es} {one.hint_es}")
            for one in examined.findings
        ),
    ]


COMMANDS = {"validate": validate}
