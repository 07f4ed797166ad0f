"""The pretend SUNAT as a program, and the list of what it can do wrong."""

from __future__ import annotations

import json
from pathlib import Path

import click

from app.cli.frame import data_option, settings_in
from app.config import read_schemas

PORT = click.IntRange(0, 65535)


@click.group(invoke_without_command=True)
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Dirección / address.")
@click.option("--port", type=PORT, default=8001, show_default=True, help="Puerto / port.")
@click.option(
    "--scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Fallas por provocar, en JSON o TOML / faults to provoke.",
)
@click.option("--seed", type=int, help="Semilla, en vez de la del archivo / a seed instead of the file's.")
@click.option("--provider", "providers", multiple=True, metavar="RUC",
              help="Un PSE, que envía por cualquier emisor; puede repetirse / a PSE, who sends for any issuer.")
@click.option("--no-control", is_flag=True, help="Sin la dirección /_sandbox / without the control API.")
@click.pass_context
def sandbox(
    context: click.Context, data: Path | None, host: str, port: int, scenario: Path | None, seed: int | None,
    no_control: bool, providers: tuple[str, ...],
) -> None:
    """Un SUNAT de pruebas que también sabe fallar / a pretend SUNAT that can also go wrong.

    Recibe de cualquier RUC con usuario MODDATOS y clave moddatos, en las direcciones de beta; responde también en las
    de producción, en la de los OSE y en las consultas. Las fallas se ponen y se quitan en /_sandbox/faults.
    """
    if context.invoked_subcommand is not None:
        return
    from app.clock import SystemClock
    from app.demo.serving import interruptible, until_interrupted
    from app.pretend import running
    from sunat.sandbox.faults import Plan
    from sunat.sandbox.faults.scenario import read_scenario

    plan = Plan(seed=seed or 0)
    if scenario is not None:
        plan = read_scenario(scenario.read_bytes(), toml=scenario.suffix.lower() == ".toml", seed=seed)
    settings = settings_in(data)
    serving = running(
        SystemClock(), host=host, port=port, folder=settings.data_dir / "sandbox", plan=plan, control=not no_control,
        schemas=read_schemas(settings), providers=providers,
    )
    with interruptible(), serving as pretend:
        click.echo(f"{pretend.url}/ol-ti-itcpfegem-beta/billService?wsdl")
        until_interrupted()


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="JSON.")
def modes(as_json: bool) -> None:
    """Lo que puede salir mal / what can go wrong.

    Por cada falla: su nombre, si el pedido se procesa (+) o no (-), si la respuesta es buena aunque rara (=), qué
    imita y en qué operaciones puede ocurrir.
    """
    from sunat.sandbox.faults import MODES

    if as_json:
        click.echo(json.dumps([mode.told() for mode in MODES.values()], ensure_ascii=False, indent=2))
        return
    for mode in MODES.values():
        click.echo(f"{mode.name:26} {'+' if mode.works else '-'}{'=' if mode.sound else ' '} {mode.es} / {mode.en}")
        click.echo(f"{'':30}{', '.join(sorted(mode.operations))}")
    click.echo(f"{len(MODES)} fallas / faults")


COMMANDS = {"sandbox": sandbox}
