"""``series probe``: how far SUNAT knows the series that an older database stopped, and letting them go on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.cli.frame import account_option, data_option, find_account, office_in, told
from app.clock import lima
from app.http import Office
from app.keeping import probing, proving
from app.ledger.models import DocumentRecord, EventRecord
from app.problems import Problem
from app.series import operations
from app.series.models import RESTORED, SeriesRecord
from sunat.kinds import KINDS
from sunat.numbering import MAX_NUMBER
from sunat.rvie.proposal import Proposal


@click.command("probe")
@data_option
@account_option
@click.option("--type", "code", type=click.Choice([kind.code for kind in KINDS]), help="Un tipo de SUNAT / one kind.")
@click.option("--proposal", "proposals", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              metavar="ARCHIVO", help="Propuesta RVIE de SIRE, una por mes / SIRE's proposal, one a month.")
@click.option("--last", type=click.IntRange(0, MAX_NUMBER), help="Último número usado, con --statement / last number.")
@click.option("--statement", default="", help="En qué se basa la declaración / what the statement rests on.")
@click.option("--by", "author", default="", help="Quién responde por ello / who answers for it.")
@click.option("--skip", type=click.IntRange(0, 10_000), default=None,
              help="Números de más que se saltan; obligatorio con --proposal / numbers skipped besides.")
@click.option("--look-ahead", type=click.IntRange(1, 500), default=probing.LOOK_AHEAD, show_default=True,
              help="Números libres seguidos que prueban el final / free numbers in a row that prove the end.")
@click.option("--pause", type=click.FloatRange(0, 60), default=0.5, show_default=True,
              help="Segundos entre consultas / seconds between questions.")
@click.argument("names", metavar="[SERIE]...", nargs=-1)
def probe(
    data: Path | None, account: str, code: str | None, proposals: tuple[Path, ...], last: int | None, statement: str,
    author: str, skip: int | None, look_ahead: int, pause: float, names: tuple[str, ...],
) -> None:
    """Comprueba hasta dónde SUNAT conoce las series detenidas y las libera / probes and releases stopped series.

    Sin más, pregunta por las series F. Las demás se prueban con la propuesta de SIRE, o con una declaración:
    SERIE --last N --statement TEXTO --by NOMBRE. Termina con 1 si alguna sigue detenida.
    """
    if last is not None and len(names) != 1:
        raise click.UsageError("--last es de una sola serie / --last is one series'")
    if proposals and skip is None:
        raise click.UsageError(
            "SIRE lista con demora: diga con --skip cuántos números pudo emitir desde el último día que la propuesta "
            "trae (0 si ninguno) / SIRE lists late: --skip says how many numbers may have been issued since (0 if none)"
        )
    listed = probing.read_proposals(list(proposals)) if proposals else None
    left = 0
    with office_in(data) as office:
        with office.database.read() as session:
            owner = find_account(session, account)
            rows = _stopped(session, owner, code, names)
            since = _since(session, owner)
        if last is not None and len(rows) != 1:
            raise click.UsageError("Indique también --type / give --type too")
        now, name = office.clock.now(), author.strip() or "cli"
        for row in rows:
            try:
                found = (
                    proving.stated(office, row, last, text=statement, author=author, now=now) if last is not None
                    else _listed(listed, owner, row, since or lima(row.created_at).date(), office) if listed is not None
                    else probing.by_consult(office, owner, row, look_ahead=look_ahead, pause=pause)
                )
                if found is None:
                    click.echo(f"{row.sunat_code} {row.code}: no está en la propuesta / not in the proposal")
                    left += 1
                    continue
                _tell(row, proving.prove(office, row.id, found, skip=skip or 0, author=name, now=now))
            except Problem as problem:
                click.echo(f"{row.sunat_code} {row.code}: {told(problem)}")
                left += 1
    if not rows:
        click.echo("Ninguna serie detenida por una base anterior / no series stopped by an older database")
    if left:
        raise SystemExit(1)


def _stopped(
    session: Session, account: AccountRecord, code: str | None, names: tuple[str, ...]
) -> list[SeriesRecord]:
    query = operations.series_of(account.id).where(SeriesRecord.frozen_by == RESTORED)
    if code is not None:
        query = query.where(SeriesRecord.sunat_code == code)
    if names:
        query = query.where(SeriesRecord.code.in_(names))
    found = list(session.scalars(query.order_by(SeriesRecord.sunat_code, SeriesRecord.code)))
    missing = set(names) - {row.code for row in found}
    if missing:
        raise click.BadParameter(
            f"No detenidas por una base anterior / not stopped by an older database: {', '.join(sorted(missing))}",
            param_hint="SERIE",
        )
    return found


def _since(session: Session, account: AccountRecord) -> date | None:
    """The day (Lima) from which vouchers may be missing: the backup's, else the newest voucher's that is there."""
    restored = session.scalar(
        select(EventRecord).where(EventRecord.account_id == account.id, EventRecord.kind == "account.restored")
        .order_by(EventRecord.id.desc()).limit(1)
    )
    if restored is not None:
        return lima(datetime.fromisoformat(restored.data["made_at"])).date()
    return session.scalar(select(func.max(DocumentRecord.issue_date)).where(DocumentRecord.account_id == account.id))


def _listed(
    proposal: Proposal, account: AccountRecord, row: SeriesRecord, since: date, office: Office
) -> probing.Found | None:
    return probing.by_proposal(proposal, account, row, since=since, today=office.clock.today())


def _tell(row: SeriesRecord, proven: proving.Proven) -> None:
    for line in _lines(row, proven):
        click.echo(line)


def _lines(row: SeriesRecord, proven: proving.Proven) -> Iterator[str]:
    asked = f", {proven.asked} consultas/questions" if proven.asked else ""
    seen = f", esta máquina vio/this machine saw {proven.mark}" if proven.mark > proven.found else ""
    yield (
        f"{row.sunat_code} {row.code}: la base/the database {proven.before}, {proven.method} {proven.found}{asked}"
        f"{seen} -> sigue en/goes on at {proven.next_number}"
    )
    if proven.stopped:
        yield f"    sigue detenida/still stopped: {proven.stopped}"
    if proven.last > proven.before and row.used:
        yield f"    salto declarado/declared gap {proven.before + 1}-{proven.last}"
