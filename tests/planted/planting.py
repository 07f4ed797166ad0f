"""Copying the tree, planting a bug in the copy, and running there the tests that must notice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.planted.bug import Bug, Change
from tests.support.shared import PROJECT

COPIED = ("app", "sunat", "xml_templates", "tests", "fixtures", "pyproject.toml", "wsgi.py", "README.md")
SECONDS = 400
"""How long the tests of one bug may take."""

SECONDS_FOR_ALL = 1800
"""How long all of them may take together."""

_PASSED, _FAILED = 0, 1


class Unplantable(Exception):
    """The tree is not what the bug was written for, or its tests do not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a bug: whether the tests noticed, in how many seconds, and what they said of it."""

    bug: Bug
    caught: bool
    seconds: float
    said: str


def check(change: Change) -> None:
    """Raises Unplantable unless the text to replace occurs exactly once in the tree's file."""
    found = (PROJECT / change.file).read_text(encoding="utf-8").count(change.old)
    if found != 1:
        raise Unplantable(f"{change.file}: {found} times {change.old!r}")


def try_bug(bug: Bug) -> Verdict:
    """Plants one bug in a copy and runs its tests. Raises Unplantable."""
    for change in bug.changes:
        check(change)
    with tempfile.TemporaryDirectory(prefix="chq") as folder:
        tree = _copied(Path(folder))
        for change in bug.changes:
            path = tree / change.file
            path.write_text(path.read_text(encoding="utf-8").replace(change.old, change.new), encoding="utf-8")
        begun = time.monotonic()
        status, said = _run(tree, bug.tests)
        return Verdict(bug=bug, caught=status == _FAILED, seconds=time.monotonic() - begun, said=said)


def try_none(bugs: Sequence[Bug]) -> None:
    """Runs the tests of all bugs in a copy as it is. Raises Unplantable when one of them fails without a bug."""
    with tempfile.TemporaryDirectory(prefix="chq") as folder:
        tree = _copied(Path(folder))
        tests = list(dict.fromkeys(test for bug in bugs for test in bug.tests))
        status, said = _run(tree, tests, SECONDS_FOR_ALL)
        if status != _PASSED:
            raise Unplantable(f"The tests fail without a bug: {said}")


def _copied(folder: Path) -> Path:
    tree = folder / "tree"
    tree.mkdir()
    for name in COPIED:
        origin = PROJECT / name
        if origin.is_dir():
            shutil.copytree(origin, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, tree / name)
    return tree


def _run(tree: Path, tests: Sequence[str], seconds: float = SECONDS) -> tuple[int, str]:
    """The exit code and the last lines of a run in the copy, which must import its own modules."""
    shared = os.environ.get("CHASQUI_SHARED") or str(PROJECT.parent / "shared")
    environment = {**os.environ, "CHASQUI_SHARED": shared, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)}
    environment.pop("CI", None)
    where = subprocess.run(
        [sys.executable, "-c", "import app; print(app.__file__)"], cwd=tree, env=environment, capture_output=True,
        text=True, timeout=60, check=True,
    ).stdout.strip()
    if not Path(where).is_relative_to(tree):
        raise Unplantable(f"The copy would test {where}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider", *tests], cwd=tree,
        env=environment, capture_output=True, text=True, timeout=seconds,
    )
    lines = (done.stdout + done.stderr).splitlines()
    said = next((line for line in lines if line.startswith("FAILED ")), "\n".join(lines[-6:]))
    if done.returncode not in (_PASSED, _FAILED):
        raise Unplantable(f"The tests do not run: {said}")
    return done.returncode, said
