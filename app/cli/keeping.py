"""``backup`` and ``restore``: a copy of everything while the office serves, and putting it back into an empty place."""

from __future__ import annotations

from pathlib import Path

import click

from app.accounts.vault import Vault
from app.cli.frame import data_option, office_in, settings_in
from app.clock import SystemClock
from app.config import MASTER_KEY_FILE, BadSettings, Settings, keep_master_key, master_keys
from app.factory import open_database
from app.keeping import backing, restoring
from app.keeping.archive import Manifest, reading


@click.command()
@data_option
@click.option("--with-key", is_flag=True, help="Incluye la clave maestra: quien tenga la copia lo abre todo / "
              "with the master key in it.")
@click.argument("target", metavar="ARCHIVO|CARPETA", type=click.Path(path_type=Path))
def backup(data: Path | None, with_key: bool, target: Path) -> None:
    """Copia todos los datos, también mientras se emite / backs everything up, while the office serves.

    La clave maestra se guarda aparte: sin ella la copia no sirve, y con la copia sola nadie abre un secreto.
    """
    with office_in(data) as office:
        key = ",".join(each.decode("ascii") for each in master_keys(office.settings)) if with_key else ""
        manifest = backing.backup(office.database, office.vault, target, now=office.clock.now(), master_key=key)
    _tell(manifest)
    if with_key:
        click.echo("La copia lleva la clave maestra: guárdela como a ella / it holds the master key", err=True)
    else:
        click.echo(
            "La clave maestra no va en la copia: guarde aparte master.key o CHASQUI_KEY / "
            "the master key is not in it: keep it elsewhere", err=True,
        )


@click.command()
@data_option
@click.option("--check", "check_only", is_flag=True, help="Solo lee y verifica la copia / only reads and verifies it.")
@click.argument("source", metavar="ARCHIVO", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(data: Path | None, check_only: bool, source: Path) -> None:
    """Repone una copia en una base de datos vacía / puts a backup back into an empty database.

    Sus series quedan detenidas hasta comprobar con SUNAT su último número: chasqui series probe.
    """
    settings = settings_in(data)
    vault = _vault(settings, source, keep=not check_only)
    if check_only:
        _tell(restoring.check(source, vault))
        return
    database = open_database(settings)
    try:
        restored = restoring.restore(database, vault, source, now=SystemClock().now())
    finally:
        database.dispose()
    _tell(restored.manifest)
    click.echo(
        f"{restored.series} series detenidas: chasqui series probe --account ID / series stopped until probed", err=True
    )


def _vault(settings: Settings, source: Path, *, keep: bool) -> Vault:
    """The vault under the key that is there, or else under the backup's own, which is then kept beside the data."""
    with reading(source) as reader:
        carried = reader.master_key()
    if settings.master_key or (settings.data_dir / MASTER_KEY_FILE).exists():
        return Vault(master_keys(settings))
    if not carried:
        raise BadSettings(
            "Falta la clave maestra con la que se hizo la copia: CHASQUI_KEY, o master.key en la carpeta de datos / "
            "The master key that the backup was made under is missing"
        )
    if keep:
        keep_master_key(settings.data_dir, carried)
        return Vault(master_keys(settings))
    return Vault([part.strip().encode() for part in carried.split(",")])


def _tell(manifest: Manifest) -> None:
    click.echo(
        f"{manifest.made_at}  {manifest.program} {manifest.revision} {manifest.database}  "
        f"{manifest.rows('accounts')} cuentas/accounts, {manifest.rows('documents')} comprobantes/vouchers, "
        f"{manifest.rows('evidence')} pruebas/evidence"
    )


COMMANDS = {"backup": backup, "restore": restore}
"""What the program finds here."""
