"""Sessions: how they begin, last and end, what they keep of a form, and what gets nobody in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import people
from app.accounts.models import AccountRecord
from app.accounts.people_models import DeedRecord, PersonRecord, SessionRecord
from app.console import sessions
from app.console.gate import COOKIE
from app.factory import app_of
from app.keeping.tables import shapes
from app.problems import Conflict, Problem, Refused
from tests.support.people import PASSWORD, Desk, House, each_house, house, somebody

__all__ = ["each_house", "house"]


def given(desk: Desk) -> str:
    found = desk.client.get_cookie(COOKIE, path="/console")
    assert found is not None
    return found.value


def test_signing_in_gives_another_cookie_and_a_row_without_it(each_house: House) -> None:
    house = each_house
    somebody(house.office, house.account_id)
    desk = Desk(house.app)
    desk.get("/console/sign-in")
    before = given(desk)
    answer = desk.sign_in(house.ruc)
    assert answer.headers["Location"] == "/console"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # this machine is all there is
    after = given(desk)
    assert before != after
    with house.office.database.read() as session:
        row = session.scalars(select(SessionRecord)).one()
        assert row.digest in house.office.vault.digests(after)
        assert after not in row.digest
        assert [deed.action for deed in session.scalars(select(DeedRecord))] == ["sign_in"]


def test_the_cookie_is_secure_where_the_public_address_is(house: House) -> None:
    services = replace(house.office, settings=replace(house.office.settings, public_url="https://api.example.pe"))
    assert "Secure" in Desk(app_of(services)).get("/console/sign-in").headers["Set-Cookie"]


@pytest.mark.parametrize("wrong", [
    {"ruc": "20100070970"}, {"username": "nobody"}, {"password": "another password"}, {"password": ""}, {"ruc": "x"},
])
def test_what_is_wrong_gets_nobody_in_and_is_repeated(house: House, wrong: dict[str, Any]) -> None:
    somebody(house.office, house.account_id)
    fields = {"ruc": house.ruc, "username": "owner", "password": PASSWORD} | wrong
    answer = Desk(house.app).sign_in(**fields)
    assert answer.status_code == 401
    assert "no son correctos" in answer.text
    assert f'value="{fields["ruc"]}"' in answer.text
    assert PASSWORD not in answer.text


def test_too_many_failures_lock_out_even_the_right_password(house: House) -> None:
    somebody(house.office, house.account_id)
    desk = Desk(house.app)
    for _ in range(house.office.settings.lockout_failures):
        assert desk.sign_in(house.ruc, password="wrong").status_code == 401
    assert "Demasiados intentos" in desk.sign_in(house.ruc).text
    house.clock.advance(timedelta(seconds=house.office.settings.lockout_seconds + 1))
    assert desk.sign_in(house.ruc).status_code == 303


def test_a_session_ends_by_rest_and_by_age(house: House) -> None:
    desk = house.desk()
    house.clock.advance(timedelta(minutes=29))
    assert desk.get("/console").status_code == 200
    house.clock.advance(timedelta(minutes=29))
    assert desk.get("/console", headers={"X-Chasqui-Refresh": "1"}).status_code == 200
    house.clock.advance(timedelta(minutes=2))  # the script's own request was no activity
    assert desk.get("/console").status_code == 303
    desk.sign_in(house.ruc)
    for _ in range(30):
        house.clock.advance(timedelta(minutes=25))
        if desk.get("/console").status_code != 200:
            break
    assert house.clock.now() - _begun(house) == timedelta(hours=12, minutes=5)


def _begun(house: House) -> Any:
    with house.office.database.read() as session:
        return session.scalar(select(SessionRecord.begun_at).order_by(SessionRecord.id.desc()).limit(1))


def test_signing_out_ends_it_on_the_server(house: House) -> None:
    desk = house.desk()
    cookie = given(desk)
    assert desk.post("/console/sign-out", form_at="/console").status_code == 303
    desk.client.set_cookie(COOKIE, cookie, path="/console")
    assert desk.get("/console").status_code == 303


def test_old_sessions_are_forgotten_and_no_backup_holds_any(house: House) -> None:
    house.desk()
    house.clock.advance(timedelta(days=91))
    assert Desk(house.app).sign_in(house.ruc).status_code == 303
    with house.office.database.read() as session:
        assert len(session.scalars(select(SessionRecord)).all()) == 1
    assert "sessions" not in {shape.name for shape in shapes()}
    assert {"people", "people_branches", "deeds"} <= {shape.name for shape in shapes()}


def test_what_was_typed_waits_for_the_same_person_and_never_a_password(each_house: House) -> None:
    house = each_house
    desk = house.desk()
    cookie = given(desk)
    house.clock.advance(timedelta(hours=1))
    typed = {"reason": ["ñandú"], "lines.0.name": ["a", "b"], "sol_password": ["secret"], "_csrf": ["x"]}
    assert sessions.keep(house.office, cookie, "/console/vouchers/1/void", typed)
    assert sessions.find(house.office, cookie) is None
    desk.sign_in(house.ruc)
    found = sessions.find(house.office, given(desk))
    assert found is not None
    assert found.kept_path == "/console/vouchers/1/void"
    assert sessions.take(house.office, found.session_id, "/console") == {}
    kept = sessions.take(house.office, found.session_id, found.kept_path)
    assert kept == {"reason": ["ñandú"], "lines.0.name": ["a", "b"]}
    assert sessions.take(house.office, found.session_id, found.kept_path) == {}


def test_what_was_typed_is_not_shown_to_somebody_else(house: House) -> None:
    desk = house.desk()
    somebody(house.office, house.account_id, "viewer")
    sessions.keep(house.office, given(desk), "/console/x", {"reason": ["private"]})
    desk.sign_in(house.ruc, "viewer")
    found = sessions.find(house.office, given(desk))
    assert found is not None
    assert found.kept_path == ""


def test_a_first_password_is_changed_before_anything_else(house: House) -> None:
    with house.office.database.write() as session:
        account = session.get_one(AccountRecord, house.account_id)
        _, first = people.add(
            session, account, username="Ana@Example.com", name="Ana", role="viewer", now=house.clock.now()
        )
    desk = Desk(house.app)
    assert desk.sign_in(house.ruc, "ana@example.com", first).status_code == 303
    assert desk.get("/console").headers["Location"].endswith("/console/password")
    for fields, said in (
        ({"present": first, "new": "short", "again": "short"}, "de 10 a 200"),
        ({"present": first, "new": PASSWORD, "again": "x"}, "No es igual"),
        ({"present": "x", "new": PASSWORD, "again": PASSWORD}, "No es su contraseña actual"),
        ({"present": first, "new": first, "again": first}, "distinta de la actual"),
        ({"present": first, "new": "ana-2026-x", "again": "ana-2026-x"}, "fácil de adivinar"),
    ):
        answer = desk.post("/console/password", fields)
        assert answer.status_code == 422
        assert said in answer.text
    assert desk.post("/console/password", {"present": first, "new": PASSWORD, "again": PASSWORD}).status_code == 303
    assert desk.sign_in(house.ruc, "ana@example.com", first).status_code == 401
    assert desk.sign_in(house.ruc, "ana@example.com").status_code == 303
    assert desk.get("/console").status_code == 200


def test_changes_of_a_person_end_the_sessions_and_an_owner_stays(each_house: House) -> None:
    house = each_house
    desk = house.desk()
    branch = house.branch("Norte", "7")
    with house.office.database.write() as session:
        row = session.scalars(select(PersonRecord)).one()
        same: dict[str, Any] = {"name": "Rosa", "role": "owner", "branches": (), "active": True}
        people.change(session, row, **same, now=house.clock.now())
        for change in ({"role": "viewer"}, {"active": False}, {"branches": (branch,)}):
            with pytest.raises(Conflict):
                people.change(session, row, **{**same, **change}, now=house.clock.now())
    assert desk.get("/console").status_code == 200
    somebody(house.office, house.account_id, username="second")
    with house.office.database.write() as session:
        row = session.scalars(select(PersonRecord).where(PersonRecord.username == "owner")).one()
        people.change(session, row, **{**same, "branches": (branch,)}, now=house.clock.now())
    assert desk.get("/console").status_code == 303


def test_two_accounts_may_have_the_same_user_name_and_the_form_asks_which_environment(house: House) -> None:
    other = house.account(house.ruc, "live")
    somebody(house.office, house.account_id)
    somebody(house.office, other, "viewer", username="owner")
    desk = Desk(house.app)
    assert "Producción" in desk.get("/console/sign-in").text
    assert desk.sign_in(house.ruc, environment="sandbox").status_code == 303
    assert "Cuenta de ensayo" in desk.get("/console").text
    assert desk.sign_in(house.ruc, environment="live").status_code == 303
    assert "Cuenta de ensayo" not in desk.get("/console").text


def test_the_branch_looked_at_is_one_of_ones_own(house: House) -> None:
    north, south = house.branch("Norte", "7"), house.branch("Sur", "8")
    bound = house.desk("issuer", branches=(north,))
    found = sessions.find(house.office, given(bound))
    assert found is not None
    assert found.principal.branch_id == north
    for branch in (south, "", "x"):
        assert bound.post("/console/branch", {"branch": branch}, form_at="/console").status_code == 404
    free = house.desk()
    assert free.post("/console/branch", {"branch": south}, form_at="/console").status_code == 303
    found = sessions.find(house.office, given(free))
    assert found is not None
    assert found.principal.branch_id == south


@pytest.mark.parametrize(("fields", "pointer"), [
    ({"username": "x"}, "/username"), ({"username": "con espacio"}, "/username"), ({"name": " "}, "/name"),
    ({"role": "king"}, "/role"), ({"password": "aaaaaaaaaaaaa"}, "/password"),
])
def test_nobody_is_added_with_nonsense(house: House, fields: dict[str, str], pointer: str) -> None:
    good = {"username": "ana", "name": "Ana", "role": "viewer", "password": PASSWORD}
    with house.office.database.write() as session:
        account = session.get_one(AccountRecord, house.account_id)
        with pytest.raises(Refused) as refused:
            people.add(session, account, **{**good, **fields}, now=house.clock.now())
    assert refused.value.items[0].pointer == pointer
    with pytest.raises(Problem, match="has somebody with that user name"), house.office.database.write() as session:
        account = session.get_one(AccountRecord, house.account_id)
        for _ in range(2):
            people.add(session, account, **good, now=house.clock.now())
