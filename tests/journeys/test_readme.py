"""What the README says to type works as it stands: its calls, run against the demo in a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from app.clock import LIMA

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
NEUTRAL = {name: value for name, value in os.environ.items() if not name.startswith(("CHASQUI_", "DATABASE_URL"))}
PROGRAMS = {"php": ("php", "issue.php"), "js": ("node", "issue.mjs")}
PRESENT = [name for name, (program, _) in PROGRAMS.items() if shutil.which(program)]
CURL = shutil.which("curl")


@dataclass(frozen=True)
class Demo:
    """A demo that serves: where, and its key."""

    address: str
    key: str

    @property
    def environment(self) -> dict[str, str]:
        return {**NEUTRAL, "CHASQUI": self.address, "KEY": self.key, "NO_PROXY": "127.0.0.1"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "demo", "--json", "--port", "0"], cwd=PROJECT,
        env={**NEUTRAL, "TMPDIR": str(tmp_path_factory.mktemp("demo"))}, stdout=subprocess.PIPE, text=True,
    )
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        yield Demo(address=told["api"].removesuffix("/V1"), key=told["key"])
    finally:
        process.terminate()
        process.communicate(timeout=60)


def block(language: str, holding: str) -> str:
    """The README's block of code in a language that holds some words."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    found = [code for code in blocks if holding in code]
    assert len(found) == 1, (language, holding)
    return str(found[0])


def run(demo: Demo, folder: Path, *command: str) -> str:
    ended = subprocess.run(
        command, cwd=folder, env=demo.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def body() -> str:
    """The body of the README's first call, with today's date in Lima where the shell puts it."""
    call = block("sh", '"document_type_id": "96"')
    text = call[call.index("-d '") + 4 : call.rindex("'")]
    return text.replace("'$(TZ=America/Lima date +%F)'", datetime.now(LIMA).date().isoformat())


@pytest.mark.parametrize("program", [CURL] if CURL else [])
def test_the_first_call_with_curl(program: str, demo: Demo, tmp_path: Path) -> None:
    call = block("sh", '"document_type_id": "96"').replace("http://127.0.0.1:8000", demo.address)
    answer = json.loads(run(demo, tmp_path, "bash", "-c", call))
    assert (answer["status"], answer["header"]["number"][:5]) == ("accepted", "F001-")


@pytest.mark.parametrize("language", PRESENT)
def test_the_same_from_another_language(language: str, demo: Demo, tmp_path: Path) -> None:
    program, name = PROGRAMS[language]
    (tmp_path / name).write_text(block(language, "sale.json"), encoding="utf-8")
    sale = body()
    (tmp_path / "sale.json").write_text(sale, encoding="utf-8")
    first = run(demo, tmp_path, program, name)
    assert re.fullmatch(r"F001-\d{8} accepted\n", first)
    again = run(demo, tmp_path, program, name)
    assert again.split()[0] == first.split()[0], "under the same key the same voucher"
    (tmp_path / "sale.json").write_text(sale.replace("20987654326", "20987654327"), encoding="utf-8")
    code = block(language, "sale.json").replace(f"{program}-1", f"{program}-2")
    (tmp_path / name).write_text(code, encoding="utf-8")
    assert run(demo, tmp_path, program, name).endswith("/header/receiver_tax_id_code\n")


def test_the_commands_that_it_names_exist() -> None:
    from app.cli import main

    shown = set(re.findall(r"(?:\./chasqui|`chasqui) ([a-z]+)\b", README))
    listed = set(main.list_commands(main.make_context("chasqui", ["--help"], resilient_parsing=True)))
    assert shown - listed <= {"test", "bench", "campaign", "openapi"}, "the last ones are the wrapper's own"
