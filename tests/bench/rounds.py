"""Interleaved rounds: whatever disturbs the machine disturbs a figure and its floor alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured: rounds, and seconds for one measure in one round."""

    rounds: int
    seconds: float


def interleaved(
    measures: Mapping[str, Callable[[], object]], effort: Effort, clock: Clock = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds a call of every measure, one figure a round; each round runs all of them in turn.

    What only computes may be measured by the processor's own ``clock``, which a busy machine stretches less.
    """
    calls = {name: _calls(measure, effort.seconds, clock) for name, measure in measures.items()}
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(effort.rounds):
        for name, measure in measures.items():
            taken[name].append(_run(measure, calls[name], clock) / calls[name])
    return taken


def summary(taken: Sequence[float], floor: Sequence[float]) -> dict[str, Any]:
    """Milliseconds (median, lowest, highest) and how many floors it costs, the median of the rounds' own ratios."""
    return {
        "ms": round(median(taken) * 1000, 4), "low_ms": round(min(taken) * 1000, 4),
        "high_ms": round(max(taken) * 1000, 4),
        "ratio": round(median(one / base for one, base in zip(taken, floor, strict=True)), 3),
    }


def _calls(measure: Callable[[], object], seconds: float, clock: Clock) -> int:
    """How many calls fill a round; the measure is warm afterwards."""
    measure()
    calls = 1
    while (taken := _run(measure, calls, clock)) < seconds / 4 and calls < 1_000_000:
        calls *= 2
    return max(1, round(calls * seconds / max(taken, 1e-9)))


def _run(measure: Callable[[], object], calls: int, clock: Clock) -> float:
    begun = clock()
    for _ in range(calls):
        measure()
    return clock() - begun
