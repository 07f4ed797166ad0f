"""The last day of each voucher: alarms once, notes on dead vouchers stopped, and the end of what never arrived."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.clock import FixedClock
from app.delivery.deadlines import watch
from app.http import Office
from app.ledger import advances
from app.ledger.models import DeliveryRecord, DocumentRecord, EventRecord
from app.series.models import RESTORED
from app.series.stopping import freeze, prove
from tests.support.builders import Tenant, series_id, tenant
from tests.support.stored import Issued, store_voucher


@pytest.fixture
def owner(office: Office) -> Tenant:
    return tenant(office.database, office.clock.now())


def issue(office: Office, owner: Tenant, **more: Any) -> Issued:
    return store_voucher(office.database, owner, office.clock.now(), office.clock.today(), **more)


def told(office: Office, issued: Issued) -> list[tuple[str, str]]:
    with office.database.read() as session:
        rows = session.scalars(
            select(EventRecord).where(EventRecord.document_id == issued.document_id).order_by(EventRecord.id)
        )
        return [(row.kind, str(row.data.get("alarm", ""))) for row in rows][1:]


def change(office: Office, issued: Issued, *, status: str | None = None, **values: Any) -> None:
    with office.database.write() as session:
        delivery = session.get_one(DeliveryRecord, issued.delivery_id)
        if status is not None:
            session.get_one(DocumentRecord, issued.document_id).status = status
        for step in values.pop("states", ()):
            delivery.state = step
            session.flush()
        for name, value in values.items():
            setattr(delivery, name, value)


def test_alarms_go_off_once_each_and_in_time(office: Office, owner: Tenant, clock: FixedClock) -> None:
    issued = issue(office, owner, deadline=clock.now() + timedelta(hours=40))
    assert watch(office) == 0
    for hours, expected in ((17, ["warn"]), (2, ["warn"]), (16, ["warn", "page"]), (6, ["warn", "page", "missed"])):
        clock.advance(timedelta(hours=hours))
        watch(office)
        watch(office)
        assert [alarm for kind, alarm in told(office, issued) if kind == "delivery.alarm"] == expected
    clock.advance(timedelta(hours=8))
    watch(office)
    assert told(office, issued)[-1] == ("delivery.alarm", "stuck")


def test_a_deadline_that_was_missed_in_one_go_is_told_as_missed_only(
    office: Office, owner: Tenant, clock: FixedClock
) -> None:
    issued = issue(office, owner, deadline=clock.now() + timedelta(hours=40))
    clock.advance(timedelta(hours=41))
    watch(office)
    assert told(office, issued) == [("delivery.alarm", "missed")]


def test_what_is_done_alarms_nobody(office: Office, owner: Tenant, clock: FixedClock) -> None:
    issued = issue(office, owner, deadline=clock.now() + timedelta(hours=1))
    change(office, issued, status="accepted", states=("sending", "done"), phase="settled")
    clock.advance(timedelta(days=9))
    assert watch(office) == 0


@pytest.mark.parametrize(("phase", "states", "ends"), [
    ("fresh", (), True), ("absent", ("sending", "held"), True), ("doubt", ("sending", "unknown"), False),
    ("refused", ("sending", "unknown"), False), ("claimed", ("sending", "held"), False),
    ("foreign", ("sending", "held"), False),
])
def test_only_what_sunat_surely_does_not_hold_lapses(
    office: Office, owner: Tenant, clock: FixedClock, phase: str, states: tuple[str, ...], ends: bool
) -> None:
    issued = issue(office, owner, deadline=clock.now() + timedelta(days=3))
    change(office, issued, states=states, phase=phase)
    clock.advance(timedelta(days=3, hours=23))
    watch(office)
    with office.database.read() as session:
        assert session.get_one(DocumentRecord, issued.document_id).status == "issued"
    clock.advance(timedelta(hours=2))
    watch(office)
    watch(office)
    with office.database.read() as session:
        document = session.get_one(DocumentRecord, issued.document_id)
        delivery = session.get_one(DeliveryRecord, issued.delivery_id)
    assert (document.status == "lapsed", delivery.state == "done") == (ends, ends)
    assert [kind for kind, _ in told(office, issued)].count("document.lapsed") == int(ends)


@pytest.mark.parametrize(("phase", "states"), [("fresh", ()), ("absent", ("sending", "held"))])
def test_what_a_restored_database_says_of_before_makes_nothing_lapse(
    office: Office, owner: Tenant, clock: FixedClock, phase: str, states: tuple[str, ...]
) -> None:
    """Between the backup and the loss it may have been sent and accepted."""
    issued = issue(office, owner, deadline=clock.now() + timedelta(days=3))
    change(office, issued, states=states, phase=phase)
    with office.database.write() as session:
        freeze(session, series_id(office.database, owner), "restaurada", now=clock.now(), by=RESTORED)
    clock.advance(timedelta(days=5))
    watch(office)
    with office.database.write() as session:
        prove(session, series_id(office.database, owner), 1, reason="probado", author="cli", now=clock.now())
    watch(office)
    with office.database.read() as session:
        assert session.get_one(DocumentRecord, issued.document_id).status == "issued"
    if phase == "absent":  # asked again since, and still not there
        clock.advance(timedelta(minutes=1))
        change(office, issued, updated_at=clock.now())
        watch(office)
        with office.database.read() as session:
            assert session.get_one(DocumentRecord, issued.document_id).status == "lapsed"


def test_a_boleta_past_its_term_waits_for_a_summary(office: Office, owner: Tenant, clock: FixedClock) -> None:
    issued = issue(office, owner, series="B001", stem="boleta", deadline=clock.now() + timedelta(days=5))
    clock.advance(timedelta(days=20))
    watch(office)
    with office.database.read() as session:
        assert session.get_one(DocumentRecord, issued.document_id).status == "issued"


def test_a_note_on_a_dead_voucher_is_stopped(office: Office, owner: Tenant, clock: FixedClock) -> None:
    issued = issue(office, owner)
    with office.database.read() as session:
        target = session.get_one(DocumentRecord, issued.document_id)
    note = issue(office, owner, series="FC01", stem="credit_note", target=target)
    assert watch(office) == 0
    change(office, issued, status="rejected", states=("sending", "done"), phase="settled")
    assert watch(office) == 1
    with office.database.read() as session:
        delivery = session.get_one(DeliveryRecord, note.delivery_id)
    assert (delivery.state, delivery.reason) == ("held", "reference")
    assert told(office, note) == [("delivery.held", "")]


def test_a_sale_on_a_dead_advance_is_stopped(office: Office, owner: Tenant) -> None:
    paid, sale, other = issue(office, owner), issue(office, owner), issue(office, owner)
    with office.database.write() as session:
        used = advances.Use(sunat_code="01", series="F001", number=paid.number, affectation="taxed", amount=100)
        advances.add(session, session.get_one(DocumentRecord, sale.document_id), {}, [used])
    assert watch(office) == 0
    change(office, paid, status="rejected", states=("sending", "done"), phase="settled")
    assert watch(office) == 1
    assert watch(office) == 0
    with office.database.read() as session:
        found = [session.get_one(DeliveryRecord, each.delivery_id) for each in (sale, other)]
        assert [(row.state, row.reason) for row in found] == [("held", "reference"), ("waiting", "")]
    assert told(office, sale) == [("delivery.held", "")]
