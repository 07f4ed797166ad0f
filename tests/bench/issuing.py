"""Issuing over HTTP on both databases: 1 and 32 clients, 1 and 100 series, beside a bare insert and commit.

The floor stores rows of the same size in the same database, by as many processes as there are clients, in the same
round. Tills have series of their own when there are a hundred: nobody has a reason to wait for anybody. The clients
share the processors with the server; how much they take is told.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from tests.bench.office import THREADS, WORKERS, Served, check_gapless, ordered, row_text, serving
from tests.bench.rounds import Effort
from tests.bench.vouchers import encoded, request
from tests.bench.watching import Watch, postmaster

MOST: Final = 100_000
"""Vouchers a till run may issue at the very most."""
SERIES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How many series the clients issue on, and whether they send idempotency keys."""

    name: str
    series: int
    keys: bool = False


CASES: Final = (
    Case(name="1 series", series=1), Case(name="100 series", series=SERIES),
    Case(name="100 series, idempotency keys", series=SERIES, keys=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What is measured: databases, numbers of clients, and the effort for each."""

    effort: Effort
    dialects: tuple[str, ...] = ("sqlite", "postgresql")
    clients: tuple[int, ...] = (1, 32)
    cases: tuple[Case, ...] = CASES
    lines: int = 1


def measure(extent: Extent) -> dict[str, Any]:
    """The figures of ``databases`` by dialect, of ``clients`` by their number, of ``cases`` by name."""
    databases = {dialect: _database(dialect, extent) for dialect in extent.dialects}
    return {
        "floor": "one INSERT and COMMIT of as many bytes, by as many processes",
        "server": f"gunicorn, {WORKERS} processes of {THREADS} threads", "lines": extent.lines,
        "databases": databases, "aim": _aim(databases),
    }


def _aim(databases: dict[str, Any]) -> dict[str, Any] | None:
    """PostgreSQL, 32 clients, 100 series: every processor busy and nobody waiting for a lock; None if not measured."""
    case = databases.get("postgresql", {}).get("clients", {}).get("32", {}).get("cases", {}).get("100 series")
    if case is None:
        return None
    return {
        "cores": os.cpu_count(), "cores_in_use": case["cores"]["machine"], "samples": case["locks"]["samples"],
        "samples_with_lock": case["locks"]["samples_with_lock"],
    }


def _database(dialect: str, extent: Extent) -> dict[str, Any]:
    with serving(dialect, max(case.series for case in extent.cases)) as served:
        trees = {"server": served.pid}
        if dialect == "postgresql":
            trees["database"] = postmaster(served.url)
        # Every process and thread of the server has its connection and its signer before anything counts.
        till_run(served, extent, extent.cases[-1], max(extent.clients), extent.effort.seconds, "warm")
        body = row_text(served.office)
        clients = {str(count): _clients(served, extent, count, body, trees) for count in extent.clients}
        return {"clients": clients, "vouchers": check_gapless(served.office)}


def _clients(served: Served, extent: Extent, count: int, body: str, trees: dict[str, int]) -> dict[str, Any]:
    floors: list[float] = []
    runs: dict[str, list[dict[str, Any]]] = {case.name: [] for case in extent.cases}
    for turn in range(extent.effort.rounds):
        seconds = extent.effort.seconds
        rows = ordered(
            "floor", {"url": served.url, "body": body, "processes": count, "seconds": seconds / 2}, seconds=seconds + 60
        )
        floors.append(rows["rows"] / rows["seconds"])
        for case in extent.cases:
            with Watch(trees, served.url if "database" in trees else "") as watch:
                load = till_run(served, extent, case, count, seconds, f"{count}-{turn}")
            issued = load["statuses"]["201"]
            runs[case.name].append({**load, "per_second": issued / load["seconds"], "issued": issued, "watch": watch})
    return {
        "floor_per_second": round(median(floors), 1), "row_bytes": len(body.encode()),
        "cases": {name: _summary(those, floors) for name, those in runs.items()},
    }


def till_run(served: Served, extent: Extent, case: Case, clients: int, seconds: float, turn: str) -> dict[str, Any]:
    """What the tills say of one run; ``turn`` is part of its keys. Raises RuntimeError if anything was not issued."""
    bodies = [
        encoded(request(extent.lines, series=code, issue_date=served.office.today)).decode()
        for code in served.office.series[:case.series]
    ]
    order = {
        "port": served.port, "bodies": bodies, "credential": served.office.credential, "clients": clients,
        "seconds": seconds, "most": MOST, "keys": f"bench-{turn}" if case.keys else "",
    }
    load = ordered("load", order, seconds=seconds + 60)
    if set(load["statuses"]) != {"201"} or load["unanswered"]:
        raise RuntimeError(f"Not every voucher was issued: {load['statuses']}, {load['unanswered']} without an answer; "
                           f"{load['refusal']}")
    return load


def _summary(runs: Sequence[dict[str, Any]], floors: Sequence[float]) -> dict[str, Any]:
    rates = [run["per_second"] for run in runs]
    watches: list[Watch] = [run["watch"] for run in runs]
    cores = {
        **{name: round(median(watch.cores[name] for watch in watches), 2) for name in watches[0].cores},
        "client": round(median(run["cpu"] / run["seconds"] for run in runs), 2),
    }
    return {
        "per_second": round(median(rates), 1), "low": round(min(rates), 1), "high": round(max(rates), 1),
        "ratio": round(median(rate / floor for rate, floor in zip(rates, floors, strict=True)), 3),
        "p50_ms": round(median(run["p50"] for run in runs) * 1000, 2),
        "p99_ms": round(median(run["p99"] for run in runs) * 1000, 2),
        "cores": cores,
        "processor_ms": {
            name: round(median(_per_voucher(run, name) for run in runs), 3) for name in cores if name != "machine"
        },
        "locks": _locks(watches),
    }


def _per_voucher(run: dict[str, Any], name: str) -> float:
    """Milliseconds of processor time that one voucher costs a part."""
    if name == "client":
        return float(run["cpu"] / run["issued"] * 1000)
    watch: Watch = run["watch"]
    return float(watch.cores[name] / run["per_second"] * 1000)


def _locks(watches: Sequence[Watch]) -> dict[str, Any] | None:
    seen = [found for watch in watches if (found := watch.locks()) is not None]
    if not seen:
        return None
    waits: Counter[str] = Counter()
    for found in seen:
        waits.update(found["waits"])
    return {
        "samples": sum(found["samples"] for found in seen),
        "samples_with_lock": sum(found["samples_with_lock"] for found in seen),
        "waits": dict(waits.most_common()),
    }
