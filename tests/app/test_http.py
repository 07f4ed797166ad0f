"""What every answer has in common: JSON errors in two languages, strict bodies, ids, limits, logs, figures."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask, jsonify, request
from marshmallow import Schema, fields, validate

from app.clock import FixedClock
from app.db import Busy, Database
from app.http import ApiBlueprint, JsonApi, Office, add_check
from app.http.answers import malformed
from app.http.bodies import loads
from app.http.telemetry import blot
from app.problems import Conflict, Malformed, Text, TooMany
from tests.support.web import Caller, account, app_on, office_on


@pytest.fixture
def services(tmp_path: Path, clock: FixedClock) -> Office:
    return office_on(Database(f"sqlite:///{tmp_path / 'none.db'}"), clock)


@pytest.fixture
def app(services: Office) -> Flask:
    made = app_on(services)

    @made.post("/V1/documents/echo")
    def echo() -> object:
        return jsonify(request.get_json())

    @made.get("/V1/documents/clash")
    def clash() -> object:
        raise Conflict("TAKEN", Text("Ya existe", "It exists"), pointer="/header/x", extra={"document_id": 7})

    @made.get("/fault")
    def fault() -> object:
        raise ZeroDivisionError("secret chq_test_" + "x" * 43)

    @made.get("/busy")
    def busy() -> object:
        raise Busy

    @made.get("/often")
    def often() -> object:
        raise TooMany(retry_after=30)

    return made


@pytest.fixture
def ask(app: Flask) -> Caller:
    return Caller(client=app.test_client(), credential=None)


def test_an_unknown_address_is_json_in_spanish_unless_english_is_asked_for(ask: Caller) -> None:
    spanish, english = ask("GET", "/nowhere"), ask("GET", "/nowhere", headers={"Accept-Language": "en-US,es;q=0.5"})
    assert (spanish.status_code, spanish.json["code"], spanish.json["error"]) == (404, "NOT_FOUND", "No existe")
    assert (english.json["error"], english.headers["Content-Language"]) == ("Not found", "en")
    assert spanish.json["request_id"] == spanish.headers["X-Request-Id"]
    assert ask("GET", "/nowhere", headers={"Accept-Language": "qu,fr"}).json["error"] == "No existe"


def test_a_wrong_method_keeps_allow(ask: Caller) -> None:
    answer = ask("DELETE", "/V1/accounts")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
    assert answer.json["code"] == "METHOD_NOT_ALLOWED"


def test_a_refusal_on_documents_has_v1s_result(ask: Caller) -> None:
    answer = ask("GET", "/V1/documents/clash", headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    assert answer.json == {
        "error": "It exists", "code": "TAKEN", "document_id": 7, "request_id": answer.headers["X-Request-Id"],
        "errors": [
            {
                "code": "TAKEN", "pointer": "/header/x", "message": "It exists",
                "hint": "Look at the current state before you repeat", "severity": "error",
            }
        ],
        "result": {"status": 409, "error_message": "It exists"},
    }


def test_a_fault_says_nothing_and_logs_without_secrets(ask: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask("GET", "/fault")
    assert (answer.status_code, answer.json["code"]) == (500, "INTERNAL_ERROR")
    assert "ZeroDivision" not in answer.text
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    fault = next(line for line in lines if line["event"] == "fault")
    assert fault["request_id"] == answer.headers["X-Request-Id"]
    assert "ZeroDivisionError" in json.dumps(fault)
    assert "xxxx" not in json.dumps(lines)


def test_a_busy_database_is_503_with_retry_after(ask: Caller) -> None:
    answer = ask("GET", "/busy")
    assert (answer.status_code, answer.json["code"]) == (503, "DATABASE_BUSY")
    assert int(answer.headers["Retry-After"]) >= 1
    assert ask("GET", "/often").headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[1,]", "{'a': 1}", '{"a": NaN}', '{"a": Infinity}', '{"a": -Infinity}', '{"a": 1, "a": 2}', "\xff",
     '{"a": 1e999}', '{"a": 1e-9999999999999999999999}',
     '{"a": ' + "9" * 5000 + "}", '{"a": 1.' + "1" * 100 + "}", "[" * 100_000, '{"a": "\\u0000"}',
     '{"\\ud800": 1}', '{"a": ["\\udc00"]}', '"\x01"'],
)
def test_bodies_that_are_not_exactly_json_are_400(ask: Caller, body: str) -> None:
    answer = ask("POST", "/V1/documents/echo", data=body.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["code"] in ("INVALID_JSON", "INVALID_TEXT", "BAD_REQUEST")
    assert answer.json["result"]["status"] == 400


def test_fractions_are_exact_and_letters_stay(ask: Caller) -> None:
    assert loads(b'\xef\xbb\xbf{"a": 0.10, "b": 7}') == {"a": Decimal("0.10"), "b": 7}
    answer = ask("POST", "/V1/documents/echo", data='{"ñ": 0.10, "a": "\\u00f1"}', content_type="application/json")
    assert answer.data.decode().strip() == '{"ñ":"0.10","a":"ñ"}'


def test_nested_nulls_are_pointed_at() -> None:
    with pytest.raises(Malformed) as refusal:
        loads('{"a": [{"b": "x\\u0000y"}]}')
    assert refusal.value.items[0].pointer == "/a/0/b"


def test_a_large_body_is_413(services: Office, clock: FixedClock) -> None:
    ask = Caller(client=app_on(office_on(services.database, clock, max_body_bytes=1000)).test_client(), credential=None)
    answer = ask("POST", "/V1/auth", data=b'{"a": "' + b"x" * 2000 + b'"}', content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (413, "TOO_LARGE")


def test_null_in_an_address_is_400(ask: Caller) -> None:
    assert ask("GET", "/V1/accounts?x=%00").status_code == 400
    assert ask("GET", "/V1/acc%00unts").status_code == 400


def test_request_ids_come_back_when_they_are_tame(ask: Caller) -> None:
    assert ask("GET", "/healthz", headers={"X-Request-Id": "abc-1.2_3"}).headers["X-Request-Id"] == "abc-1.2_3"
    for wild in ("a b", "x" * 65, "é", "<script>"):
        assert ask("GET", "/healthz", headers={"X-Request-Id": wild}).headers["X-Request-Id"] != wild


def test_browsers_are_told_to_be_careful(ask: Caller) -> None:
    headers = ask("GET", "/healthz").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


def test_the_small_v_and_the_bare_auth_reach_the_same(ask: Caller) -> None:
    for path in ("/V1/auth", "/v1/auth", "/auth"):
        assert ask("POST", path, {}).json["error"] == "unsupported_grant_type"
    assert ask("GET", "/v1").status_code == 404
    assert ask("GET", "/v12/auth").status_code == 404


def test_limits_answer_429_with_retry_after(services: Office, clock: FixedClock) -> None:
    limited = office_on(
        services.database, clock, rate_limits=True, rate_per_key="3 per minute", rate_per_ip="9 per minute"
    )
    client = app_on(limited).test_client()
    one, other = Caller(client=client, credential="a"), Caller(client=client, credential="b")
    assert [one("GET", "/V1/accounts").status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = one("GET", "/V1/accounts")
    assert refused.json["code"] == "TOO_MANY_REQUESTS"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert [other("GET", "/V1/accounts").status_code for _ in range(3)] == [401] * 3
    strangers = [Caller(client=client, credential=str(n))("GET", "/V1/accounts").status_code for n in range(6)]
    assert strangers[-1] == 429  # the address has had its share
    assert one("GET", "/healthz").status_code == 200


def test_ready_says_what_fails(app: Flask, ask: Caller) -> None:
    assert ask("GET", "/readyz").json == {"status": "ok", "checks": {"database": "ok"}}

    def broken() -> None:
        raise RuntimeError("old schema")

    add_check(app, "migrations", broken)
    answer = ask("GET", "/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "ok", "migrations": "failed"}


def test_figures_count_by_route_and_status(ask: Caller) -> None:
    ask("GET", "/nowhere/1")
    ask("GET", "/V1/accounts/12")
    text = ask("GET", "/metrics").text
    assert 'route="none",status="404"' in text
    assert 'status="401"' in text
    assert "/nowhere" not in text


def test_one_log_line_a_request_without_query_or_header(ask: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    ask("GET", "/V1/accounts?name=ACME", headers={"Authorization": "Bearer chq_test_y" + "y" * 40})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["request"]
    assert (lines[0]["route"], lines[0]["status"], lines[0]["method"]) == ("/V1/accounts", 401, "GET")
    assert "ACME" not in json.dumps(lines)
    assert "yyy" not in json.dumps(lines)


def test_secrets_are_blotted_by_name_and_by_look() -> None:
    line = blot(None, "", {
        "event": "x chq_live_" + "a" * 43, "password": "p", "nested": {"client_secret": "s", "ok": 1},
        "list": ["-----BEGIN PRIVATE KEY-----\nabc"],
    })
    assert line == {"event": "x ***", "password": "***", "nested": {"client_secret": "***", "ok": 1}, "list": ["***"]}


def test_schema_complaints_have_pointers_and_two_languages(database: Database, clock: FixedClock) -> None:
    services = office_on(database, clock)
    _, key = account(services)
    ask = Caller(client=app_on(services).test_client(), credential=key)
    answer = ask("POST", "/V1/company_branches", {"branch_type": 9, "document_sequence_codes": ["F001", 5]})
    assert answer.status_code == 400
    assert {item["pointer"]: item["message"] for item in answer.json["errors"]} == {
        "/name": "Falta este campo obligatorio.", "/branch_type": "Debe ser uno de: 1, 2.",
        "/document_sequence_codes/1": "Debe ser un texto.",
    }
    english = ask("POST", "/V1/company_branches", [], headers={"Accept-Language": "en"})
    assert english.status_code == 400
    assert english.json["errors"][0]["message"] == "Invalid input type."


@pytest.mark.parametrize(("bounds", "told"), [
    ({"min": 1, "max": 500}, "Debe estar entre 1 y 500."), ({"min": 1}, "Debe ser al menos 1."),
    ({"max": 500}, "Debe ser como máximo 500."),
])
def test_bounds_are_told_whole(bounds: dict[str, int], told: str) -> None:
    class Body(Schema):
        n = fields.Integer(validate=validate.Range(**bounds))

    (item,) = malformed(Body().validate({"n": 0 if "min" in bounds else 501})).items
    assert (item.pointer, item.message.es) == ("/n", told)
    assert item.message.en.startswith("Must be ")


def test_a_blueprint_reads_strictly(services: Office, clock: FixedClock) -> None:
    class Body(Schema):
        n = fields.Raw()

    blueprint = ApiBlueprint("x", __name__)

    @blueprint.route("/x", methods=["POST"])
    @blueprint.arguments(Body)
    def x(given: dict[str, object]) -> object:
        return jsonify(kind=type(given["n"]).__name__)

    app = app_on(services)
    told = {"title": "y", "version": "1", "openapi_version": "3.1.0"}
    JsonApi(app, spec_kwargs=told, config_prefix="Y").register_blueprint(blueprint)
    client = app.test_client()
    assert client.post("/x", data='{"n": 1.5}').json == {"kind": "Decimal"}
    assert client.post("/x", data='{"n": NaN}').status_code == 400


def test_nobody_is_asked_to_wait_but_by_429_and_503(services: Office, clock: FixedClock) -> None:
    limited = app_on(office_on(services.database, clock, rate_limits=True, rate_per_key="5 per minute"))

    @limited.get("/V1/fine")
    def fine() -> object:
        return jsonify(fine=True)

    @limited.get("/V1/busy")
    def busy() -> object:
        raise Busy

    ask = Caller(client=limited.test_client(), credential="a")
    for path, status, waits in (
        ("/V1/fine", 200, False), ("/V1/accounts", 401, False), ("/V1/nowhere", 404, False), ("/V1/busy", 503, True),
        ("/V1/fine", 200, False), ("/V1/fine", 200, False), ("/V1/fine", 429, True),
    ):
        answer = ask("GET", path)
        assert (answer.status_code, "Retry-After" in answer.headers) == (status, waits)
    assert answer.headers["X-RateLimit-Limit"]
