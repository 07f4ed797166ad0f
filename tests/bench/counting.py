"""Threads at the counters of this process, with orders for every series planned before the clock starts.

A case says on how many series they issue, whether in groups (``alone``: groups of one, the same code), and whether
planning is inside the measure.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
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
from tests.bench.load import at
from tests.bench.office import Measured, account_id, bare_url, ordered, row_text
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


class Counting:
    """The counters of one process with orders for every series, planned once and issued as often as wanted."""

    def __init__(self, office: Measured, threads: int) -> None:
        services = office.services
        self.url, self._threads = bare_url(services.database), threads
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

    def round(self, cases: Sequence[Case], seconds: float) -> dict[str, Any]:
        """One round: the two floors and each case."""
        rows = ordered("floor", {
            "url": self.url, "body": self._row, "processes": self._threads, "seconds": seconds / 2,
        }, seconds=seconds + 60)
        return {
            "floor": rows["rows"] / rows["seconds"],
            "signatures": signatures(seconds / 3),
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


def signatures(seconds: float) -> float:
    """How many bare RSA-2048 signatures (PKCS #1 v1.5, SHA-256) all processors together make a second."""
    key = fixed_certificate().private_key
    if key is None:
        raise ValueError("The test certificate has lost its key")
    padding, method, message = PKCS1v15(), hashes.SHA256(), b"<ds:SignedInfo>" + bytes(700)
    done = crowd([lambda: key.sign(message, padding, method)] * (os.cpu_count() or 1), seconds)
    return float(done["per_second"])


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
