"""Asking SUNAT what it holds: the SOAP queries in every dialect, the REST consult and its token."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sunat import xml
from sunat.errors import Fault, FormatError, NotSent, TransportError, UnknownOutcome
from sunat.numbering import VoucherId
from sunat.transport import ConsultClient, ConsultService, Credentials, Criteria, RestConsult, State, ValidityService
from sunat.transport.connection import Reply, post
from sunat.transport.rest import Tokens

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
CALLER = Credentials(ruc="20123456786", user="MODDATOS", password="clave-secreta")
INVOICE = VoucherId(ruc="20123456786", type_code="01", series="F001", number=7)
CRITERIA = Criteria(
    receiver_code="6", receiver_number="20987654326", issue_date=date(2026, 11, 20), total=Decimal("118.50")
)
CLIENT = ConsultClient(client_id="0a1b2c3d-id", client_secret="shh")


class Answering:
    """An exchange that answers by a function and remembers what was asked."""

    def __init__(self, answer: Callable[[str, bytes], Reply]) -> None:
        self._answer = answer
        self.asked: list[tuple[str, bytes, dict[str, str]]] = []
        self.lock = threading.Lock()

    def __call__(self, address: str, body: bytes, headers: dict[str, str], **bounds: Any) -> Reply:
        assert bounds["total_timeout"] > 0
        assert bounds["max_bytes"] > 0
        with self.lock:
            self.asked.append((address, body, headers))
        return self._answer(address, body)


def soap(content: str, status: int = 200) -> Answering:
    body = (
        f'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>{content}</S:Body></S:Envelope>'
    ).encode()
    return Answering(lambda *_: Reply(status=status, body=body))


def answered(operation: str, inner: str) -> str:
    return f'<ns2:{operation}Response xmlns:ns2="http://service.sunat.gob.pe">{inner}</ns2:{operation}Response>'


def status_cdr(exchange: Answering) -> State:
    return ConsultService("http://127.0.0.1:1/x", exchange=exchange).status_cdr(INVOICE, CALLER)


@pytest.mark.parametrize("inner", [
    "<statusCdr><content>{0}</content><statusCode>0004</statusCode><statusMessage>hay</statusMessage></statusCdr>",
    "<status><content>{0}</content><statusCode>4</statusCode><statusMessage>hay</statusMessage></status>",
    ("<statusCdr><statusCdr><statusCode> 00004 </statusCode><statusMessage>hay</statusMessage><content>\n{0}\n"
     "</content></statusCdr></statusCdr>"),
], ids=["sunat", "another wrapper", "nested and padded"])
def test_a_cdr_comes_back_in_every_dialect(inner: str) -> None:
    exchange = soap(answered("getStatusCdr", inner.format(b64encode(b"PK zip").decode())))
    state = status_cdr(exchange)
    assert (state.code, state.message, state.content, state.http_status) == ("0004", "hay", b"PK zip", 200)
    assert len(state.request_sha256) == len(state.response_sha256) == 64
    asked = xml.parse(exchange.asked[0][1])
    said = {str(one.tag).rpartition("}")[2]: one.text for one in asked.iter() if one.text}
    assert said["rucComprobante"] == "20123456786"
    assert (said["tipoComprobante"], said["serieComprobante"], said["numeroComprobante"]) == ("01", "F001", "7")
    assert said["Username"] == "20123456786MODDATOS"


def test_a_state_without_a_cdr() -> None:
    state = status_cdr(soap(answered(
        "getStatusCdr", "<statusCdr><statusCode>0011</statusCode><statusMessage>No existe</statusMessage></statusCdr>"
    )))
    assert (state.code, state.content) == ("0011", b"")
    service = ConsultService("http://127.0.0.1:1/x", exchange=soap(answered(
        "getStatus", "<status><statusCode>0001</statusCode></status>"
    )))
    assert service.status(INVOICE, CALLER).code == "0001"


@pytest.mark.parametrize(("content", "status", "error"), [
    ("", 200, UnknownOutcome),
    (answered("getStatusCdr", ""), 200, UnknownOutcome),
    (answered("getStatusCdr", "<statusCdr><content>%%%</content></statusCdr>"), 200, UnknownOutcome),
    (answered("getStatus", "<status><statusCode>0001</statusCode></status>"), 200, UnknownOutcome),
    (answered("getStatusCdr", "<statusCdr><statusCode>0001</statusCode></statusCdr>"), 502, UnknownOutcome),
    ("<S:Fault xmlns:S='x'><faultcode>S:Client.0103</faultcode><faultstring>no</faultstring></S:Fault>", 500, Fault),
])
def test_what_says_nothing_is_unknown(content: str, status: int, error: type[TransportError]) -> None:
    with pytest.raises(error) as found:
        status_cdr(soap(content, status))
    assert found.value.http_status == status
    assert len(found.value.response_sha256) == 64


def test_the_evidence_never_holds_the_key_even_where_a_server_echoes_it() -> None:
    exchange = soap(answered("getStatusCdr", "<statusCdr><statusCode>1</statusCode>clave-secreta</statusCdr>"))
    assert b"clave-secreta" not in status_cdr(exchange).body
    with pytest.raises(UnknownOutcome) as found:
        status_cdr(soap("<x>clave-secreta</x>"))
    assert b"clave-secreta" not in found.value.response
    assert b"***" in found.value.response


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40), st.binary(max_size=30))
def test_no_code_or_content_is_read_into_what_is_not_there(code: str, content: bytes) -> None:
    escaped = code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\ufffe", "").replace(
        "\uffff", "")
    try:
        state = status_cdr(soap(answered("getStatusCdr", (
            f"<s><statusCode>{escaped}</statusCode><content>{b64encode(content).decode()}</content></s>"
        ))))
    except UnknownOutcome:
        return
    assert state.content == content
    if state.code.isascii() and state.code.isdigit() and len(state.code) == 4 and code.strip().isdecimal():
        assert int(state.code) == int(code.strip())


def test_the_validity_service_compares_criteria_and_files() -> None:
    exchange = soap(answered("validaCDPcriterios", "<cdpvalidado><statusCode>0001</statusCode></cdpvalidado>"))
    service = ValidityService("http://127.0.0.1:1/x", exchange=exchange)
    assert service.by_criteria(INVOICE, CRITERIA, CALLER).code == "0001"
    said = {str(one.tag).rpartition("}")[2]: one.text for one in xml.parse(exchange.asked[0][1]).iter() if one.text}
    assert (said["fechaEmision"], said["numeroCDP"], Decimal(said["importeTotal"])) == (
        "20/11/2026", "7", Decimal("118.5"))
    exchange = soap(answered("verificaCPEarchivo", "<archivoverificado><statusCode>0</statusCode></archivoverificado>"))
    service = ValidityService("http://127.0.0.1:1/x", exchange=exchange)
    assert service.by_file(INVOICE, b"<xml/>", CALLER).code == "0000"
    said = {str(one.tag).rpartition("}")[2]: one.text for one in xml.parse(exchange.asked[0][1]).iter() if one.text}
    assert b64decode(said["archivo"] or "") == b"<xml/>"
    assert said["nombre"] == "20123456786-01-F001-7.xml"


class Rest:
    """The token service and the consult in one function; ``answers`` are given one after the other."""

    def __init__(self, *answers: Reply, token: Reply | None = None) -> None:
        self.answers = list(answers)
        self.token = token or Reply(status=200, body=b'{"access_token":"tok","token_type":"JWT","expires_in":3600}')
        self.exchange = Answering(self._answer)
        self.consult = RestConsult("http://t/v1/c", "http://c/v1/r", exchange=self.exchange, tokens=Tokens())

    def _answer(self, address: str, _: bytes) -> Reply:
        return self.token if "oauth2" in address else self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def ask(self, now: datetime = NOW) -> State:
        return self.consult.check(INVOICE, CRITERIA, CLIENT, caller_ruc="20123456786", now=now)

    @property
    def asked_for_tokens(self) -> int:
        return sum("oauth2" in address for address, _, _ in self.exchange.asked)


def data(state: str, **more: Any) -> Reply:
    body = {"success": True, "message": "Operation Success!", "data": {"estadoCp": state, **more}}
    return Reply(status=200, body=json.dumps(body).encode())


def test_the_rest_consult_asks_with_date_and_amount() -> None:
    rest = Rest(data("1", estadoRuc="00", observaciones=["- algo"]))
    state = rest.ask()
    assert (state.code, state.message) == ("1", "- algo")
    (token_url, form, _), (address, question, headers) = rest.exchange.asked
    assert token_url == "http://t/v1/c/0a1b2c3d-id/oauth2/token/"
    assert b"grant_type=client_credentials" in form
    assert address == "http://c/v1/r/20123456786/validarcomprobante"
    assert headers["Authorization"] == "Bearer tok"
    assert json.loads(question) == {
        "numRuc": "20123456786", "codComp": "01", "numeroSerie": "F001", "numero": "7",
        "fechaEmision": "20/11/2026", "monto": "118.50",
    }


def test_a_token_serves_until_it_ends() -> None:
    rest = Rest(data("0"))
    for minutes in (0, 30, 58, 59, 61):
        rest.ask(NOW + timedelta(minutes=minutes))
    assert rest.asked_for_tokens == 2


def test_a_token_refused_midway_is_asked_for_anew_once() -> None:
    rest = Rest(data("1"), Reply(status=401, body=b"{}"), data("2"), data("2"))
    assert [rest.ask().code, rest.ask().code] == ["1", "2"]
    assert rest.asked_for_tokens == 2
    rest = Rest(Reply(status=401, body=b"{}"))
    with pytest.raises(Fault):
        rest.ask()
    assert rest.asked_for_tokens == 2


def test_threads_wait_for_one_token() -> None:
    rest = Rest(data("1"))
    slow = rest.token

    def slowly(address: str, body: bytes) -> Reply:
        if "oauth2" in address:
            time.sleep(0.2)
            return slow
        return data("1")

    rest.exchange._answer = slowly
    with ThreadPoolExecutor(8) as pool:
        assert [state.code for state in pool.map(lambda _: rest.ask(), range(16))] == ["1"] * 16
    assert rest.asked_for_tokens == 1


@pytest.mark.parametrize(("token", "error"), [
    (Reply(status=400, body=b'{"error":"invalid_client"}'), Fault),
    (Reply(status=401, body=b"<html>"), Fault),
    (Reply(status=200, body=b"{}"), UnknownOutcome),
    (Reply(status=200, body=b'{"access_token": "a\\nb"}'), UnknownOutcome),
    (Reply(status=503, body=b"<html>"), UnknownOutcome),
])
def test_no_token(token: Reply, error: type[TransportError]) -> None:
    rest = Rest(data("1"), token=token)
    with pytest.raises(error) as found:
        rest.ask()
    assert found.value.response == b""
    assert "shh" not in str(found.value)


@pytest.mark.parametrize("reply", [
    Reply(status=200, body=b""), Reply(status=200, body=b"<html>"), Reply(status=200, body=b"[" * 50_000),
    Reply(status=200, body=b'{"success": true, "data": null}'), Reply(status=200, body=b'{"success": true}'),
    Reply(status=200, body=b'{"success": false, "data": {"estadoCp": "1"}}'), Reply(status=500, body=b"{}"),
    Reply(status=200, body=b'{"success": true, "data": {"estadoCp": null}}'),
])
def test_an_answer_without_a_state_says_nothing(reply: Reply) -> None:
    with pytest.raises(UnknownOutcome):
        Rest(reply).ask()


@pytest.mark.parametrize("values", [("", "x"), ("a b", "x"), ("a/../b", "x"), ("id", "")])
def test_client_ids_are_ids(values: tuple[str, str]) -> None:
    with pytest.raises(FormatError):
        ConsultClient(client_id=values[0], client_secret=values[1])
    assert "shh" not in repr(CLIENT)


def test_a_name_that_is_never_resolved_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    real, release = socket.getaddrinfo, threading.Event()

    def slow(host: str, *more: Any, flags: int = 0, **others: Any) -> Any:
        if host == "sunat.invalid" and not flags & socket.AI_NUMERICHOST:
            release.wait(20)
        return real(host, *more, flags=flags, **others)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    begun = time.monotonic()
    with pytest.raises(NotSent):
        post("http://sunat.invalid/x", b"x", {}, connect_timeout=5, total_timeout=0.4, max_bytes=1000)
    assert time.monotonic() - begun < 3
    release.set()
