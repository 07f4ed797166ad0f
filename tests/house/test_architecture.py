"""What the architecture promises and no tool checks: walls, laws of the law, sizes, packaging, one place per fact."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from sunat.kinds import KINDS

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "sunat", "xml_templates")
PYTHON = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
TABLES = {"sunat/rules", "sunat/catalogues", "app/migrations/versions"}

WALLS = {
    "lxml": "sunat.xml",
    "signxml": "sunat.signing",
    "zeep": "sunat.transport",
    "stdnum": "sunat.identity",
    "jinja2": "sunat.ubl",
    "argon2": "app.accounts",
    "alembic": "app.migrations",
    "gunicorn": "app.serving",
    "environs": "app.config",
    "typst": "app.printing",
    "segno": "app.printing",
    "procrastinate": "app.queue",
}
"""Each heavy library and the one room that may import it."""

BANNED_IN_THE_LAW = {
    "flask", "sqlalchemy", "os", "environs", "time", "random", "secrets", "uuid", "structlog", "logging", "marshmallow",
}
"""The law works on values: no clock, no environment, no chance, no database, no web framework."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


@pytest.mark.parametrize(("library", "room"), WALLS.items())
def test_one_room_imports_the_library(library: str, room: str) -> None:
    users = {
        module_of(path) for path in PYTHON if any(name.split(".")[0] == library for name in imports_of(path))
    }
    assert users, f"nobody imports {library}: take the wall down"
    assert {user for user in users if user != room and not user.startswith(f"{room}.")} == set()


def test_the_law_reads_no_clock_no_environment_and_no_chance() -> None:
    found = []
    for path in (ROOT / "sunat").rglob("*.py"):
        module = module_of(path)
        if module.startswith("sunat.sandbox"):
            continue  # it is a server: its clock is an argument all the same (decision 31)
        names = {name.split(".")[0] for name in imports_of(path)}
        allowed = {"time"} if module.startswith("sunat.transport") else set()  # a deadline counts seconds
        found += [f"{module}: {name}" for name in names & (BANNED_IN_THE_LAW - allowed)]
        text = path.read_text(encoding="utf-8")
        found += [f"{module}: {call}" for call in ("datetime.now(", "date.today(", "utcnow(") if call in text]
    assert found == []


def test_the_law_has_no_binary_floating_point() -> None:
    found = []
    for path in (ROOT / "sunat").rglob("*.py"):
        if any(path.is_relative_to(ROOT / "sunat" / room) for room in ("transport", "sandbox")):
            continue  # seconds of a time-out are no amounts
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if (isinstance(node, ast.Name) and node.id == "float")
            or (isinstance(node, ast.Constant) and isinstance(node.value, float))
        ]
    assert found == []


def test_nobody_asks_which_kind_it_is() -> None:
    """What differs between kinds stands in `sunat.kinds`, in the stem's own module, or in a table."""
    pattern = re.compile(r"\bif\b[^\n]*\b(kind|kind\.code|sunat_code|type_code)\s*(==|in)\s*[\"'(\[{]")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in PYTHON
        for line in path.read_text(encoding="utf-8").splitlines()
        if pattern.search(line)
    ]
    assert found == []


def test_modules_stay_readable() -> None:
    long = [
        (str(path.relative_to(ROOT)), lines)
        for path in PYTHON
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
        and not any(str(path.relative_to(ROOT)).startswith(table) for table in TABLES)
    ]
    assert long == []


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in PYTHON if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_nothing_is_unfinished() -> None:
    pattern = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    assert [str(path.relative_to(ROOT)) for path in PYTHON if pattern.search(path.read_text(encoding="utf-8"))] == []


def test_each_stem_stands_in_every_room() -> None:
    for row in KINDS:
        assert (ROOT / "sunat" / "documents" / f"{row.stem}.py").is_file()
        assert (ROOT / "sunat" / "rules" / f"{row.stem}.py").is_file()
        assert (ROOT / "app" / "documents" / "schemas" / f"{row.stem}.py").is_file()
        assert (ROOT / "xml_templates" / row.template).is_file()
        assert any((ROOT / "fixtures" / row.stem).iterdir())


def test_every_package_is_listed_for_the_wheel() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"])
    present = {module_of(path) for path in PYTHON if path.name == "__init__.py"}
    assert listed == present


def test_pins_are_exact_and_carry_no_address() -> None:
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[a-z0-9_.\-]+==[^\s;]+( ; .+)?", pin) for pin in pins)
    named = {re.split(r"[\[>=<]", name)[0] for name in _dependencies()}
    assert named - {pin.split("==")[0] for pin in pins} == set()


def test_the_wheel_holds_templates_data_and_wsdl(tmp_path: Path) -> None:
    """Builds the wheel, unpacks it away from the tree and renders a voucher from it."""
    build = "from setuptools.build_meta import build_wheel; import sys; build_wheel(sys.argv[1])"
    source = tmp_path / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "wsgi.py", *ROOMS):
        origin = ROOT / name
        (shutil.copytree if origin.is_dir() else shutil.copy)(origin, source / name)
    done = subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=source, capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(tmp_path / "tree")], check=True, timeout=60)
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.path.append(sys.argv[2])\n"
        "import sunat, xml_templates\n"
        "assert sunat.__file__.startswith(sys.argv[1]) and xml_templates.__file__.startswith(sys.argv[1])\n"
        "from tests.support.vouchers import TEMPLATES, sale\n"
        "from sunat.ubl.render import render\n"
        "from sunat.transport.soap import BillService\n"
        "for stem, template in TEMPLATES.items():\n"
        "    assert b'<cbc:ID>F001-1</cbc:ID>' in render(sale(stem), template=template, series='F001').numbered(1)\n"
        "from tests.support.papers import printout\n"
        "from app.printing import to_pdf\n"
        "assert to_pdf(printout('invoice/cash'), '58mm').startswith(b'%PDF')\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(tmp_path / "tree"), str(ROOT)], capture_output=True, text=True,
        timeout=60, cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr


def _dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [*project["dependencies"], *project["optional-dependencies"]["test"]]
