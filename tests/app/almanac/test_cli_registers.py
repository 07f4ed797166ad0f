"""``chasqui registers``: taken in, told, listed; and ``chasqui rates list``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in ("DATABASE_URL", "CHASQUI_KEY", "CHASQUI_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "data"))
    return lambda *arguments: CliRunner().invoke(main, list(arguments))


@pytest.fixture
def padron(tmp_path: Path) -> Path:
    path = tmp_path / "padron.txt"
    path.write_text(
        "RUC|NOMBRE O RAZÓN SOCIAL|ESTADO DEL CONTRIBUYENTE|CONDICIÓN DE DOMICILIO|UBIGEO|\n"
        "20100000001|PEÑA S.A.|ACTIVO|HABIDO|150101|\n20100000002|DOS|BAJA DE OFICIO|NO HABIDO|150101|\n",
        encoding="iso-8859-1",
    )
    return path


def test_a_register_is_told_taken_and_listed(run: Run, padron: Path) -> None:
    told = run("registers", "import", "ruc-state", str(padron), "--dry-run", "--json")
    assert json.loads(told.output) == {
        "dry_run": True, "lines": 2, "repeated": 0, "bad": 0, "unchanged": False, "bad_lines": [],
        "states": {"ACTIVO/HABIDO": 1, "BAJA DE OFICIO/NO HABIDO": 1},
    }
    assert run("registers", "list").output == ""
    taken = run("registers", "import", "ruc-state", str(padron), "--date", "2026-11-17")
    assert taken.output.splitlines()[0].startswith("2 líneas/lines, 0 repetidas/repeated, 0 malas/bad")
    assert run("registers", "list").output == "ruc-state\t2026-11-17\tcurrent\t2\tpadron.txt\n"
    again = run("registers", "import", "ruc-state", str(padron), "--date", "2026-11-17")
    assert again.output.startswith("Ya estaba / already there: 2")


def test_a_bad_line_is_named_and_may_be_left_out(run: Run, padron: Path) -> None:
    with padron.open("a", encoding="iso-8859-1") as file:
        file.write("2010000000X|TRES|ACTIVO|HABIDO|150101|\n")
    refused = run("registers", "import", "ruc-state", str(padron))
    assert refused.exit_code == 1
    assert "Línea 4" in refused.output
    taken = run("registers", "import", "ruc-state", str(padron), "--skip-bad-lines")
    assert (taken.exit_code, taken.output.split(",")[0]) == (0, "2 líneas/lines")
    assert "línea/line 4" in taken.output


def test_what_cannot_be_taken_in_is_said_in_a_sentence(run: Run, tmp_path: Path, padron: Path) -> None:
    assert run("registers", "import", "nothing", str(padron)).exit_code == 2
    assert run("registers", "import", "ruc-state", str(tmp_path / "none")).exit_code == 2
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n", encoding="ascii")
    refused = run("registers", "import", "reduced-rate", str(wrong))
    assert refused.exit_code == 1
    assert "La primera línea no nombra ruc" in refused.output


def test_the_laws_rates_are_listed(run: Run) -> None:
    assert "IGV\t1000\t18 % (16+2)\t2011-03-01" in run("rates", "list").output
    assert "18 % (15.5+2.5)" in run("rates", "list", "--date", "2026-11-20").output
    assert "16+2" not in run("rates", "list", "--date", "2026-11-20").output
