"""``chasqui import``: the report, the question, the second run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.support.builders import RUC
from tests.support.history import odd_style, pair, voucher, zipped

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for named in ("DATABASE_URL", "CHASQUI_KEY", "CHASQUI_KEY_FILE"):
        monkeypatch.delenv(named, raising=False)
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "data"))

    def call(*arguments: str) -> Result:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    assert call("account", "create", "--ruc", RUC, "--name", "EMPRESA EMISORA S.A.C.").exit_code == 0
    return call


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a zip, loose files and rubbish."""
    folder = tmp_path / "viejo"
    folder.mkdir()
    (folder / "enero.zip").write_bytes(zipped({**pair(1), **pair(2)}))
    (folder / "3.xml").write_bytes(odd_style(3))
    (folder / "notas.txt").write_bytes(b"nada")
    return folder


def counter(run: Run) -> str:
    return next(line for line in run("series", "list", "--account", RUC).output.splitlines() if "\tF001\t" in line)


def test_without_a_yes_nothing_changes(run: Run, old: Path) -> None:
    said = run("import", str(old), "--account", RUC)
    assert said.exit_code == 0
    assert "vouchers to import: 3" in said.output
    assert "0 -> 3; sigue / next: 4" in said.output
    assert "notas.txt" in said.output
    assert "No se cambió nada" in said.output
    assert counter(run).split("\t")[2] == "0"


def test_yes_imports_and_a_second_time_there_is_nothing_to_do(run: Run, old: Path) -> None:
    done = run("import", str(old), "--account", RUC, "--yes")
    assert done.exit_code == 0
    assert "Importados / imported: 3" in done.output
    assert counter(run).split("\t")[2] == "3"
    again = run("import", str(old), "--account", RUC, "--yes")
    assert "nothing to import" in again.output
    assert "already there: 3" in again.output


def test_the_plan_that_was_read_is_the_plan_that_is_confirmed(run: Run, old: Path) -> None:
    report = json.loads(run("import", str(old), "--account", RUC, "--json").stdout)
    assert report["result"] is None
    plan = report["report"]["plan"]
    (old / "4.xml").write_bytes(voucher(4))
    refused = run("import", str(old), "--account", RUC, "--confirm", plan)
    assert refused.exit_code == 1
    assert "analyse again" in refused.output
    assert counter(run).split("\t")[2] == "0"
    (old / "4.xml").unlink()
    done = json.loads(run("import", str(old), "--account", RUC, "--confirm", plan, "--json").stdout)
    assert done["result"]["imported"] == 3
    assert run("import", str(old), "--account", RUC, "--confirm", plan).exit_code == 0  # there is nothing left


def test_an_import_broken_off_is_resumed_under_its_plan(
    run: Run, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.cli import moving
    from app.registry import applying
    from app.registry.applying import apply_plan

    monkeypatch.setattr(applying, "BATCH", 1)

    def breaks(*arguments: object, **named: object) -> object:
        def until(_: int) -> None:
            raise OSError(5, "power cut")

        return apply_plan(*arguments, **{**named, "progress": until})  # type: ignore[arg-type]

    plan = json.loads(run("import", str(old), "--account", RUC, "--json").stdout)["report"]["plan"]
    monkeypatch.setattr(moving, "apply_plan", breaks)
    assert run("import", str(old), "--account", RUC, "--confirm", plan).exit_code == 1
    monkeypatch.setattr(moving, "apply_plan", apply_plan)
    done = run("import", str(old), "--account", RUC, "--confirm", plan)
    assert done.exit_code == 0
    assert "Importados / imported: 2" in done.output


def test_mistakes_are_sentences(run: Run, tmp_path: Path) -> None:
    assert run("import", "--account", RUC).exit_code == 2
    assert run("import", str(tmp_path / "nowhere"), "--account", RUC).exit_code == 2
    assert run("import", str(tmp_path), "--account", "20999999999").exit_code == 2
