"""Delivery under a virtual clock: every fault of the sandbox alone, then all of them mixed, then outages.

One process, no sockets: vouchers are really signed and stored, the sandbox really answers, only time does not pass by
itself. A person is played too: once an hour he releases issuers and lets go what was refused by mistake, as the
faults here make it. Afterwards `reckoning` holds the rows against the sandbox's record.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from sqlalchemy import func, select

from app.accounts.vault import Vault
from app.clock import FixedClock
from app.config import Settings, master_keys
from app.db import Database
from app.delivery import handling, holds
from app.delivery.deadlines import watch
from app.delivery.dispatch import Budget, Dispatch
from app.delivery.models import BreakerRecord, IssuerHoldRecord
from app.http import Office
from app.ledger.models import DeliveryRecord, DocumentRecord
from sunat.errors import NotSent
from sunat.sandbox import Ledger, Sandbox
from sunat.sandbox.faults import MODES, Plan, Rule
from sunat.sandbox.line import Line
from tests.campaigns.reckoning import check
from tests.support.builders import RUC, Tenant, tenant
from tests.support.databases import fresh
from tests.support.sandbox import authority, nothing_against
from tests.support.stored import store_voucher

EACH: Final = 50
MIXED: Final = 2000
QUEUED: Final = 5000
FAULTY: Final = 0.4

START: Final = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_SLOTS: Final = 4
_ANSWER: Final = timedelta(seconds=1) / _SLOTS
"""What a call takes where four are under way at once and SUNAT needs a second."""

_LONGEST: Final = timedelta(days=30)
_OPEN: Final = ("waiting", "unknown", "held")


@dataclass(slots=True)
class Stage:
    """One run: an office and a SUNAT on the same clock."""

    office: Office
    clock: FixedClock
    sandbox: Sandbox
    owner: Tenant
    dispatch: Dispatch
    next_visit: datetime
    attempts: int = 0
    persons_work: int = 0
    strikes: dict[str, int] = field(default_factory=dict)

    def issue(self, count: int) -> None:
        """Facturas, boletas, and a credit note on every tenth."""
        for number in range(count):
            self.clock.advance(timedelta(milliseconds=200))
            series, stem = ("F001", "invoice") if number % 3 else ("B001", "boleta")
            now, today = self.clock.now(), self.clock.today()
            made = store_voucher(
                self.office.database, self.owner, now, today, series=series, stem=stem, deadline=now + timedelta(days=3)
            )
            if number % 10 == 1:
                with self.office.database.read() as session:
                    target = session.get_one(DocumentRecord, made.document_id)
                store_voucher(self.office.database, self.owner, now, today, series="FC01", stem="credit_note",
                              target=target, deadline=now + timedelta(days=3))

    def run(self, until: float) -> bool:
        """Delivers until everything is done; False when patience, real or virtual, ran out."""
        end = self.clock.now() + _LONGEST
        while self.clock.now() < end and time.monotonic() < until:
            ready = self.dispatch.ready(_SLOTS * 4)
            for one in ready:
                self.clock.advance(_ANSWER)
                self.attempts += self.dispatch.make(one) is not None
            self._person()
            if not ready and not self._wait():
                return True
        return False

    def _wait(self) -> bool:
        """Moves the clock to whatever happens next; False when nothing will."""
        with self.office.database.read() as session:
            due = session.scalar(
                select(func.min(DeliveryRecord.next_at)).where(DeliveryRecord.state.in_(("waiting", "unknown")))
            )
            shut = session.scalar(select(func.min(BreakerRecord.open_until)))
            open_ = session.scalar(
                select(func.count()).select_from(DeliveryRecord).where(DeliveryRecord.state.in_(_OPEN))
            )
        if not open_:
            return False
        now = self.clock.now()
        moments = [one for one in (due, shut, self.next_visit) if one is not None and one > now]
        self.clock.advance(min(moments, default=now + timedelta(seconds=1)) - now + timedelta(milliseconds=1))
        return True

    def _person(self) -> None:
        now = self.clock.now()
        if now < self.next_visit:
            return
        self.next_visit = now + timedelta(hours=1)
        watch(self.office)
        with self.office.database.write() as session:
            for account_id in session.scalars(select(IssuerHoldRecord.account_id)).all():
                self.persons_work += holds.release(session, account_id, now=now, actor="person")
            held = session.scalars(
                select(DocumentRecord).join(DeliveryRecord, DeliveryRecord.document_id == DocumentRecord.id)
                .where(DeliveryRecord.state == "held", DeliveryRecord.phase != "foreign")
            ).all()
            for document in held:
                handling.retry(session, document, now=now, actor="person")
                self.persons_work += 1


@contextmanager
def staged(kind: str, folder: Path, rules: Sequence[Rule], *, seed: int, outage: timedelta | None = None
           ) -> Iterator[Stage]:
    """A stage on a fresh database; in an ``outage`` nobody is there for so long from the start."""
    clock = FixedClock(START)
    settings = Settings(
        data_dir=folder, master_key="k" * 40, sandbox_url="http://127.0.0.1:1", log_level="ERROR",
        cdr_pins=f"sandbox:{authority().fingerprint}", lapse_after_hours=24 * 365,
    )
    with fresh(kind, folder) as url, Ledger() as ledger:
        database = Database(url)
        try:
            office = Office(settings=settings, clock=clock, vault=Vault(master_keys(settings)), database=database)
            sandbox = Sandbox(
                ledger, now=clock.now, judge=nothing_against, authority=authority(), plan=Plan(rules, seed=seed)
            )
            line = Line(sandbox, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
            over = START + (outage or timedelta())

            def post(*given: Any, **more: Any) -> Any:
                if clock.now() < over:
                    raise NotSent("nobody is there")
                return line.post(*given, **more)

            owner = tenant(database, clock.now(), ruc=RUC)
            yield Stage(
                office=office, clock=clock, sandbox=sandbox, owner=owner, next_visit=START + timedelta(hours=1),
                dispatch=Dispatch(office, exchange=post, budget=Budget(rate=20.0, burst=200.0)),
            )
        finally:
            database.dispose()


def play(kind: str, rules: Sequence[Rule], count: int, *, seed: int, until: float) -> dict[str, Any]:
    """One run, and what its reckoning found."""
    with TemporaryDirectory() as folder, staged(kind, Path(folder), rules, seed=seed) as stage:
        stage.issue(count)
        done = stage.run(until)
        found, counted = check(stage.office.database, stage.sandbox.ledger)
        struck = sum(times for _, _, times in stage.sandbox.plan.listed())
        if not done:
            found.append(f"not everything ended: {counted['unsettled']}")
        return {
            **counted, "violations": found, "faults": struck, "persons_work": stage.persons_work,
            "virtual_hours": round((stage.clock.now() - START).total_seconds() / 3600, 1),
        }


def outage(kind: str, hours: int, queued: int, *, seed: int, until: float) -> dict[str, Any]:
    """Nobody is there for some hours while vouchers pile up; how long until all are accepted, and who went first."""
    with TemporaryDirectory() as folder, staged(
        kind, Path(folder), (), seed=seed, outage=timedelta(hours=hours)
    ) as stage:
        stage.issue(queued)
        stage.run(until)
        over = START + timedelta(hours=hours)
        found, counted = check(stage.office.database, stage.sandbox.ledger)
        taken = [one.received_at for one in stage.sandbox.ledger]
        waited = sorted((one - over).total_seconds() / 60 for one in taken)
        return {
            **counted, "violations": found, "hours": hours,
            "failed_tries": counted["attempts"] - len(taken),
            "recovered_p50_minutes": round(waited[len(waited) // 2], 1) if waited else None,
            "recovered_p99_minutes": round(waited[int(len(waited) * 0.99)], 1) if waited else None,
        }


def measure(
    kinds: Sequence[str], *, seed: int, seconds: float, count: int = MIXED, each: int | None = None,
    queued: int | None = None,
) -> dict[str, Any]:
    """Every mode alone, all mixed, and the outages; ``count`` vouchers mixed, the others in proportion."""
    until = time.monotonic() + seconds
    each = max(2, EACH * count // MIXED) if each is None else each
    queued = QUEUED * count // MIXED if queued is None else queued
    databases: dict[str, Any] = {}
    for kind in kinds:
        modes = {
            name: play(kind, [Rule(modes=(name,), times_each=2)], each, seed=seed, until=until) for name in MODES
        }
        databases[kind] = {
            "modes": {name: {key: told[key] for key in ("vouchers", "faults", "attempts", "virtual_hours")}
                      for name, told in modes.items()},
            "alone": {
                "modes": len(modes), "vouchers": sum(told["vouchers"] for told in modes.values()),
                "faults": sum(told["faults"] for told in modes.values()),
                "violations": [f"{name}: {one}" for name, told in modes.items() for one in told["violations"]],
            },
            "mixed": play(
                kind, [Rule(probability=FAULTY, times_each=6)], count, seed=seed, until=until
            ),
            "outages": [outage(kind, hours, queued, seed=seed, until=until) for hours in (1, 6)] if queued else [],
        }
    violations = [
        f"{kind}: {one}" for kind, told in databases.items()
        for part in (told["alone"], told["mixed"], *told["outages"]) for one in part["violations"]
    ]
    return {"seed": seed, "databases": databases, "violations": violations}
