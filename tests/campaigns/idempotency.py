"""The echo: thousands of keys, each sent two to twenty times together, again with another body, again after a restart.

What must hold: one voucher for each key; every 201 of a key the same bytes, before and after the restart; 409 for who
comes while the first is at work; 422 for another body. The copies of a key go to two servers on one database.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from tests.campaigns.audited import verdict
from tests.campaigns.place import Place, place
from tests.campaigns.sales import Counterhand, Sale
from tests.campaigns.servers import Nursery, nursery, serving
from tests.campaigns.tills import Till, Unanswered, settle

KEYS: Final = 5000
MOST_COPIES: Final = 20
SERIES: Final = 5
_GROUPS: Final = 6
"""Keys that are sent at the same time."""
_AFTERWARDS: Final = 2
"""Copies of each key after the restart."""
_LEASE_SECONDS: Final = 60
_SETTLE_SECONDS: Final = 90.0


@dataclass(slots=True)
class Tally:
    """What has happened on one database."""

    keys: int = 0
    copies: int = 0
    in_flight: int = 0
    altered: int = 0
    afterwards: int = 0
    violations: list[str] = field(default_factory=list)


def measure(kinds: Sequence[str], *, seed: int, seconds: float, keys: int = KEYS) -> dict[str, Any]:
    """Sends the keys on each kind of database and tells what came of it as JSON has it.

    Stops sending new keys when the time is up; ``keys`` in the result are those that were sent.
    """
    with nursery() as home:
        found = {kind: asyncio.run(_on(home, kind, seed, seconds / len(kinds), keys)) for kind in kinds}
    return {
        "seed": seed, "databases": found, "violations": sum(len(one["violations"]) for one in found.values()),
    }


async def _on(home: Nursery, kind: str, seed: int, seconds: float, keys: int) -> dict[str, Any]:
    begun = time.monotonic()
    tally = Tally()
    with ExitStack() as stack:
        here = stack.enter_context(place(kind, series=SERIES))
        hand = Counterhand(here.today, name=f"{kind}.{seed}")
        with ExitStack() as first:
            ports = [first.enter_context(serving(home, here, **_server(index))).port for index in range(2)]
            echo = _Echo(here, hand, ports, tally)
            # Two thirds of the time, because everything is sent again afterwards.
            await echo.everywhere(
                (hand.sale(here.series[index % SERIES]) for index in range(keys)),
                lambda tills, sale: echo.together(tills, sale, random.Random(f"{seed}/{sale.key}")),
                until=begun + seconds * 2 / 3,
            )
            await settle(hand.open(), ports[0], here.credential, seconds=_SETTLE_SECONDS)
        with ExitStack() as second:
            ports = [second.enter_context(serving(home, here, **_server(index))).port for index in range(2)]
            echo = _Echo(here, hand, ports, tally)
            await echo.everywhere(iter(list(hand.sales.values())), echo.again)
        tally.keys = len(hand.sales)
        tally.violations += verdict(here, hand.sales)
        return {
            "keys": tally.keys, "copies_together": tally.copies, "in_flight_409": tally.in_flight,
            "altered_422": tally.altered, "copies_after_restart": tally.afterwards, "tries": hand.tries(),
            "violations": tally.violations, "seconds": round(time.monotonic() - begun, 1),
        }


def _server(index: int) -> dict[str, Any]:
    return {"workers": 1, "threads": 16, "name": f"server{index}", "lease_seconds": _LEASE_SECONDS}


class _Echo:
    """Many copies of each key, to two servers."""

    def __init__(self, here: Place, hand: Counterhand, ports: Sequence[int], tally: Tally) -> None:
        self._place, self._hand, self._ports, self._tally = here, hand, ports, tally

    async def everywhere(
        self, sales: Any, deed: Callable[[list[Till], Sale], Awaitable[None]], *, until: float | None = None
    ) -> None:
        """Does a deed with each sale, several sales at once, each group with tills of its own."""
        async def group() -> None:
            tills = [Till(self._ports[n % len(self._ports)], self._place.credential) for n in range(MOST_COPIES)]
            try:
                for sale in sales:
                    await deed(tills, sale)
                    if until is not None and time.monotonic() > until:
                        return
            finally:
                for till in tills:
                    till.close()

        await asyncio.gather(*(group() for _ in range(_GROUPS)))

    async def together(self, tills: list[Till], sale: Sale, chance: random.Random) -> None:
        """All copies at once; then, for one sale in four, another body under the same key."""
        copies = chance.randint(2, MOST_COPIES)
        used = chance.sample(tills, copies)
        statuses = await asyncio.gather(*(self._post(till, sale) for till in used))
        self._tally.copies += copies
        self._tally.in_flight += statuses.count(409)
        if chance.random() < 0.25:
            await self._altered(used[0], sale)

    async def again(self, tills: list[Till], sale: Sale) -> None:
        """Copies after the restart: the same answer, and another body is still refused."""
        statuses = await asyncio.gather(*(self._post(till, sale) for till in tills[:_AFTERWARDS]))
        self._tally.afterwards += len(statuses)
        if statuses != [201] * len(statuses):
            self._tally.violations.append(f"{sale.key}: {statuses} after the restart")
        await self._altered(tills[0], sale)

    async def _post(self, till: Till, sale: Sale) -> int:
        try:
            status, body = await till.post(sale.body, sale.key)
        except Unanswered:
            sale.tries[0] += 1
            return 0
        sale.note(status, body)
        if status == 409 and (code := json.loads(body)["code"]) != "IDEMPOTENCY_IN_FLIGHT":
            self._tally.violations.append(f"{sale.key}: 409 {code}")
        if status == 422:
            self._tally.violations.append(f"{sale.key}: its own body was refused")
        return status

    async def _altered(self, till: Till, sale: Sale) -> None:
        """Another body under a key that is sealed or in flight is 422 and makes nothing."""
        status, body = await till.post(self._hand.body(sale.series, f"{sale.key}.altered"), sale.key)
        if status != 422 or json.loads(body)["code"] != "IDEMPOTENCY_KEY_REUSED":
            self._tally.violations.append(f"{sale.key}: another body was answered {status}")
        self._tally.altered += 1
