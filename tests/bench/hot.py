"""One hot series against a hundred: 32 threads at the counters of one process, and 32 clients over HTTP.

In each round stand beside each other: one series in groups, the same code with groups of one, a hundred series, a bare
INSERT and COMMIT by as many processes, and bare RSA-2048 signatures on every processor. The orders are planned before
the clock starts, but where a case says otherwise. On PostgreSQL each round is run once more with a slow disk imitated.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Final
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from sqlalchemy import Connection, event

from app.documents import counters, operations
from app.documents.fingerprint import fingerprint
from app.documents.numbering import Ready
from app.documents.orders import Caller, Order
from app.documents.schemas.request import DocumentRequest
from app.http.bodies import loads
from tests.bench import issuing
from tests.bench.load import at
from tests.bench.office import (
    Measured,
    account_id,
    bare_url,
    check_gapless,
    folder,
    fresh_url,
    furnish,
    ordered,
    row_text,
    serving,
    settings_for,
    slow_disk,
)
from tests.bench.rounds import Effort
from tests.bench.vouchers import encoded, request
from tests.bench.watching import Watch, postmaster
from tests.support.signing import fixed_certificate

SERIES: Final = 100
_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How many series the threads issue on, in which groups, and whether planning is inside the measure."""

    name: str
    series: int
    alone: bool = False
    plans: bool = False


