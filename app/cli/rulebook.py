"""``rules``: the tables of rules, how much of SUNAT's list they cover, and what coming rules would refuse."""

from __future__ import annotations

import calendar
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from app.checking.forecasting import Asked, Forecast, forecast
from app.cli.frame import data_option, find_account, office_in
from app.cli.progress import Bar
from sunat.__main__ import table
from sunat.documents import note_reasons
from sunat.kinds import KINDS, SUMMARIES
from sunat.moves import printed
from sunat.rules import general, signature
from sunat.rules.coverage import Coverage, coverage
from sunat.rules.registers import CHECKED, NEEDS
from sunat.validation import CODES_OF

SHEETS: Final = tuple(CODES_OF)
_TABLES: Final = {
    "general": general.RULES["Invoice"], "firma": signature.RULES["Invoice"],
    **{row.code: row.rules for row in (*KINDS, *SUMMARIES)},
}
_PERIOD_DAYS: Final = 31


@click.command()
def moves() -> None:
    """Qué se puede dar de baja, corregir o reemplazar / what may be voided, corrected or replaced."""
    for line in printed():
        click.echo(line)


@click.group()
def rules() -> None:
    """Las reglas de SUNAT / SUNAT's rules."""


@rules.command("list")
@click.option("--kind", "sheet", type=click.Choice(SHEETS), required=True,
              help="01, 03, 07, 08, 20, 40, general, firma.")
@click.option("--english", is_flag=True, help="Mensajes en inglés / messages in English.")
def list_rules(sheet: str, english: bool) -> None:
    """La tabla de un tipo / a kind's table: código, severidad, nodo, qué debe cumplirse, vigencia, norma."""
    for line in table(_TABLES[sheet], english=english):
        click.echo(line)
    if sheet == "general":
        for code, said in sorted(general.UNREAD.items()):
            click.echo(f"{code}\terror\t-\t{said[1] if english else said[0]}")


@rules.command("coverage")
@click.option("--kind", "sheet", type=click.Choice(SHEETS), help="Solo uno / only one: 01, 03, 07, 08, 20 ...")
@click.option("--json", "as_json", is_flag=True, help="En JSON / as JSON.")
def cover(sheet: str | None, as_json: bool) -> None:
    """Cuánto de la lista de SUNAT está escrito / how much of SUNAT's list there are rows for.

    Escritos / decidibles / todos, los que faltan, y los que dependen de listas que solo SUNAT tiene. Termina con 1 si
    falta alguno.
    """
    found = [coverage(one, CODES_OF[one]) for one in SHEETS if sheet in (None, one)]
    for one in found:
        click.echo(json.dumps(_as_json(one), ensure_ascii=False) if as_json else "\n".join(_told(one)))
    raise SystemExit(1 if any(one.missing for one in found) else 0)


@rules.command("reasons")
@click.option("--kind", "code", type=click.Choice(sorted(note_reasons.REASONS)), required=True,
              help="07 notas de crédito, 08 de débito / 07 credit notes, 08 debit notes.")
@click.option("--english", is_flag=True, help="En inglés / in English.")
def reasons(code: str, english: bool) -> None:
    """Qué puede contener una nota según su motivo / what a note may contain, by its reason.

    Código, motivo, afectaciones de sus líneas, importe, cuánto del comprobante, cuotas, a qué tipos, reglas de SUNAT.
    """
    for row in note_reasons.told(code, english=english):
        click.echo("\t".join(row))


@rules.command("forecast")
@data_option
@click.option("--date", "day", type=click.DateTime(("%Y-%m-%d",)), required=True,
              help="El día cuyas reglas se piden / the day whose rules are asked.")
@click.option("--period", metavar="YYYY-MM", help="Emitidos ese mes; si no, los últimos 31 días / issued that month.")
@click.option("--account", "account_text", metavar="ID|RUC", help="Solo una cuenta / only one account.")
@click.option("--strict", is_flag=True, help="Como si las observaciones que SUNAT está convirtiendo ya fueran errores.")
@click.option("--json", "as_json", is_flag=True, help="En JSON / as JSON.")
@click.option("--english", is_flag=True, help="Mensajes en inglés / messages in English.")
def look_ahead(
    data: Path | None, day: datetime, period: str | None, account_text: str | None, strict: bool, as_json: bool,
    english: bool,
) -> None:
    """Qué se rechazaría con las reglas de ese día / what that day's rules would refuse.

    Juzga los comprobantes guardados con las reglas vigentes en la fecha, y cuenta lo que antes pasaba. No cambia nada.
    """
    with office_in(data) as office:
        first, last = _period(period, office.clock.today())
        account = None
        if account_text is not None:
            with office.database.read() as session:
                account = find_account(session, account_text).id
        asked = Asked(day=day.date(), first=first, last=last, account_id=account, strict=strict)
        with Bar("Juzgando / judging", None) as progress:
            made = forecast(office.database, asked, progress)
    if as_json:
        json.dump(made.body(asked, "en" if english else "es"), sys.stdout, ensure_ascii=False)
        click.echo()
        return
    for line in _foretold(made, asked, english=english):
        click.echo(line)


def _told(found: Coverage) -> Iterator[str]:
    yield (
        f"{found.sheet}: {len(found.covered)} / {found.decidable} / {found.all} "
        f"({100 * found.share:.1f} %) edición / edition {found.edition}"
    )
    yield f"  faltan / missing: {' '.join(found.missing) or '-'}"
    yield f"  propios o posteriores / ours or later: {' '.join(found.beyond) or '-'}"
    for entry in found.registers:
        es, en = CHECKED[entry.checked]
        need, needed = NEEDS[entry.needs]
        yield f"  {entry.code}\t{need} / {needed}\t{es} / {en}"


def _as_json(found: Coverage) -> dict[str, object]:
    return {
        "kind": found.sheet, "edition": found.edition, "implemented": len(found.covered),
        "decidable": found.decidable, "all": found.all, "missing": list(found.missing), "beyond": list(found.beyond),
        "registers": [
            {"code": entry.code, "needs": entry.needs, "checked": entry.checked or None} for entry in found.registers
        ],
    }


def _period(text: str | None, today: date) -> tuple[date, date]:
    if text is None:
        return today - timedelta(days=_PERIOD_DAYS), today
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError as error:
        raise click.BadParameter(f"{text!r}: YYYY-MM", param_hint="--period") from error
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _foretold(made: Forecast, asked: Asked, *, english: bool) -> Iterator[str]:
    told = made.body(asked, "en" if english else "es")
    yield (
        f"{told['would_fail']} de / of {told['judged']} ({told['from']} .. {told['to']}) "
        f"se rechazarían el / would be refused on {told['date']}"
    )
    for row in told["kinds"]:
        yield f"  {row['kind']}: {row['would_fail']} / {row['judged']} ({row['percent']} %)"
    for row in told["codes"]:
        yield (
            f"  {row['kind']} {row['code']}: {row['vouchers']} ({row['percent']} %) {', '.join(row['examples'])}: "
            f"{row['message']} {row['hint']}"
        )


COMMANDS = {"rules": rules, "moves": moves}
