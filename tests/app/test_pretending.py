"""``chasqui sandbox`` as people start it: with a scenario, with control, and the list of what can go wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from app.cli import main
from app.clock import FixedClock
from app.pretend import running
from sunat.sandbox import MODES, Plan, Rule
from tests.support.asking import NAME, SIGNED, sending
from tests.support.sandbox import NOW, PATH, authority

PROJECT = Path(__file__).parents[2]


def test_what_can_go_wrong_is_listed_for_people_and_programs() -> None:
    told = CliRunner().invoke(main, ["sandbox", "modes"])
    assert told.exit_code == 0
    for name, mode in MODES.items():
        row = rf"^{re.escape(name)} +[+-][= ] {re.escape(mode.es)} / {re.escape(mode.en)}$"
        assert re.search(row, told.output, re.MULTILINE)
    assert told.output.endswith(f"{len(MODES)} fallas / faults\n")
    listed = json.loads(CliRunner().invoke(main, ["sandbox", "modes", "--json"]).output)
    assert [one["name"] for one in listed] == list(MODES)


@pytest.mark.parametrize("text", ['{"faults": [{"mode": "none"}]}', "{", '{"faults": [{"operation": "x"}]}'])
def test_a_scenario_that_makes_no_sense_is_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "scenario.json"
    file.write_text(text)
    said = CliRunner().invoke(main, ["sandbox", "--port", "0", "--data", str(tmp_path), "--scenario", str(file)])
    assert said.exit_code == 1
    assert said.output.startswith("Error: ")
    assert "Traceback" not in said.output


def test_a_scenario_is_played_and_control_may_be_off(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.toml"
    scenario.write_text('seed = 3\n[[faults]]\nmode = "http-502"\ntimes = 1\n')
    log = tmp_path / "said.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "sandbox", "--port", "0", "--no-control",
             "--data", str(tmp_path / "data"), "--scenario", str(scenario)],
            cwd=PROJECT, env=os.environ | {"CHASQUI_KEY": "0123456789abcdef" * 3}, stdout=out, stderr=out,
        )
    try:
        end = time.monotonic() + 30
        while (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        base = found[0]
        assert requests.post(base + PATH, data=sending(NAME, SIGNED), timeout=10).status_code == 502
        assert requests.post(base + PATH, data=b"x", timeout=10).status_code == 500
        assert requests.get(f"{base}/_sandbox/faults", timeout=10).status_code == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait(10)


def test_the_plan_can_be_changed_while_it_serves() -> None:
    with running(FixedClock(NOW), authority=authority(), plan=Plan([Rule(modes=("http-503",))])) as pretend:
        assert requests.post(pretend.url + PATH, data=sending(), timeout=10).status_code == 503
        requests.delete(f"{pretend.url}/_sandbox/faults", timeout=10)
        assert pretend.plan.listed() == []
        assert requests.post(pretend.url + PATH, data=sending(), timeout=10).status_code == 500  # the rules are real
        assert [one.mode for one in pretend.ledger.receptions()] == ["http-503", ""]
