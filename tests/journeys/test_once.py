"""Whatever creates minds its Idempotency-Key: one thing made, one answer, byte for byte, whoever asks and when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from app.accounts import credentials
from app.accounts.vault import Vault
from app.config import master_keys
from app.db import Database
from app.factory import app_of
from app.http import Office
from app.idempotency import IdempotencyRecord
from app.keeping.tables import kept
from tests.support.creating import CREATING, QUOTES, REPEATABLE, Asking
from tests.support.history import pair, zipped
from tests.support.world import FRIDAY, Tenancy, Till, World, body_of, world

KEY = "Idempotency-Key"


@pytest.fixture(scope="module")
def place(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(kind, tmp_path_factory.mktemp("once"), delivers=False) as made:
        yield made


@pytest.fixture
def shop(place: World) -> Tenancy:
    return place.open()


def rows(place: World) -> dict[str, int]:
    """How many rows each table has."""
    with place.office.database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in kept()
        }


def till_for(place: World, shop: Tenancy, asking: Asking) -> Till:
    return place.operator if asking.opens else shop.till


def sent(till: Till, name: str, asking: Asking, body: Any, key: str | None, **headers: str) -> requests.Response:
    given = {**headers, **({KEY: key} if key is not None else {})}
    return till(name.split()[0], asking.path, body, headers=given, params=asking.query)


PROVED_ELSEWHERE = {
    f"POST /V1/documents/{{document_id}}/{move}" for move in ("replacement", "correction", "external-void", "mails")
}
"""They need a voucher that SUNAT refused, a guide that it took, or a mail server: `test_delivering`, `test_guides` and
`test_mail` repeat them."""


def test_there_is_a_request_for_every_operation_that_minds_the_key(shop: Tenancy) -> None:
    described = shop.till("GET", "/openapi.json").json()
    minding = {
        f"{method.upper()} {path}"
        for path, item in described["paths"].items() for method, operation in item.items()
        if method in ("post", "put") and any(each.get("name") == KEY for each in operation.get("parameters", ()))
    }
    assert minding == set(CREATING) | PROVED_ELSEWHERE, "add a request to tests.support.creating"


@pytest.mark.parametrize("name", REPEATABLE)
def test_repeated_altered_and_after_a_restart(place: World, shop: Tenancy, name: str) -> None:
    asking = CREATING[name](place, shop)
    till, key = till_for(place, shop, asking), f"once-{shop.account_id}"
    first = sent(till, name, asking, asking.good, key)
    assert first.status_code == asking.status, first.text
    held = rows(place)
    again = sent(till, name, asking, asking.good, key, **{"Accept-Language": "en"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for header in ("ETag", "Location", "Content-Type"):
        assert again.headers.get(header) == first.headers.get(header)
    if asking.other is not None:
        altered = sent(till, name, asking, asking.other, key)
        assert (altered.status_code, altered.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert rows(place) == held
    database = Database(place.office.database.url.render_as_string(hide_password=False))
    settings = place.office.settings
    restarted = app_of(Office(
        settings=settings, clock=place.clock, database=database, vault=Vault(master_keys(settings))
    ))
    later = restarted.test_client().open(
        asking.path, method=name.split()[0], headers={KEY: key, "Authorization": f"Bearer {till.credential}"},
        **({} if asking.good is None else {"json": asking.good}),
    )
    database.dispose()
    assert (later.status_code, later.data) == (first.status_code, first.content)
    assert rows(place) == held


@pytest.mark.parametrize("name", REPEATABLE)
def test_from_many_hands_at_once(place: World, shop: Tenancy, name: str) -> None:
    """Some get the answer, others 409 while the first is at work; what is made is made once."""
    asking = CREATING[name](place, shop)
    till, gate, before = till_for(place, shop, asking), threading.Barrier(3), rows(place)

    def ask(_: int) -> requests.Response:
        gate.wait(10)
        return sent(till, name, asking, asking.good, f"many-{shop.account_id}")

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(ask, range(3)))
    held = rows(place)
    last = sent(till, name, asking, asking.good, f"many-{shop.account_id}")
    good = [answer for answer in answers if answer.status_code == asking.status and answer.content == last.content]
    assert rows(place) == held
    if name == "POST /V1/documents/batch":  # each item stands for itself, so each hand may have got some of them
        assert held["documents"] == before["documents"] + 2
        return
    assert good, [answer.text for answer in answers]
    others = [answer for answer in answers if answer not in good]
    assert {(answer.status_code, answer.json()["code"]) for answer in others} <= {(409, "IDEMPOTENCY_IN_FLIGHT")}
    assert held["idempotency"] == before["idempotency"] + 1


@pytest.mark.parametrize("name", CREATING)
def test_a_refusal_gives_the_key_back(place: World, shop: Tenancy, name: str) -> None:
    asking = CREATING[name](place, shop)
    if asking.wrong is None:
        assert asking.good is None or asking.status == 200  # there is no body, or each item is refused by itself
        return
    till, held, key = till_for(place, shop, asking), rows(place), f"back-{shop.account_id}"
    refused = sent(till, name, asking, asking.wrong, key)
    assert 400 <= refused.status_code < 500, refused.text
    assert refused.json()["code"] != "IDEMPOTENCY_KEY_REUSED"
    assert rows(place) == held
    if asking.good is not None:
        right = sent(till, name, asking, asking.good, key)
        assert right.status_code == asking.status, right.text
        assert rows(place)["idempotency"] == held["idempotency"] + 1


@pytest.mark.parametrize("key", ["", "x" * 256, "ñ"], ids=["empty", "long", "not ascii"])
def test_keys_that_are_none(place: World, shop: Tenancy, key: str) -> None:
    held = rows(place)
    answer = shop.till("POST", "/V1/series", QUOTES, headers={KEY: key.encode()})
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY")
    assert rows(place) == held


# ---- secrets

def test_a_secret_is_repeated_and_lies_nowhere_in_clear(place: World, shop: Tenancy) -> None:
    secrets: list[str] = []
    for name in ("POST /V1/accounts", "POST /V1/api_keys"):
        asking = CREATING[name](place, shop)
        till = till_for(place, shop, asking)
        answers = [sent(till, name, asking, asking.good, f"secret-{shop.account_id}") for _ in range(2)]
        assert answers[0].content == answers[1].content
        made = answers[0].json()
        secrets += [made["api_key"], *([made["api_user"]["client_secret"]] if "api_user" in made else ())]
        assert Till(place.url, made["api_key"])("GET", "/V1/accounts").status_code == 200
    assert len(secrets) == 3
    said = "".join(everything(place))
    for secret in (*secrets, "una clave larga"):
        assert secret not in said
    with place.office.database.read() as session:
        kept = session.scalars(select(IdempotencyRecord).where(IdempotencyRecord.key == f"secret-{shop.account_id}"))
        assert all(row.vault_account_id is not None and b"api_key" not in (row.body or b"") for row in kept)


def test_a_secret_is_repeated_under_a_new_master_key(place: World, shop: Tenancy) -> None:
    """Rotating the master key keeps what was answered before: its fingerprint and its seal are of the former key."""
    def ask(client: Any) -> Any:
        return client.post("/V1/api_keys", json={"name": "caja"}, headers={
            KEY: "rotated", "Authorization": f"Bearer {shop.till.credential}"
        })

    first = ask(app_of(place.office).test_client())
    assert first.status_code == 201
    vault = Vault((b"a newer master key of 32 bytes or more", *master_keys(place.office.settings)))
    rotated = app_of(Office(
        settings=place.office.settings, clock=place.clock, database=place.office.database, vault=vault
    )).test_client()
    assert ask(rotated).data == first.data


def everything(place: World) -> Iterator[str]:
    """Every value of every row, as text."""
    with place.office.database.read() as session:
        for table in kept():
            for row in session.execute(select(table)):
                for value in row:
                    yield value.decode("latin-1") if isinstance(value, bytes) else str(value)


def test_one_who_may_less_gets_no_secret_by_repeating(place: World, shop: Tenancy) -> None:
    """A key of the same account with fewer scopes, which guesses the Idempotency-Key and the body."""
    made = shop.till("POST", "/V1/api_keys", {"name": "caja"}, headers={KEY: "1"}).json()
    small = place.till(shop.account_id, scopes=("keys:write",))
    answer = small("POST", "/V1/api_keys", {"name": "caja"}, headers={KEY: "1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert made["api_key"] not in answer.text


# ---- whose keys

def test_keys_are_each_tenants_and_each_operators(place: World, shop: Tenancy) -> None:
    other = place.open()
    mine, theirs = (each.till("POST", "/V1/series", QUOTES, headers={KEY: "same"}) for each in (shop, other))
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]
    assert theirs.json()["account_id"] == other.account_id
    for_mine = {**QUOTES, "account_id": shop.account_id, "code": "OPERADOR"}
    by_operator = place.operator("POST", "/V1/series", for_mine, headers={KEY: "same"})
    assert by_operator.status_code == 201, by_operator.text
    with place.office.database.write() as session:
        _, text = credentials.create_key(session, place.office.vault, account=None, now=place.clock.now())
    second = Till(place.url, text)("POST", "/V1/series", for_mine, headers={KEY: "same"})
    assert (second.status_code, second.json()["code"]) == (409, "SERIES_EXISTS")
    assert place.operator("POST", "/V1/series", for_mine, headers={KEY: "same"}).content == by_operator.content


def test_another_address_or_query_is_another_request(place: World, shop: Tenancy) -> None:
    first = shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"})
    assert first.status_code == 201
    for method, path in (("PUT", "/V1/series/mia"), ("POST", "/V1/company_branches"), ("POST", "/V1/series?x=1")):
        answer = shop.till(method, path, QUOTES, headers={KEY: "k"})
        assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    spelt = b' {"code": "COT",\n"name": "Cotizaciones", "kind": "quotation"}'
    same = shop.till("POST", "/v1/series/", data=spelt, headers={KEY: "k", "Content-Type": "application/json"})
    assert (same.status_code, same.content) == (201, first.content)


def test_a_dry_run_keeps_no_key(place: World, shop: Tenancy) -> None:
    body = {"rows": [{"type": "01", "code": "F055", "last_number": 3}]}
    held = rows(place)
    dry = shop.till("POST", "/V1/series/import", body, headers={KEY: "k"}, params={"dry_run": "1"})
    assert (dry.status_code, rows(place)) == (200, held)
    assert shop.till("POST", "/V1/series/import", body, headers={KEY: "k"}).status_code == 200
    assert rows(place)["idempotency"] == held["idempotency"] + 1


def test_a_form_is_the_same_whatever_its_boundary(place: World, shop: Tenancy) -> None:
    content = zipped(pair(3, ruc=shop.ruc))

    def uploaded(name: str) -> requests.Response:
        return shop.till("POST", "/V1/imports", files={"file": (name, content)}, headers={KEY: "form"})

    first = uploaded("a.zip")
    held = rows(place)
    assert first.status_code == 201, first.text
    assert uploaded("a.zip").content == first.content
    assert uploaded("b.zip").status_code == 422
    assert rows(place) == held


def test_text_that_is_no_json_is_compared_as_bytes(shop: Tenancy) -> None:
    def brought(text: str) -> requests.Response:
        return shop.till("POST", "/V1/series/import", data=text.encode(), headers={
            KEY: "csv", "Content-Type": "text/csv"
        })

    first = brought("type,code,last_number\n01,F066,5\n")
    assert first.status_code == 200, first.text
    assert brought("type,code,last_number\n01,F066,5\n").content == first.content
    assert brought("type,code,last_number\n01,F066,6\n").status_code == 422


def test_a_batchs_key_stands_for_its_items(place: World, shop: Tenancy) -> None:
    def posted(*bodies: Any) -> list[Any]:
        answer = shop.till("POST", "/V1/documents/batch", {"documents": list(bodies)}, headers={KEY: "lote"})
        return answer.json()["results"]  # type: ignore[no-any-return]

    own = {**body_of(shop, "receipt_dni"), "idempotency_key": "propia"}
    first = posted(body_of(shop), own)
    assert [row["status"] for row in first] == [201, 201]
    held = rows(place)
    assert posted(body_of(shop), own) == first
    altered = posted(body_of(shop, receiver_legal_name="OTRO S.A."), own)
    assert [row["status"] for row in altered] == [422, 201]
    assert rows(place) == held
    assert shop.till.issue(body_of(shop), key="lote/0").json() == first[0]["document"]


# ---- when it goes wrong

@pytest.fixture
def failing(place: World) -> Iterator[Callable[[str], None]]:
    """Makes the next transaction that writes with a statement fail at its commit: before it, or after it."""
    engine, armed = place.office.database.engine, {"statement": "", "seen": False, "after": False}

    def see(_: Any, __: Any, statement: str, *___: Any) -> None:
        if armed["statement"] and statement.startswith(str(armed["statement"])):
            armed["seen"] = True

    def fail(connection: Any) -> None:
        if armed["seen"]:
            armed.update(statement="", seen=False)
            if armed["after"]:
                connection.connection.driver_connection.commit()
            raise OperationalError("COMMIT", {}, Exception("the connection is gone"))

    def arm(when: str) -> None:
        armed.update(statement="INSERT INTO series ", after=when == "after")

    event.listen(engine, "after_cursor_execute", see)
    event.listen(engine, "commit", fail)
    yield arm
    event.remove(engine, "commit", fail)
    event.remove(engine, "after_cursor_execute", see)


def test_who_dies_before_the_commit_made_nothing_and_the_lease_ends(
    place: World, shop: Tenancy, failing: Callable[[str], None]
) -> None:
    """The answer and what it tells of are stored together or not at all; the key is free when its lease has run out."""
    held = rows(place)
    failing("before")
    failed = shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"})
    assert (failed.status_code, failed.json()["code"]) == (503, "OUTCOME_UNKNOWN")
    assert rows(place) == {**held, "idempotency": held["idempotency"] + 1}
    waiting = shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"})
    assert (waiting.status_code, waiting.json()["code"]) == (409, "IDEMPOTENCY_IN_FLIGHT")
    assert shop.till("POST", "/V1/series", {**QUOTES, "name": "x"}, headers={KEY: "k"}).status_code == 422
    place.clock.advance(timedelta(seconds=61))
    try:
        made = shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"})
        assert made.status_code == 201, made.text
        assert shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"}).content == made.content
    finally:
        place.clock.set(FRIDAY)


def test_who_lost_the_lease_meanwhile_makes_nothing(place: World, shop: Tenancy) -> None:
    """Another request took the key over while this one was at work: all of this one's work is undone."""
    engine = place.office.database.engine

    def overtake(connection: Any, _: Any, statement: str, *__: Any) -> None:
        if statement.startswith("INSERT INTO series "):
            connection.execute(
                update(IdempotencyRecord)
                .where(IdempotencyRecord.account_id == shop.account_id, IdempotencyRecord.key == "k")
                .values(token="another's")
            )

    held = rows(place)
    event.listen(engine, "after_cursor_execute", overtake)
    try:
        late = shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"})
    finally:
        event.remove(engine, "after_cursor_execute", overtake)
    assert (late.status_code, late.json()["code"]) == (409, "IDEMPOTENCY_IN_FLIGHT")
    assert rows(place)["series"] == held["series"]
    assert shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"}).status_code == 201


def test_a_commit_whose_answer_is_lost_is_answered_by_the_repetition(
    place: World, shop: Tenancy, failing: Callable[[str], None]
) -> None:
    failing("after")
    lost = shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"})
    assert (lost.status_code, lost.json()["code"]) == (503, "OUTCOME_UNKNOWN")
    held = rows(place)
    again = shop.till("POST", "/V1/series", QUOTES, headers={KEY: "k"})
    assert (again.status_code, again.json()["code"]) == (201, "COT")
    assert again.headers["ETag"] == '"1"'
    assert rows(place) == held
