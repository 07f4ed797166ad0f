"""``backup``, ``restore`` and ``series probe`` at the command line, on SQLite."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.clock import SystemClock
from app.config import Settings
from app.db import Marks
from app.factory import HIGH_WATER, open_database
from app.keeping import watermark
from tests.support.builders import OTHER_RUC, RUC, Tenant, issue, series_id

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command with its data in a folder of this test, or in another one."""
    for name in ("DATABASE_URL", "CHASQUI_KEY", "CHASQUI_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, data: str = "data") -> Result:
        monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / data))
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def used(run: Run, tmp_path: Path) -> Path:
    """A data folder with an account whose F001 and B001 were used."""
    assert run("account", "create", "--ruc", RUC, "--name", "EMPRESA EMISORA S.A.C.").exit_code == 0
    folder = tmp_path / "data"
    database = open_database(Settings(data_dir=folder))
    owner = Tenant(account_id=1, branch_id=1, ruc=RUC, environment="sandbox")
    for sunat_code, code, count in (("01", "F001", 3), ("03", "B001", 2)):
        of_series = series_id(database, owner, code, sunat_code)
        for _ in range(count):
            with database.write() as session:
                issue(session, of_series, SystemClock().now())
    database.dispose()
    return folder


def test_a_backup_is_made_checked_and_put_back_elsewhere(run: Run, used: Path, tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    made = run("backup", str(tmp_path / "copies"))
    assert made.exit_code == 0, made.output
    assert "5 comprobantes/vouchers" in made.output
    assert "master.key" in made.output
    (copy,) = (tmp_path / "copies").glob("chasqui-*.zip")
    with zipfile.ZipFile(copy) as box:
        assert "master.key" not in box.namelist()

    keyless = run("restore", str(copy), data="elsewhere")
    assert (keyless.exit_code, "Falta la clave maestra" in keyless.output) == (1, True)
    (tmp_path / "elsewhere").mkdir(exist_ok=True)
    (tmp_path / "elsewhere" / "master.key").write_text((used / "master.key").read_text())
    assert run("restore", "--check", str(copy), data="elsewhere").exit_code == 0
    done = run("restore", str(copy), data="elsewhere")
    assert done.exit_code == 0, done.output
    assert "6 series detenidas" in done.output
    assert "detenida" in run("series", "list", "--account", RUC, data="elsewhere").output
    again = run("restore", str(copy), data="elsewhere")
    assert (again.exit_code, "base de datos vacía" in again.output) == (1, True)
    release = run("series", "release", "--account", RUC, "--type", "01", "F001", data="elsewhere")
    assert (release.exit_code, "series probe" in release.output) == (1, True)
    assert run("audit", data="elsewhere").output == run("audit").output

    told = run("backup", str(copy))
    assert told.exit_code == 1, "never over another backup"


def test_a_backup_with_its_key_opens_by_itself(run: Run, used: Path, tmp_path: Path) -> None:
    copy = tmp_path / "whole.zip"
    assert run("backup", "--with-key", str(copy)).exit_code == 0
    assert run("restore", "--check", str(copy), data="elsewhere").exit_code == 0
    assert not (tmp_path / "elsewhere" / "master.key").exists()
    assert run("restore", str(copy), data="elsewhere").exit_code == 0
    kept = tmp_path / "elsewhere" / "master.key"
    assert kept.read_text().strip() == (used / "master.key").read_text().strip()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_series_are_probed_by_list_and_by_word(run: Run, used: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.zip"
    assert run("backup", "--with-key", str(copy)).exit_code == 0
    assert run("restore", str(copy), data="later").exit_code == 0
    day = SystemClock().today()
    listed = tmp_path / "propuesta.zip"

    def proposal(ruc: str, period: str) -> None:
        rows = "".join(
            f"{ruc}|X|{period}|{ruc}{kind}{series}{number:010}|{day:%d/%m/%Y}||{kind}|{series}|{number}||1|1\n"
            for kind, series, number in (("01", "F001", 8), ("03", "B001", 1))
        )
        with zipfile.ZipFile(listed, "w") as box:
            box.writestr("LE.txt", rows)

    def probe(*arguments: str) -> Result:
        return run("series", "probe", "--account", RUC, *arguments, data="later")

    proposal(OTHER_RUC, f"{day:%Y%m}")
    assert "no de 20123456786" in probe("--proposal", str(listed), "--skip", "0", "F001").output
    proposal(RUC, f"{day - timedelta(days=70):%Y%m}")
    assert f"Falta la propuesta de: {day:%Y%m}" in probe("--proposal", str(listed), "--skip", "0", "F001").output
    proposal(RUC, f"{day:%Y%m}")
    unsaid = probe("--proposal", str(listed))
    assert (unsaid.exit_code, "SIRE lista con demora" in unsaid.output) == (2, True)
    done = probe("--proposal", str(listed), "--skip", "0")
    assert done.exit_code == 1, "FC01 and the like are not listed"
    assert "01 F001: la base/the database 3, SIRE 8 -> sigue en/goes on at 9" in done.output
    assert "salto declarado/declared gap 4-8" in done.output
    assert "03 B001: la base/the database 2, SIRE 2 -> sigue en/goes on at 3" in done.output
    assert "07 BC01: no está en la propuesta" in done.output

    assert probe("--last", "4").exit_code == 2
    assert "en qué se basa" in probe("--last", "4", "BC01").output
    word = probe("--last", "4", "--statement", "Talonario revisado", "--by", "Ana Pérez", "BC01")
    assert word.exit_code == 0, word.output
    assert "statement 4 -> sigue en/goes on at 5" in word.output
    assert probe("--last", "4", "--statement", "x", "--by", "y", "BC01").exit_code == 2, "it is stopped no more"
    unreachable = probe("--type", "07", "--pause", "0", "FC01")
    assert (unreachable.exit_code, "La serie sigue detenida" in unreachable.output) == (1, True)
    gap = json.loads(run("audit", "--json", data="later").output)["series"]
    assert [each["declared_gaps"][0]["reason"] for each in gap if each["series"] == "F001"] == [
        "Números usados que la base de datos restaurada no tiene: SUNAT tiene hasta el 8 (propuesta de SIRE)"
    ]


def test_an_older_file_put_back_by_hand_is_said_at_start(run: Run, used: Path, tmp_path: Path) -> None:
    (used / "chasqui.db").replace(tmp_path / "kept.db")
    for leftover in used.glob("chasqui.db-*"):
        leftover.unlink()
    assert len(Marks(used / HIGH_WATER).found) == 2
    assert run("account", "create", "--ruc", RUC, "--name", "EMPRESA EMISORA S.A.C.").exit_code == 0
    database = open_database(Settings(data_dir=used))
    older = watermark.compare(database, now=SystemClock().now())
    database.dispose()
    assert [one.mark for one in older] == [3, 2]
    shown = run("series", "list", "--account", RUC).output
    assert "F001\t0\tdefault\tdetenida" in shown
    assert "F002" not in shown
    mended = run("series", "probe", "--account", RUC, "--last", "3", "--statement", "x", "--by", "y", "F001")
    assert "sigue en/goes on at 4" in mended.output


def test_the_doctor_tells_what_is_wrong_and_how_to_mend_it(run: Run, used: Path, tmp_path: Path) -> None:
    first = run("doctor", "--offline")
    assert first.exit_code == 1, first.output
    assert "La cuenta no tiene certificado / The account has none" in first.output
    assert "Nadie está enviando" in first.output
    assert run("backup", str(tmp_path / "copy.zip")).exit_code == 0
    told = json.loads(run("doctor", "--offline", "--json", "--account", RUC).output)
    by_name = {row["name"]: row for row in told["rows"]}
    assert (told["healthy"], by_name["backup"]["state"], by_name["certificate"]["state"]) == (False, "ok", "bad")
    assert by_name["certificate"]["tax_id_code"] == RUC
    assert run("certificate", "self-signed", "--account", RUC).exit_code == 0
    assert "BIEN/OK  Certificado" in run("doctor", "--offline").output
    missing = run("doctor", "--offline", "--account", OTHER_RUC)
    assert (missing.exit_code, "Traceback" in missing.output) == (2, False)
