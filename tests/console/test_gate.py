"""Who may open what: roles on every page, forms that carry their browser's word, errors as pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.accounts.roles import ROLES
from app.console import gate
from app.console.words import PARTS, WORDS
from tests.support.people import Desk, House, house

__all__ = ["house"]

_OPEN = {"console.sign_in", "console.language"}


def addresses(house: House) -> list[tuple[str, str, str]]:
    """Every page as (endpoint, method, an address of it): numbers are 1, other names a word."""
    found = []
    for rule in house.app.url_map.iter_rules():
        if rule.endpoint not in gate.PAGES:
            continue
        path = re.sub(r"<(?:[^:<>]*(?:\([^)]*\))?:)?[^<>]+>", "1", rule.rule)
        path = path.replace("/language/1", "/language/es")
        found += [(rule.endpoint, method, path) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def test_every_rule_of_the_console_is_a_page_with_roles(house: House) -> None:
    rules = {rule.endpoint for rule in house.app.url_map.iter_rules() if rule.endpoint.startswith("console.")}
    assert rules - gate.PAGES.keys() == {"console.static", "console.bootstrap", "console.no_page"}
    assert {endpoint for endpoint, roles in gate.PAGES.items() if not roles} == _OPEN


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_pages_and_no_other(house: House, role: str) -> None:
    """A form without its word goes no further than the gate, so nothing is ordered here."""
    desk = house.desk(role)
    for endpoint, method, path in addresses(house):
        if endpoint in _OPEN:
            continue
        answer = desk.client.open(path, method=method)
        refused = role not in gate.PAGES[endpoint]
        assert (answer.status_code == 403) is refused, f"{role}: {method} {path} is {answer.status_code}"
        assert answer.status_code != 500


def test_who_is_not_signed_in_is_asked_to_everywhere(house: House) -> None:
    desk = Desk(house.app)
    for endpoint, method, path in addresses(house):
        if endpoint in _OPEN:
            continue
        answer = desk.client.open(path, method=method)
        assert answer.status_code == 303, f"{method} {path}"
        assert answer.headers["Location"].startswith("/console/sign-in")
    assert desk.get("/console", headers={gate.REFRESH: "1"}).status_code == 401


def test_a_form_of_another_browser_orders_nothing(house: House) -> None:
    desk, other = house.desk(), house.desk(username="other")
    word = re.search(r'name="_csrf" value="([0-9a-f]+)"', other.get("/console").text)
    assert word is not None
    for given in (word[1], "", "x" * 64, "ñ" * 64):
        answer = desk.client.post("/console/sign-out", data={"_csrf": given})
        assert answer.headers["Location"] == "/console"
        assert desk.get("/console").status_code == 200
    answer = desk.client.post("/console/sign-out", data={}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 400
    assert "no viene de esta página" in answer.text


def test_a_sign_in_without_its_cookie_says_so(house: House) -> None:
    answer = Desk(house.app).client.post("/console/sign-in", data={"ruc": house.ruc, "_csrf": "x"})
    assert answer.status_code == 303
    assert "permita sus cookies" in Desk(house.app).get(answer.headers["Location"]).text


def test_errors_are_pages_in_both_languages(house: House) -> None:
    desk = house.desk()
    missing = desk.get("/console/nothing/here")
    assert (missing.status_code, missing.mimetype) == (404, "text/html")
    assert "Aquí no hay nada" in missing.text
    desk.get("/console/language/en?back=/console")
    assert "Nothing is here" in desk.get("/console/nothing/here").text


def test_answers_keep_browsers_careful(house: House) -> None:
    answer = house.desk().get("/console")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    with Desk(house.app).get("/console/bootstrap.css") as style:
        assert style.status_code == 200
        assert b"Bootstrap" in style.data[:200]


@pytest.mark.parametrize("back", [
    "https://evil.example/", "//evil.example", "/V1/auth", "/console\\..\\x", "javascript:1",
])
def test_the_way_back_stays_in_the_console(house: House, back: str) -> None:
    desk = Desk(house.app)
    assert desk.get("/console/language/en", query_string={"back": back}).headers["Location"] == "/console"


def test_every_text_that_a_page_names_is_there() -> None:
    room = Path(gate.__file__).parent
    sources = [*room.glob("pages/**/*.html"), *room.rglob("*.py")]
    named = {
        (path.name, name) for path in sources
        for name in re.findall(r"""\bt\(["']([a-z_]+\.[\w./* ]+)["'][,)]""", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 100
    assert {(path, name) for path, name in named if name not in WORDS} == set()


def test_texts_are_in_both_languages_and_take_the_same_values() -> None:
    for part in PARTS:
        for name, text in part.items():
            assert text.es, name
            assert text.en, name
            assert set(re.findall(r"{\w+}", text.es)) == set(re.findall(r"{\w+}", text.en)), name
