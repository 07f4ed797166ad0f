"""``deliveries``: the queue; ``reconcile``: ask SUNAT about what is not settled; ``outcomes``: what answers mean."""

from __future__ import annotations

import json
from pathlib import Path

import click
from sqlalchemy import select, true

from app.accounts.models import AccountRecord
from app.cli.frame import data_option, find_account, office_in
from app.delivery import handling
from app.delivery.attempts import attempt
from app.delivery.overview import open_deliveries, summary
from app.http import Office
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import BILL, DeliveryRecord, DocumentRecord
from app.problems import Conflict
from sunat.outcomes import printed

_ASKED_ABOUT = (str(DeliveryState.UNKNOWN), str(DeliveryState.HELD))


@click.command()
@data_option
@click.option("--account", "account_text", metavar="ID|RUC", help="Una cuenta / one account.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Filas / rows.")
def deliveries(data: Path | None, account_text: str | None, as_json: bool, limit: int) -> None:
    """La cola de envío / what is not settled yet."""
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
            f"{row['document_id']:>8} {row['document_type_taxbureau']} {row['number']:14} {row['state']:8} "
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

    Una vez por comprobante; nada se reenvía sin preguntar antes. Termina con 1 si algo sigue sin resultado.
    """
    unsettled = 0
    with office_in(data) as office:
        query = (
            select(DeliveryRecord.id, DeliveryRecord.document_id)
            .where(DeliveryRecord.channel == BILL).order_by(DeliveryRecord.id)
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
            found = session.execute(query).all()
        for delivery_id, of_document in found:
            unsettled += not _asked(office, delivery_id, of_document)
    if unsettled:
        raise SystemExit(1)


@click.command()
def outcomes() -> None:
    """Qué significa cada respuesta de SUNAT / what each answer of SUNAT's means."""
    for line in printed():
        click.echo(line)


def _asked(office: Office, delivery_id: int, document_id: int | None) -> bool:
    """Asks about one voucher and tells; says whether it is settled."""
    try:
        with office.database.write() as session:
            document = session.get_one(DocumentRecord, document_id)
            handling.reconcile(session, document, now=office.clock.now(), actor="cli")
    except Conflict as problem:
        click.echo(f"{document_id}: {problem.text.es} / {problem.text.en}")
        return problem.code == "ALREADY_SETTLED"
    report = attempt(office, delivery_id)
    with office.database.read() as session:
        document = session.get_one(DocumentRecord, document_id)
        delivery = session.get_one(DeliveryRecord, delivery_id)
    said = f"{report.code} {report.text}" if report is not None else "-"
    click.echo(f"{document_id}: {document.full_number} {document.status}, {delivery.state}/{delivery.phase}: {said}")
    return delivery.state == DeliveryState.DONE


COMMANDS = {"deliveries": deliveries, "reconcile": reconcile, "outcomes": outcomes}
