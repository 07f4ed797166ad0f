"""``mail``: whether the mail server takes our mail, and what waits."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import click
from sqlalchemy import func, select

from app.cli.frame import data_option, office_in
from app.clock import lima
from app.http import Office
from app.mail.door import Door
from app.mail.letters import PRETENDED, Letter, written
from app.mail.models import FAILED, SENT, WAITING, MailRecord
from app.mail.postman import domain_of
from app.mail.smtp import Result, Server, hand_over, server_of
from app.wire.mailboxes import mailbox

_STAGES: Final = {
    "connect": "conectar / connecting", "secure": "TLS", "sign_in": "usuario y clave / user and password",
    "sender": "remitente / sender", "recipient": "destinatario / recipient", "content": "contenido / content",
}


@click.group()
def mail() -> None:
    """Correo a los clientes / mail to customers."""


@mail.command("test")
@data_option
@click.argument("address")
def try_out(data: Path | None, address: str) -> None:
    """Envía un mensaje de prueba / sends a message and tells what the server said.

    Si llega al servidor, lo que esperaba por una falla suya sale de nuevo / what waited because of it goes again.
    """
    recipient = mailbox(address)
    if recipient is None:
        raise click.BadParameter(f"No es un correo / not a mail address: {address}", param_hint="ADDRESS")
    with office_in(data) as office:
        server, now = _server(office), office.clock.now()
        letter = Letter(
            sender=server.sender, name="Chasqui", recipient=recipient, subject=f"{PRETENDED}Correo de Chasqui",
            message_id=f"<test.{secrets.token_hex(12)}@{domain_of(server)}>", moment=now,
            paragraphs=["El correo de esta instalación funciona."],
            facts={"Enviado": f"{lima(now):%d/%m/%Y %H:%M:%S}"},
        )
        came = hand_over(server, recipient, written(letter))
        with office.database.write() as session:
            Door(office, server, lot=lambda least, _: least).heard(session, came, now)
    said = f"{came.code or ''} {came.text}".strip()
    if came.result is not Result.SENT:
        raise click.ClickException(f"{_STAGES[came.stage]}: {said}")
    click.echo(f"Enviado / sent: {said} ({came.seconds:.1f} s)")


@mail.command()
@data_option
def status(data: Path | None) -> None:
    """Cuánto espera, y si el servidor lo toma / what waits, and whether the server takes it; ends with 1 if not."""
    with office_in(data) as office:
        server = _server(office)
        with office.database.read() as session:
            rows = session.execute(select(MailRecord.state, func.count()).group_by(MailRecord.state))
            counted = {row[0]: row[1] for row in rows}
            shut = Door(office, server, lot=lambda least, _: least).shut(session)
    click.echo("  ".join(f"{state} {counted.get(state, 0)}" for state in (WAITING, SENT, FAILED)))
    if shut is not None:
        raise click.ClickException(
            f"Detenido desde / stopped since {lima(shut.since):%d/%m/%Y %H:%M}: {_STAGES[shut.stage]}: {shut.text}"
        )


def _server(office: Office) -> Server:
    found = server_of(office.settings)
    if found is None:
        raise click.ClickException("No hay servidor de correo: CHASQUI_SMTP_HOST / there is no mail server")
    return found


COMMANDS = {"mail": mail}
