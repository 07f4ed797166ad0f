"""The crowd: two hundred clients on one series and on a hundred, on one server of two processes and on two servers.

What must hold: each series is exactly 1..n, whoever numbered it. What is told beside it: how much a hot series slows
those who sell on other series. For that, half the clients always sell on series of their own, while the other half
either crowds one series or is spread over the same hundred; the number of clients is the same in both, so what is
compared is the crowding and not the load. Both are measured in turn, several times.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from tests.campaigns.audited import verdict
from tests.campaigns.place import Place, place
from tests.campaigns.sales import Counterhand
from tests.campaigns.servers import Nursery, Tree, nursery, serving
from tests.campaigns.tills import Till, all_of, settle

CLIENTS: Final = 200
SERIES: Final = 101
"""The hot one, and a hundred besides."""
SETUPS: Final = {"one server of two processes": (2,), "two servers of one process": (1, 1)}
"""Workers of each server."""
MOST_SECONDS: Final = 8.0
PAIRS: Final = 3
_LEASE_SECONDS: Final = 60
_SETTLE_SECONDS: Final = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What a crowd did: answers a second of all and of the cold half, and the cold half's seconds, sorted."""

    per_second: float
    cold_per_second: float
    taken: list[float]
    cold_taken: list[float]


def measure(
    kinds: Sequence[str], *, seed: int, seconds: float, clients: int = CLIENTS, pairs: int = PAIRS
) -> dict[str, Any]:
    """Runs the crowds on each kind of database, about so long, and tells what came of them as JSON has it."""
    phase = min(MOST_SECONDS, seconds / len(kinds) / len(SETUPS) / (2 + 2 * pairs))
    found: dict[str, Any] = {}
    with nursery() as home:
        for kind in kinds:
            found[kind] = {
                name: asyncio.run(_under(home, kind, workers, f"{seed}", phase, clients, pairs))
                for name, workers in SETUPS.items()
            }
    violations = sum(len(one["violations"]) for setups in found.values() for one in setups.values())
    return {"seed": seed, "clients": clients, "phase_seconds": phase, "databases": found, "violations": violations}


async def _under(
    home: Nursery, kind: str, workers: Sequence[int], name: str, phase: float, clients: int, pairs: int
) -> dict[str, Any]:
    with ExitStack() as stack:
        here = stack.enter_context(place(kind, series=SERIES))
        trees = [
            stack.enter_context(serving(
                home, here, workers=count, threads=16, name=f"server{index}", lease_seconds=_LEASE_SECONDS
            )) for index, count in enumerate(workers)
        ]
        hand = Counterhand(here.today, name=f"{kind}.{name}")
        crowd = _Crowds(here, trees, hand, clients, phase)
        one = await crowd.sell(lambda _: here.series[0])
        hundred = await crowd.sell(crowd.spread)
        hot, even = [], []
        for _ in range(pairs):
            hot.append(await crowd.sell(lambda till: crowd.spread(till) if crowd.is_cold(till) else here.series[0]))
            even.append(await crowd.sell(crowd.spread))
        open_sales = hand.open()
        await settle(open_sales, trees[0].port, here.credential, seconds=_SETTLE_SECONDS)
        violations = verdict(here, hand.sales)
        return {
            "sales": len(hand.sales), "tries": hand.tries(), "violations": violations,
            "one_series": _told(one), "hundred_series": _told(hundred),
            "one_to_hundred": _ratio([one.per_second], [hundred.per_second]),
            "others_beside_a_hot_series": {
                "rate": _ratio([each.cold_per_second for each in hot], [each.cold_per_second for each in even]),
                "median_seconds": _ratio(
                    [_at(each.cold_taken, 0.5) for each in hot], [_at(each.cold_taken, 0.5) for each in even]
                ),
            },
        }


class _Crowds:
    """Clients that all sell at once for a while."""

    def __init__(self, here: Place, trees: Sequence[Tree], hand: Counterhand, clients: int, phase: float) -> None:
        self._place, self._trees, self._hand = here, trees, hand
        self._clients, self._phase = clients, phase

    def is_cold(self, till: int) -> bool:
        """Whether a till belongs to the half that is never at the hot series. Both servers have both halves."""
        return till // len(self._trees) % 2 == 0

    def spread(self, till: int) -> str:
        """A series for a till, the same for few."""
        others = self._place.series[1:]
        return others[till % len(others)]

    async def sell(self, series_of: Callable[[int], str]) -> Crowd:
        """Lets every till sell on its series until the phase ends."""
        until = time.monotonic() + self._phase
        tills = [Till(self._trees[index % len(self._trees)].port, self._place.credential)
                 for index in range(self._clients)]

        async def run(index: int) -> None:
            try:
                for _ in itertools.count():
                    if time.monotonic() > until:
                        return
                    await tills[index].sell(self._hand.sale(series_of(index)), lambda: time.monotonic() > until)
            finally:
                tills[index].close()

        begun = time.monotonic()
        await all_of([asyncio.create_task(run(index)) for index in range(self._clients)], self._phase + 60)
        seconds = time.monotonic() - begun
        cold = [till for index, till in enumerate(tills) if self.is_cold(index)]
        taken, cold_taken = ([one for till in some for one in till.taken] for some in (tills, cold))
        return Crowd(
            per_second=len(taken) / seconds, cold_per_second=len(cold_taken) / seconds, taken=sorted(taken),
            cold_taken=sorted(cold_taken),
        )


def _told(crowd: Crowd) -> dict[str, float]:
    return {
        "per_second": round(crowd.per_second, 1), "p50": round(_at(crowd.taken, 0.5), 3),
        "p99": round(_at(crowd.taken, 0.99), 3),
    }


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _ratio(some: list[float], others: list[float]) -> float | None:
    below = median(others)
    return round(median(some) / below, 2) if below else None
