"""The sandbox on a real socket: what its faults do to a connection, and the habits of other people's clients."""

from __future__ import annotations

import http.client
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from sunat.errors import TransportError, UnknownOutcome
from sunat.sandbox import MODES, Operation, Plan, Rule, Wire
from sunat.transport import BillService, pack
from sunat.transport.soap import Bounds
from tests.support.asking import NAME, SIGNED, Place, sending
from tests.support.sandbox import MODDATOS, PATH, running

HEAD = f"POST {PATH} HTTP/1.1\r\nHost: sunat.test\r\nContent-Type: text/xml\r\n"
QUICK = Bounds(connect_timeout=1.0, total_timeout=0.4)


@contextmanager
def misbehaving(mode: str, **more: object) -> Iterator[tuple[str, Place]]:
    place = Place(Plan([Rule(modes=(mode,), **more)]))  # type: ignore[arg-type]
    with running(place.sandbox) as base:
        yield base, place


def exchanged(base: str, *, patience: float = 2.0, request: bytes = b"") -> tuple[bytes, str]:
    """Everything that comes back on one connection, and how it ended: closed, reset or silent."""
    address = urlsplit(base)
    body = sending()
    with closing(socket.create_connection((str(address.hostname), address.port or 0), 5)) as connection:
        connection.settimeout(patience)
        connection.sendall(request or f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:
            return received, "reset"
        except TimeoutError:
            return received, "silent"
        return received, "closed"


@pytest.mark.parametrize(("mode", "ending", "registered"), [
    ("reset-early", "reset", 0), ("reset-before-work", "reset", 0), ("work-then-reset", "reset", 1),
    ("refused", "reset", 0), ("close-before-work", "closed", 0), ("work-then-close", "closed", 1),
])
def test_connections_that_end_without_a_byte(mode: str, ending: str, registered: int) -> None:
    with misbehaving(mode) as (base, place):
        assert exchanged(base) == (b"", ending)
        assert place.ledger.count() == registered


def test_a_server_that_never_answers_holds_the_connection() -> None:
    with misbehaving("work-then-hang") as (base, place):
        assert exchanged(base, patience=0.3) == (b"", "silent")
        assert place.ledger.count() == 1


@pytest.mark.parametrize(("mode", "ending"), [
    ("cut-in-half", "closed"), ("half-closed", "closed"), ("too-long-length", "silent"),
])
def test_answers_that_are_not_whole(mode: str, ending: str) -> None:
    with misbehaving(mode) as (base, _):
        received, ended = exchanged(base, patience=0.3)
    head, _, body = received.partition(b"\r\n\r\n")
    assert ended == ending
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    announced = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    assert 0 < len(body) < announced


def test_half_closed_still_listens() -> None:
    """The sending side is closed, yet the caller may go on writing without a reset."""
    with misbehaving("half-closed") as (base, _):
        address, body = urlsplit(base), sending()
        with closing(socket.create_connection((str(address.hostname), address.port or 0), 5)) as connection:
            connection.settimeout(2)
            connection.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            while connection.recv(65536):
                continue
            for _ in range(3):
                connection.sendall(b"x")
                time.sleep(0.05)


def test_bytes_that_drip() -> None:
    with misbehaving("drip", seconds=40) as (base, _):
        address, body = urlsplit(base), sending()
        with closing(socket.create_connection((str(address.hostname), address.port or 0), 5)) as connection:
            connection.settimeout(2)
            connection.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            time.sleep(0.5)
            arrived = connection.recv(65536)
            while b"\r\n\r\n" not in arrived:
                arrived += connection.recv(65536)
            time.sleep(0.5)
            arrived += connection.recv(65536)
        dripped = arrived.partition(b"\r\n\r\n")[2]
        assert 10 <= len(dripped) <= 60


def test_a_delay_is_waited_for() -> None:
    with misbehaving("slow", seconds=0.4) as (base, _):
        begun = time.monotonic()
        assert requests.post(base + PATH, data=sending(), timeout=5).status_code == 200
        assert time.monotonic() - begun >= 0.4


@pytest.mark.parametrize("name", [
    name for name, mode in MODES.items() if mode.fits(Operation.SEND_BILL) and name not in {"zip-many-entries", "drip"}
])
def test_our_client_ends_every_one_of_them_in_time(name: str) -> None:
    """Over a real socket: an answer, or an error of the transport tree, within the client's own limits."""
    with misbehaving(name, seconds=0.1 if name == "slow" else None) as (base, _):
        service = BillService(base + PATH, bounds=QUICK)
        begun = time.monotonic()
        try:
            answer = service.send_bill(f"{NAME}.zip", pack(NAME, SIGNED), MODDATOS)
            assert answer.http_status == 200
        except TransportError as error:
            assert not isinstance(error, UnknownOutcome) or error.request_sha256  # noqa: PT017 - either will do
        assert time.monotonic() - begun < 3


def test_a_server_that_stops_lets_go_of_those_it_holds() -> None:
    place = Place(Plan([Rule(modes=("hang-before-work",))]))
    with running(place.sandbox) as base:
        address, body = urlsplit(base), sending()
        connection = socket.create_connection((str(address.hostname), address.port or 0), 5)
        connection.settimeout(5)
        connection.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        time.sleep(0.2)
    with closing(connection):
        assert connection.recv(1) == b""


def test_a_client_that_waits_to_be_asked_for_its_body() -> None:
    """.NET sends the headers first and waits for 100 Continue."""
    with running(Place().sandbox) as base:
        address, body = urlsplit(base), sending()
        with closing(socket.create_connection((str(address.hostname), address.port or 0), 5)) as connection:
            connection.settimeout(2)
            head = f"{HEAD}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 100 Continue")
            connection.sendall(body)
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_every_answer_names_the_time_and_closes() -> None:
    with running(Place().sandbox) as base:
        answer = requests.post(base + PATH, data=sending(), timeout=5)
    assert answer.headers["Date"] == "Fri, 20 Nov 2026 15:30:00 GMT"
    assert answer.headers["Connection"] == "close"
    assert http.client.responses[answer.status_code] == answer.reason


def test_clients_that_vanish_are_survived() -> None:
    with running(Place().sandbox) as base:
        address, body = urlsplit(base), sending()
        for _ in range(5):
            connection = socket.create_connection((str(address.hostname), address.port or 0), 5)
            connection.sendall(f"{HEAD}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        assert requests.post(base + PATH, data=sending(), timeout=5).status_code == 200


def test_the_wires_have_a_mode_each() -> None:
    """No way to misbehave on the wire without a name to ask for it by."""
    seen = set()
    for name, mode in MODES.items():
        if mode.fits(Operation.SEND_BILL):
            seen.add(Place(Plan([Rule(modes=(name,))])).send().wire)
    assert seen == set(Wire)
