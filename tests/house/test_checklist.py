"""Every capability of the numbering systems that is in scope is named by a test that passes.

Ids of `domain/numbering.md` 1. Left out: the console's own points (INV-06, FRI-08) and KOY-12, which come with later
issues; of INV-07, FRI-12, FRI-20 to FRI-22 and OPT-10 the side of the API is here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
COUNTS = {"INV": 26, "FRI": 23, "BEE": 13, "OPT": 12, "KOY": 12}
LATER = {"INV-06", "FRI-08", "KOY-12"}
IN_SCOPE = sorted(
    {f"{system}-{number:02d}" for system, count in COUNTS.items() for number in range(1, count + 1)} - LATER
)
_ID = re.compile(r"(?<![A-Za-z])(inv|fri|bee|opt|koy)[-_](\d\d)(?!\d)", re.IGNORECASE)
_RANGE = re.compile(r"\b(INV|FRI|BEE|OPT|KOY)-(\d\d) to (?:INV|FRI|BEE|OPT|KOY)-(\d\d)\b")


def named_in(text: str) -> Iterator[str]:
    """The ids in the name or the docstring of a test: INV-03, inv_03, FRI-20 to FRI-22."""
    for system, number in _ID.findall(text):
        yield f"{system.upper()}-{number}"
    for system, first, last in _RANGE.findall(text):
        yield from (f"{system}-{number:02d}" for number in range(int(first), int(last) + 1))


def named() -> dict[str, set[str]]:
    """Each id with the tests that name it."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = f"{node.name.removeprefix('test_')} {ast.get_docstring(node) or ''}"
                for each in named_in(text):
                    found.setdefault(each, set()).add(f"{path.relative_to(TESTS)}::{node.name}")
    return found


def test_every_id_in_scope_is_named_by_a_test() -> None:
    assert sorted(set(IN_SCOPE) - named().keys()) == []


def test_no_test_names_an_id_that_does_not_exist() -> None:
    everything = set(IN_SCOPE) | LATER
    assert {each: tests for each, tests in named().items() if each not in everything} == {}


@pytest.mark.parametrize(("text", "ids"), [
    ("inv_03_inv_04_prefix", ["INV-03", "INV-04"]), ("fri_07", ["FRI-07"]), ("FRI-20 to FRI-22: own", [
        "FRI-20", "FRI-22", "FRI-20", "FRI-21", "FRI-22"
    ]), ("(KOY-09, KOY-10)", ["KOY-09", "KOY-10"]), ("option_03 INV-003", []),
])
def test_ids_are_read(text: str, ids: list[str]) -> None:
    assert list(named_in(text)) == ids
