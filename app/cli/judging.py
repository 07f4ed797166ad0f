"""``validate``: what SUNAT's rules say of anybody's XML, without a database.

Exit status as in ``python -m sunat``: 0 nothing to reject, 1 findings that SUNAT rejects, 2 what cannot be judged.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import click

from sunat import __main__ as law
from sunat.errors import SunatError
from sunat.money import decimal


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--received", type=click.DateTime(("%Y-%m-%d",)),
              help="Día en que SUNAT lo recibe; sin él, el de emisión / day of reception, else the issue date.")
@click.option("--exchange-rate", type=decimal, metavar="PEN",
              help="Soles por una unidad de la moneda / soles for one unit of the currency.")
@click.option("--check-name", is_flag=True, help="Comparar el nombre del archivo / hold the file's name against it.")
@click.option("--signed", is_flag=True, help="Pedir también las partes de la firma / also ask for the signature.")
@click.option("--english", is_flag=True, help="Mensajes en inglés / messages in English.")
def validate(
    file: Path, received: datetime | None, exchange_rate: Decimal | None, check_name: bool, signed: bool, english: bool
) -> None:
    """Lo que SUNAT rechazaría u observaría en un XML / what SUNAT would say of a voucher's XML.

    Vale para el XML de cualquier sistema. No guarda ni envía nada.
    """
    try:
        lines, status = law.validate(
            file, received=received.date() if received is not None else None, exchange_rate=exchange_rate,
            check_name=check_name, signed=signed, english=english,
        )
    except (SunatError, OSError) as error:
        raise click.BadParameter(str(error), param_hint="FILE") from error
    for line in lines:
        click.echo(line)
    raise SystemExit(status)


COMMANDS = {"validate": validate}
