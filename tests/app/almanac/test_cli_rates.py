"""``chasqui rates``: a file taken in, told before and after, and the switch of the reduced rate."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.clock import SystemClock


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    for name in ("DATABASE_URL", "CHASQUI_KEY", "CHASQUI_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "data"))
    return lambda *arguments: CliRunner().invoke(main, ["rates", *arguments])


@pytest.fixture
def today() -> date:
    return SystemClock().today()


def test_a_file_is_told_then_kept_then_unchanged(run: Callable[..., Result], tmp_path: Path, today: date) -> None:
    file = tmp_path / "rates.csv"
    days = [today - timedelta(days=back) for back in range(1200)]
    file.write_text("day,currency,buy,sell\n" + "".join(f"{day},USD,3.745,3.752\n" for day in days), encoding="utf-8")
    told = run("import", "--dry-run", str(file))
    assert told.output.startswith("nuevos/added 1200, cambiados/changed 0, iguales/same 0; no se guardó nada")
    assert run("published").output == ""
    assert run("import", str(file)).output == "nuevos/added 1200, cambiados/changed 0, iguales/same 0\n"
    file.write_text(f"day,currency,buy,sell\n{today},USD,3.745,3.76\n{days[1]},USD,3.745,3.752\n", encoding="utf-8")
    assert json.loads(run("import", "--dry-run", "--json", str(file)).output) == {
        "dry_run": True, "added": 0, "changed": 1, "unchanged": 1,
    }
    assert run("import", str(file)).output.splitlines()[0] == f"{today} USD: venta/sell 3.752 -> 3.76"
    assert run("published", "--currency", "USD").output.splitlines()[0] == f"{today}\tUSD\t3.745\t3.76"


def test_a_wrong_file_changes_nothing(run: Callable[..., Result], tmp_path: Path, today: date) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(f"day,currency,buy,sell\n{today},USD,3.7,3.8\n{today},USD,a,3.8\n", encoding="utf-8")
    refused = run("import", str(file))
    assert refused.exit_code == 1
    assert "Línea 3: buy: 'a'" in refused.output
    assert run("published").output == ""


def test_the_reduced_rate_is_stopped_and_allowed_again(run: Callable[..., Result], today: date) -> None:
    assert run("allow-reduced").output.startswith("No estaba detenida")
    assert run("stop-reduced").exit_code == 2
    assert run("stop-reduced", "--reason", "SUNAT la rechaza").output.endswith(f"{today}\n")
    assert run("allow-reduced").output.startswith("Tasa reducida permitida")
