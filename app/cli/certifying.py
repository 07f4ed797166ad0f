"""``certificate``: what signs an account's vouchers."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import click

from app.accounts import certificates
from app.cli.frame import account_option, data_option, find_account, office_in
from sunat.signing import Certificate, self_signed


@click.group()
def certificate() -> None:
    """Certificados digitales / signing certificates."""


@certificate.command("import")
@data_option
@account_option
@click.option("--password-file", type=click.File("r", encoding="utf-8"), help="Archivo con la contraseña.")
@click.option("--no-activate", is_flag=True, help="Guardarlo sin usarlo todavía / keep it without using it yet.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_certificate(
    data: Path | None, account: str, password_file: IO[str] | None, no_activate: bool, file: Path
) -> None:
    """Importa un PFX o PEM con su clave / imports a PFX or PEM with its key."""
    content = file.read_bytes()
    password = password_file.read().rstrip("\r\n") if password_file is not None else ""
    if password_file is None and (b"-----BEGIN" not in content or b"ENCRYPTED" in content):
        password = click.prompt("Contraseña / password", hide_input=True, default="", show_default=False, err=True)
    _add(data, account, certificates.read(content, password=password), activate=not no_activate)


@certificate.command("self-signed")
@data_option
@account_option
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="Vigencia / validity.")
def make_self_signed(data: Path | None, account: str, days: int) -> None:
    """Crea uno autofirmado; SUNAT beta y el sandbox lo aceptan, producción no / for beta and sandbox only."""
    with office_in(data) as office, office.database.read() as session:
        row = find_account(session, account)
        if row.environment == "live":
            raise click.ClickException("Producción no acepta un certificado autofirmado / production refuses it")
        made = self_signed(row.ruc, row.legal_name, now=office.clock.now(), days=days)
    _add(data, account, made, activate=True)


@certificate.command("list")
@data_option
@account_option
def list_certificates(data: Path | None, account: str) -> None:
    """Los certificados / the certificates: id, si firma, vigencia, titular."""
    with office_in(data) as office, office.database.read() as session:
        row = find_account(session, account)
        for each in session.scalars(certificates.certificates_of(row.id)):
            state = "activo/active" if each.active else "-"
            click.echo(f"{each.public_id}\t{state}\t{each.valid_from:%Y-%m-%d}..{each.valid_to:%Y-%m-%d}\t{each.holder}")


def _add(data: Path | None, account: str, certificate: Certificate, *, activate: bool) -> None:
    with office_in(data) as office, office.database.write() as session:
        row = find_account(session, account)
        kept = certificates.add(
            session, office.vault, row, certificate, now=office.clock.now(), activate=activate
        )
        shown = f"{kept.public_id}\t{kept.valid_from:%Y-%m-%d}..{kept.valid_to:%Y-%m-%d}\t{kept.holder}"
    click.echo(shown)


COMMANDS = {"certificate": certificate}
