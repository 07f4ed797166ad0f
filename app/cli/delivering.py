"""``deliveries``: the queue; ``delivery``: orders about one; ``reconcile``: ask SUNAT; ``outcomes``: the codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select, true

from app.accounts.models import AccountRecord
from app.cli.frame import data_option, find_account, office_in
from app.delivery import handling
from app.delivery.attempts import attempt
from app.delivery.overview import open_deliveries, summary
from app.http import Office
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import CARRIED, DeliveryRecord, DocumentRecord
from app.problems import Conflict
from sunat.outcomes import printed

_ASKED_ABOUT = (str(DeliveryState.UNKNOWN), str(DeliveryState.HELD))


@click.command()
@data_option
@click.option("--account", "account_text", metavar="ID|RUC", help="Una cuenta / one account.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Filas / rows.")
def deliveries(data: Path | None, account_text: str | None, as_json: bool, limit: int) -> None:
    """La cola de envío / what is not settled yet: vouchers and summaries, each by its delivery's id."""
    with office_in(data) as office, office.database.read() as session:
        accounts = AccountRecord.id == find_account(session, account_text).id if account_text else true()
        now = office.clock.now()
        said = summary(session, accounts, now=now)
        rows, total = open_deliveries(session, accounts, {}, page=1, size=limit, now=now, branch_id=None)
    if as_json:
        click.echo(json.dumps({**said, "deliveries": rows, "total_items": total}, indent=2, ensure_ascii=False))
        return
    click.echo("  ".join(f"{state} {count}" for state, count in said["states"].items()))
    for held in said["held_issuers"]:
        click.echo(f"detenido/held {held['tax_id_code']}: {held['reason']} {held['code']} {held['text']}")
    for frozen in said["frozen_series"]:
        click.echo(f"serie detenida/series stopped {frozen['document_sequence_code']}: {frozen['text']}")
    for breaker in said["breakers"]:
        click.echo(f"en pausa/left alone {breaker['door']} hasta/until {breaker['open_until']}: {breaker['text']}")
    for row in rows:
        click.echo(
            f"{row['delivery_id']:>8} {row['document_type_taxbureau']} {row['number']:14} {row['state']:8} "
            f"{row['phase']:8} {row['reason'] or '-':14} {row['last_code'] or '-':6} {row['deadline'] or '-'}"
        )
    if total > len(rows):
        click.echo(f"... {total} en total / in all")


@click.command()
@data_option
@click.option("--account", "account_text", metavar="ID|RUC", help="Una cuenta / one account.")
@click.option("--document", "document_id", type=int, metavar="ID", help="Un comprobante / one document.")
def reconcile(data: Path | None, account_text: str | None, document_id: int | None) -> None:
    """Pregunta a SUNAT por lo que no tiene resultado / ask SUNAT about what is not settled.

    Una vez por comprobante o resumen; nada se reenvía sin preguntar antes. Termina con 1 si algo sigue sin resultado.
    """
    unsettled = 0
    with office_in(data) as office:
        query = (
            select(DeliveryRecord.id).where(DeliveryRecord.channel != CARRIED).order_by(DeliveryRecord.id)
        )
        with office.database.read() as session:
            if document_id is not None:
                query = query.where(DeliveryRecord.document_id == document_id)
            else:
                query = query.where(
                    DeliveryRecord.state.in_(_ASKED_ABOUT), DeliveryRecord.reason != handling.PERSON
                )
            if account_text:
                query = query.where(DeliveryRecord.account_id == find_account(session, account_text).id)
            found = session.scalars(query).all()
        for delivery_id in found:
            unsettled += not _asked(office, delivery_id)
    if unsettled:
        raise SystemExit(1)


@click.command()
def outcomes() -> None:
    """Qué significa cada respuesta de SUNAT / what each answer of SUNAT's means."""
    for line in printed():
        click.echo(line)


@click.group()
def delivery() -> None:
    """Órdenes sobre un envío, de comprobante o de resumen / orders about one delivery (its id: ``deliveries``)."""


@delivery.command()
@data_option
@click.argument("delivery_id", type=int)
def retry(data: Path | None, delivery_id: int) -> None:
    """Intentarlo ahora / have it tried now."""
    _order(data, delivery_id, handling.retry)


@delivery.command()
@data_option
@click.argument("delivery_id", type=int)
@click.option("--text", default="", metavar="TEXT", help="Por qué / why.")
def hold(data: Path | None, delivery_id: int, text: str) -> None:
    """Detenerlo / stop it until it is released."""
    _order(data, delivery_id, handling.hold, text=text[:200])


@delivery.command()
@data_option
@click.argument("delivery_id", type=int)
def release(data: Path | None, delivery_id: int) -> None:
    """Dejarlo seguir donde estaba / let it go on where it was."""
    _order(data, delivery_id, handling.release)


def _order(data: Path | None, delivery_id: int, order: Callable[..., DeliveryRecord], **more: Any) -> None:
    """Gives the order; the office makes the attempt. Ends with 1 where there is no such delivery or it cannot be."""
    with office_in(data) as office, office.database.write() as session:
        found = session.get(DeliveryRecord, delivery_id)
        if found is None:
            raise click.ClickException(f"No existe el envío / there is no delivery {delivery_id}")
        about = handling.about_of(session, found)
        order(session, about, now=office.clock.now(), actor="cli", **more)
        click.echo(f"{found.id}: {about.full_number} {found.state}/{found.phase}")


def _asked(office: Office, delivery_id: int) -> bool:
    """Asks about one voucher or summary and tells; says whether it is settled."""
    with office.database.read() as session:
        number = handling.about_of(session, session.get_one(DeliveryRecord, delivery_id)).full_number
    try:
        with office.database.write() as session:
            about = handling.about_of(session, session.get_one(DeliveryRecord, delivery_id))
            handling.reconcile(session, about, now=office.clock.now(), actor="cli")
    except Conflict as problem:
        click.echo(f"{number}: {problem.text.es} / {problem.text.en}")
        return problem.code == "ALREADY_SETTLED"
    report = attempt(office, delivery_id)
    with office.database.read() as session:
        found = session.get_one(DeliveryRecord, delivery_id)
        about = handling.about_of(session, found)
    status = about.status if isinstance(about, DocumentRecord) else about.state
    said = f"{report.code} {report.text}" if report is not None else "-"
    click.echo(f"{number} {status}, {found.state}/{found.phase}: {said}")
    return found.state == DeliveryState.DONE


COMMANDS = {"deliveries": deliveries, "delivery": delivery, "reconcile": reconcile, "outcomes": outcomes}
