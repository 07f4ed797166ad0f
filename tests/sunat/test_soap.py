"""The SOAP client against the sandbox, and against servers that misbehave."""

from __future__ import annotations

import logging
import socket
import struct
import time
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sunat.cdr import Outcome, read_cdr
from sunat.errors import Fault, NotSent, TransportError, UnknownOutcome
from sunat.sandbox import Ledger, Sandbox
from sunat.transport.base import Answer, Credentials
from sunat.transport.faults import fault_code
from sunat.transport.soap import BillService, Bounds
from sunat.transport.zipping import pack, unpack_cdr
from tests.support.sandbox import MODDATOS, PATH, misbehaving, new_sandbox, running
from tests.support.signing import FIXTURES, RUC, fixed_signer, invoice

NAME = f"{RUC}-01-F001-1"


def send(url: str, *, number: int = 1, credentials: Credentials = MODDATOS, **bounds: float) -> Answer:
    name = f"{RUC}-01-F001-{number}"
    service = BillService(url, bounds=Bounds(**{"connect_timeout": 2.0, "total_timeout": 5.0, **bounds}))  # type: ignore[arg-type]
    return service.send_bill(f"{name}.zip", pack(name, fixed_signer().sign(invoice(number=number)).xml), credentials)


def reply(body: bytes, status: str = "200 OK", kind: str = "text/xml", *, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


def says(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


def envelope(content: str) -> bytes:
    return (f'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{content}</e:Body>'
            "</e:Envelope>").encode()


def test_a_voucher_goes_out_and_its_cdr_comes_back() -> None:
    with running(new_sandbox()) as base:
        answer = send(base + PATH)
    cdr = read_cdr(unpack_cdr(answer.cdr_zip, NAME), voucher_file_name=NAME, ruc=RUC, voucher_text="F001-1")
    assert cdr.outcome is Outcome.ACCEPTED
    assert cdr.signature == "valid"
    assert answer.http_status == 200
    assert len(answer.request_sha256) == len(answer.response_sha256) == 64


def test_a_number_seen_before_is_a_fault_with_its_code_and_evidence() -> None:
    with running(new_sandbox()) as base:
        first = send(base + PATH)
        with pytest.raises(Fault) as caught:
            send(base + PATH)
    assert caught.value.code == "1033"
    assert caught.value.http_status == 500
    assert caught.value.request_sha256 == first.request_sha256
    assert caught.value.response_sha256


def test_the_evidence_holds_no_key() -> None:
    """Two keys, one file: the same request hash, so the key is not in what was hashed."""
    with running(new_sandbox()) as base:
        right = send(base + PATH)
        with pytest.raises(Fault) as caught:
            send(base + PATH, credentials=Credentials(ruc=RUC, user="MODDATOS", password="otra clave"))
    assert caught.value.code == "0104"
    assert caught.value.request_sha256 == right.request_sha256


def test_the_key_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running(new_sandbox()) as base, pytest.raises(Fault):
        send(base + PATH, credentials=Credentials(ruc=RUC, user="MODDATOS", password="canary-key-77"))
    assert "canary-key-77" not in caplog.text


@pytest.mark.parametrize("key", ['a&b<c>"d\'', "ñandú €", "]]>", "  spaces  "])
def test_awkward_keys_arrive_whole(key: str) -> None:
    with running(new_sandbox(users={f"{RUC}USUARIO1": key})) as base:
        assert send(base + PATH, credentials=Credentials(ruc=RUC, user="USUARIO1", password=key)).cdr_zip


def test_eight_threads_of_eight_tenants_never_meet() -> None:
    users = {f"2000000000{n}TENANT{n}": f"clave-{n}" for n in range(8)}
    ledger = Ledger()
    sandbox = new_sandbox(ledger, users=users, providers=[name[:11] for name in users])
    with running(sandbox) as base:
        service = BillService(base + PATH, bounds=Bounds(connect_timeout=5, total_timeout=20))

        def one(number: int) -> int:
            tenant = number % 8
            name = f"{RUC}-01-F001-{number}"
            service.send_bill(
                f"{name}.zip", pack(name, fixed_signer().sign(invoice(number=number)).xml),
                Credentials(ruc=f"2000000000{tenant}", user=f"TENANT{tenant}", password=f"clave-{tenant}"),
            )
            return number

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(one, range(1, 81))) == list(range(1, 81))
    assert ledger.count() == 80


# --- nothing can have arrived ------------------------------------------------------------------------------


def test_refused_connection_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        send(f"http://127.0.0.1:{port}{PATH}")
    assert caught.value.request_sha256


def test_unknown_host_was_not_sent() -> None:
    with pytest.raises(NotSent):
        send("http://nowhere.invalid/billService")


def test_broken_tls_was_not_sent() -> None:
    with misbehaving(says(b"this is not TLS\r\n\r\n"), read_first=False) as url, pytest.raises(NotSent):
        send(url.replace("http:", "https:"))


def test_a_tls_handshake_that_hangs_ends_at_the_deadline() -> None:
    with misbehaving(lambda _: time.sleep(1.5), read_first=False) as url:
        service = BillService(url.replace("http:", "https:"), bounds=Bounds(connect_timeout=30, total_timeout=0.6))
        started = time.monotonic()
        with pytest.raises(NotSent):
            service.send_bill(f"{NAME}.zip", b"zip", MODDATOS)
        assert time.monotonic() - started < 1.3


# --- it may have arrived -----------------------------------------------------------------------------------

CDR = b64encode(b"zip").decode()


@pytest.mark.parametrize("data", [
    pytest.param(reply(b""), id="200 empty"),
    pytest.param(reply(b"  \r\n "), id="200 blank"),
    pytest.param(reply(b"<html><body>ok</body></html>", kind="text/html"), id="200 html"),
    pytest.param(reply(b"plain words"), id="200 not xml"),
    pytest.param(reply(b"<h1>502", "502 Bad Gateway", "text/html"), id="502"),
    pytest.param(reply(b"", "503 Service Unavailable"), id="503"),
    pytest.param(reply(b"no", "401 Unauthorized"), id="401"),
    pytest.param(reply(b"", "302 Found\r\nLocation: http://127.0.0.1:1/"), id="redirect"),
    pytest.param(reply(envelope("")), id="empty body"),
    pytest.param(reply(b"<a/>"), id="no envelope"),
    pytest.param(reply(envelope("<x:getStatusResponse xmlns:x='http://service.sunat.gob.pe'/>")), id="other answer"),
    pytest.param(reply(envelope("<sendBillResponse/>")), id="no cdr"),
    pytest.param(reply(envelope("<sendBillResponse><applicationResponse/></sendBillResponse>")), id="empty cdr"),
    pytest.param(reply(envelope("<sendBillResponse><applicationResponse>%%</applicationResponse></sendBillResponse>")),
                 id="no base64"),
    pytest.param(reply(envelope(f"<sendBillResponse><applicationResponse>{CDR}</applicationResponse>"
                                "</sendBillResponse>"), "500 Oops"), id="cdr with 500"),
    pytest.param(reply(b"<!DOCTYPE a [<!ENTITY e 'x'>]>" + envelope("&e;")), id="doctype"),
    pytest.param(reply(envelope("x"), length=5000), id="cut short"),
    pytest.param(b"\x00\x01garbage\r\n\r\n", id="no http"),
    pytest.param(b"", id="closed without a word"),
    pytest.param(reply(b"<a>" + b"x" * 200_000), id="too large"),
    pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nxx\r\n", id="bad chunks"),
    pytest.param(reply(b"not gzip", "200 OK\r\nContent-Encoding: gzip"), id="bad gzip"),
])
def test_after_sending_everything_strange_is_unknown(data: bytes) -> None:
    with misbehaving(says(data)) as url, pytest.raises(UnknownOutcome) as caught:
        send(url, max_bytes=100_000)
    assert caught.value.request_sha256


def test_reset_after_reading() -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with misbehaving(reset) as url, pytest.raises(UnknownOutcome):
        send(url)


def drip(data: bytes) -> Callable[[socket.socket], None]:
    def act(connection: socket.socket) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return act


@pytest.mark.parametrize("act", [
    pytest.param(lambda _: time.sleep(1.5), id="silence"),
    pytest.param(drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50), id="headers by the byte"),
    pytest.param(drip(b"HTTP/1.1 200 OK\r\n\r\n" + b"<a>" * 50), id="body by the byte"),
])
def test_one_deadline_for_the_whole_call(act: Callable[[socket.socket], None]) -> None:
    with misbehaving(act) as url:
        service = BillService(url, bounds=Bounds(connect_timeout=2, total_timeout=0.8))
        started = time.monotonic()
        with pytest.raises(UnknownOutcome):
            service.send_bill(f"{NAME}.zip", b"zip", MODDATOS)
        assert time.monotonic() - started < 1.5


