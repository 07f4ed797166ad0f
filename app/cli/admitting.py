"""``person``: who may sign in to the console; the first owner of an account is made here, the others by owners."""

from __future__ import annotations

from pathlib import Path

import click

from app.accounts import people
from app.accounts.roles import ROLES
from app.cli.frame import account_option, data_option, find_account, office_in
from app.problems import NotFound, Text


@click.group()
def person() -> None:
    """Personas que entran a la consola / people who sign in to the console."""


@person.command("add")
@data_option
@account_option
@click.option("--user", required=True, help="Usuario: un correo o un nombre corto / user name.")
@click.option("--name", required=True, help="Nombre y apellido / the person's name.")
@click.option("--role", type=click.Choice(ROLES), default="owner", show_default=True,
              help="owner: todo; issuer: emite; accountant: mira y libros; viewer: mira.")
def add_person(data: Path | None, account: str, user: str, name: str, role: str) -> None:
    """Agrega a una persona y muestra una sola vez su primera contraseña.

    Adds somebody and shows the first password, this once; another is chosen at the first sign-in.
    """
    with office_in(data) as office, office.database.write() as session:
        row = find_account(session, account)
        _, first = people.add(session, row, username=user, name=name, role=role, now=office.clock.now())
    click.echo(first)


@person.command("list")
@data_option
@account_option
def list_people(data: Path | None, account: str) -> None:
    """Las personas de la cuenta / the account's people: usuario, rol, activo, nombre."""
    with office_in(data) as office, office.database.read() as session:
        for row in session.scalars(people.people_of(find_account(session, account).id)):
            click.echo(f"{row.username}\t{row.role}\t{'activo' if row.active else 'inactivo'}\t{row.name}")


@person.command("password")
@data_option
@account_option
@click.option("--user", required=True, help="Usuario / user name.")
def renew_password(data: Path | None, account: str, user: str) -> None:
    """Da otra primera contraseña; la anterior y sus sesiones terminan.

    Gives another first password; the former one and the sessions end.
    """
    with office_in(data) as office, office.database.write() as session:
        row = people.find(session, find_account(session, account).id, user)
        if row is None:
            raise NotFound("PERSON_NOT_FOUND", Text("La persona no existe", "The person does not exist"))
        first = people.renew_password(session, row, now=office.clock.now())
    click.echo(first)


COMMANDS = {"person": person}
