"""One hot series against a hundred: 32 threads at the counters of one process, and 32 clients over HTTP.

In each round stand beside each other: one series in groups, the same code with groups of one, a hundred series, a bare
INSERT and COMMIT by as many processes, and bare RSA-2048 signatures on every processor. In the process the orders are
planned before the clock starts, but where a case says otherwise; over HTTP everything is inside the measure. On
PostgreSQL each round is run once more with a slow disk imitated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from tests.bench import issuing
from tests.bench.counting import ALONE, CASES, MANY, ONE, SERIES, Counting, signatures
from tests.bench.office import (
    Served,
    check_gapless,
    folder,
    fresh_url,
    furnish,
    ordered,
    row_text,
    serving,
    settings_for,
    slow_disk,
    transactions,
)
from tests.bench.rounds import Effort
from tests.bench.watching import Watch, postmaster


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What is measured: databases, threads, the effort for each case, and that over HTTP (None: not measured)."""

    effort: Effort
    served: Effort | None = None
    dialects: tuple[str, ...] = ("sqlite", "postgresql")
    served_dialects: tuple[str, ...] = ("postgresql",)
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
        for dialect in extent.served_dialects:
            found["places"] |= _over_http(dialect, extent.served, extent.threads)
    return {**found, "aims": list(_aims(found["places"]))}


def _in_process(dialect: str, extent: Extent) -> dict[str, Any]:
    with folder() as here, fresh_url(dialect, here) as url:
        # A connection for each thread: what waits for a connection would not be waiting for its series.
        office = furnish(replace(settings_for(here, url), database_pool=extent.threads + 4), SERIES)
        try:
            counting = Counting(office, extent.threads)
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


def _over_http(dialect: str, effort: Effort, clients: int) -> dict[str, Any]:
    """Behind two servers, one of them in groups of one: one series and a hundred, on PostgreSQL with a slow disk too.

    The processors that the clients use are among the others'.
    """
    many, one = (case for case in reversed(issuing.CASES[:2]))
    extent = issuing.Extent(effort=effort)
    name = "HTTP" if dialect == "postgresql" else f"HTTP, {dialect}"
    disks = {name: False, **({f"{name}, slow disk": True} if dialect == "postgresql" else {})}
    rounds: dict[str, list[dict[str, Any]]] = {place: [] for place in disks}
    with serving(dialect, SERIES) as grouped, serving(dialect, 1, alone=True) as alone:
        runs = ((ONE, grouped, one), (ALONE, alone, one), (MANY, grouped, many))
        for served, case in ((grouped, many), (alone, one)):
            issuing.till_run(served, extent, case, clients, effort.seconds, "warm")
        body = row_text(grouped.office)
        for _ in range(effort.rounds):
            for place, slow in disks.items():
                with slow_disk(grouped.url) if slow else nullcontext():
                    rounds[place].append({
                        "floor": _rows(grouped, body, clients, effort.seconds),
                        "signatures": signatures(effort.seconds / 3),
                        "cases": {
                            label: _run(served, extent, case, clients, effort.seconds) for label, served, case in runs
                        },
                    })
        check_gapless(grouped.office)
        check_gapless(alone.office)
    return {place: _summary(those) for place, those in rounds.items()}


def _rows(served: Served, body: str, processes: int, seconds: float) -> float:
    """Bare rows a second: an INSERT and its COMMIT, in the same database."""
    done = ordered(
        "floor", {"url": served.url, "body": body, "processes": processes, "seconds": seconds / 2}, seconds=seconds + 60
    )
    return float(done["rows"] / done["seconds"])


def _run(served: Served, extent: issuing.Extent, case: issuing.Case, clients: int, seconds: float) -> dict[str, Any]:
    """What the tills tell of one run, and the processors used meanwhile."""
    trees = {"ours": served.pid, **({} if served.url.startswith("sqlite") else {"database": postmaster(served.url)})}
    before = transactions(served.url) if "database" in trees else 0
    with Watch(trees) as watch:
        load = issuing.till_run(served, extent, case, clients, seconds, "")
    issued = load["statuses"]["201"]
    done = {**load, "per_second": issued / load["seconds"], "cores": watch.cores}
    return {**done, "per_commit": issued / (transactions(served.url) - before)} if "database" in trees else done


def _summary(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians of the rounds; ``of_many`` and ``of_alone`` are ratios to a hundred series and to groups of one."""
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
            "of_many": _ratio(rounds, name, "cases", many), "of_alone": _ratio(rounds, name, "cases", ALONE),
            "p50_ms": round(median(run["p50"] for run in runs) * 1000, 2),
            "p99_ms": round(median(run["p99"] for run in runs) * 1000, 2),
            "tail": round(median(run["p99"] / run["p50"] for run in runs), 2),
        }
        row |= {f"of_{floor}": _ratio(rounds, name, floor) for floor in ("floor", "signatures") if floor in rounds[0]}
        if "per_commit" in runs[0]:
            row["per_commit"] = round(median(run["per_commit"] for run in runs), 1)
        row["cores"] = {key: round(median(run["cores"][key] for run in runs), 2) for key in runs[0]["cores"]}
        known = sum(used for tree, used in row["cores"].items() if tree != "machine")
        row["cores"]["others"] = round(max(0.0, row["cores"]["machine"] - known), 2)
    return {**summary, "cases": cases}


def _ratio(rounds: Sequence[dict[str, Any]], name: str, floor: str, other: str = "") -> float:
    bases: list[float] = [one[floor][other]["per_second"] if other else one[floor] for one in rounds]
    rates: list[float] = [one["cases"][name]["per_second"] for one in rounds]
    return round(median(rate / base for rate, base in zip(rates, bases, strict=True)), 3)


def _aims(places: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is aimed at beside what was measured; ``least`` or ``most`` is the bound, none where it is only told."""
    for place, found in places.items():
        cases = found["cases"]
        if "slow" not in place:
            yield {"what": f"{place}: {ONE} of {MANY}", "measured": cases[ONE]["of_many"], "least": 0.8}
        else:
            usual = places[place.removesuffix(", slow disk")]["cases"]
            for name, of in ((ONE, ONE), (ONE, MANY), (ALONE, ALONE), (ALONE, ONE), (MANY, MANY)):
                if name in cases:
                    kept = median(
                        slow / fast for slow, fast in zip(cases[name]["rounds"], usual[of]["rounds"], strict=True)
                    )
                    bound = {"least": 0.6} if name == ONE else {}
                    what = f"{place}: {name} of {of} on the usual disk"
                    yield {"what": what, "measured": round(kept, 3), **bound}
        if "sqlite" not in place:
            yield {"what": f"{place}: {ONE}, p99 of p50", "measured": cases[ONE]["tail"], "most": 10.0}
