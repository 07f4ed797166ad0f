"""Groups at a series: everybody is served once, in order, whatever fails and whoever else uses the series."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db import Database
from app.documents.counters import MOST_IN_A_GROUP, Counters
from app.documents.numbering import Issued, Ready
from app.ledger.models import DocumentRecord, EditionRecord
from app.problems import Conflict, Problem
from app.series import allocator
from app.series.models import DeclaredGapRecord, SeriesRecord
from tests.support.issuing import Shop


def numbers(database: Database, series: str = "F001") -> list[int]:
    with database.read() as session:
        query = select(DocumentRecord.number).where(DocumentRecord.series == series).order_by(DocumentRecord.number)
        return list(session.scalars(query))


def chain_is_whole(database: Database) -> bool:
    """Whether the editions of F001 form one chain from the first to the series' head."""
    with database.read() as session:
        row = session.scalars(select(SeriesRecord).where(SeriesRecord.code == "F001")).one()
        links = {
            edition.chain_previous: edition.chain_hash
            for edition in session.scalars(select(EditionRecord).where(EditionRecord.series_id == row.id))
        }
    at, steps = "0" * 64, 0
    while at in links:
        at, steps = links[at], steps + 1
    return at == row.chain_head and steps == len(links)


def together(counters: Counters, orders: list[Ready]) -> list[Any]:
    """Issues every order from a thread of its own, all let go at once."""
    gate = threading.Barrier(len(orders))
    results: list[Any] = [None] * len(orders)

    def run(index: int) -> None:
        gate.wait(10)
        try:
            results[index] = counters.issue(orders[index])
        except Problem as problem:
            results[index] = problem

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(orders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_many_threads_get_each_number_once(shop: Shop) -> None:
    orders = [shop.ready() for _ in range(40)]
    results = together(shop.desk.counters, orders)
    assert sorted(result.document.number for result in results) == list(range(1, 41))
    assert numbers(shop.database) == list(range(1, 41))
    assert chain_is_whole(shop.database)


def test_two_processes_on_one_series_never_share_a_number(shop: Shop) -> None:
    """Two sets of queues stand for two processes: each signs for a head that the other may have moved."""
    others = Counters(shop.database)
    orders = [shop.ready() for _ in range(24)]
    results: list[Any] = []

    def run(counters: Counters, mine: list[Ready]) -> None:
        results.extend(together(counters, mine))

    halves = [
        threading.Thread(target=run, args=(shop.desk.counters, orders[:12])),
        threading.Thread(target=run, args=(others, orders[12:])),
    ]
    for half in halves:
        half.start()
    for half in halves:
        half.join(90)
    assert sorted(result.document.number for result in results) == list(range(1, 25))
    assert chain_is_whole(shop.database)


def test_a_member_that_fails_leaves_no_hole(shop: Shop) -> None:
    thief = shop.ready(external_id="A-2")
    orders = [shop.ready(), shop.ready(external_id="A-2"), shop.ready(), shop.ready(external_id="A-3")]
    shop.issue(thief)
    results = shop.desk.counters.issue_all(orders)
    assert [type(result).__name__ for result in results] == ["Issued", "Conflict", "Issued", "Issued"]
    assert numbers(shop.database) == [1, 2, 3, 4]
    assert chain_is_whole(shop.database)


def test_twins_in_one_group_meet_the_guard(shop: Shop) -> None:
    shop.change(duplicate_guard_minutes=5)
    twins = [shop.ready(), shop.ready()]
    first, second = shop.desk.counters.issue_all(twins)
    assert isinstance(first, Issued)
    assert isinstance(second, Conflict)
    assert second.code == "DUPLICATE"
    assert numbers(shop.database) == [1]


def test_an_external_id_twice_in_one_group_is_told_to_the_second(shop: Shop) -> None:
    first, second = shop.desk.counters.issue_all([shop.ready(external_id="X"), shop.ready(external_id="X", price=5)])
    assert isinstance(first, Issued)
    assert isinstance(second, Conflict)
    assert numbers(shop.database) == [1]


def test_a_forced_number_goes_alone_and_declares_its_gap(shop: Shop) -> None:
    shop.change(allow_number_gaps=True)
    orders = [shop.ready(), shop.ready(document_number=5), shop.ready()]
    results = shop.desk.counters.issue_all(orders)
    assert [result.document.number for result in results if isinstance(result, Issued)] == [1, 5, 6]
    with shop.database.read() as session:
        gap = session.scalars(select(DeclaredGapRecord)).one()
    assert (gap.from_number, gap.to_number) == (2, 4)
    assert chain_is_whole(shop.database)


def test_the_end_of_a_series_is_told_to_those_who_come_too_late(shop: Shop) -> None:
    shop.set_last_number(99_999_997)
    results = shop.desk.counters.issue_all([shop.ready() for _ in range(4)])
    assert [isinstance(result, Issued) for result in results] == [True, True, False, False]
    assert isinstance(results[2], Conflict)
    assert results[2].code == "SERIES_EXHAUSTED"
    assert numbers(shop.database) == [99_999_998, 99_999_999]


def test_an_unforeseen_fault_reaches_everybody_and_the_next_may_go_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Fault(Exception):
        pass

    def fail(*_: Any, **__: Any) -> None:
        raise Fault

    with monkeypatch.context() as broken:
        broken.setattr(allocator, "advance", fail)
        with pytest.raises(Fault):
            shop.desk.counters.issue(shop.ready())
    assert shop.desk.counters.issue(shop.ready()).document.number == 1


def test_a_group_is_one_transaction(shop: Shop) -> None:
    orders = [shop.ready() for _ in range(10)]
    before = shop.commits
    results = shop.desk.counters.issue_all(orders)
    assert shop.commits - before == 1
    with shop.database.read() as session:
        stored = session.scalar(select(func.count()).select_from(EditionRecord))
    assert stored == len(results) == 10


def test_a_fault_in_a_long_batch_leaves_nobody_behind_in_the_queue(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More orders than one group takes, and the first group fails: the next caller must not wait for ever."""
    class Fault(Exception):
        pass

    orders = [shop.ready() for _ in range(MOST_IN_A_GROUP + 3)]
    advance, calls = allocator.advance, itertools.count()

    def fail_once(*arguments: Any, **named: Any) -> Any:
        if next(calls) == 0:
            raise Fault
        return advance(*arguments, **named)

    monkeypatch.setattr(allocator, "advance", fail_once)
    results = shop.desk.counters.issue_all(orders)
    assert [type(result) for result in results] == [Fault] * MOST_IN_A_GROUP + [Issued] * 3
    (after,) = together(shop.desk.counters, [shop.ready()])
    assert after.document.number == 4
    assert numbers(shop.database) == [1, 2, 3, 4]
