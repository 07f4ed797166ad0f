"""``audit``: every number accounted for, as a text, as JSON, or as a signed report."""

from __future__ import annotations

import json
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from app.audit import reading, reports
from app.audit.keys import public_keys, signing_key
from app.audit.schemas import scope_of
from app.audit.standalone import checker
from app.cli.frame import data_option, office_in, only_account

_STEP: Final = 100


@click.command()
@data_option
@click.option("--account", "account_text", metavar="ID|RUC", help="Cuenta / account; the only one without it.")
@click.option("--series", metavar="F001", help="Una serie / one series.")
@click.option("--period", metavar="AAAA-MM", help="Un mes de emisión / one month of issue dates.")
@click.option("--json", "as_json", is_flag=True, help="El resultado en JSON / the result as JSON.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Escribe el reporte firmado / writes the "
              "signed report.")
@click.option("--public-key", is_flag=True, help="Solo muestra la clave que firma / only shows the signing key.")
@click.option("--checker", "print_checker", is_flag=True, help="Solo escribe el programa que revisa un reporte / only "
              "prints the program that checks one.")
def audit(
    data: Path | None, account_text: str | None, series: str | None, period: str | None, as_json: bool,
    out: Path | None, public_key: bool, print_checker: bool,
) -> None:
    """Audita la numeración / audits the numbers.

    Revisa que cada número tenga su XML firmado, sin huecos ni repetidos, y recalcula huellas y cadena.
    Termina con 0 si todo está conforme y con 1 si encuentra algo.
    """
    if print_checker:
        click.echo(checker(), nl=False)
        return
    scope = scope_of({"series": series, "period": period})
    with office_in(data) as office:
        if public_key:
            click.echo("\n".join(public_keys(office.vault)))
            return
        result = reports.Result()
        with reading.snapshot(office.database) as session:
            account = only_account(session, account_text)
            total = reading.count(session, reading.cards(session, account, scope))
            found = result.of(_watched(reports.elements(session, account, scope, now=office.clock.now()), total))
            if out is None:
                deque(found, maxlen=0)
            else:
                with out.open("wb") as file:
                    file.writelines(reports.signed(found, signing_key(office.vault)))
    click.echo(json.dumps(result.body, indent=2, ensure_ascii=False) if as_json else _text(result.body))
    if not result.body["clean"]:
        raise SystemExit(1)


def _watched(found: Iterable[reports.Element], total: int) -> Iterator[reports.Element]:
    """The elements, with a bar on the terminal that moves with the editions."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=total, label="Auditando / auditing", file=sys.stderr, hidden=hidden) as bar:
        for index, element in enumerate(found):
            if index % _STEP == 0:
                bar.update(_STEP)
            yield element


def _text(result: dict[str, Any]) -> str:
    account = result["account"]
    lines = [f"{account['ruc']} {account['legal_name']} ({account['environment']})"]
    for each in result["series"]:
        if not each["count"] and not each["counter"] and not each["findings_count"]:
            continue
        states = ", ".join(f"{name} {count}" for name, count in each["states"].items()) or "-"
        lines.append(f"{each['sunat_code']} {each['series']}: {each['first'] or '-'}..{each['last'] or '-'}, "
                     f"{each['count']} ({states}), contador/counter {each['counter']}")
        lines += [
            f"    salto declarado/declared gap {gap['from']}-{gap['to']}: {gap['reason']} ({gap['author']})"
            for gap in each["declared_gaps"]
        ]
        lines += [_finding(each, finding) for finding in each["findings"]]
        if each["findings_count"] > len(each["findings"]):
            lines.append(f"    ... {each['findings_count']} en total / in all")
    lines.append(
        f"{result['vouchers']} comprobantes/vouchers, {result['holes']} huecos/holes, {result['findings']} "
        f"hallazgos/findings: {'CONFORME/CLEAN' if result['clean'] else 'NO CONFORME/NOT CLEAN'}"
    )
    return "\n".join(lines)


def _finding(of: dict[str, Any], finding: dict[str, Any]) -> str:
    last = finding.get("to_number")
    numbers = finding["number"] if last in (None, finding["number"]) else f"{finding['number']}..{last}"
    where = of["series"] if finding["number"] is None else f"{of['series']}-{numbers}"
    return f"    {finding['code']} {where}: {finding['message_es']} / {finding['message_en']}"


COMMANDS = {"audit": audit}
