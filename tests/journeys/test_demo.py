"""``chasqui demo`` as a program: its answer, its leavings, and what it does when its ports are taken."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from app.demo import losing
from sunat.sandbox.faults import Rule

PROJECT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from app.cli import main; main()", "demo"]
NEUTRAL = {name: value for name, value in os.environ.items() if not name.startswith(("CHASQUI_", "DATABASE_URL"))}


def demo(tmp_path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], cwd=PROJECT, env={**NEUTRAL, "TMPDIR": str(tmp_path)}, capture_output=True, text=True,
        timeout=120, check=False,
    )


def test_once_json(tmp_path: Path) -> None:
    ended = demo(tmp_path, "--once", "--json", "--port", "0")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["accepted"] is True
    factura, boleta = told["documents"]
    assert (factura["number"], boleta["number"]) == ("F001-00000001", "B001-00000001")
    for voucher in (factura, boleta):
        assert voucher["status"] == "accepted"
        assert voucher["cdr"]["code"] == "0"
        assert voucher["cdr"]["bytes"] > 1000
        assert len(voucher["digest"]) == 44
    assert float(factura["totals"]["total_amount"]) == 1180
    assert list(tmp_path.iterdir()) == [], "the demo cleans up after itself"


def test_a_folder_that_is_kept_goes_on_where_it_was(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for expected in ("F001-00000001", "F001-00000002"):
        ended = demo(tmp_path, "--once", "--json", "--port", "0", "--data", str(kept))
        assert ended.returncode == 0, ended.stderr
        assert json.loads(ended.stdout)["documents"][0]["number"] == expected
    assert (kept / "chasqui.db").exists()
    assert (kept / "master.key").stat().st_mode & 0o777 == 0o600


def test_taken_ports_are_said_and_others_used(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = demo(tmp_path, "--once", "--port", str(port))
    assert ended.returncode == 0, ended.stderr
    assert f"{port}" in ended.stderr
    assert "F001-00000001   accepted" in ended.stdout
    assert "CDR 0" in ended.stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, how: signal.Signals) -> None:
    process = subprocess.Popen(
        [*COMMAND, "--json", "--port", "0"], cwd=PROJECT, env={**NEUTRAL, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE, text=True,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        docs = requests.get(told["docs"], timeout=10)
        assert docs.status_code == 200
        listed = requests.get(
            f"{told['api']}/documents", headers={"Authorization": f"Bearer {told['key']}"}, timeout=10
        )
        assert listed.json()["total_items"] == 2
        wsdl = requests.get(told["sandbox_wsdl"], timeout=10)
        assert b"sendBill" in wsdl.content
        with requests.Session() as browser:
            shown = browser.get(told["console"], timeout=10).text
            word = re.search(r'name="_csrf" value="([0-9a-f]+)"', shown)
            assert word is not None
            entered = browser.post(f"{told['console']}/sign-in", timeout=30, data={
                "_csrf": word[1], "ruc": told["console_ruc"], "username": told["console_user"],
                "password": told["console_password"],
            })
        assert "Qué hacer hoy" in entered.text
        begun = time.monotonic()
        process.send_signal(how)
        assert process.wait(20) == 0
        assert time.monotonic() - begun < 10
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_a_lost_answer_settles_before_ones_eyes(tmp_path: Path) -> None:
    ended = demo(tmp_path, "--lost-answer", "--json", "--port", "0")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = json.loads(ended.stdout)
    assert [(step["operation"], step["code"]) for step in told["attempts"]] == [
        ("sendBill", ""), ("getStatusCdr", "0011"), ("sendBill", "1033"), ("getStatusCdr", "0"),
    ]
    assert (told["number"], told["next_number"]) == ("F001-00000001", "F001-00000002")
    assert all(told["checks"].values())
    assert len(told["checks"]) == 5
    assert list(tmp_path.iterdir()) == []


def test_a_story_that_did_not_come_true_is_not_told_as_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losing, "_LOST", Rule(modes=("work-then-reset",), probability=0.0))
    said: list[str] = []
    assert not losing.run(data=None, port=0, as_json=False, say=said.append, note=said.append)
    assert any(line.startswith("  NO  se perdió la respuesta") for line in said)
    assert any("está aceptado" in line and line.startswith("  sí") for line in said)
