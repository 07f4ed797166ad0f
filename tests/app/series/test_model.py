"""A series as a few lines of Python, and the real one: whatever is done to both, in any order, they agree.

The model knows no database: a list of what was issued, a counter, a period. Creating, defaulting, turning periods,
reshaping, forcing forward, issuing, retiring and removing are all tried by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.clock import FixedClock
from app.db import Database
from app.problems import Problem
from app.series import configuring, entries, operations
from app.series.entries import Wish, take
from app.series.models import DeclaredGapRecord, EntryRecord, SeriesRecord
from tests.support.builders import Tenant, tenant
from tests.support.databases import fresh

FORMATS = {
    "NEVER": "{PREFIX}{NUM}", "ANNUAL": "{PREFIX}{YEAR}-{NUM}", "MONTHLY": "{PREFIX}{YEAR}{MONTH}-{NUM}",
}
RESETS = st.sampled_from(sorted(FORMATS))


@dataclass(eq=False)
class Toy:
    """What a series is, said once more."""

    code: str
    reset: str
    padding: int
    overflow: str
    start: int
    active: bool = True
    default: bool = False
    period: tuple[int, ...] = ()
    last: int = 0
    last_day: date | None = None
    issued: list[tuple[int, str, str]] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"{self.code}-"

    @property
    def capacity(self) -> int:
        return 10**self.padding - 1 if self.overflow == "stop" and self.padding else 99_999_999

    def period_of(self, day: date) -> tuple[int, ...]:
        return {"NEVER": (), "ANNUAL": (day.year,), "MONTHLY": (day.year, day.month)}[self.reset]

    def expect(self, day: date) -> str:
        """The text of the next number, or the word of the refusal."""
        if not self.active:
            return "SERIES_INACTIVE"
        mine = self.period_of(day)
        running = self.period[: len(mine)]
        if self.period and mine < running:
            return "PERIOD_CLOSED"
        following = 1 if self.period and mine > running else self.last + 1
        if following > self.capacity:
            return "SERIES_EXHAUSTED"
        middle = {"NEVER": "", "ANNUAL": f"{day:%Y}-", "MONTHLY": f"{day:%Y%m}-"}[self.reset]
        return f"{self.prefix}{middle}{str(following).zfill(self.padding)}"

    def issue(self, day: date, text: str, entry: str) -> None:
        mine = self.period_of(day)
        if mine > self.period[: len(mine)]:
            self.last = 0 if self.period else self.last
            self.period = (*mine, 1)[:2]
        self.last += 1
        self.last_day = max(day, self.last_day or day)
        self.issued.append((self.last, text, entry))


class SeriesModel(RuleBasedStateMachine):
    """The rules; each does one thing to the toy and to the database, and compares what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FixedClock(datetime.fromisoformat("2026-11-20T15:00:00+00:00"))
        self.toys: list[Toy] = []
        self.made = 0

    database: Database
    owner: Tenant

    series = Bundle("series")

    def refused(self, work: Callable[[Session], None]) -> str:
        """Does something in a transaction; the word of its refusal, or nothing."""
        try:
            with self.database.write() as session:
                work(session)
        except Problem as problem:
            return problem.code
        return ""

    def id_of(self, session: Any, toy: Toy) -> int:
        found = operations.find(session, self.owner.account_id, "", toy.code)
        assert found is not None
        return found.id

    def row_of(self, session: Any, toy: Toy) -> SeriesRecord:
        return session.get_one(SeriesRecord, self.id_of(session, toy))  # type: ignore[no-any-return]

    @rule(
        target=series, reset=RESETS, padding=st.integers(0, 3), overflow=st.sampled_from(["stop", "grow"]),
        start=st.integers(1, 9),
    )
    def create(self, reset: str, padding: int, overflow: str, start: int) -> Toy:
        self.made += 1
        toy = Toy(code=f"C{self.made}", reset=reset, padding=padding, overflow=overflow, start=start, last=start - 1)
        with self.database.write() as session:
            configuring.create(
                session, session.get_one(AccountRecord, self.owner.account_id),
                session.get_one(BranchRecord, self.owner.branch_id),
                {"kind": "quotation", "code": toy.code, "prefix": toy.prefix, "format": FORMATS[reset],
                 "counter_reset": reset, "padding": padding, "overflow": overflow, "start_number": start},
                limit=10_000, author="model", now=self.clock.now(),
            )
        toy.default = not any(other.default for other in self.toys)
        self.toys.append(toy)
        return toy

    @rule(toy=series)
    def make_default(self, toy: Toy) -> None:
        def work(session: Session) -> None:
            operations.make_default(session, self.row_of(session, toy), now=self.clock.now())

        if refused := self.refused(work):
            assert (refused, toy.active) == ("SERIES_INACTIVE", False)
            return
        assert toy.active
        for other in self.toys:
            other.default = other is toy

    @rule(toy=series, active=st.booleans())
    def retire_or_revive(self, toy: Toy, active: bool) -> None:
        with self.database.write() as session:
            row = configuring.series_by_public_id(
                session, self.owner.account_id, self.row_of(session, toy).public_id, lock=True
            )
            configuring.change(session, row, {"active": active}, version=None, author="m", now=self.clock.now())
        toy.active = active
        toy.default = toy.default and active
        self.promote()

    @rule(toy=series, reset=RESETS, padding=st.integers(0, 3), overflow=st.sampled_from(["stop", "grow"]))
    def reshape(self, toy: Toy, reset: str, padding: int, overflow: str) -> None:
        given = {"format": FORMATS[reset], "counter_reset": reset, "padding": padding, "overflow": overflow}
        wanted = Toy(code=toy.code, reset=reset, padding=padding, overflow=overflow, start=1)
        def work(session: Session) -> None:
            row = self.row_of(session, toy)
            configuring.change(session, row, given, version=row.version, author="m", now=self.clock.now())

        if refused := self.refused(work):
            assert (refused, toy.last > wanted.capacity) == ("PADDING_SMALL", True)
            return
        assert toy.last <= wanted.capacity
        toy.reset, toy.padding, toy.overflow = reset, padding, overflow
        if toy.issued:
            assert toy.last_day is not None
            began = (*toy.period_of(toy.last_day), 1)[:2] if reset != "NEVER" else ()
            toy.period = max(toy.period, began)

    @rule(toy=series, jump=st.integers(-3, 40), reason=st.sampled_from(["", "because"]))
    def force(self, toy: Toy, jump: int, reason: str) -> None:
        wanted = toy.last + jump

        def work(session: Session) -> None:
            operations.set_last_number(
                session, self.id_of(session, toy), wanted, reason=reason, author="m", now=self.clock.now()
            )

        if refused := self.refused(work):
            assert refused == (
                "NUMBER_RANGE" if wanted < 0 else
                "SERIES_INACTIVE" if not toy.active else
                "NUMBER_RANGE" if wanted > toy.capacity else
                "NUMBER_BACKWARDS" if jump < 0 else "GAP_REASON"
            )
            assert wanted < 0 or not toy.active or wanted > toy.capacity or toy.issued
            return
        assert toy.active
        if jump and toy.issued:
            assert jump > 0
            assert reason
            toy.gaps.append((toy.last + 1, wanted))
        toy.last = wanted

    @rule(toy=series, days=st.lists(st.sampled_from([0, 1, 20, 250]), min_size=1, max_size=4))
    def issue(self, toy: Toy, days: list[int]) -> None:
        for each in days:
            self.clock.advance(timedelta(days=each))
            self.take(toy, self.clock.today(), f"e{len(toy.issued)}")

    @rule(toy=series, back=st.integers(1, 400))
    def issue_late(self, toy: Toy, back: int) -> None:
        self.take(toy, self.clock.today() - timedelta(days=back), f"e{len(toy.issued)}")

    @rule(toy=series)
    def ask_again(self, toy: Toy) -> None:
        if toy.issued:
            _, code, public_id = toy.issued[0]
            with self.database.write() as session:
                wish = Wish(issue_date=self.clock.today(), actor="m", public_id=public_id)
                again = take(session, self.id_of(session, toy), wish, now=self.clock.now())
                assert (again.entry.code, again.created) == (code, False)

    def take(self, toy: Toy, day: date, public_id: str) -> None:
        expected = toy.expect(day)
        repeats = expected in {text for _, text, _ in toy.issued}
        codes: list[str] = []

        def work(session: Session) -> None:
            wish = Wish(issue_date=day, actor="m", public_id=public_id)
            codes.append(take(session, self.id_of(session, toy), wish, now=self.clock.now()).entry.code)

        if refused := self.refused(work):
            assert refused == ("CODE_TAKEN" if repeats else expected)
            return
        (code,) = codes
        assert code == expected
        toy.issue(day, code, public_id)

    @rule(toy=consumes(series))
    def remove(self, toy: Toy) -> None:
        def work(session: Session) -> None:
            configuring.remove(session, self.row_of(session, toy), now=self.clock.now())

        if refused := self.refused(work):
            assert (refused, bool(toy.issued)) == ("SERIES_USED", True)
            return
        assert not toy.issued
        self.toys.remove(toy)
        self.promote()

    def promote(self) -> None:
        if not any(toy.default for toy in self.toys):
            for toy in self.toys:
                if toy.active:
                    toy.default = True
                    return

    @invariant()
    def they_agree(self) -> None:
        with self.database.read() as session:
            rows = session.scalars(
                operations.series_of(self.owner.account_id).where(SeriesRecord.kind == "quotation")
            ).all()
            assert {row.code: (row.last_number, row.active, row.is_default) for row in rows} == {
                toy.code: (toy.last, toy.active, toy.default) for toy in self.toys
            }
            by_code = {row.code: row for row in rows}
            for toy in self.toys:
                row = by_code[toy.code]
                found = session.scalars(
                    entries.entries_of(self.owner.account_id).where(EntryRecord.series_id == row.id)
                    .order_by(EntryRecord.position)
                ).all()
                assert [(each.number, each.code, each.public_id) for each in found] == toy.issued
                assert [each.position for each in found] == list(range(1, len(found) + 1))
                gaps = session.scalars(
                    select(DeclaredGapRecord)
                    .where(DeclaredGapRecord.series_id == row.id)
                    .order_by(DeclaredGapRecord.id)
                )
                assert [(gap.from_number, gap.to_number) for gap in gaps] == toy.gaps


@pytest.mark.parametrize(("kind", "examples"), [("sqlite", 20), ("postgresql", 6)])
def test_the_model_and_the_series_agree(kind: str, examples: int, tmp_path: Path) -> None:
    """FRI-06, FRI-10, FRI-11, FRI-13, OPT-05, OPT-08, INV-25: by chance, against a model."""
    made = 0

    with fresh(kind, tmp_path) as url:
        database = Database(url, pool=2)

        class Bound(SeriesModel):
            """The machine on this database; every run has an account of its own."""

            def __init__(self) -> None:
                nonlocal made
                super().__init__()
                made += 1
                self.database = database
                self.owner = tenant(database, self.clock.now(), ruc=f"20{made:09d}")

        try:
            run_state_machine_as_test(Bound, settings=settings(
                max_examples=examples, stateful_step_count=25, deadline=None, derandomize=True,
                suppress_health_check=list(HealthCheck),
            ))
        finally:
            database.dispose()
