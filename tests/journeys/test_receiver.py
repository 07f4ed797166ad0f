"""The page of whoever received a voucher, over real HTTP: what it shows, what it gives, and what it never tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from sqlalchemy import event, update

from app.db import Database
from app.factory import app_of
from app.ledger.models import DocumentRecord
from tests.support.servers import listening
from tests.support.world import Tenancy, World, body_of, world

SECONDS = 40
SANDBOX = "/v/sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An accepted factura, and what its paper says."""

    place: World
    shop: Tenancy
    document_id: int
    paper: Mapping[str, str]

    def ask(self, path: str = SANDBOX, *, language: str = "es", **changes: str) -> requests.Response:
        """What the page answers to the paper's six, with other texts by name."""
        return requests.post(
            f"{self.place.url}{path}", data={**self.paper, **changes}, headers={"Accept-Language": language},
            timeout=SECONDS,
        )


@pytest.fixture(scope="module")
def scene(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with world(kind, tmp_path_factory.mktemp("receiver"), delivers=False) as place:
        shop = place.open()
        made = shop.till.issued(body_of(shop))
        place.engine.start()
        try:
            assert shop.till.settled(made["document_id"], seconds=60)["status"] == "accepted"
        finally:
            place.engine.stop(10)
        yield Scene(
            place=place, shop=shop, document_id=made["document_id"],
            paper={
                "ruc": shop.ruc, "kind": "01", "series": "F001", "number": "00000001", "date": "20/11/2026",
                "total": "1,180.00",
            },
        )


def stated(scene: Scene, status: str) -> dict[str, str]:
    """The number of another voucher, brought into a state."""
    made = scene.shop.till.issued(body_of(scene.shop))
    with scene.place.office.database.write() as session:
        session.execute(
            update(DocumentRecord).where(DocumentRecord.id == made["document_id"]).values(status=status)
        )
    return {"number": str(made["header"]["document_number"])}


def test_the_form_is_a_small_page_without_script_that_nobody_keeps(scene: Scene) -> None:
    answer = requests.get(f"{scene.place.url}/v", timeout=SECONDS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["Content-Language"] == "es"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy + answer.text
    assert 'name="viewport" content="width=device-width' in answer.text
    assert len(answer.content) < 12_000
    for name in scene.paper:
        assert f'<label for="{name}">' in answer.text
        assert f'id="{name}" name="{name}"' in answer.text
    assert "Guía de remisión" in answer.text
    assert "Sin valor tributario" not in answer.text
    assert "Sin valor tributario" in requests.get(f"{scene.place.url}{SANDBOX}", timeout=SECONDS).text


def test_who_knows_all_six_sees_the_state(scene: Scene) -> None:
    for changes in ({}, {"number": "1", "date": "2026-11-20", "total": "S/ 1180.00", "series": " f001 "}):
        found = scene.ask(**changes)
        assert found.status_code == 200
        for text in ("Aceptado", "F001-00000001", scene.shop.ruc, "20/11/2026", "S/\xa01,180.00",
                     "Factura electrónica"):
            assert text in found.text
        assert re.findall(r'name="file" value="(\w+)"', found.text) == ["pdf", "xml", "cdr"]
    english = scene.ask(language="en")
    assert (english.headers["Content-Language"], "Accepted" in english.text) == ("en", True)


def test_the_files_are_those_of_the_issuer(scene: Scene) -> None:
    for name, title in (("pdf", f"{scene.shop.ruc}-01-F001-1.pdf"), ("xml", f"{scene.shop.ruc}-01-F001-1.xml"),
                        ("cdr", f"R-{scene.shop.ruc}-01-F001-1.xml")):
        given = scene.ask(file=name)
        own = scene.shop.till("GET", f"/V1/documents/{scene.document_id}/{name}")
        assert (given.status_code, given.content) == (200, own.content), given.text[:300]
        assert given.headers["Content-Disposition"] == f'attachment; filename="{title}"'
        assert given.headers["Content-Type"] == own.headers["Content-Type"]
        assert given.headers["Cache-Control"] == "no-store"
        assert scene.ask(file=name, total="1180.01").status_code == 404
    assert "Aceptado" in scene.ask(file="../etc/passwd").text


NEAR_MISSES = (
    {"total": "1180.01"}, {"total": ""}, {"date": "21/11/2026"}, {"number": "99999999"}, {"series": "F009"},
    {"kind": "03"}, {"ruc": "20999999999"}, {"ruc": "20999999999", "total": "5.00", "file": "xml"},
)

VARYING = {"X-Request-Id", "Date", "Content-Length"}


def test_a_near_miss_is_answered_as_what_never_was(scene: Scene) -> None:
    """The same page, the same headers and the same questions to the database, whatever was wrong."""
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    answers = []
    engine = scene.place.office.database.engine
    for path, changes in (*((SANDBOX, miss) for miss in NEAR_MISSES), ("/v", {}), ("/v/beta", {})):
        with_listener = len(asked)
        event.listen(engine, "before_cursor_execute", note)
        try:
            answer = scene.ask(path, **changes)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        body = re.sub(r'value="[^"]*"( selected)?', "", answer.text)
        if path == "/v":
            assert "Sin valor tributario" not in body
        else:
            body = re.sub(r'<section class="bad">.*?</section>\n', "", body, count=1)
        headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
        questions = [text for text in asked[with_listener:] if "FROM documents" in text]
        answers.append((answer.status_code, body, headers, len(questions), set(questions)))
    assert answers[0][0] == 404
    assert answers[0][3] == 1
    assert "No hay un comprobante con esos datos" in answers[0][1]
    assert [each for each in answers if each != answers[0]] == []


@pytest.mark.parametrize(("status", "said"), [
    ("rejected", "SUNAT lo rechazó: no tiene validez"), ("voided", "ya no tiene validez"),
    ("lapsed", "SUNAT no lo recibió dentro del plazo"), ("observed", "Aceptado con observaciones"),
    ("issued", "SUNAT todavía no ha respondido"),
])
def test_each_state_is_said_and_a_cdr_offered_once_there_is_one(scene: Scene, status: str, said: str) -> None:
    number = stated(scene, status)
    found = scene.ask(**number)
    assert said in found.text
    assert re.findall(r'name="file" value="(\w+)"', found.text) == ["pdf", "xml"]
    none = scene.ask(**number, file="cdr")
    assert (none.status_code, none.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Todavía no hay CDR" in none.text


def test_what_cannot_be_meant_is_told_by_field_and_comes_back_escaped(scene: Scene) -> None:
    hostile = '"><img src=x onerror=1>'
    answer = scene.ask(ruc=hostile, total="1180,5", kind="99")
    assert answer.status_code == 400
    assert "<img" not in answer.text
    assert "&lt;img" in answer.text
    for text in ("El RUC del emisor tiene 11 dígitos", "punto decimal", "Elija el tipo"):
        assert text in answer.text
    assert "La serie es" not in answer.text
    assert 'value="00000001"' in answer.text
    empty = requests.post(f"{scene.place.url}/v", timeout=SECONDS)
    assert (empty.status_code, empty.text.count('class="wrong"')) == (400, 5)
    large = requests.post(f"{scene.place.url}/v", data={"ruc": "2" * 20_000}, timeout=SECONDS)
    assert (large.status_code, large.headers["Content-Type"]) == (413, "text/html; charset=utf-8")


def test_who_asks_often_waits_and_the_form_stays_open(scene: Scene) -> None:
    services = scene.place.office
    strict = replace(
        services, settings=replace(services.settings, rate_limits=True, rate_receiver="3 per minute")
    )
    with listening(app_of(strict)) as url:
        tries = [
            requests.post(f"{url}{path}", data=scene.paper, timeout=SECONDS)
            for path in (SANDBOX, SANDBOX, "/v", SANDBOX)
        ]
        assert [answer.status_code for answer in tries] == [200, 200, 404, 429]
        assert tries[-1].headers["Content-Type"] == "text/html; charset=utf-8"
        assert 1 <= int(tries[-1].headers["Retry-After"]) <= 60
        assert "Demasiadas solicitudes" in tries[-1].text
        assert "default-src 'none'" in tries[-1].headers["Content-Security-Policy"]
        assert requests.get(f"{url}{SANDBOX}", timeout=SECONDS).status_code == 200
        assert requests.get(f"{url}/V1/accounts", timeout=SECONDS).status_code == 401


def test_a_database_that_is_gone_is_a_page_too(scene: Scene, tmp_path: Path) -> None:
    gone = Database(f"sqlite:///{tmp_path}/nowhere/none.db")
    try:
        with listening(app_of(replace(scene.place.office, database=gone))) as url:
            answer = requests.post(f"{url}/v", data=scene.paper, timeout=SECONDS)
    finally:
        gone.dispose()
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "El servicio no responde" in answer.text
    assert int(answer.headers["Retry-After"]) >= 1
