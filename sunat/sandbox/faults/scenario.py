"""Rules out of a scenario file (JSON or TOML) or a request: read strictly, so that a slip does not mean "no fault".

A scenario is ``{"seed": 7, "faults": [RULE, ...]}``. A rule has the fields of `sunat.sandbox.faults.Rule`, all
optional; ``mode`` and ``operation`` may stand for lists of one, and moments are ISO 8601 with their zone.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sunat.errors import FormatError
from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults.plan import Plan, Rule

_WORDS: Final = frozenset({"ruc", "type_code", "series"})
_COUNTS: Final = frozenset({"number", "skip", "times", "times_each"})
_FIGURES: Final = frozenset({"probability", "seconds"})
_MOMENTS: Final = frozenset({"since", "until"})
_SINGULAR: Final = {"mode": "modes", "operation": "operations"}
_LARGEST: Final = 1_000_000


def read_scenario(scenario: bytes, *, toml: bool = False, seed: int | None = None) -> Plan:
    """The plan of a scenario file; ``seed`` replaces the file's. Raises FormatError for anything not understood."""
    try:
        text = scenario.decode("utf-8")
        content: object = tomllib.loads(text) if toml else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"The scenario cannot be read: {error}") from error
    if not isinstance(content, dict) or set(content) - {"seed", "faults"}:
        raise FormatError("A scenario has a seed and faults, and nothing else")
    own = content.get("seed", 0)
    if not isinstance(own, int) or isinstance(own, bool):
        raise FormatError("The seed is an integer")
    return Plan(read_rules(content.get("faults", [])), seed=own if seed is None else seed)


def read_rules(content: object) -> list[Rule]:
    """Rules from one object or a list of them. Raises FormatError."""
    rules = content if isinstance(content, list) else [content]
    return [_rule(one) for one in rules]


def written_rule(rule: Rule) -> dict[str, object]:
    """A rule as a scenario writes it, without what it leaves open."""
    plain = Rule()
    found: dict[str, object] = {}
    for one in fields(Rule):
        value = getattr(rule, one.name)
        if value != getattr(plain, one.name):
            found[one.name] = value.isoformat() if isinstance(value, datetime) else (
                list(value) if isinstance(value, tuple) else value
            )
    return found


def _rule(content: object) -> Rule:
    if not isinstance(content, dict):
        raise FormatError("A fault is an object")
    given: dict[str, Any] = {}
    for key, value in content.items():
        name = _SINGULAR.get(str(key), str(key))
        if name in given:
            raise FormatError(f"{key} is given twice")
        given[name] = _value(name, value)
    return Rule(**given)


def _value(name: str, value: object) -> object:
    if name in {"modes", "operations"}:
        return _names(name, value)
    if name in _WORDS and isinstance(value, str):
        return value
    if name in _COUNTS and isinstance(value, int) and not isinstance(value, bool) and value <= _LARGEST * 100:
        return value
    if name in _FIGURES and isinstance(value, (int, float)) and not isinstance(value, bool) and value <= _LARGEST:
        return float(value)
    if name in _MOMENTS:
        return _moment(name, value)
    known = {*_WORDS, *_COUNTS, *_FIGURES}
    raise FormatError(f"{name} cannot be {value!r}" if name in known else f"A fault has no {name!r}")


def _names(name: str, value: object) -> tuple[object, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise FormatError(f"{name} are names")
    if name == "modes":
        return tuple(listed)
    try:
        return tuple(Operation(one) for one in listed)
    except ValueError as error:
        raise FormatError(f"{error}; there are {', '.join(Operation)}") from error


def _moment(name: str, value: object) -> datetime:
    try:
        return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError as error:
        raise FormatError(f"{name} is not a moment: {value!r}") from error
