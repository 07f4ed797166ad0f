"""``doctor``: what is wrong with this installation and its accounts, and what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import click

from app import doctor as doctors
from app.cli.frame import data_option, find_account, settings_in
from app.doctor import Row, State
from app.factory import build_office, open_database

_MARKS: Final = {State.OK: ("BIEN/OK  ", "green"), State.WARN: ("OJO/WARN ", "yellow"), State.BAD: ("MAL/BAD  ", "red")}


@click.command()
@data_option
@click.option("--account", "account_text", metavar="ID|RUC", help="Solo una cuenta / one account only.")
@click.option("--offline", is_flag=True, help="Sin preguntar a SUNAT / without asking SUNAT.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
def doctor(data: Path | None, account_text: str | None, offline: bool, as_json: bool) -> None:
    """Revisa la instalación y sus cuentas y dice qué hacer / examines everything and says what to do.

    Nada se envía ni se cambia; las credenciales se prueban con una consulta inocua.
    Termina con 1 si algo está mal / ends with 1 when something is bad.
    """
    settings = settings_in(data)
    database = open_database(settings)
    try:
        office = build_office(settings, database=database)
        account_id = None
        if account_text is not None:
            with database.read() as session:
                account_id = find_account(session, account_text).id
        found = doctors.examine(office, account_id=account_id, ask=not offline)
    finally:
        database.dispose()
    if as_json:
        click.echo(json.dumps(found.body(), indent=2, ensure_ascii=False))
    else:
        for row in found.rows:
            _tell(row)
    if not found.healthy:
        raise SystemExit(1)


def _tell(row: Row) -> None:
    mark, colour = _MARKS[row.state]
    whose = f" {row.ruc}" if row.ruc else ""
    click.echo(click.style(mark, fg=colour) + f"{row.title.es} / {row.title.en}{whose}: {row.seen.es} / {row.seen.en}")
    if row.advice.es:
        click.echo(f"         -> {row.advice.es} / {row.advice.en}")


COMMANDS = {"doctor": doctor}
"""What the program finds here."""
