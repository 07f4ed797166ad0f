"""Hostile files through validate (function, HTTP, command) and the sandbox: a finding or a 4xx, in time, in memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from flask.testing import FlaskClient

from app.checking.examining import Report, reports
from app.checking.views import LIMITS
from app.factory import app_of
from app.registry.archives import Source
from sunat.errors import Fault
from sunat.sandbox.rulebook import by_the_rules
from sunat.transport.zipping import pack
from sunat.validation import Asked
from tests.support.hostile import MEGABYTE, NAME, SECRET, XMLS, ZIPS
from tests.support.sandbox import new_sandbox
from tests.support.world import World, world

SECONDS: Final = 8.0
"""What one hostile file may take on a machine that does other things too; alone it is well under a second."""
MEMORY: Final = 512
"""Megabytes that a process may take which judges all of them, one after the other."""
HARMLESS: Final = {
    "inclusion", "stylesheet", "byte order mark", "UTF-16", "many lines", "many notes", "long text", "endless number",
    "huge exponent", "long attribute", "UTF-32", "says UTF-7", "UTF-16 without a mark",
}
"""XML that may be read: what it says is judged like any other."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world("sqlite", tmp_path_factory.mktemp("hostile"), delivers=False) as made:
        yield made


@pytest.fixture(scope="module")
def client(place: World) -> FlaskClient:
    shop = place.open()
    made = app_of(place.office).test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {shop.till.credential}"
    return made


def looked_at(name: str, content: bytes) -> list[Report]:
    began = time.monotonic()
    found = [report for _, report in reports((Source(name=name, content=content),), Asked(), LIMITS)]
    assert time.monotonic() - began < SECONDS
    return found


def told(found: list[Report]) -> None:
    for report in found:
        examined = report.examined
        assert examined.findings or examined.unjudged or examined.kind
        for finding in examined.findings:
            assert SECRET not in f"{finding.message_es}{finding.message_en}{finding.value}{finding.path}"


@pytest.mark.parametrize("name", XMLS)
def test_hostile_xml_has_a_finding(name: str) -> None:
    found = looked_at("voucher.xml", XMLS[name]())
    assert len(found) == 1
    told(found)
    examined = found[0].examined
    if name in HARMLESS:
        assert examined.findings
    else:
        assert [finding.code for finding in examined.findings] == ["0160" if name == "empty" else "0306"]
        assert examined.rejected


@pytest.mark.parametrize("box", ["box.zip", f"{NAME}.zip"])
@pytest.mark.parametrize("name", ZIPS)
def test_hostile_zips_have_findings(name: str, box: str) -> None:
    found = looked_at(box, ZIPS[name]())
    told(found)
    if box != "box.zip":
        (report,) = found
        assert report.examined.rejected
        code = report.examined.findings[0].code
        assert code in {"0156", "0157", "0158", "0159", "0161", "0306"}
    elif name not in {"only a directory", "no entries"}:
        assert found


@pytest.mark.parametrize("name", [*XMLS, *ZIPS])
def test_over_http_it_is_an_answer_and_never_a_fault(client: FlaskClient, name: str) -> None:
    content = (XMLS.get(name) or ZIPS[name])()
    for query in ("", f"?name={NAME}.zip"):
        began = time.monotonic()
        answer = client.post(f"/V1/validate{query}", data=content)
        assert time.monotonic() - began < 2 * SECONDS
        assert answer.status_code in {200, 400, 413}, answer.get_data()
        assert SECRET not in answer.get_data(as_text=True)
        if answer.status_code == 200 and name in XMLS:
            assert answer.json["valid"] is False


@pytest.mark.parametrize("name", XMLS)
def test_the_sandbox_refuses_hostile_xml(name: str) -> None:
    began = time.monotonic()
    content = XMLS[name]()
    with pytest.raises(Fault) as caught:
        new_sandbox(judge=by_the_rules).desk.send_bill("20123456786", f"{NAME}.zip", pack(NAME, content))
    assert caught.value.code in {"0156", "0160", "0306", "2085", "2335"}
    assert SECRET not in caught.value.text
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("name", ZIPS)
def test_the_sandbox_refuses_hostile_zips(name: str) -> None:
    began = time.monotonic()
    with pytest.raises(Fault) as caught:
        new_sandbox(judge=by_the_rules).desk.send_bill("20123456786", f"{NAME}.zip", ZIPS[name]())
    assert caught.value.code in {"0156", "0157", "0158", "0159", "0160", "0161", "0306"}
    assert time.monotonic() - began < SECONDS


def test_the_command_judges_all_of_them_in_bounded_memory(tmp_path: Path) -> None:
    """A hundred megabytes, a bomb and everything else in one run of the command, watched from outside."""
    folder = tmp_path / "files"
    folder.mkdir()
    for index, (name, make) in enumerate({**XMLS, **ZIPS}.items()):
        (folder / f"{index:03d}{'.zip' if name in ZIPS else '.xml'}").write_bytes(make())
    with (folder / "large.xml").open("wb") as file:
        for _ in range(100):
            file.write(b"<a>" + b" " * (MEGABYTE - 3))
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from app.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    status = end.code\n"
        # Not ru_maxrss: it counts what this process was before exec, a copy of the one that runs the tests.
        "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "sys.stderr.write(f'\\n{status} {peak}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "validate", str(folder), "--json"], capture_output=True, text=True, timeout=240,
        cwd=tmp_path, check=False,
    )
    status, kilobytes = done.stderr.splitlines()[-1].split()
    rows = {row["file"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert status == "1"
    assert [one["code"] for one in rows["large.xml"]["findings"]] == ["0306"]
    assert int(kilobytes) < MEMORY * 1024, kilobytes
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stdout
