"""``evidence export | archive | verify`` at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.support.world import body_of, world


def test_a_bundle_and_a_month_are_written_and_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with world("sqlite", folder, delivers=False) as place:
        shop = place.open()
        shop.till.issued(body_of(shop))
        monkeypatch.delenv("DATABASE_URL", raising=False)
        monkeypatch.setenv("CHASQUI_DATA", str(place.office.settings.data_dir))
        monkeypatch.setenv("CHASQUI_KEY", place.office.settings.master_key)
        run = runner()
        one, month = tmp_path / "one.zip", tmp_path / "month.zip"
        made = run("evidence", "export", "--account", shop.ruc, "F001-00000001", "--out", str(one))
        assert (made.exit_code, made.output) == (0, f"{one}\n")
        assert run("evidence", "export", "--account", shop.ruc, "F001-1", "--out", str(one)).exit_code == 1
        missing = run("evidence", "export", "--account", shop.ruc, "F001-9")
        assert (missing.exit_code, "no existe" in missing.output) == (1, True)
        assert run("evidence", "archive", "--account", shop.ruc, "--period", "2026", "--out", str(month)).exit_code == 2
        whole = run(
            "evidence", "archive", "--account", shop.ruc, "--period", "2026-11", "--out", str(month), "--no-pdf"
        )
        assert (whole.exit_code, "1 comprobantes" in whole.output) == (0, True)
        key = run("audit", "--public-key").output.strip()

    monkeypatch.setenv("CHASQUI_DATA", str(tmp_path / "nowhere"))
    told = run("evidence", "verify", "--public-key", key, str(one))
    assert told.exit_code == 0, told.output
    assert "NO  " not in told.output
    assert json.loads(run("evidence", "verify", "--json", str(one)).output)["holds"] is True
    assert "VALEN TODOS" in run("evidence", "verify", "--public-key", key, str(month)).output
    assert json.loads(run("evidence", "verify", "--json", str(month)).output)["count"] == 1
    assert run("evidence", "verify", "--public-key", "other", str(one)).exit_code == 1
    assert run("evidence", "verify", "--public-key", "other", str(month)).exit_code == 1
    (tmp_path / "none").write_bytes(b"none")
    nothing = run("evidence", "verify", str(tmp_path / "none"))
    assert (nothing.exit_code, "No es un expediente" in nothing.output) == (2, True)
    assert not (tmp_path / "nowhere").exists(), "judging needs no installation"


def runner() -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run
