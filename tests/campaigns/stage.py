"""Where delivery is played out: an office and a SUNAT on one virtual clock, in one process, without sockets.

Vouchers are really signed and stored and the sandbox really answers; only time does not pass by itself. Four issuers
share the office: two send to SUNAT themselves, one by an OSE, one by a PSE. A person is played too: once an hour he
looks at the deadlines, releases issuers and lets go what was refused by mistake, as the faults here make it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, update

from app.accounts import certificates
from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.operations import change_account
from app.accounts.vault import Vault
from app.clock import FixedClock
from app.config import Settings, master_keys
from app.db import Database
from app.delivery import handling, holds
from app.delivery.deadlines import watch
from app.delivery.dispatch import Budget, Dispatch
from app.delivery.due import pick
from app.delivery.gathering import Gatherer
from app.delivery.models import BreakerRecord, IssuerHoldRecord
from app.http import Office
from app.ledger.models import CARRIED, DeliveryRecord, DocumentRecord
from app.series.operations import register
from sunat.sandbox import Ledger, Sandbox
from sunat.sandbox.faults import Plan, Rule
from sunat.sandbox.line import Line
from tests.support.builders import RUC, Tenant, tenant
from tests.support.databases import fresh
from tests.support.sandbox import authority, nothing_against
from tests.support.stored import store_voucher
from tests.support.world import certificate_of

START: Final = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
SLOTS: Final = 4
ANSWER: Final = timedelta(seconds=1) / SLOTS
"""What a call takes where four are under way at once and SUNAT needs a second."""

VISITS: Final = timedelta(hours=1)
BUDGET: Final = (5.0, 60.0)
"""What retries may spend at a door: so many more a second, so many at once."""

MOST: Final = 10
"""Lines of a summary here, so that a run has many."""

NEIGHBOUR: Final = "20555555556"
_PROVIDER: Final = "20777777778"
_SANDBOX: Final = "http://127.0.0.1:1"
_SHARES: Final = ((RUC, 5), (NEIGHBOUR, 1), ("20666666667", 2), ("20987654326", 2))
_LONGEST: Final = timedelta(days=30)
_OPEN: Final = ("waiting", "unknown", "awaiting_ticket", "held")


@dataclass(slots=True)
class Stage:
    """One run. ``owners`` take turns in selling, ``draw`` is the run's chance, ``attempts`` counts what was made."""

    office: Office
    clock: FixedClock
    sandbox: Sandbox
    owners: Sequence[Tenant]
    dispatch: Dispatch
    draw: random.Random
    gatherer: Gatherer
    next_visit: datetime = START + VISITS
    attempts: int = 0
    persons_work: int = 0
    sold: int = 0

    def issue(
        self, count: int, *, apart: timedelta = timedelta(milliseconds=200), boletas: float = 0.33,
        carried: bool = False, guides: float = 0.0,
    ) -> None:
        """Facturas, a share of boletas, and a credit note on every tenth; last days from two hours to three days.

        A share of ``guides`` comes before the others; none is told when it is late, so they have no last day.

        ``carried`` boletas go in daily summaries.
        """
        for _ in range(count):
            self.clock.advance(apart)
            owner = self.owners[self.sold % len(self.owners)]
            series, stem = ("B001", "boleta") if self.draw.random() < boletas else ("F001", "invoice")
            now, today = self.clock.now(), self.clock.today()
            if guides and self.draw.random() < guides:
                store_voucher(self.office.database, owner, now, today, series="T001", stem="guide")
                self.sold += 1
                continue
            deadline = now + timedelta(hours=self.draw.choice((2, 24, 48, 72)), seconds=self.draw.randrange(3600))
            made = store_voucher(
                self.office.database, owner, now, today, series=series, stem=stem, deadline=deadline
            )
            if self.sold % 10 == self.sold // 10 % 10:
                with self.office.database.read() as session:
                    target = session.get_one(DocumentRecord, made.document_id)
                store_voucher(
                    self.office.database, owner, now, today, series="FC01" if series == "F001" else "BC01",
                    stem="credit_note", target=target, deadline=deadline,
                )
            self.sold += 1
        if carried:
            with self.office.database.write() as session:
                boletas_of = select(DocumentRecord.id).where(func.substr(DocumentRecord.series, 1, 1) == "B")
                session.execute(update(DeliveryRecord).where(
                    DeliveryRecord.document_id.in_(boletas_of), DeliveryRecord.attempt == 0,
                ).values(channel=CARRIED).execution_options(synchronize_session=False))

    def run(self, until: float) -> bool:
        """Delivers until everything is done; False when patience, real or virtual, ran out."""
        end = self.clock.now() + _LONGEST
        while self.clock.now() < end and time.monotonic() < until:
            if not self.step() and not self._wait():
                return True
        return False

    def step(self) -> bool:
        """Makes the attempts that are due by now; False when there were none."""
        ready = self.dispatch.ready(SLOTS * 4)
        if not ready:
            self.gatherer.gather()
        for one in ready:
            self.clock.advance(ANSWER)
            self.attempts += self.dispatch.make(one) is not None
        self._person()
        return bool(ready)

    def _wait(self) -> bool:
        """Moves the clock to whatever happens next; False when nothing will.

        What is due and waits for another voucher hides none that comes later.
        """
        now = self.clock.now()
        with self.office.database.read() as session:
            due = session.scalar(select(func.min(DeliveryRecord.next_at)).where(
                DeliveryRecord.state.in_(("waiting", "unknown", "awaiting_ticket")), DeliveryRecord.channel != CARRIED,
                DeliveryRecord.next_at > now,
            ))
            shut = session.scalar(select(func.min(BreakerRecord.open_until)))
            open_ = session.scalar(
                select(func.count()).select_from(DeliveryRecord).where(DeliveryRecord.state.in_(_OPEN))
            )
        if not open_:
            return False
        moments = [one for one in (due, shut, self.next_visit) if one is not None and one > now]
        if pick(self.office.database, now, limit=1, shut=self.dispatch.breakers.doors().shut):
            moments.append(now + timedelta(seconds=1))  # it waits for the budget of the retries
        self.clock.advance(min(moments, default=now + timedelta(seconds=1)) - now + timedelta(milliseconds=1))
        return True

    def _person(self) -> None:
        now = self.clock.now()
        if now < self.next_visit:
            return
        self.next_visit = now + VISITS
        watch(self.office)
        with self.office.database.write() as session:
            for account_id in session.scalars(select(IssuerHoldRecord.account_id)).all():
                self.persons_work += holds.release(session, account_id, now=now, actor="person")
            held = session.scalars(
                select(DeliveryRecord).where(
                    DeliveryRecord.state == "held", DeliveryRecord.phase != "foreign", DeliveryRecord.channel != CARRIED
                )
            ).all()
            for one in held:
                handling.retry(session, handling.about_of(session, one), now=now, actor="person")
                self.persons_work += 1


