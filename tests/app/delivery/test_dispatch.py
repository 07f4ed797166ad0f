"""Which deliveries go now: turns, doors that are shut, trials, and the budget of the retries."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import AccountRecord
from app.clock import FixedClock
from app.delivery.breakers import THRESHOLD, Breakers
from app.delivery.dispatch import Budget, Dispatch
from app.delivery.due import pick
from app.http import Office
from app.ledger.models import DeliveryRecord
from app.pretend import Pretend
from sunat.errors import NotSent
from tests.support.builders import OTHER_RUC, Tenant, tenant
from tests.support.stored import Issued, store_voucher

DOOR = "sandbox:bill"


@pytest.fixture
def owner(office: Office) -> Tenant:
    return tenant(office.database, office.clock.now())


def issue(office: Office, owner: Tenant, **more: Any) -> Issued:
    return store_voucher(office.database, owner, office.clock.now(), office.clock.today(), **more)


def nobody(*_: Any, **__: Any) -> Any:
    raise NotSent("nobody is there")


def test_issuers_take_turns(office: Office, owner: Tenant, clock: FixedClock) -> None:
    other = tenant(office.database, clock.now(), ruc=OTHER_RUC)
    crowd = [issue(office, owner, deadline=clock.now() + timedelta(hours=1)).delivery_id for _ in range(5)]
    few = [issue(office, other).delivery_id for _ in range(2)]
    found = [one.id for one in pick(office.database, clock.now(), limit=9)]
    assert found == [crowd[0], few[0], crowd[1], few[1], *crowd[2:]]
    with office.database.write() as session:
        for one in crowd[:2]:
            session.get_one(DeliveryRecord, one).state = "sending"
    assert [one.id for one in pick(office.database, clock.now(), limit=3)] == [*few, crowd[2]]


def test_a_door_shuts_after_failures_and_lets_one_through_after_a_while(
    office: Office, owner: Tenant, clock: FixedClock, sandbox: Pretend
) -> None:
    dispatch = Dispatch(office, exchange=nobody)
    for _ in range(THRESHOLD + 4):
        issue(office, owner)
    for _ in range(THRESHOLD):
        dispatch.make(dispatch.ready(1)[0])
    assert dispatch.breakers.doors().shut == {DOOR}
    assert dispatch.ready(9) == []
    elsewhere = Dispatch(office)
    assert elsewhere.ready(9) == [], "another process leaves it alone too"
    clock.advance(timedelta(minutes=3))
    first = elsewhere.ready(9)
    assert [one.door for one in first] == [DOOR]
    assert dispatch.ready(9) == [], "the trial is taken"
    assert elsewhere.make(first[0]) is not None
    assert elsewhere.breakers.doors().shut == frozenset()
    rest = elsewhere.ready(20)
    assert len(rest) == THRESHOLD + 3
    for one in rest:
        elsewhere.make(one)
    assert sandbox.ledger.count() == THRESHOLD + 4


def test_a_trial_that_fails_shuts_it_for_longer(office: Office, owner: Tenant, clock: FixedClock) -> None:
    breakers = Breakers(office.database, clock)
    for _ in range(THRESHOLD):
        breakers.note(DOOR, answered=False, text="nada")
    for _ in range(8):
        assert breakers.doors().shut == {DOOR}
        clock.advance(timedelta(seconds=121))
        assert breakers.doors().probed == {DOOR}
        assert breakers.probe(DOOR)
        assert not breakers.probe(DOOR)
        clock.advance(timedelta(seconds=1))
        breakers.note(DOOR, answered=False)
    breakers.note(DOOR, answered=True)
    assert (breakers.doors().shut, breakers.doors().probed) == (frozenset(), frozenset())


def test_another_environment_has_another_door(office: Office, owner: Tenant, clock: FixedClock) -> None:
    beta = tenant(office.database, clock.now(), ruc=OTHER_RUC, environment="beta")
    ose = tenant(office.database, clock.now(), ruc="20111111112", channel="ose", ose_url="https://ose.example.com/x")
    made = [issue(office, one).delivery_id for one in (owner, beta, ose)]
    doors = {one.id: one.door for one in pick(office.database, clock.now(), limit=9)}
    assert [doors[one] for one in made] == [DOOR, "beta:bill", "https://ose.example.com/x"]
    found = [one.id for one in pick(office.database, clock.now(), limit=9, shut={DOOR})]
    assert found == made[1:]
    with office.database.write() as session:
        session.get_one(DeliveryRecord, made[0]).phase = "doubt"
        session.get_one(AccountRecord, beta.account_id).channel = "pse"
    doors = {one.id: one.door for one in pick(office.database, clock.now(), limit=9)}
    assert [doors[one] for one in made[:2]] == ["sandbox:cdr", "beta:bill"]


def test_retries_have_a_budget_and_first_tries_do_not(office: Office, owner: Tenant, clock: FixedClock) -> None:
    failed = [issue(office, owner) for _ in range(6)]
    with office.database.write() as session:
        for one in failed:
            row = session.get_one(DeliveryRecord, one.delivery_id)
            row.attempt = row.tries = 1
    fresh = [issue(office, owner).delivery_id for _ in range(3)]
    dispatch = Dispatch(office, budget=Budget(rate=1.0, burst=2.0))
    went = {one.id for one in dispatch.ready(9)}
    assert set(fresh) <= went
    assert len(went) == 5
    assert len(dispatch.ready(3)) <= 3
    clock.advance(timedelta(seconds=1))
    assert sum(one.tries for one in dispatch.ready(9)) == 1


def test_retries_without_a_budget_do_not_stand_before_what_was_never_tried(office: Office, owner: Tenant) -> None:
    crowd = [issue(office, owner, deadline=office.clock.now() + timedelta(hours=1)) for _ in range(20)]
    with office.database.write() as session:
        for one in crowd:
            row = session.get_one(DeliveryRecord, one.delivery_id)
            row.attempt = row.tries = 1
    fresh = [issue(office, owner, deadline=office.clock.now() + timedelta(hours=9)).delivery_id for _ in range(3)]
    dispatch = Dispatch(office, budget=Budget(rate=0.0, burst=1.0))
    assert [one.id for one in dispatch.ready(4)] == [crowd[0].delivery_id, *fresh]


def test_a_door_on_trial_does_not_stand_before_the_others(office: Office, owner: Tenant, clock: FixedClock) -> None:
    ose = tenant(office.database, clock.now(), ruc=OTHER_RUC, channel="ose", ose_url="https://ose.example.com/x")
    crowd = [issue(office, owner, deadline=clock.now() + timedelta(hours=1)).delivery_id for _ in range(12)]
    other = [issue(office, ose, deadline=clock.now() + timedelta(hours=9)).delivery_id for _ in range(9)]
    dispatch = Dispatch(office)
    for _ in range(THRESHOLD):
        dispatch.breakers.note(DOOR, answered=False)
    clock.advance(timedelta(minutes=3))
    assert [one.id for one in dispatch.ready(4)] == [crowd[0], *other[:3]]


def test_the_line_is_what_plain_counting_gives(office: Office, owner: Tenant, clock: FixedClock) -> None:
    """Any mixture of deadlines and attempts under way, against every delivery ranked one by one."""
    chance = random.Random(20261120)
    owners = [owner, *(tenant(office.database, clock.now(), ruc=ruc) for ruc in (OTHER_RUC, "20111111112"))]
    lines: dict[int, list[tuple[bool, Any, int]]] = {one.account_id: [] for one in owners}
    under_way = dict.fromkeys(lines, 0)
    for _ in range(18):
        one = chance.choice(owners)
        deadline = chance.choice((None, *(clock.now() + timedelta(hours=hours) for hours in (1, 2, 3))))
        made = issue(office, one, deadline=deadline).delivery_id
        if chance.random() < 0.3:
            under_way[one.account_id] += 1
            with office.database.write() as session:
                session.get_one(DeliveryRecord, made).state = "sending"
        else:
            lines[one.account_id].append((deadline is None, deadline or clock.now(), made))
    ranked = sorted(
        (place + under_way[account], *entry)
        for account, line in lines.items() for place, entry in enumerate(sorted(line), 1)
    )
    for limit in (1, 2, 3, 5, 8, 20):
        found = [one.id for one in pick(office.database, clock.now(), limit=limit)]
        assert found == [entry[-1] for entry in ranked[:limit]]
