"""People and the trail, as owners see them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.accounts.people_models import DeedRecord, PersonRecord, SessionRecord
from app.clock import FixedClock
from app.console import sessions, trail
from app.console.gate import COOKIE
from app.db import Database
from tests.support.browser import SIZES, browser, visiting
from tests.support.databases import fresh
from tests.support.people import PASSWORD, Desk, House, each_house, house, house_on, somebody
from tests.support.servers import listening

__all__ = ["browser", "each_house", "house"]

_FIRST = re.compile(r'<code id="first">([^<]+)</code>')
_NEW = {"name": "Ana Quispe", "username": "ana@example.com", "role": "issuer"}


def test_an_owner_adds_somebody_who_signs_in_with_what_was_shown_once(each_house: House) -> None:
    house = each_house
    branch = house.branch("Norte", "7")
    desk = house.desk()
    answer = desk.post("/console/people/new", {**_NEW, "branches": str(branch)})
    first = _FIRST.search(answer.text)
    assert first is not None, answer.text
    listed = desk.get("/console/people").text
    assert "Ana Quispe" in listed
    assert "Norte" in listed
    assert first[1] not in listed
    ana = Desk(house.app)
    assert ana.sign_in(house.ruc, "ana@example.com", first[1]).status_code == 303
    assert ana.get("/console").headers["Location"].endswith("/console/password")
    written = desk.get("/console/trail").text
    assert "Agregó a una persona" in written
    assert "ana@example.com (issuer)" in written


@pytest.mark.parametrize(("fields", "said"), [
    ({"username": "owner"}, "ya tiene una persona"), ({"username": "a b"}, "de 3 a 100"), ({"name": ""}, "El nombre"),
    ({"role": "king"}, "Elija un rol"),
])
def test_what_is_wrong_stands_beside_its_field_and_all_is_repeated(
    house: House, fields: dict[str, str], said: str
) -> None:
    answer = house.desk().post("/console/people/new", {**_NEW, **fields})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'id="f-{next(iter(fields))}-wrong"' in answer.text
    for value in ({**_NEW, **fields}["username"], {**_NEW, **fields}["name"]):
        assert f'value="{value}"' in answer.text


def test_a_branch_or_a_person_of_another_account_is_not_there(house: House) -> None:
    desk = house.desk()
    other = house.account("20100070970")
    stranger = somebody(house.office, other)
    assert desk.get(f"/console/people/{stranger.id}").status_code == 404
    assert desk.post(f"/console/people/{stranger.id}/password", form_at="/console/people").status_code == 404
    assert desk.post("/console/people/new", {**_NEW, "branches": "999"}).status_code == 404
    cookie = sessions.begin(house.office, stranger, former="", address="", agent="")
    found = sessions.find(house.office, cookie)
    assert found is not None
    ended = desk.post(f"/console/people/sessions/{found.session_id}/end", form_at="/console/people")
    assert ended.status_code == 404
    assert sessions.find(house.office, cookie) is not None


def test_disabling_ends_what_is_open_and_the_last_owner_stays(house: House) -> None:
    desk, clerk = house.desk(), house.desk("issuer")
    with house.office.database.read() as session:
        ids = {row.username: row.id for row in session.scalars(select(PersonRecord))}
    form = {"name": "Rosa", "role": "issuer"}
    assert desk.post(f"/console/people/{ids['issuer']}", form).status_code == 303
    assert clerk.get("/console").status_code == 303
    assert clerk.sign_in(house.ruc, "issuer").status_code == 401
    answer = desk.post(f"/console/people/{ids['owner']}", {"name": "Rosa", "role": "viewer", "active": "1"})
    assert answer.status_code == 422
    assert "necesita un propietario activo" in answer.text


def test_a_session_is_ended_from_the_list(house: House) -> None:
    desk, clerk = house.desk(), house.desk("issuer")
    with house.office.database.read() as session:
        row = session.scalar(
            select(SessionRecord).join(PersonRecord, PersonRecord.id == SessionRecord.person_id)
            .where(PersonRecord.username == "issuer")
        )
    assert row is not None
    assert desk.post(f"/console/people/sessions/{row.id}/end", form_at="/console/people").status_code == 303
    assert clerk.get("/console").status_code == 303


def test_an_expired_form_comes_back_after_signing_in(house: House) -> None:
    desk = house.desk()
    desk.get("/console/people/new")
    shown = desk.get("/console/people/new").text
    word = re.search(r'name="_csrf" value="([0-9a-f]+)"', shown)
    assert word is not None
    house.clock.advance(timedelta(minutes=40))
    answer = desk.client.post("/console/people/new", data={**_NEW, "_csrf": word[1]})
    assert answer.status_code == 303
    assert "kept=1" in answer.headers["Location"]
    asked = desk.get(answer.headers["Location"]).text
    assert "Su sesión venció" in asked
    back = desk.sign_in(house.ruc, back="/console/people/new").headers["Location"]
    assert back == "/console/people/new"
    again = desk.get(back).text
    assert "Ana Quispe" in again
    assert "Su sesión había vencido" in again
    assert "Ana Quispe" not in desk.get(back).text
    with house.office.database.read() as session:
        assert len(session.scalars(select(PersonRecord)).all()) == 1


def test_the_trail_goes_by_pages_and_is_the_accounts_own(house: House) -> None:
    desk = house.desk()
    other = house.account("20100070970")
    somebody(house.office, other)
    assert Desk(house.app).sign_in("20100070970").status_code == 303
    found = desk.client.get_cookie(COOKIE, path="/console")
    assert found is not None
    visit = sessions.find(house.office, found.value)
    assert visit is not None
    for number in range(trail.PAGE + 5):
        deed = trail.begun(house.office, visit, "POST /documents", f"/documents/{number}", "10.0.0.1")
        if number:
            trail.done(house.office, deed, 201 if number % 2 else 422)
    first = desk.get("/console/trail").text
    assert first.count("<tr>") == trail.PAGE + 1
    older = re.search(r'href="(/console/trail\?before=\d+)"', first)
    assert older is not None
    second = desk.get(older[1]).text
    assert second.count("<tr>") == 7  # the heading, five deeds and the sign-in
    assert "Quedó a medias" in second
    assert "No se hizo (422)" in first


def test_a_deed_is_never_changed_afterwards(each_house: House) -> None:
    house = each_house
    house.desk()
    with pytest.raises(Exception, match="immutable"), house.office.database.write() as session:
        session.scalars(select(DeedRecord)).one().subject = "somebody else"
    with pytest.raises(Exception, match="append-only"), house.office.database.write() as session:
        session.delete(session.scalars(select(DeedRecord)).one())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with fresh("sqlite", tmp_path_factory.mktemp("people")) as url:
        database = Database(url)
        made = house_on(database, FixedClock(datetime(2026, 11, 20, 15, tzinfo=UTC)))
        made.branch("Norte", "7")
        made.branch("Sur", "8")
        with listening(made.app) as address:
            yield made, address
        database.dispose()


@pytest.mark.parametrize("size", SIZES)
def test_people_in_a_browser(browser: Browser, place: Any, tmp_path: Path, size: str) -> None:
    house, address = place
    somebody(house.office, house.account_id, username=f"owner-{size}")
    with visiting(browser, address, tmp_path, size, expected=("422",)) as visitor:
        page = visitor.page
        visitor.sign_in(house.ruc, f"owner-{size}", PASSWORD)
        if size == "telephone":
            page.get_by_text("Menú").click()
        page.get_by_role("link", name="Personas").click()
        expect(page.get_by_role("heading", name="Personas")).to_be_visible()
        visitor.look("people")
        page.get_by_role("link", name="Agregar persona").click()
        page.get_by_label("Nombre").fill("Ana Quispe")
        page.get_by_label("Usuario").fill("a b")
        page.get_by_label("Norte").check()
        page.get_by_role("button", name="Guardar").click()
        expect(page.get_by_label("Usuario")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Norte")).to_be_checked()
        visitor.look("person-wrong")
        page.get_by_label("Usuario").fill(f"ana-{size}")
        page.get_by_role("button", name="Guardar").click()
        expect(page.locator("#first")).to_be_visible()
        visitor.look("person-password")
        page.get_by_role("link", name="Volver a Personas").click()
        page.goto(f"{address}/console/trail")
        expect(page.get_by_text("Agregó a una persona").first).to_be_visible()
        visitor.look("trail")
