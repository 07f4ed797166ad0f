"""Which fault meets which call: rules tried in their order, with a seed instead of chance.

Whether a rule strikes depends only on the seed, the rule, the question and how often that question has been asked: so
the same run meets the same faults, however its threads interleave.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sunat.errors import FormatError
from sunat.sandbox.exchange import Asked, Operation
from sunat.sandbox.faults.modes import MODES
from sunat.sandbox.faults.scene import Mode

_SPAN: Final = 1 << 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A fault to come.

    ``modes`` are names out of `sunat.sandbox.faults.MODES`; one of them is drawn each time, and none given means any
    that fits the operation. Empty ``operations``, ``ruc``, ``type_code``, ``series`` and ``number`` 0 match all.
    It strikes with ``probability``, after leaving the first ``skip`` matching calls of a voucher alone, at most
    ``times`` in all and ``times_each`` per question (one operation about one voucher); only within ``since`` and
    ``until`` (aware). ``seconds`` replaces the mode's own figure. Raises FormatError for what makes no sense.
    """

    modes: tuple[str, ...] = ()
    operations: tuple[Operation, ...] = ()
    ruc: str = ""
    type_code: str = ""
    series: str = ""
    number: int = 0
    probability: float = 1.0
    skip: int = 0
    times: int | None = None
    times_each: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        unknown = [name for name in self.modes if name not in MODES]
        if unknown:
            raise FormatError(f"There is no fault called {', '.join(unknown)}")
        if not 0 <= self.probability <= 1:
            raise FormatError("A probability lies between 0 and 1")
        if min(self.skip, self.number, self.times or 0, self.times_each or 0, self.seconds or 0) < 0:
            raise FormatError("Counts and seconds are not negative")
        if any(moment is not None and moment.tzinfo is None for moment in (self.since, self.until)):
            raise FormatError("A moment needs its zone")
        if self.modes and self.operations and not any(
            MODES[name].fits(operation) for name in self.modes for operation in self.operations
        ):
            raise FormatError(f"{', '.join(self.modes)} cannot happen to {', '.join(self.operations)}")

    def matches(self, asked: Asked, now: datetime) -> bool:
        """Whether a call is one this rule is about."""
        return (
            (not self.operations or asked.operation in self.operations)
            and self.ruc in {"", asked.ruc} and self.type_code in {"", asked.type_code}
            and self.series in {"", asked.series}
            and (not self.number or (asked.voucher is not None and asked.voucher.number == self.number))
            and (self.since is None or self.since <= now) and (self.until is None or now < self.until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A fault that meets a call: its mode, its seconds, and a number for whatever else is to be drawn."""

    mode: Mode
    seconds: float
    draw: int


@dataclass(slots=True, kw_only=True)
class _Count:
    struck: int = 0
    looked: dict[str, int] = field(default_factory=dict)
    struck_each: dict[str, int] = field(default_factory=dict)


class Plan:
    """The rules in force. Safe to use from any thread."""

    def __init__(self, rules: Iterable[Rule] = (), *, seed: int = 0) -> None:
        self.seed = seed
        self._lock = threading.Lock()
        self._rules: dict[int, Rule] = {}
        self._counts: dict[int, _Count] = {}
        self._next = 1
        for rule in rules:
            self.add(rule)

    def add(self, rule: Rule) -> int:
        """Puts a rule behind the others; gives its number."""
        with self._lock:
            number, self._next = self._next, self._next + 1
            self._rules[number] = rule
            self._counts[number] = _Count()
            return number

    def remove(self, number: int) -> bool:
        """Takes a rule away; False if there is none of that number."""
        with self._lock:
            self._counts.pop(number, None)
            return self._rules.pop(number, None) is not None

    def clear(self) -> None:
        """Takes all rules away: the authority behaves."""
        with self._lock:
            self._rules.clear()
            self._counts.clear()

    def listed(self) -> list[tuple[int, Rule, int]]:
        """The rules with their numbers, and how often each has struck."""
        with self._lock:
            return [(number, rule, self._counts[number].struck) for number, rule in self._rules.items()]

    def strike(self, asked: Asked, now: datetime) -> Strike | None:
        """The fault that meets this call, or None."""
        with self._lock:
            for number, rule in self._rules.items():
                if rule.matches(asked, now):
                    found = self._try(number, rule, asked)
                    if found is not None:
                        return found
        return None

    def _try(self, number: int, rule: Rule, asked: Asked) -> Strike | None:
        fitting = [name for name in rule.modes or MODES if MODES[name].fits(asked.operation)]
        if not fitting:
            return None
        count = self._counts[number]
        looked = count.looked.get(asked.key, 0)
        count.looked[asked.key] = looked + 1
        each = count.struck_each.get(asked.key, 0)
        if looked < rule.skip or (rule.times is not None and count.struck >= rule.times):
            return None
        if rule.times_each is not None and each >= rule.times_each:
            return None
        seen = hashlib.sha256(f"{self.seed}|{number}|{asked.key}|{looked}".encode()).digest()
        chance, which, draw = (int.from_bytes(seen[start:start + 8], "big") for start in (0, 8, 16))
        if chance >= rule.probability * _SPAN:
            return None
        count.struck += 1
        count.struck_each[asked.key] = each + 1
        mode = MODES[fitting[which % len(fitting)]]
        return Strike(mode=mode, seconds=mode.seconds if rule.seconds is None else rule.seconds, draw=draw)
