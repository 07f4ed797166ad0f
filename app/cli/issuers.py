"""``account`` and ``key``: who issues, and who may ask for it."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click
from sqlalchemy import select

from app.accounts import credentials
from app.accounts.keys import SCOPES
from app.accounts.models import CHANNELS, ENVIRONMENTS, AccountRecord, BranchRecord
from app.accounts.operations import branches_of, change_account, open_account
from app.cli.frame import account_option, data_option, find_account, office_in
from app.series.operations import Desk


@click.group()
def account() -> None:
    """Emisores / issuers."""


@account.command("create")
@data_option
@click.option("--ruc", required=True, help="RUC de 11 dígitos / the RUC.")
@click.option("--name", required=True, help="Razón social / legal name.")
@click.option("--environment", type=click.Choice(ENVIRONMENTS), default="sandbox", show_default=True,
              help="sandbox, beta de SUNAT, o live (producción).")
@click.option("--sol-user", default="", help="Usuario SOL secundario / secondary SOL user.")
@click.option("--sol-password-file", type=click.File("r", encoding="utf-8"), help="Archivo con la clave SOL.")
def create_account(
    data: Path | None, ruc: str, name: str, environment: str, sol_user: str, sol_password_file: IO[str] | None
) -> None:
    """Abre una cuenta con sus primeras series / opens an account with its first series."""
    settings = {"sol_user": sol_user}
    if sol_password_file is not None:
        settings["sol_password"] = sol_password_file.read().rstrip("\r\n")
    with office_in(data) as office, office.database.write() as session:
        row = open_account(
            session, vault=office.vault, desk=Desk(), environment=environment, ruc=ruc, legal_name=name,
            now=office.clock.now(), settings=settings,
        )
        opened = row.id
    click.echo(opened)


@account.command("set")
@data_option
@account_option
@click.option("--strict-observations/--no-strict-observations", default=None,
              help="Rechazar ya lo que SUNAT está convirtiendo en error / refuse what SUNAT is turning into an error.")
@click.option("--mail/--no-mail", default=None,
              help="Enviar cada comprobante aceptado al correo del cliente / mail vouchers to their receivers.")
@click.option("--channel", type=click.Choice(CHANNELS),
              help="Por dónde se envía; lo abierto en el anterior se consulta allí antes / where to send by.")
@click.option("--ose-url", help="Dirección https del servicio del OSE / the OSE's address.")
@click.option("--pse-ruc", help="RUC del PSE cuyo usuario envía / the PSE whose user sends.")
@click.option("--sol-user", help="Usuario SOL, o el del OSE / the SOL user, or the OSE's.")
@click.option("--sol-password-file", type=click.File("r", encoding="utf-8"), help="Archivo con su clave.")
def set_account(
    data: Path | None, account: str, sol_password_file: IO[str] | None, **settings: str | bool | None
) -> None:
    """Cambia los ajustes de una cuenta / changes an account's settings."""
    changes: dict[str, object] = {name: value for name, value in settings.items() if value is not None}
    if sol_password_file is not None:
        changes["sol_password"] = sol_password_file.read().rstrip("\r\n")
    if "mail" in changes:
        changes["mail"] = {"enabled": changes["mail"]}
    if not changes:
        raise click.UsageError("Indique un ajuste / give a setting")
    with office_in(data) as office, office.database.write() as session:
        change_account(session, office.vault, find_account(session, account), changes, now=office.clock.now())


@account.command("list")
@data_option
def list_accounts(data: Path | None) -> None:
    """Las cuentas / the accounts: id, entorno, RUC, razón social."""
    with office_in(data) as office, office.database.read() as session:
        for row in session.scalars(select(AccountRecord).order_by(AccountRecord.id)):
            click.echo(f"{row.id}\t{row.environment}\t{row.ruc}\t{row.legal_name}")


@click.group()
def key() -> None:
    """Claves de acceso / API keys."""


@key.command("create")
@data_option
@click.option("--account", "account_text", metavar="ID|RUC", help="Cuenta / account; not with --operator.")
@click.option("--operator", is_flag=True, help="Clave de operador: abre cuentas, no emite / opens accounts.")
@click.option("--live", is_flag=True, help="Clave de operador para cuentas live / for live accounts.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="Permiso; puede repetirse.")
@click.option("--branch", help="Código del establecimiento al que se limita / branch code it is bound to.")
@click.option("--name", default="", help="Para reconocerla / to tell it apart.")
def create_key(
    data: Path | None, account_text: str | None, operator: bool, live: bool, scopes: tuple[str, ...],
    branch: str | None, name: str,
) -> None:
    """Crea una clave y la muestra una sola vez / makes a key and shows it this once."""
    if operator == (account_text is not None):
        raise click.UsageError("Indique --account o --operator / give --account or --operator")
    if live and not operator:
        raise click.UsageError("--live es para --operator; la clave de una cuenta sigue su entorno")
    if branch is not None and operator:
        raise click.UsageError("--branch es para claves de una cuenta / is for an account's keys")
    with office_in(data) as office, office.database.write() as session:
        row = find_account(session, account_text) if account_text is not None else None
        branch_id = None
        if row is not None and branch is not None:
            branch_id = session.scalar(branches_of(row.id).with_only_columns(BranchRecord.id).where(
                BranchRecord.code == branch
            ))
            if branch_id is None:
                raise click.BadParameter(f"No existe el establecimiento {branch}", param_hint="--branch")
        _, text = credentials.create_key(
            session, office.vault, account=row, now=office.clock.now(), name=name, branch_id=branch_id,
            scopes=scopes or None, mode="live" if live else None,
        )
    click.echo(text)


@key.command("list")
@data_option
@account_option
def list_keys(data: Path | None, account: str) -> None:
    """Las claves vigentes / the keys in use: id, comienzo, permisos, nombre."""
    with office_in(data) as office, office.database.read() as session:
        row = find_account(session, account)
        for each in session.scalars(credentials.keys_of(row.id)):
            click.echo(f"{each.id}\t{each.prefix}...\t{each.scopes}\t{each.name}")


@key.command("revoke")
@data_option
@account_option
@click.argument("key_id", type=click.IntRange(1))
def revoke_key(data: Path | None, account: str, key_id: int) -> None:
    """Anula una clave al instante / revokes a key at once."""
    with office_in(data) as office, office.database.write() as session:
        row = find_account(session, account)
        credentials.revoke_key(session, row.id, key_id, now=office.clock.now())


COMMANDS = {"account": account, "key": key}
