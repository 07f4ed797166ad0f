"""Delivery under a virtual clock: every fault of the sandbox alone, then all of them mixed, then outages.

`tests.campaigns.stage` is where it plays; afterwards `reckoning` holds the rows against the sandbox's own record, and
of an outage `recovery` tells how it was caught up with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sunat.sandbox.exchange import Operation
from sunat.sandbox.faults import MODES, Rule
from tests.campaigns.reckoning import check
from tests.campaigns.recovery import recovered
from tests.campaigns.stage import BUDGET, START, staged

PARTS: Final = ("modes", "mixed", "outages")
EACH: Final = 50
MIXED: Final = 2000
QUEUED: Final = 5000
FAULTY: Final = 0.4
HOURS: Final = (1, 6)

AWAY: Final = (
    "refused", "no-name", "http-503", "http-502", "empty-200", "busy", "reset-before-work", "hang-before-work",
)
"""What callers meet while SUNAT is away: nobody there, pages, silence. Nothing is dealt with."""

_BY_TICKET: Final = frozenset({Operation.SEND_SUMMARY, Operation.TICKET})
_REST: Final = frozenset({Operation.TOKEN, Operation.REST})
_GUIDES: Final = frozenset({Operation.GUIDE_TOKEN, Operation.SEND_GUIDE, Operation.GUIDE_TICKET})
SHARE: Final = 0.1
"""How many of the vouchers are guides where the faults meet others too."""
_AT_ONCE: Final = 50
"""So many vouchers are issued between two looks at the queue during an outage."""


def play(kind: str, rules: Sequence[Rule], count: int, *, seed: int, until: float) -> dict[str, Any]:
    """One run of ``count`` sales under rules, and what its reckoning found; ``until`` is on the monotonic clock.

    Where the first rule's faults only meet the REST consult, or summaries and their tickets, all sales are boletas;
    where they only meet the guides' service, all are guides.
    """
    guides = 1.0 if _only(rules[0], _GUIDES) else 0.0 if _only(rules[0], _BY_TICKET) else SHARE
    boletas = 1.0 if _only(rules[0], _REST | _BY_TICKET) else 0.33
    begun = time.process_time()
    with TemporaryDirectory() as folder, staged(kind, Path(folder), rules, seed=seed) as stage:
        stage.issue(count, boletas=boletas, guides=guides, carried=_only(rules[0], _BY_TICKET))
        done = stage.run(until)
        found, counted = check(stage.office.database, stage.sandbox.ledger, budget=BUDGET)
        struck = stage.sandbox.plan.listed()[0][2]
        if not done:
            found.append(f"not everything ended: {counted['unsettled']}")
        if not struck:
            found.append("no fault met anything")
        return {
            **counted, "violations": found, "faults": struck, "persons_work": stage.persons_work,
            "virtual_hours": round((stage.clock.now() - START).total_seconds() / 3600, 1),
            "processor_seconds": round(time.process_time() - begun, 1),
        }


def _only(rule: Rule, operations: frozenset[Operation]) -> bool:
    """Whether the modes of a rule meet nothing but some operations."""
    return bool(rule.modes) and not any(MODES[name].operations - operations for name in rule.modes)


def outage(kind: str, hours: float, queued: int, *, seed: int, until: float) -> dict[str, Any]:
    """SUNAT is away for some hours while sales go on and are tried; how all of it is caught up with."""
    begun, over = time.process_time(), START + timedelta(hours=hours)
    rule = Rule(modes=AWAY, until=over)
    with TemporaryDirectory() as folder, staged(kind, Path(folder), [rule], seed=seed) as stage:
        apart = timedelta(hours=hours) * 0.9 / queued
        for start in range(0, queued, _AT_ONCE):
            stage.clock.set(max(stage.clock.now(), START + apart * start))
            stage.issue(min(_AT_ONCE, queued - start), apart=timedelta(milliseconds=1))
            stage.step()
        done = stage.run(until)
        found, counted = check(stage.office.database, stage.sandbox.ledger, budget=BUDGET)
        if not done:
            found.append(f"not everything ended: {counted['unsettled']}")
        unfair, told = recovered(stage.office.database, over, minutes=hours * 60)
        return {
            **counted, "violations": found + unfair, "hours": hours, **told,
            "processor_seconds": round(time.process_time() - begun, 1),
        }


def alone(name: str) -> list[Rule]:
    """The rules for one mode: where it can only meet a question, something has to be asked."""
    if MODES[name].operations == {Operation.SEND_SUMMARY}:  # each new id would be another one to meet it
        return [Rule(modes=(name,), times=12)]
    rules = [Rule(modes=(name,), times_each=2)]
    if not MODES[name].fits(Operation.SEND_BILL):
        rules.append(Rule(modes=("work-then-reset",), operations=(Operation.SEND_BILL,), times_each=1))
    return rules


def measure(
    kinds: Sequence[str], *, seed: int, seconds: float, count: int = MIXED, parts: Sequence[str] = PARTS,
    each: int | None = None, queued: int | None = None, tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """The parts that are asked for; ``count`` sales mixed, the others in proportion. ``tell`` hears of each run."""
    until = time.monotonic() + seconds
    each = max(2, EACH * count // MIXED) if each is None else each
    queued = QUEUED * count // MIXED if queued is None else queued
    databases: dict[str, Any] = {kind: {} for kind in kinds}
    violations: list[str] = []

    def run(part: str, kind: str, name: str, told: dict[str, Any]) -> dict[str, Any]:
        violations.extend(f"{kind}, {name}: {one}" for one in told["violations"])
        tell(f"{kind} {part} {name}: {told['vouchers']} vouchers, {told['attempts']} attempts, "
             f"{told['processor_seconds']} s, {len(told['violations'])} violations")
        return told

    for kind, result in databases.items():
        if "modes" in parts:
            result["modes"] = _modes(lambda name, kind=kind: run("modes", kind, name, play(
                kind, alone(name), each, seed=seed, until=until
            )))
        if "mixed" in parts:
            result["mixed"] = run("mixed", kind, "mixed", play(
                kind, [Rule(probability=FAULTY, times_each=6)], count, seed=seed, until=until
            ))
        if "outages" in parts:
            result["outages"] = [
                run("outages", kind, f"{hours} h", outage(kind, hours, queued, seed=seed, until=until))
                for hours in HOURS
            ]
    return {"seed": seed, "databases": databases, "violations": violations}


def _modes(one: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Every mode alone, and their sums."""
    told = {name: one(name) for name in MODES}
    kept = ("vouchers", "faults", "attempts", "attempts_most", "virtual_hours")
    return {
        "each": {name: {key: run[key] for key in kept} for name, run in told.items()}, "modes": len(told),
        **{key: sum(run[key] for run in told.values()) for key in ("vouchers", "faults", "attempts")},
        "processor_seconds": round(sum(run["processor_seconds"] for run in told.values())),
        "violations": sum(len(run["violations"]) for run in told.values()),
    }
