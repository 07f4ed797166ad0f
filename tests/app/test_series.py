"""Series: registering, choosing, counting; nothing twice, nothing skipped, nothing lost."""

from __future__ import annotations

import os
import threading
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.models import AccountRecord, BranchRecord
from app.clock import FixedClock
from app.db import Database
from app.ledger.models import DocumentRecord, EditionRecord
from app.problems import Conflict, Forbidden, NotFound, Problem, Refused
from app.series import allocator, operations
from app.series.models import GENESIS, DeclaredGapRecord, SeriesRecord
from sunat.numbering import MAX_NUMBER
from tests.support.builders import OTHER_RUC, Tenant, issue, series_id, tenant


def numbers(database: Database, of_series: int) -> list[int]:
    with database.read() as session:
        query = select(DocumentRecord.number).where(DocumentRecord.series_id == of_series).order_by(DocumentRecord.id)
        return list(session.scalars(query))


def test_an_account_starts_with_six_series_that_are_defaults(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    with database.read() as session:
        rows = session.scalars(operations.series_of(owner.account_id).order_by(SeriesRecord.id)).all()
        assert [(row.sunat_code, row.code, row.target) for row in rows] == [
            ("01", "F001", ""), ("03", "B001", ""), ("07", "FC01", "F"), ("08", "FD01", "F"), ("07", "BC01", "B"),
            ("08", "BD01", "B"),
        ]
        assert all(row.is_default and row.active and row.next_number == 1 for row in rows)


def test_koy_04_series_advance_independently(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    f002 = register(database, owner, "01", "F002", clock.now())
    for of_series in (f001, f001, f002, f001):
        with database.write() as session:
            issue(session, of_series, clock.now())
    assert (numbers(database, f001), numbers(database, f002)) == ([1, 2, 3], [1])


def test_f001_may_be_a_series_of_two_kinds(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    note = register(database, owner, "07", "F001", clock.now())
    with database.write() as session:
        issue(session, series_id(database, owner), clock.now())
        assert issue(session, note, clock.now()).number == 1
    with database.read() as session:
        found = operations.find(session, owner.account_id, "07", "F001")
        assert found is not None
        assert found.target == "F"


@pytest.mark.parametrize(
    ("kind", "code"),
    [("01", "B001"), ("01", "F01"), ("01", "f001"), ("01", "0001"), ("01", "E001"), ("03", "F001"), ("03", "EB01"),
     ("07", "T001"), ("09", "F001"), ("99", "F001"), ("01", "F001 "), ("01", "")],
)
def test_koy_03_a_series_that_does_not_fit_is_refused(
    database: Database, clock: FixedClock, kind: str, code: str
) -> None:
    owner = tenant(database, clock.now())
    with pytest.raises(Refused) as refusal:
        register(database, owner, kind, code, clock.now())
    assert refusal.value.code == "SERIES_FORMAT"
    with database.read() as session:
        assert len(session.scalars(operations.series_of(owner.account_id)).all()) == 6


def test_a_series_is_registered_once(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    with pytest.raises(Conflict) as refusal:
        register(database, owner, "01", "F001", clock.now())
    assert refusal.value.code == "SERIES_EXISTS"


def test_choosing_the_series_to_issue_on(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    branch = branch_of(database, owner, clock.now())
    f002 = register(database, owner, "01", "F002", clock.now(), branch=branch)
    retired = register(database, owner, "01", "F009", clock.now())
    with database.write() as session:
        operations.set_active(session, session.get_one(SeriesRecord, retired), False, now=clock.now())

    def chosen(**values: object) -> str:
        with database.read() as session:
            wanted: Any = {"sunat_code": "01", "code": None, **values}
            return operations.for_issuing(session, owner.account_id, **wanted).code

    assert chosen() == "F001"
    assert chosen(code="F002") == "F002"
    assert chosen(branch_id=branch) == "F002"
    assert chosen(bound_branch_id=branch) == "F002"
    assert chosen(sunat_code="07", target="B") == "BC01"
    for values, kind, code in (
        ({"code": "F003"}, Refused, "SERIES_UNKNOWN"), ({"code": "B001"}, Refused, "SERIES_FORMAT"),
        ({"code": "F009"}, Refused, "SERIES_INACTIVE"),
        ({"code": "F001", "bound_branch_id": branch}, Forbidden, "SERIES_OF_ANOTHER_BRANCH"),
        ({"sunat_code": "03", "branch_id": branch}, Refused, "SERIES_NO_DEFAULT"),
        ({"branch_id": owner.branch_id, "bound_branch_id": branch}, Forbidden, "SERIES_OF_ANOTHER_BRANCH"),
    ):
        with pytest.raises(kind) as refusal:
            chosen(**values)
        assert refusal.value.code == code
    assert f002


def test_another_tenants_series_does_not_exist(database: Database, clock: FixedClock) -> None:
    mine, other = tenant(database, clock.now()), tenant(database, clock.now(), ruc=OTHER_RUC)
    register(database, other, "01", "F777", clock.now())
    with database.read() as session:
        assert operations.find(session, mine.account_id, "01", "F777") is None
        with pytest.raises(Refused, match="SERIES_UNKNOWN"):
            operations.for_issuing(session, mine.account_id, sunat_code="01", code="F777")


def test_one_default_for_branch_kind_and_target(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f002 = register(database, owner, "01", "F002", clock.now())
    with database.write() as session:
        operations.make_default(session, session.get_one(SeriesRecord, f002), now=clock.now())
    with database.read() as session:
        found = operations.default_of(session, owner.account_id, owner.branch_id, "01")
        assert found is not None
        assert found.code == "F002"
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(update(SeriesRecord).where(SeriesRecord.code == "F001").values(is_default=True))


def test_opt_07_the_start_is_free_before_the_first_use_and_only_then(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    for last in (500, 99, 99):
        set_last(database, f001, last, clock.now())
    with database.write() as session:
        assert issue(session, f001, clock.now()).number == 100
    set_last(database, f001, 100, clock.now())
    with pytest.raises(Conflict) as backwards:
        set_last(database, f001, 99, clock.now())
    with pytest.raises(Refused) as silent:
        set_last(database, f001, 110, clock.now())
    assert (backwards.value.code, silent.value.code) == ("NUMBER_BACKWARDS", "GAP_REASON")
    set_last(database, f001, 110, clock.now(), reason="talonario anulado")
    with database.write() as session:
        assert issue(session, f001, clock.now()).number == 111
    with database.read() as session:
        gap = session.scalars(select(DeclaredGapRecord)).one()
        row = session.get_one(SeriesRecord, f001)
        assert (gap.from_number, gap.to_number, gap.reason, gap.author) == (101, 110, "talonario anulado", "tester")
        assert (row.start_number, row.last_number) == (100, 111)


@pytest.mark.parametrize("last", [-1, MAX_NUMBER + 1])
def test_a_counter_out_of_range_is_refused(database: Database, clock: FixedClock, last: int) -> None:
    owner = tenant(database, clock.now())
    with pytest.raises(Refused) as refusal:
        set_last(database, series_id(database, owner), last, clock.now())
    assert refusal.value.code == "NUMBER_RANGE"


def test_inv_19_the_last_number_is_issued_and_then_nothing(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    set_last(database, f001, MAX_NUMBER - 1, clock.now())
    with database.write() as session:
        assert issue(session, f001, clock.now()).number == MAX_NUMBER
    with pytest.raises(Conflict) as refusal, database.write() as session:
        issue(session, f001, clock.now())
    assert refusal.value.code == "SERIES_EXHAUSTED"
    assert numbers(database, f001) == [MAX_NUMBER]


def test_advance_writes_only_over_what_it_read(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    with database.read() as session:
        stale = allocator.read(session, f001)
    with database.write() as session:
        issue(session, f001, clock.now())
    for moved in (stale, allocator.Head(
        series_id=f001, last_number=1, chain_head=GENESIS, last_issue_date=None, chronological="warn"
    )):
        with pytest.raises(allocator.Overtaken), database.write() as session:
            allocator.advance(session, moved, chain_head="a" * 64, issue_date=date(2026, 11, 20), now=clock.now())
        with pytest.raises(allocator.Overtaken), database.write() as session:
            allocator.skip(session, moved, to=9, reason="r", author="a", now=clock.now())
    assert numbers(database, f001) == [1]


def test_a_lost_transaction_gives_the_number_back(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    with pytest.raises(RuntimeError), database.write() as session:
        issue(session, f001, clock.now())
        raise RuntimeError
    with database.write() as session:
        assert issue(session, f001, clock.now()).number == 1


def test_the_chain_links_every_edition(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    for _ in range(3):
        with database.write() as session:
            issue(session, f001, clock.now())
    with database.read() as session:
        rows = session.scalars(select(EditionRecord).order_by(EditionRecord.id)).all()
        head = GENESIS
        for number, row in enumerate(rows, start=1):
            assert row.chain_previous == head
            head = allocator.link(
                head, ruc=owner.ruc, sunat_code="01", series="F001", number=number, edition=1, xml=row.xml
            )
            assert row.chain_hash == head
        assert session.get_one(SeriesRecord, f001).chain_head == head


def test_the_issue_date_of_a_series_never_goes_back(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    for day in (20, 18):
        with database.write() as session:
            issue(session, f001, clock.now(), issue_date=date(2026, 11, day))
    with database.read() as session:
        assert allocator.read(session, f001).last_issue_date == date(2026, 11, 20)


@pytest.mark.parametrize(
    "change",
    ["last_number = 0", "code = 'F002'", "ruc = '20987654326'", "last_number = 100000000", "chronological = 'maybe'"],
)
def test_the_database_guards_a_used_counter(database: Database, clock: FixedClock, change: str) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    with database.write() as session:
        issue(session, f001, clock.now())
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text(f"UPDATE series SET {change} WHERE id = {f001}"))
    with pytest.raises(DBAPIError), database.write() as session:
        session.execute(text(f"DELETE FROM series WHERE id = {f001}"))


def test_opt_09_threads_and_processes_take_different_numbers(
    database: Database, database_url: str, clock: FixedClock
) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    database.dispose()
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                _hammer(database_url, f001, clock.now(), threads=3, each=8)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert sorted(numbers(database, f001)) == list(range(1, 49))


def test_a_retired_series_cannot_be_locked(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    f001 = series_id(database, owner)
    with database.write() as session:
        operations.set_active(session, session.get_one(SeriesRecord, f001), False, now=clock.now())
    with pytest.raises(Refused, match="SERIES_INACTIVE"), database.write() as session:
        allocator.lock(session, f001)
    with pytest.raises(NotFound), database.write() as session:
        allocator.lock(session, 10**6)


def test_the_desk_moves_series_between_branches(database: Database, clock: FixedClock) -> None:
    owner = tenant(database, clock.now())
    branch = branch_of(database, owner, clock.now())
    desk = operations.Desk()
    with database.write() as session:
        desk.assign(session, session.get_one(AccountRecord, owner.account_id), session.get_one(BranchRecord, branch),
                    ["F001", "BC01"], now=clock.now())
    with database.read() as session:
        assert desk.codes(session, owner.account_id, branch) == ("BC01", "F001")
        found = operations.for_issuing(session, owner.account_id, sunat_code="01", code=None, branch_id=branch)
        assert found.is_default
    with pytest.raises(Problem, match="SERIES_NOT_FOUND"), database.write() as session:
        desk.assign(session, session.get_one(AccountRecord, owner.account_id), session.get_one(BranchRecord, branch),
                    ["F404"], now=clock.now())


def _hammer(url: str, of_series: int, now: datetime, *, threads: int, each: int) -> None:
    opened = Database(url, pool=threads)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(each):
                with opened.write() as session:
                    issue(session, of_series, now)
        except BaseException as error:
            failures.append(error)
            raise

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timedelta(seconds=60).total_seconds())
    opened.dispose()
    if failures:
        raise failures[0]


def register(database: Database, owner: Tenant, kind: str, code: str, now: datetime, branch: int | None = None) -> int:
    with database.write() as session:
        return operations.register(
            session, session.get_one(BranchRecord, branch or owner.branch_id),
            session.get_one(AccountRecord, owner.account_id), sunat_code=kind, code=code, now=now,
        ).id


def branch_of(database: Database, owner: Tenant, now: datetime) -> int:
    with database.write() as session:
        row = BranchRecord(account_id=owner.account_id, name="Sucursal", code="0001", created_at=now)
        session.add(row)
        session.flush()
        return row.id


def set_last(database: Database, of_series: int, last: int, now: datetime, *, reason: str = "") -> None:
    with database.write() as session:
        operations.set_last_number(session, of_series, last, reason=reason, author="tester", now=now)