ONE: Final = "1 series"
ALONE: Final = "1 series, a transaction each"
MANY: Final = "100 series"
CASES: Final = (
    Case(name=ONE, series=1), Case(name=ALONE, series=1, alone=True), Case(name=MANY, series=SERIES),
    Case(name="1 series, planning too", series=1, plans=True),
    Case(name="100 series, planning too", series=SERIES, plans=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What is measured: databases, threads, the effort for each case, and that over HTTP (None: not measured)."""

    effort: Effort
    served: Effort | None = None
    dialects: tuple[str, ...] = ("sqlite", "postgresql")
    threads: int = 32


def measure(extent: Extent) -> dict[str, Any]:
    """The figures by database and disk (``postgresql``, ``postgresql, slow disk``), those over HTTP, and the aims."""
    found: dict[str, Any] = {
        "threads": extent.threads, "floor": "one INSERT and COMMIT of as many bytes, by as many processes",
        "places": {},
    }
    for dialect in extent.dialects:
        found["places"] |= _in_process(dialect, extent)
    if extent.served is not None:
        found["places"] |= _over_http(extent.served, extent.threads)
    return {**found, "aims": list(_aims(found["places"]))}


def crowd(works: Sequence[Callable[[], object]], seconds: float) -> dict[str, Any]:
    """Every work again and again in a thread of its own: how often a second together, median and p99 of one call."""
    start = threading.Barrier(len(works) + 1)

    def one(work: Callable[[], object]) -> list[float]:
        taken: list[float] = []
        start.wait(_PATIENCE)
        until = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < until:
            work()
            taken.append(time.perf_counter() - begun)
        return taken

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(one, work) for work in works]
        start.wait(_PATIENCE)
        begun = time.perf_counter()
        calls = sorted(itertools.chain.from_iterable(future.result(seconds + _PATIENCE) for future in running))
        return {
            "per_second": len(calls) / (time.perf_counter() - begun), "calls": len(calls), "p50": at(calls, 0.5),
            "p99": at(calls, 0.99),
        }


def _in_process(dialect: str, extent: Extent) -> dict[str, Any]:
    with folder() as here, fresh_url(dialect, here) as url:
        # A connection for each thread: what waits for a connection would not be waiting for its series.
        office = furnish(replace(settings_for(here, url), database_pool=extent.threads + 4), SERIES)
        try:
            counting = _Counting(office, extent)
            seconds = extent.effort.seconds
            for case in CASES:
                counting.run(case, seconds / 4)
            disks = {dialect: False, **({f"{dialect}, slow disk": True} if dialect == "postgresql" else {})}
            rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in disks}
            for _ in range(extent.effort.rounds):
                for name, slow in disks.items():
                    with slow_disk(counting.url) if slow else nullcontext():
                        rounds[name].append(counting.round(CASES[:3] if slow else CASES, seconds))
            check_gapless(office)
            return {name: _summary(those) for name, those in rounds.items()}
        finally:
            office.services.database.dispose()


class _Counting:
    """The counters of one process with orders for every series, planned once and issued as often as wanted."""

    def __init__(self, office: Measured, extent: Extent) -> None:
        services = office.services
        self.url, self._threads = bare_url(services.database), extent.threads
        self._desk = operations.Desk.of(services.database, services.vault)
        self._now = services.clock.now
        self._caller = Caller(
            account_id=account_id(office), branch_id=None, may_force_numbers=False, may_leave_gaps=False, actor="bench"
        )
        self._orders = [_order(encoded(request(1, series=code, issue_date=office.today))) for code in office.series]
        # What is planned is not changed by issuing it: only the number, the signature and the rows are new each time.
        self._ready = [self._planned(order) for order in self._orders]
        self._desk.counters.issue(self._ready[0])
        self._row = row_text(office)
        self._trees = {"ours": os.getpid()}
        if services.database.dialect == "postgresql":
            self._trees["database"] = postmaster(self.url)
        self._commits = 0
        event.listen(services.database.engine, "commit", self._count)
        key = fixed_certificate().private_key
        if key is None:
            raise ValueError("The test certificate has lost its key")
        padding, method, message = PKCS1v15(), hashes.SHA256(), b"<ds:SignedInfo>" + bytes(700)
        self._signatures = [lambda: key.sign(message, padding, method)] * (os.cpu_count() or 1)

    def round(self, cases: Sequence[Case], seconds: float) -> dict[str, Any]:
        """One round: the two floors and each case."""
        rows = ordered("floor", {
            "url": self.url, "body": self._row, "processes": self._threads, "seconds": seconds / 2,
        }, seconds=seconds + 60)
        return {
            "floor": rows["rows"] / rows["seconds"],
            "signatures": crowd(self._signatures, seconds / 3)["per_second"],
            "cases": {case.name: self.run(case, seconds) for case in cases},
        }

    def run(self, case: Case, seconds: float) -> dict[str, Any]:
        """One case: what `crowd` tells, vouchers a commit, processors used."""
        with ExitStack() as stack:
            if case.alone:
                stack.enter_context(patch.object(counters, "MOST_IN_A_GROUP", 1))
            watch = stack.enter_context(Watch(self._trees))
            before = self._commits
            done = crowd([self._work(case, index) for index in range(self._threads)], seconds)
            done["per_commit"] = done["calls"] / (self._commits - before)
        return {**done, "cores": watch.cores}

    def _work(self, case: Case, index: int) -> Callable[[], object]:
        """What one thread does: it issues on its own series in turn, or on the only one."""
        mine = range(case.series)[index::self._threads] or range(1)
        turn = itertools.cycle(mine)
        if case.plans:
            return lambda: self._desk.counters.issue(self._planned(self._orders[next(turn)]))
        return lambda: self._desk.counters.issue(self._ready[next(turn)])

    def _planned(self, order: Order) -> Ready:
        return operations.make_ready(
            self._desk, self._caller, order, now=self._now(), held=None, answer=lambda _: (201, b"")
        )

    def _count(self, connection: Connection) -> None:
        self._commits += bool(connection.get_execution_options().get("chasqui_write"))


def _order(sent: bytes) -> Order:
    raw = loads(sent)
    body = DocumentRequest().load(raw)
    return Order(body=body, raw=raw, fingerprint=fingerprint(body), keyed=True)


def _over_http(effort: Effort, clients: int) -> dict[str, Any]:
    """PostgreSQL behind the server: one series and a hundred, with the disk as it is and with a slow one."""
    cases = issuing.CASES[:2]
    extent = issuing.Extent(effort=effort)
    rounds: dict[str, list[dict[str, Any]]] = {"HTTP": [], "HTTP, slow disk": []}
    with serving("postgresql", SERIES) as served:
        issuing.till_run(served, extent, cases[-1], clients, effort.seconds, "warm")
        for _ in range(effort.rounds):
            for place, those in rounds.items():
                with slow_disk(served.url) if "slow" in place else nullcontext():
                    runs = {
                        case.name: issuing.till_run(served, extent, case, clients, effort.seconds, "") for case in cases
                    }
                those.append({"cases": {
                    name: {**run, "per_second": run["statuses"]["201"] / run["seconds"]} for name, run in runs.items()
                }})
        check_gapless(served.office)
    return {place: _summary(those) for place, those in rounds.items()}


def _summary(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the rounds; ``of_many`` is the ratio to a hundred series of the same round."""
    summary: dict[str, Any] = {
        f"{floor}_per_second": round(median(one[floor] for one in rounds), 1)
        for floor in ("floor", "signatures") if floor in rounds[0]
    }
    cases: dict[str, Any] = {}
    for name in rounds[0]["cases"]:
        many = f"100{name[name.index(' series'):]}" if "each" not in name else MANY
        runs = [one["cases"][name] for one in rounds]
        cases[name] = row = {
            "per_second": round(median(run["per_second"] for run in runs), 1), "rounds": [
                round(run["per_second"], 1) for run in runs
            ],
            "of_many": _ratio(rounds, name, "cases", many),
            "p50_ms": round(median(run["p50"] for run in runs) * 1000, 2),
            "p99_ms": round(median(run["p99"] for run in runs) * 1000, 2),
            "tail": round(median(run["p99"] / run["p50"] for run in runs), 2),
        }
        row |= {f"of_{floor}": _ratio(rounds, name, floor) for floor in ("floor", "signatures") if floor in rounds[0]}
        if "per_commit" in runs[0]:
            row["per_commit"] = round(median(run["per_commit"] for run in runs), 1)
            row["cores"] = {key: round(median(run["cores"][key] for run in runs), 2) for key in runs[0]["cores"]}
            row["cores"]["others"] = round(max(0.0, 2 * row["cores"]["machine"] - sum(row["cores"].values())), 2)
    return {**summary, "cases": cases}


def _ratio(rounds: Sequence[dict[str, Any]], name: str, floor: str, other: str = "") -> float:
    bases: list[float] = [one[floor][other]["per_second"] if other else one[floor] for one in rounds]
    rates: list[float] = [one["cases"][name]["per_second"] for one in rounds]
    return round(median(rate / base for rate, base in zip(rates, bases, strict=True)), 3)


def _aims(places: dict[str, Any]) -> list[dict[str, Any]]:
    """What is aimed at beside what was measured; ``least`` or ``most`` is the bound, none where it is only told."""
    aims: list[dict[str, Any]] = []
    for place, found in places.items():
        cases = found["cases"]
        if "slow" not in place:
            aims.append({"what": f"{place}: {ONE} of {MANY}", "measured": cases[ONE]["of_many"], "least": 0.8})
        else:
            usual = places[place.removesuffix(", slow disk")]["cases"]
            for name in cases:
                kept = median(slow / fast for slow, fast in zip(
                    cases[name]["rounds"], usual[name]["rounds"], strict=True
                ))
                bound = {"least": 0.6} if name == ONE else {}
                aims.append({"what": f"{place}: {name} keeps of the usual disk", "measured": round(kept, 3), **bound})
        if place.startswith(("postgresql", "HTTP")):
            aims.append({"what": f"{place}: {ONE}, p99 of p50", "measured": cases[ONE]["tail"], "most": 10.0})
    return aims
