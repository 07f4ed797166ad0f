"""What all commands share: where the data lies, the office opened for one command, errors said in one sentence.

A mistake of whoever types ends with exit code 2, anything else that cannot be done with 1; nobody sees a traceback.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import migrations
from app.accounts.models import AccountRecord
from app.config import BadSettings, Settings, read_settings
from app.db import Busy
from app.factory import build_office, open_database
from app.http import Office
from app.problems import Problem
from sunat.errors import SunatError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_RUC_DIGITS: Final = 11


class Program(click.Group):
    """A group whose commands are imported when they are asked for, and whose errors are sentences."""

    def __init__(self, *, commands_by_module: Mapping[str, tuple[str, ...]], **options: Any) -> None:
        super().__init__(**options)
        self._modules = {name: module for module, names in commands_by_module.items() for name in names}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = self._modules.get(cmd_name)
        if module is None:
            return None
        found: click.Command = importlib.import_module(module).COMMANDS[cmd_name]
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise click.ClickException(told(problem)) from problem
        except (BadSettings, SunatError) as error:
            raise click.ClickException(str(error)) from error
        except Busy as error:
            raise click.ClickException("La base de datos está ocupada / The database is busy") from error
        except SQLAlchemyError as error:
            raise click.ClickException(
                f"La base de datos no responde / The database does not answer ({type(error).__name__})"
            ) from error
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            raise click.ClickException(f"{error.strerror or type(error).__name__}{where}") from error


def data_option(command: Decorated) -> Decorated:
    """The option ``--data DIR``."""
    return click.option(
        "--data", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
        help="Carpeta de datos / data folder (CHASQUI_DATA, ./var).",
    )(command)


def account_option(command: Decorated) -> Decorated:
    """The option ``--account``: an id, or a RUC that has one account."""
    return click.option(
        "--account", "account", required=True, metavar="ID|RUC", help="Cuenta: su id o su RUC / account: its id or RUC."
    )(command)


def settings_in(data: Path | None) -> Settings:
    """The settings of the environment, with another data folder where one is given."""
    settings = read_settings()
    return settings if data is None else replace(settings, data_dir=data)


@contextmanager
def office_in(data: Path | None) -> Iterator[Office]:
    """The office for one command; a database that was never used is brought up first."""
    settings = settings_in(data)
    database = open_database(settings)
    try:
        found = migrations.current(database)
        if found is None:
            migrations.upgrade(database)
        elif found != migrations.newest():
            raise click.ClickException(
                "La base de datos es de otra versión: ejecute chasqui migrate / "
                "The database is of another version: run chasqui migrate"
            )
        yield build_office(settings, database=database)
    finally:
        database.dispose()


def only_account(session: Session, text: str | None) -> AccountRecord:
    """The account with that id or RUC, or the only one there is. Raises a usage error where it must be named."""
    if text is not None:
        return find_account(session, text)
    found = session.scalars(select(AccountRecord).order_by(AccountRecord.id).limit(2)).all()
    if len(found) != 1:
        raise click.UsageError("Indique --account / give --account")
    return found[0]


def find_account(session: Session, text: str) -> AccountRecord:
    """The account with that id or RUC. Raises a usage error for none, or for a RUC with several accounts."""
    named = AccountRecord.ruc == text if len(text) == _RUC_DIGITS else AccountRecord.id == _id(text)
    found = session.scalars(select(AccountRecord).where(named).order_by(AccountRecord.id)).all()
    if not found:
        raise click.BadParameter(f"No existe la cuenta {text} / There is no account {text}", param_hint="--account")
    if len(found) > 1:
        ids = ", ".join(f"{row.id} ({row.environment})" for row in found)
        raise click.BadParameter(f"El RUC tiene varias cuentas: {ids} / use an id", param_hint="--account")
    return found[0]


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def told(problem: Problem) -> str:
    """The refusal in both languages, with its details below."""
    lines = [f"{problem.text.es} / {problem.text.en}"]
    for item in problem.items:
        if item.message != problem.text:
            lines.append(f"  {item.severity} {item.code} {item.pointer}: {item.message.es} / {item.message.en}")
        if item.hint.es:
            lines.append(f"      {item.hint.es} / {item.hint.en}")
    return "\n".join(lines)
