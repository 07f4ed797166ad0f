"""The processes that deliver, killed: at every point of an attempt and at random, and one of three under a load.

Three workers on PostgreSQL, one engine on SQLite, each a process of its own against a sandbox in this one. A round:
arm a fault or choose a moment, issue a few vouchers, wait for the kill, start another process. Nothing waits for the
vouchers of earlier rounds; at the end everything must have come to rest, and `reckoning` holds the rows against the
sandbox's record. What a round does follows from the seed and its number.
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select, text

from app.clock import SystemClock
from app.db import Database
from app.factory import build_office
from app.http import Office
from app.ledger.models import DeliveryRecord, DocumentRecord
from sunat.sandbox import Ledger, Remark, Sandbox, Submission
from sunat.sandbox.rulebook import rulebook
from tests.campaigns.hooks import ARMED
from tests.campaigns.reckoning import check
from tests.campaigns.servers import Nursery, kill_one, nursery
from tests.campaigns.striking import POINTS, settings_for
from tests.support.builders import OTHER_RUC, RUC, Tenant, tenant
from tests.support.databases import fresh
from tests.support.sandbox import authority, running
from tests.support.stored import store_voucher

KILLS: Final = 500
VOUCHERS: Final = 2000
WORKERS: Final = {"postgresql": 3, "sqlite": 1}
HANDS: Final = 4
_REST_SECONDS: Final = 180.0
"""How long everything may take to come to rest once nobody is killed any more."""
_STRIKE_SECONDS: Final = 20.0
_DEATH_SECONDS: Final = 20.0
_JOBS_LEFT: Final = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = 'deliveries'"
)
_RUCS: Final = (RUC, OTHER_RUC, "20111111112")


Judge = Callable[[Submission], Sequence[Remark]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """What one round does: where somebody dies (or when, with no point), and how many vouchers there are."""

    serial: int
    point: str
    nth: int
    after: float
    vouchers: int
    act: str = "kill"
    scope: str = "process"


def planned(seed: int, kind: str, serial: int) -> Strike:
    """The round of a number: the points in turn, each third one at a random moment."""
    chance = random.Random(f"{seed}/{kind}/{serial}")
    point = "" if serial % 3 == 2 else POINTS[(serial - serial // 3) % len(POINTS)]
    return Strike(
        serial=serial, point=point, nth=chance.randint(1, 3), after=chance.uniform(0.01, 0.5),
        vouchers=chance.randint(3, 6),
    )


@dataclass(slots=True)
class Scene:
    """One installation, its sandbox, and the processes that deliver for it."""

    kind: str
    url: str
    folder: Path
    office: Office
    sunat: str
    ledger: Ledger
    owners: list[Tenant]
    home: Nursery
    couriers: list[int] = field(default_factory=list)
    issued: int = 0

    @property
    def control(self) -> Path:
        """Where faults are armed."""
        return self.folder / "control"

    def start(self, hands: int = HANDS) -> None:
        """Starts one more process."""
        self.couriers.append(self.home.ask({
            "do": "start", "role": "courier", "folder": str(self.folder), "control": str(self.control),
            "log": str(self.folder / "courier.log"), "url": self.url, "sandbox": self.sunat, "hands": hands,
        })["pid"])

    def issue(self, count: int, *, notes: bool = True) -> None:
        """Facturas and boletas of three issuers; every fifth voucher is followed by a credit note on it, if wanted."""
        now, today = self.office.clock.now(), self.office.clock.today()
        for _ in range(count):
            self.issued += 1
            owner = self.owners[self.issued % len(self.owners)]
            series, stem = ("F001", "invoice") if self.issued % 4 else ("B001", "boleta")
            deadline = now + timedelta(days=3)
            made = store_voucher(self.office.database, owner, now, today, series=series, stem=stem, deadline=deadline)
            if notes and self.issued % 5 == 1:
                with self.office.database.read() as session:
                    target = session.get_one(DocumentRecord, made.document_id)
                store_voucher(
                    self.office.database, owner, now, today, series="FC01" if series == "F001" else "BC01",
                    stem="credit_note", target=target, deadline=deadline,
                )

    def unsettled(self) -> int:
        """Deliveries that are not done."""
        with self.office.database.read() as session:
            return session.scalar(
                select(func.count()).select_from(DeliveryRecord).where(DeliveryRecord.state != "done")
            ) or 0

    def rest(self, seconds: float = _REST_SECONDS) -> float:
        """Waits until everything is done, so long at the most; how long it took."""
        begun = time.monotonic()
        while self.unsettled() and time.monotonic() - begun < seconds:
            time.sleep(0.1)
        return round(time.monotonic() - begun, 1)

    def bury_dead(self, seconds: float) -> int:
        """Waits for the death of one process, and says how many have died since the last time."""
        until, dead = time.monotonic() + seconds, 0
        while not dead and time.monotonic() < until:
            for pid in list(self.couriers):
                if self.home.ask({"do": "bury", "pid": pid, "seconds": 0.0})["status"] is not None:
                    self.couriers.remove(pid)
                    dead += 1
            time.sleep(0.01)
        return dead

    def end(self) -> None:
        """Leaves no process behind."""
        for pid in self.couriers:
            kill_one(pid)
            self.home.ask({"do": "bury", "pid": pid, "seconds": _DEATH_SECONDS})
        self.couriers.clear()

    def judged(self) -> tuple[list[str], dict[str, Any]]:
        """What is wrong, and what was counted."""
        found, counted = check(self.office.database, self.ledger)
        found += [f"unsettled: {one}" for one in counted["unsettled"]]
        wrong = {state: count for state, count in counted["states"].items() if state != "accepted/done"}
        found += [f"{count} are {state}" for state, count in wrong.items()]
        if self.kind == "postgresql":
            with self.office.database.read() as session:
                counted["jobs_left"] = session.scalar(_JOBS_LEFT)
        return found, counted

    def said(self) -> str:
        """The end of what the processes wrote."""
        log = self.folder / "courier.log"
        return log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else ""


@contextmanager
def scene(home: Nursery, kind: str, *, judge: Judge | None = None) -> Iterator[Scene]:
    """An installation with three issuers, for as long as the block lasts; the sandbox judges by SUNAT's rules."""
    folder = Path(tempfile.mkdtemp(prefix="chqcouriers"))
    clock = SystemClock()
    try:
        with (
            fresh(kind, folder) as url, Ledger() as ledger,
            running(Sandbox(ledger, now=clock.now, judge=judge or rulebook(), authority=authority())) as sunat,
        ):
            settings = settings_for(folder, url, sunat)
            office = build_office(settings, database=Database(url))
            (folder / "control").mkdir()
            stage = Scene(
                kind=kind, url=url, folder=folder, office=office, sunat=sunat, ledger=ledger, home=home,
                owners=[tenant(office.database, clock.now(), ruc=ruc) for ruc in _RUCS],
            )
            try:
                yield stage
            finally:
                stage.end()
                office.database.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def kills(
    kinds: Sequence[str], *, seed: int, seconds: float, count: int = KILLS, first: int = 0
) -> dict[str, Any]:
    """Kills so many processes in all, shared by the kinds of database; what came of it as JSON has it."""
    with nursery() as home:
        told = {kind: _kills(home, kind, seed, seconds / len(kinds), -(-count // len(kinds)), first) for kind in kinds}
    killed = sum(one["kills"] for one in told.values())
    return {
        "seed": seed, "databases": told, "kills": killed,
        "violations": [f"{kind}: {one}" for kind, found in told.items() for one in found["violations"]],
        "bound_95": round(3 / killed, 5) if killed else None,
    }


def _kills(home: Nursery, kind: str, seed: int, seconds: float, count: int, first: int) -> dict[str, Any]:
    begun, killed, missed, serial = time.monotonic(), Counter[str](), 0, first
    with scene(home, kind) as stage:
        for _ in range(WORKERS[kind]):
            stage.start()
        while killed.total() < count and time.monotonic() - begun < seconds:
            strike = planned(seed, kind, serial)
            serial += 1
            if _struck(stage, strike):
                killed[strike.point or "at random"] += 1
            else:
                missed += 1
            while len(stage.couriers) < WORKERS[kind]:
                stage.start()
        resting = stage.rest()
        found, counted = stage.judged()
        return {
            **counted, "violations": found, "rounds": serial - first, "kills": killed.total(), "missed": missed,
            "kills_by": dict(sorted(killed.items())), "rest_seconds": resting,
            "seconds": round(time.monotonic() - begun, 1), "said": stage.said() if found else "",
        }


def _struck(stage: Scene, strike: Strike) -> bool:
    """One round; says whether somebody died."""
    armed = stage.control / ARMED
    if not strike.point:
        stage.issue(strike.vouchers)
        time.sleep(strike.after)
        kill_one(stage.couriers[strike.serial % len(stage.couriers)])
        return stage.bury_dead(_DEATH_SECONDS) > 0
    draft = stage.control / "draft.json"
    draft.write_text(json.dumps(asdict(strike)), encoding="utf-8")
    draft.rename(armed)
    stage.issue(strike.vouchers)
    dead = stage.bury_dead(_STRIKE_SECONDS)
    armed.unlink(missing_ok=True)
    return dead > 0


def workers(
    kinds: Sequence[str], *, seed: int, count: int = VOUCHERS, seconds: float = _REST_SECONDS
) -> dict[str, Any]:
    """So many vouchers on PostgreSQL delivered by three workers, one of them killed when about half are accepted."""
    kind = "postgresql"
    if kind not in kinds:
        return {"seed": seed, "violations": ["workers are for PostgreSQL"]}
    chance = random.Random(seed)
    with nursery() as home, scene(home, kind) as stage:
        stage.issue(count - count // 6)
        begun = time.monotonic()
        for _ in range(WORKERS[kind]):
            stage.start(hands=8)
        share = chance.uniform(0.4, 0.6)
        while stage.ledger.count() < share * count and time.monotonic() - begun < seconds:
            time.sleep(0.02)
        at = stage.ledger.count()
        kill_one(stage.couriers[chance.randrange(WORKERS[kind])])
        killed = stage.bury_dead(_DEATH_SECONDS)
        resting = stage.rest(seconds)
        took = time.monotonic() - begun
        found, counted = stage.judged()
        if killed != 1:
            found.append(f"{killed} workers were killed")
        return {
            "seed": seed, **counted, "violations": found, "workers": WORKERS[kind], "killed_at": at,
            "seconds": round(took, 1), "seconds_after_the_kill": resting,
            "per_second": round(counted["vouchers"] / took, 1), "said": stage.said() if found else "",
        }