def test_a_body_that_stops_at_the_deadline_is_not_taken_for_whole() -> None:
    whole = envelope(f"<sendBillResponse><applicationResponse>{CDR}</applicationResponse></sendBillResponse>")

    def act(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + whole)
        time.sleep(1)

    with misbehaving(act) as url, pytest.raises(UnknownOutcome):
        send(url, total_timeout=0.5)


# --- faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted((FIXTURES / "sunat" / "faults").glob("*.xml")), ids=lambda path: path.stem)
@pytest.mark.parametrize("status", ["500 Internal Server Error", "200 OK"])
def test_fault_shapes(path: object, status: str) -> None:
    expected = path.stem.partition("_")[0]  # type: ignore[attr-defined]
    with misbehaving(says(reply(path.read_bytes(), status))) as url, pytest.raises(Fault) as caught:  # type: ignore[attr-defined]
        send(url)
    assert caught.value.code == ("" if expected == "none" else expected)
    assert caught.value.text


@pytest.mark.parametrize(("faultcode", "text", "code"), [
    ("soap-env:Client.2335", "9999 otros", "2335"),
    ("soap:Client", "1033 - El comprobante", "1033"),
    ("soap:Client", "error: 1001 (nodo: 'a') luego: 2800 (nodo: 'b')", "2800"),
    ("soap:Client", "2026-11-20 algo", ""),
    ("soap:Client", "20181 tickets", ""),
    ("soap:Server", "Se procesaron 1033 comprobantes", ""),
    ("", "", ""),
])
def test_codes_are_read_from_structure(faultcode: str, text: str, code: str) -> None:
    assert fault_code(faultcode, text) == code


def test_every_failure_is_of_the_transport_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    sandbox: Sandbox = new_sandbox()
    with running(sandbox) as base:
        assert send(base + PATH).http_status == 200  # the environment's proxy is not asked
        with pytest.raises(TransportError):
            send(base + "/elsewhere")
