"""A sandbox on a free loopback port, and a server that misbehaves on purpose."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache

from sunat.sandbox import Ledger, Remark, Sandbox, Submission, serve
from sunat.signing import Certificate, self_signed
from sunat.transport.base import Credentials

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
PATH = "/ol-ti-itcpfegem-beta/billService"
MODDATOS = Credentials(ruc="20123456786", user="MODDATOS", password="moddatos")


@cache
def authority() -> Certificate:
    return self_signed("20131312955", "AUTORIDAD DE PRUEBA", now=NOW)


def nothing_against(_: Submission) -> Sequence[Remark]:
    return ()


@contextmanager
def running(sandbox: Sandbox) -> Iterator[str]:
    """Serves a sandbox and gives its base address."""
    server = serve("127.0.0.1", 0, sandbox)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def new_sandbox(ledger: Ledger | None = None, *, judge: Callable[[Submission], Sequence[Remark]] = nothing_against,
                **more: object) -> Sandbox:
    return Sandbox(Ledger() if ledger is None else ledger, now=lambda: NOW, judge=judge, authority=authority(), **more)  # type: ignore[arg-type]


@contextmanager
def misbehaving(act: Callable[[socket.socket], None], *, read_first: bool = True) -> Iterator[str]:
    """A server that reads one request (or not) and then does with the connection what ``act`` says."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def loop() -> None:
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                try:
                    if read_first:
                        _read_request(connection)
                    act(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(8)


def _read_request(connection: socket.socket) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length")), 0)
    while len(rest) < length:
        piece = connection.recv(65536)
        if not piece:
            return
        rest += piece
