"""``book``: the book of a month, the file that replaces SUNAT's proposal, and what differs from SUNAT's list."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from sqlalchemy.orm import Session

from app.audit.reading import snapshot
from app.books import reading, registry, sales
from app.books.differences import CLASSES, Differences, compare
from app.books.reading import Scope
from app.books.registry import STATES
from app.books.sheets import as_csv, write_workbook
from app.books.uploads import lines_of
from app.cli.frame import Decorated, data_option, office_in, only_account
from app.ledger.lifecycle import Status
from app.wire.periods import month_of

Row = TypeVar("Row")

_STEP: Final = 100
_SHOWN: Final = 20


@click.group()
def book() -> None:
    """Libros del mes y registro de ventas / books of a month and the register of sales."""


def _asked(command: Decorated) -> Decorated:
    for option in (
        click.option("--period", required=True, metavar="AAAA-MM", help="Mes de emisión / month of issue dates."),
        click.option("--account", "account_text", metavar="ID|RUC", help="Cuenta / account; the only one without it."),
        data_option,
    ):
        command = option(command)
    return command


@book.command("registry")
@_asked
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Archivo .csv o .xlsx / a .csv or .xlsx "
              "file; without it only the sums.")
def registry_(data: Path | None, account_text: str | None, period: str, out: Path | None) -> None:
    """Todos los comprobantes del mes, con sus sumas / all vouchers of the month, with their sums."""
    if out is not None and out.suffix.lower() not in (".csv", ".xlsx"):
        raise click.BadParameter("debe terminar en .csv o .xlsx / must end in .csv or .xlsx", param_hint="--out")
    with _month(data, account_text, period) as (session, scope):
        sums = registry.Sums()
        rows = _watched(registry.rows(session, scope, sums), reading.count(session, scope))
        if out is None:
            for _ in rows:
                pass
        elif out.suffix.lower() == ".csv":
            with out.open("wb") as file:
                file.writelines(as_csv(rows))
        else:
            write_workbook(out, rows, sums, title=f"{scope.account.ruc} {scope.period}")
    for line in sums.lines:
        state = STATES[Status(line["status"])]
        click.echo(
            f"{line['kind']} {line['name']}, {state.es}/{state.en}: {line['count']}, {line['currency']} "
            f"{line['net']} + {line['taxes']} = {line['total']}"
        )


@book.command()
@_asked
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Carpeta del zip / "
              "folder of the zip.")
@click.option("--encoding", type=click.Choice(sales.ENCODINGS), default=sales.ENCODINGS[0], show_default=True)
def rvie(data: Path | None, account_text: str | None, period: str, out: Path, encoding: str) -> None:
    """Archivo que reemplaza la propuesta del RVIE / the file that replaces SUNAT's proposal (SIRE)."""
    out.mkdir(parents=True, exist_ok=True)
    draft = out / f".rvie-{period}.part"
    try:
        with _month(data, account_text, period) as (session, scope), draft.open("wb") as file:
            name, found = sales.write_replacement(session, scope, file, encoding=encoding)
        draft.replace(out / name)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"{out / name}: {found.entries} anotaciones/entries, S/ {found.total:.2f}")
    for status, count in sorted(found.left_out.items()):
        state = STATES[Status(status)]
        click.echo(f"  fuera/left out: {count} {state.es}/{state.en}")


@book.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_asked
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
def differences(data: Path | None, account_text: str | None, period: str, file: Path, as_json: bool) -> None:
    """Compara el mes con la propuesta de SUNAT / compares the month with SUNAT's proposal.

    FILE es el texto o zip que SIRE ofrece. Termina con 0 si todo coincide y con 1 si algo difiere.
    """
    with _month(data, account_text, period) as (session, scope):
        found = compare(session, scope, _watched(lines_of(file), None))
    click.echo(json.dumps(found.body, ensure_ascii=False, indent=2) if as_json else _text(found))
    if not found.clean:
        raise SystemExit(1)


@contextmanager
def _month(data: Path | None, account_text: str | None, period: str) -> Iterator[tuple[Session, Scope]]:
    first, last = month_of(period)
    with office_in(data) as office, snapshot(office.database) as session:
        account = only_account(session, account_text)
        yield session, Scope(account=account, period=period, first_day=first, last_day=last)


def _watched(found: Iterable[Row], total: int | None) -> Iterator[Row]:
    """The rows, with a bar on the terminal."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(
        length=total or 0, label="Leyendo / reading", file=sys.stderr, hidden=hidden, show_pos=True
    ) as bar:
        for index, row in enumerate(found):
            if index % _STEP == 0:
                bar.update(_STEP)
            yield row


def _text(found: Differences) -> str:
    lines = [f"{found.listed} en la lista/listed, {found.agree} coinciden/agree"]
    lines += [f"  {name} {count}: {CLASSES[name].es} / {CLASSES[name].en}" for name, count in found.counts.items()]
    lines += [f"    {each['class']} {each['number']}: {_side(each)}" for each in found.told[:_SHOWN]]
    if len(found.told) > _SHOWN:
        lines.append("    ... --json")
    return "\n".join(lines)


def _side(told: dict[str, Any]) -> str:
    here, there = told["here"], told["sunat"]
    ours = "-" if here is None else f"{here['status']} {here['currency']} {here['total']}"
    theirs = "-" if there is None else f"{there['currency']} {there['total']} (línea/line {there['line']})"
    return f"aquí/here {ours}; SUNAT {theirs}"


COMMANDS = {"book": book}
