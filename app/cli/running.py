"""Commands that run something: the demo, the server, the worker; and the one that prepares the database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from app import migrations
from app.cli.frame import data_option, office_in, settings_in
from app.clock import SystemClock
from app.config import Settings, master_keys, read_schemas
from app.factory import open_database
from app.keeping import watermark

PORT = click.IntRange(0, 65535)


@click.command()
@click.option("--once", is_flag=True, help="Termina tras los dos CDR / end after both CDRs (0 if both were accepted).")
@click.option("--lost-answer", is_flag=True, help="SUNAT pierde una respuesta: se ve cómo se resuelve / SUNAT loses an "
              "answer: watch it settle (0 if it did).")
@click.option("--json", "as_json", is_flag=True, help="Un solo objeto JSON / one JSON object.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="Puerto del API; SUNAT usa el siguiente.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Carpeta que se conserva / a folder to keep; else a temporary one.",
)
def demo(once: bool, lost_answer: bool, as_json: bool, port: int, data: Path | None) -> None:
    """Todo en un proceso / all of it in one process.

    Emite una factura y una boleta ante un SUNAT de pruebas, muestra sus CDR y queda sirviendo.
    Issues an invoice and a receipt to a pretend SUNAT, shows both CDRs and goes on serving.
    """
    def note(text: str) -> None:
        click.echo(text, err=True)

    if lost_answer:
        from app.demo import losing

        if not losing.run(data=data, port=port, as_json=as_json, say=click.echo, note=note):
            raise SystemExit(1)
        return
    from app.demo import run

    if not run(data=data, port=port, once=once, as_json=as_json, say=click.echo, note=note) and once:
        raise SystemExit(1)


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Dirección / address.")
@click.option("--port", type=PORT, default=8000, show_default=True, help="Puerto / port.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Procesos / processes.")
@click.option("--threads", type=click.IntRange(1, 256), default=16, show_default=True, help="Hilos de cada proceso.")
@click.option("--no-migrate", is_flag=True, help="No actualizar la base de datos / leave the database as it is.")
@click.option("--no-worker", is_flag=True, help="No enviar a SUNAT desde aquí / deliver nothing from here.")
def serve(
    data: Path | None, host: str, port: int, workers: int, threads: int, no_migrate: bool, no_worker: bool
) -> None:
    """Sirve el API y envía a SUNAT / serve and deliver.

    En PostgreSQL envía un proceso aparte (chasqui worker), que se vuelve a iniciar si termina.
    On PostgreSQL a process of its own delivers (chasqui worker) and is started again when it ends.
    """
    from app import serving

    settings = settings_in(data)
    if no_worker:
        settings = replace(settings, delivery=False)
    if not no_migrate:
        _migrate(data)
    master_keys(settings)  # once, before there are several processes
    read_schemas(settings)
    _compare(settings)
    serving.serve(settings, host=host, port=port, workers=workers, threads=threads)


@click.command()
@data_option
@click.option("--hands", type=click.IntRange(1, 64), default=8, show_default=True, help="Envíos a la vez / at once.")
@click.option("--with-parent", is_flag=True, hidden=True)
def worker(data: Path | None, hands: int, with_parent: bool) -> None:
    """Envía a SUNAT lo emitido en PostgreSQL / deliver what is issued on PostgreSQL.

    Cualquier número, en cualquier número de máquinas. Con SIGTERM termina lo que está enviando y sale.
    Any number on any number of machines. On SIGTERM it ends what it is sending and leaves.
    """
    from app import working

    with office_in(data) as office:
        if office.database.dialect != "postgresql":
            raise click.ClickException(
                "En SQLite envía el mismo chasqui serve; los workers son para PostgreSQL (DATABASE_URL) / "
                "On SQLite chasqui serve itself delivers; workers are for PostgreSQL (DATABASE_URL)"
            )
        working.work(office, hands=hands, with_parent=with_parent)


@click.command()
@data_option
def migrate(data: Path | None) -> None:
    """Actualiza la base de datos / upgrade the database."""
    former, now = _migrate(data)
    click.echo(f"{former or '-'} -> {now}")


def _compare(settings: Settings) -> None:
    """Holds the high-water file against the database; what is older is stopped and said."""
    database = open_database(settings)
    try:
        for older in watermark.compare(database, now=SystemClock().now()):
            click.secho(f"BASE DE DATOS ANTERIOR / OLDER DATABASE  {watermark.told(older)}", fg="red", err=True)
    finally:
        database.dispose()


def _migrate(data: Path | None) -> tuple[str | None, str]:
    """The revisions before and after."""
    database = open_database(settings_in(data))
    try:
        return migrations.current(database), migrations.upgrade(database)
    finally:
        database.dispose()


COMMANDS = {"demo": demo, "serve": serve, "worker": worker, "migrate": migrate}