@contextmanager
def staged(kind: str, folder: Path, rules: Sequence[Rule], *, seed: int) -> Iterator[Stage]:
    """A stage on a fresh database of a kind, under rules of faults."""
    clock = FixedClock(START)
    settings = Settings(
        data_dir=folder, master_key="k" * 40, sandbox_url=_SANDBOX, log_level="ERROR",
        cdr_pins=f"sandbox:{authority().fingerprint}", lapse_after_hours=24 * 365,
    )
    with fresh(kind, folder) as url, Ledger() as ledger:
        database = Database(url)
        try:
            office = Office(settings=settings, clock=clock, vault=Vault(master_keys(settings)), database=database)
            sandbox = Sandbox(
                ledger, now=clock.now, judge=nothing_against, authority=authority(), plan=Plan(rules, seed=seed),
                providers=(_PROVIDER,),
            )
            line = Line(sandbox, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
            channels = ({}, {}, {"channel": "ose"},
                        {"channel": "pse", "pse_ruc": _PROVIDER})
            owners = [
                owner for (ruc, share), channel in zip(_SHARES, channels, strict=True)
                for owner in [tenant(database, clock.now(), ruc=ruc, **channel)] * share
            ]
            _registered(office, owners)
            yield Stage(
                gatherer=Gatherer(office, most=MOST),
                office=office, clock=clock, sandbox=sandbox, owners=owners, draw=random.Random(seed),
                dispatch=Dispatch(office, exchange=line.post, budget=Budget(rate=BUDGET[0], burst=BUDGET[1])),
            )
        finally:
            database.dispose()


def _registered(office: Office, owners: Sequence[Tenant]) -> None:
    """Gives all a certificate, for summaries, and a series of guides; the first issuer a client of the REST consult,
    for the others ask the validity service about their boletas.
    """
    with office.database.write() as session:
        for account in session.scalars(select(AccountRecord).order_by(AccountRecord.id)):
            account.data_key_sealed = office.vault.new_data_key()
            session.flush()
            certificates.add(session, office.vault, account, certificate_of(account.ruc), now=office.clock.now())
            branch = session.scalars(select(BranchRecord).where(BranchRecord.account_id == account.id)).one()
            register(session, branch, account, sunat_code="09", code="T001", now=office.clock.now())
            if account.id == owners[0].account_id:
                change_account(
                    session, office.vault, account,
                    {"consult_client_id": "cliente", "consult_client_secret": "moddatos"}, now=office.clock.now(),
                )
