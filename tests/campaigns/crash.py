"""The crash campaign: SIGKILL and dropped connections under load, then every sale asked again and every row looked at.

A round: arm a fault (or choose a moment), let the tills sell until it strikes, kill, start again, let every till that
has no answer repeat its request, ask again for every answer of the round, look at the rows. What each round does
follows from the seed, the database and the round's number alone; how the threads of a server interleave does not.
"""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import psycopg

from tests.campaigns.audited import verdict
from tests.campaigns.checker import Checker
from tests.campaigns.hooks import IN_TRANSACTION, POINTS
from tests.campaigns.place import Place, place
from tests.campaigns.sales import Counterhand, Sale, unlike
from tests.campaigns.servers import Nursery, Tree, kill_one, nursery
from tests.campaigns.tills import Till, all_of, settle

SERIES: Final = 3
_LOAD_SECONDS: Final = 20.0
"""How long a fault may take to strike; one that has not by then counts as missed."""
_SETTLE_SECONDS: Final = 60.0
_SAID: Final = 8000
"""Characters of the servers' log that a result with violations carries."""
_ENDED_BY_DROP: Final = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round does. ``point`` is a fault point, or empty for a moment ``after`` seconds of load.

    ``act`` is kill, drop or lose (see `tests.campaigns.hooks`); ``scope`` of a kill is one worker or the tree. ``cold``
    says how the server is started after the death of the tree. One till in a round sends batches of ``batch`` sales, if
    that is not 0.
    """

    serial: int
    act: str
    point: str
    nth: int
    scope: str
    after: float
    cold: bool
    tills: int
    hot: bool
    batch: int


@dataclass(slots=True)
class Tally:
    """What has happened on one database."""

    rounds: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    drops: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    cold_starts: int = 0
    starts: int = 0
    replayed: int = 0
    unanswered: int = 0
    violations: list[str] = field(default_factory=list)


def planned(seed: int, kind: str, serial: int) -> Round:
    """The round of a number: faults in turn, so that each has its share, the rest by the seed."""
    chance = random.Random(f"{seed}/{kind}/{serial}")
    act, point = "kill", POINTS[serial // 3 * 2 % len(POINTS)] if serial % 3 == 0 else ""
    if serial % 3 == 1:
        point = POINTS[(serial // 3 * 2 + 1) % len(POINTS)]
    if kind == "postgresql" and serial % 9 == 5:
        act = "drop"
        point = chance.choice(("", *IN_TRANSACTION))
    if kind == "postgresql" and serial % 9 == 8:
        act, point = "lose", "before commit"
    return Round(
        serial=serial, act=act, point=point, nth=chance.randint(1, 8), scope=chance.choice(("worker", "tree")),
        after=chance.uniform(0.02, 0.6), cold=chance.random() < 0.1, tills=chance.choice((1, 4, 12)),
        hot=chance.random() < 0.5, batch=chance.choice((0, 0, 0, 3, 3, 12, 12, 70)),
    )


def measure(
    kinds: Sequence[str], *, seed: int, seconds: float, rounds: int | None = None, first: int = 0
) -> dict[str, Any]:
    """Runs rounds on each kind of database, so long or so many, and tells what came of them as JSON has it."""
    tallies = {}
    with nursery() as home:
        for kind in kinds:
            tallies[kind] = asyncio.run(_on(home, kind, seed, seconds / len(kinds), rounds, first))
    kills = sum(found["kills"] for found in tallies.values())
    return {
        "seed": seed, "databases": tallies, "kills": kills,
        "violations": sum(len(found["violations"]) for found in tallies.values()),
        "bound_95": round(3 / kills, 5) if kills else None,
    }


async def _on(
    home: Nursery, kind: str, seed: int, seconds: float, rounds: int | None, first: int
) -> dict[str, Any]:
    begun = time.monotonic()
    with ExitStack() as stack:
        here = stack.enter_context(place(kind, series=SERIES))
        fire = _Fire(home, here, seed)
        stack.callback(fire.end)
        serial = first
        while not fire.tally.violations:
            if (rounds is not None and serial - first >= rounds) or time.monotonic() - begun > seconds:
                break
            await fire.round(planned(seed, kind, serial))
            serial += 1
        await fire.finish()
        return fire.told(time.monotonic() - begun)


class _Fire:
    """The campaign on one database."""

    def __init__(self, home: Nursery, here: Place, seed: int) -> None:
        self.tally = Tally()
        self._home = home
        self._place = here
        self._tree: Tree | None = None
        self._counter = Counterhand(here.today, name=f"{here.kind}.{seed}")
        self._checker = Checker(here)

    async def round(self, this: Round) -> None:
        """One round, from the load to the look at the rows."""
        tree = self._serving()
        before = len(self._counter.sales)
        await self._load(tree, this)
        fresh = list(self._counter.sales.values())[before:]
        await self._ask_again(fresh, cold=this.cold)
        self.tally.rounds += 1
        self._look(this)

    async def finish(self) -> None:
        """Everything once more from the beginning: every answer, every signature, and the audit."""
        await self._ask_again(list(self._counter.sales.values()))
        self.tally.violations += verdict(self._place, self._counter.sales, checker=self._checker)

    def end(self) -> None:
        """Leaves no process behind."""
        if self._tree is not None:
            self._tree.kill()
            self._tree.bury()
            self._tree = None

    def told(self, seconds: float) -> dict[str, Any]:
        """The tally as JSON has it."""
        found = asdict(self.tally)
        return {
            **found, "kills_by": dict(sorted(self.tally.kills.items())), "kills": self.tally.kills.total(),
            "drops_by": dict(sorted(self.tally.drops.items())), "drops": self.tally.drops.total(),
            "sales": len(self._counter.sales), "tries": self._counter.tries(),
            "signatures_verified": self._checker.signatures, "seconds": round(seconds, 1),
            "server_said": self._said() if self.tally.violations else "",
        }

    def _said(self) -> str:
        """The end of what the servers wrote, for whoever looks for the reason; their folder is about to go."""
        written = (self._place.folder / "server.log").read_text(encoding="utf-8", errors="replace")
        return written[-_SAID:]

    def _serving(self, *, cold: bool = False) -> Tree:
        if self._tree is None:
            self._tree = self._home.start(self._place, cold=cold)
            self.tally.starts += 1
            self.tally.cold_starts += cold
        return self._tree

    async def _load(self, tree: Tree, this: Round) -> None:
        """Sells until the fault has struck, and a little longer where somebody still serves."""
        over = False
        chance = random.Random(f"{this.serial}/{self._place.kind}")
        if this.point:
            tree.arm(asdict(this))

        def sale() -> Sale:
            hot = this.hot or chance.random() < 0.5
            return self._counter.sale(self._place.series[0] if hot else chance.choice(self._place.series))

        async def sell(batch: int) -> None:
            till = Till(tree.port, self._place.credential)
            try:
                while not over:
                    if batch:
                        await till.sell_together([sale() for _ in range(batch)])
                    else:
                        await till.sell(sale(), lambda: over)
            finally:
                till.close()

        tasks = [asyncio.create_task(sell(0 if index else this.batch)) for index in range(this.tills)]
        struck = await self._struck(tree, this)
        if struck and (this.act != "kill" or this.scope == "worker"):
            await asyncio.sleep(0.15)  # the others go on, and those who lost their answer ask again
        over = True
        tree.disarm()
        if not struck:
            self.tally.missed += 1
        elif this.act == "kill" and this.scope == "tree":
            self._buried(tree)
        await all_of(tasks, 60)

    async def _struck(self, tree: Tree, this: Round) -> bool:
        """Waits for the fault, or strikes at the chosen moment; says whether it struck."""
        named = f"{this.point or 'at random'}, {this.scope}"
        if not this.point:
            await asyncio.sleep(this.after)
            if this.act == "drop":
                self.tally.drops["at random, all"] += self._drop_all()
                return True
            if this.scope == "tree":
                tree.kill()
            else:
                workers = tree.workers()
                if not workers or not kill_one(workers[this.nth % len(workers)]):
                    return False
            self.tally.kills[named] += 1
            return True
        until = time.monotonic() + _LOAD_SECONDS
        while not tree.fired(this.serial):
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.005)
        if this.act == "kill":
            self.tally.kills[named] += 1
        else:
            self.tally.drops[f"{this.point}, {this.act}"] += 1
        return True

    def _buried(self, tree: Tree) -> None:
        ended = tree.bury()
        if ended != signal.SIGKILL:
            self.tally.violations.append(f"the head ended by {ended} and not by SIGKILL")
        self._tree = None

    def _drop_all(self) -> int:
        with psycopg.connect(self._place.plain_url, autocommit=True) as connection:
            row = connection.execute(_ENDED_BY_DROP).fetchone()
        return int(row[0]) if row else 0

    async def _ask_again(self, sales: Sequence[Sale], *, cold: bool = False) -> None:
        """Asks once more for every sale: those without an answer must get one, the others the same again."""
        port = self._serving(cold=cold).port
        open_sales = [sale for sale in sales if not sale.answered]
        self.tally.unanswered += len(open_sales)
        await settle(open_sales, port, self._place.credential, seconds=_SETTLE_SECONDS)
        await settle(sales, port, self._place.credential, seconds=_SETTLE_SECONDS)
        self.tally.replayed += len(sales)

    def _look(self, this: Round) -> None:
        found = self._checker.check(self._counter.sales, settled=True)
        found += unlike(list(self._counter.sales.values()))
        self.tally.violations += [f"{this}: {one}" for one in found]
