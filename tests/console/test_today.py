"""The first page: its figures, what it says is to be done, whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.accounts.people_models import PersonRecord
from app.console import charts, sessions
from app.console.today import ask, to_do
from app.delivery.models import BreakerRecord, IssuerHoldRecord
from app.factory import app_of
from app.ledger import pulses
from app.ledger.models import DeliveryRecord
from app.series.models import SeriesRecord
from tests.support.people import Desk, somebody
from tests.support.world import KINDS, Tenancy, World, body_of, world


@pytest.fixture(scope="module", params=KINDS)
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(request.param, tmp_path_factory.mktemp("today"), delivers=False) as made:
        yield made


@pytest.fixture
def shop(installation: World) -> Tenancy:
    made = installation.open()
    somebody(installation.office, made.account_id)
    return made


def seen(world: World, shop: Tenancy, username: str = "owner") -> Any:
    """What somebody is told at this moment, as (Today, what to do), inside a request for the language."""
    with world.office.database.read() as session:
        person = session.query(PersonRecord).filter_by(account_id=shop.account_id, username=username).one()
    cookie = sessions.begin(world.office, person, former="", address="", agent="")
    visit = sessions.find(world.office, cookie)
    assert visit is not None
    now = world.clock.now()
    with _page(), world.office.database.read() as session:
        found = ask(session, visit, now=now, day=world.clock.today())
        return found, [(each.tone, each.text) for each in to_do(found, now=now)]


def _page() -> Any:
    return Flask("page").test_request_context("/console")


def test_an_empty_account_has_nothing_but_a_certificate(installation: World, shop: Tenancy) -> None:
    found, to_be_done = seen(installation, shop)
    assert to_be_done == []
    assert (found.waiting, found.held, found.overdue, found.urgent) == (0, 0, 0, None)
    assert found.certificate_days > 30
    bare = installation.open(signs=False)
    somebody(installation.office, bare.account_id)
    found, to_be_done = seen(installation, bare)
    assert [tone for tone, _ in to_be_done] == ["bad"]
    assert "sin él no se puede emitir" in to_be_done[0][1]


def test_what_was_issued_is_counted_by_day_kind_branch_and_state(installation: World, shop: Tenancy) -> None:
    other = installation.open()
    somebody(installation.office, other.account_id)
    for number in range(3):
        made = shop.till.issued(body_of(shop, issue_date=date(2026, 11, 20 - number % 2)))
    with installation.office.database.write() as session:
        session.execute(update(DeliveryRecord).where(DeliveryRecord.document_id == made["document_id"]).values(
            state="held", reason="person"
        ))
    found, to_be_done = seen(installation, shop)
    assert found.counts.of_day(date(2026, 11, 20)) == {"issued": 2}
    assert found.counts.by(2) == {"01": 3}
    assert sum(found.counts.by(1).values()) == 3
    assert found.open == {"waiting": 2, "held": 1}
    assert found.urgent.number.startswith("F001-")
    assert any("1 envíos detenidos" in text for _, text in to_be_done)
    assert seen(installation, other)[0].counts.rows == {}


def test_everything_that_stands_in_the_way_is_said_the_gravest_first(installation: World, shop: Tenancy) -> None:
    shop.till.issued(body_of(shop))
    now = installation.clock.now()
    with installation.office.database.write() as session:
        session.execute(update(DeliveryRecord).where(DeliveryRecord.account_id == shop.account_id).values(
            deadline_at=now - timedelta(hours=1)
        ))
        session.add(IssuerHoldRecord(
            account_id=shop.account_id, reason="credentials", code="0103", text="El usuario no existe", since=now
        ))
        session.add(BreakerRecord(
            door="sandbox:bill", failures=9, opened_at=now, open_until=now + timedelta(hours=1), text="sin respuesta"
        ))
        series = session.query(SeriesRecord).filter_by(account_id=shop.account_id, code="F001", sunat_code="01").one()
        series.frozen, series.frozen_by = "SUNAT tiene otro comprobante", "foreign"
    try:
        found, to_be_done = seen(installation, shop)
    finally:
        with installation.office.database.write() as session:
            session.query(BreakerRecord).delete()
    said = [text for _, text in to_be_done]
    for place, piece in enumerate(("0103 El usuario no existe", "pasaron su plazo", "La serie F001", "Nadie está")):
        assert piece in said[place]
    assert {tone for tone, _ in to_be_done} == {"bad"}
    assert [row.door for row in found.doors] == ["sandbox:bill"]
    with installation.office.database.write() as session:
        pulses.beat(session, pulses.ROUND, now=now, whose="test")
    assert seen(installation, shop)[0].delivering


def test_one_branch_sees_its_own(installation: World, shop: Tenancy) -> None:
    branch = shop.till("POST", "/V1/company_branches", {
        "name": "Norte", "establishment_code": "0001",
    })
    assert branch.status_code == 201, branch.text
    somebody(installation.office, shop.account_id, "issuer", branches=(branch.json()["company_branch_id"],))
    shop.till.issued(body_of(shop))
    assert sum(seen(installation, shop)[0].counts.rows.values()) == 1
    found, _ = seen(installation, shop, "issuer")
    assert (found.counts.rows, found.waiting, found.urgent) == ({}, 0, None)


def test_bars_fit_and_say_their_figures() -> None:
    order = [date(2026, 11, day) for day in range(7, 21)]
    bars = charts.days({order[-1]: {"good": 30, "bad": 10}, order[0]: {"open": 20}}, order, ("good", "open", "bad"))
    assert [bar.total for bar in bars] == [20, *[0] * 12, 40]
    assert [piece.tone for piece in bars[-1].pieces] == ["good", "bad"]
    assert bars[-1].top == 18.0
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH for bar in bars)
    assert bars[-1].labelled
    rows = charts.across({"01": 90, "03": 9, "07": 0}, lambda code: f"kind {code}", most=2)
    assert [(row.name, row.share) for row in rows] == [("kind 01", 100), ("kind 03", 10)]


def test_the_page_and_its_fragment_say_the_same(installation: World, shop: Tenancy) -> None:
    shop.till.issued(body_of(shop))
    desk = Desk(app_of(installation.office))
    assert desk.sign_in(shop.ruc).status_code == 303
    page, fragment = desk.get("/console").text, desk.get("/console/today/now").text
    assert "Qué hacer hoy" in fragment
    assert "<html" not in fragment
    assert re.sub(r"\s+", "", fragment) in re.sub(r"\s+", "", page)
