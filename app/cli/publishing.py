"""``rates``: what the law's percentages are, what SUNAT publishes of currencies, and the switch of the reduced rate."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from app.almanac import rates as exchange
from app.almanac import stops
from app.almanac.rate_files import read_rates
from app.cli.frame import data_option, office_in
from sunat.taxes.rates import told

_WHO: Final = "cli"
_AT_ONCE: Final = 500
_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.group()
def rates() -> None:
    """Tipos de cambio y tasas / exchange rates and tax rates."""


@rates.command("import")
@data_option
@click.option("--dry-run", is_flag=True, help="Solo dice qué cambiaría / only tells what would change.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
def import_rates(data: Path | None, dry_run: bool, as_json: bool, file: Path) -> None:
    """Guarda tipos de cambio por día / keeps exchange rates by day.

    CSV con una primera línea day,currency,buy,sell (y source): soles por unidad. También el texto diario de SUNAT
    (dd/mm/aaaa|compra|venta|, dólares). O todo el archivo o nada; repetirlo no cambia nada.
    """
    with office_in(data) as office:
        found = read_rates(file.read_bytes(), office.clock.today())
        kept: list[exchange.Kept] = []
        hidden = not sys.stderr.isatty()
        with (
            click.progressbar(length=len(found), label="Guardando / keeping", file=sys.stderr, hidden=hidden) as bar,
            office.database.write() as session,
        ):
            for start in range(0, len(found), _AT_ONCE):
                part = found[start:start + _AT_ONCE]
                kept += exchange.keep(session, part, actor=_WHO, now=office.clock.now())
                bar.update(len(part))
            if dry_run:
                session.rollback()
    counts = {name: sum(each.outcome == name for each in kept) for name in ("added", "changed", "unchanged")}
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **counts}))
        return
    for each in kept:
        if each.former is not None:
            click.echo(f"{each.rate.day} {each.rate.currency}: venta/sell {each.former:f} -> {each.rate.sell:f}")
    said = f"nuevos/added {counts['added']}, cambiados/changed {counts['changed']}, iguales/same {counts['unchanged']}"
    click.echo(f"{said}; no se guardó nada / nothing was kept" if dry_run else said)


@rates.command("list")
@click.option("--date", "day", type=_DAY, help="Solo lo que rige ese día / only what may be issued that day.")
def list_rates(day: datetime | None) -> None:
    """Tasas y montos por fecha con su norma / tax rates and amounts by date: qué, código, valor, desde, hasta."""
    for row in told(day.date() if day is not None else None):
        click.echo("\t".join(row).rstrip())


@rates.command("published")
@data_option
@click.option("--currency", default=None, metavar="USD", help="Una moneda / one currency.")
@click.option("--from", "first", type=_DAY, help="Primer día / first day; 31 días / days.")
@click.option("--to", "last", type=_DAY, help="Último día / last day; mañana / tomorrow.")
def published(data: Path | None, currency: str | None, first: datetime | None, last: datetime | None) -> None:
    """Los tipos de cambio guardados / the exchange rates kept: día, moneda, compra, venta, fuente."""
    with office_in(data) as office, office.database.read() as session:
        until = last.date() if last is not None else office.clock.today() + timedelta(days=1)
        since = first.date() if first is not None else until - timedelta(days=31)
        for rate in exchange.between(session, currency, since, until):
            click.echo(f"{rate.day}\t{rate.currency}\t{rate.buy:f}\t{rate.sell:f}\t{rate.source}".rstrip())


@rates.command("stop-reduced")
@data_option
@click.option("--from", "first", type=_DAY, help="Desde qué fecha de emisión / from which issue date; hoy / today.")
@click.option("--reason", required=True, help="Por qué; lo lee quien emite / why; whoever issues reads it.")
def stop_reduced(data: Path | None, first: datetime | None, reason: str) -> None:
    """Detiene la tasa reducida de IGV en toda la instalación / stops the reduced IGV rate for everybody, at once."""
    with office_in(data) as office, office.database.write() as session:
        day: date = first.date() if first is not None else office.clock.today()
        stops.stop(session, day, reason=reason[:200], actor=_WHO, now=office.clock.now())
    click.echo(f"Tasa reducida detenida desde / reduced rate stopped from {day}")


@rates.command("allow-reduced")
@data_option
def allow_reduced(data: Path | None) -> None:
    """Levanta esa detención / lifts that stop."""
    with office_in(data) as office, office.database.write() as session:
        lifted = stops.lift(session, now=office.clock.now())
    click.echo(
        "Tasa reducida permitida / reduced rate allowed" if lifted else "No estaba detenida / it was not stopped"
    )


COMMANDS = {"rates": rates}
