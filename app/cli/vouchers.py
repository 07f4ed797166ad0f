"""``render``: what would be signed for a request, without a database; ``openapi``: the API's own description."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import click
from marshmallow import ValidationError

from app.accounts import certificates
from app.clock import LIMA, SystemClock
from app.config import Settings
from app.documents.drafting import draft_offline
from app.documents.orders import document_type_of
from app.documents.schemas.reading import IssuerCard
from app.documents.schemas.request import DocumentRequest
from app.factory import create_app
from app.http.bodies import loads
from app.problems import Item
from sunat.documents import Address
from sunat.kinds import kind
from sunat.numbering import MAX_NUMBER
from sunat.signing import Certificate, Signer, self_signed

_FIRST = {"01": "F001", "03": "B001", "07": "FC01", "08": "FD01", "20": "R001", "40": "P001"}


@click.command()
@click.argument("request", type=click.File("rb"))
@click.option("--number", type=click.IntRange(1, MAX_NUMBER), default=1, show_default=True, help="Número / number.")
@click.option("--sign", is_flag=True, help="Firmarlo / sign it.")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="PFX o PEM con clave; sin él, uno autofirmado / else a self-signed one.")
@click.option("--password-file", type=click.File("r", encoding="utf-8"), help="Archivo con la contraseña.")
@click.option("--on", "day", type=click.DateTime(("%Y-%m-%d",)), help="Como si SUNAT lo recibiera ese día / that day.")
def render(
    request: IO[bytes], number: int, sign: bool, certificate: Path | None, password_file: IO[str] | None,
    day: datetime | None,
) -> None:
    """El XML de una solicitud / the XML of a request.

    REQUEST es el cuerpo de POST /V1/documents (- es la entrada estándar). No guarda nada ni toma número; lo que SUNAT
    rechazaría u observaría sale por el error estándar.
    """
    body = _body(request.read())
    document_type = document_type_of(body["header"])
    row = kind(document_type.sunat_code)
    series = body["header"].get("document_sequence_code") or _FIRST[row.code]
    now = SystemClock().now() if day is None else day.replace(hour=12, tzinfo=LIMA)
    issuer = _issuer(body["header"])
    voucher, items = draft_offline(body, row, issuer, series=series, number=number, now=now)
    for item in items:
        click.echo(_line(item), err=True)
    if any(item.severity == "error" for item in items):
        raise SystemExit(1)
    xml = voucher.numbered(number)
    if sign:
        secret = password_file.read().rstrip("\r\n") if password_file is not None else ""
        signer = Signer(_certificate(certificate, secret) or self_signed(issuer.ruc, issuer.legal_name, now=now))
        xml = signer.sign(xml).xml
    click.echo(xml.decode())


@click.command()
def openapi() -> None:
    """El API descrito en OpenAPI 3.1 / the API described."""
    with TemporaryDirectory(prefix="chasqui-openapi-") as folder:
        app = create_app(Settings(data_dir=Path(folder), log_level="ERROR"))
        described = json.loads(app.test_client().get("/openapi.json").data)
    click.echo(json.dumps(described, indent=2, ensure_ascii=False))


def _body(content: bytes) -> dict[str, Any]:
    try:
        body: dict[str, Any] = DocumentRequest().load(loads(content))
    except ValidationError as error:
        raise click.ClickException(f"La solicitud no tiene la forma debida / malformed request: {error}") from error
    return body


def _issuer(header: dict[str, Any]) -> IssuerCard:
    ruc = header.get("issuer_tax_id_code")
    if not ruc:
        raise click.ClickException("Falta header.issuer_tax_id_code / is missing")
    return IssuerCard(
        ruc=ruc, legal_name=header.get("issuer_legal_name", ""), trade_name="", establishment_code="0000",
        address=Address(),
    )


def _certificate(path: Path | None, password: str) -> Certificate | None:
    if path is None:
        return None
    return certificates.read(path.read_bytes(), password=password)


def _line(item: Item) -> str:
    return f"{item.severity} {item.code} {item.pointer}: {item.message.es} / {item.message.en}"


COMMANDS = {"render": render, "openapi": openapi}
