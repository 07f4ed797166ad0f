"""A threading HTTP server for the sandbox, from the standard library, that can also misbehave on the socket.

Every connection has one wall-clock deadline, chunked bodies are decoded (Java clients send them) and
``Expect: 100-continue`` is answered (.NET clients wait for it). Resets are real resets: the socket is closed with
what it still held thrown away. It is a server for demos and tests on loopback, not for the open network.
"""

from __future__ import annotations

import re
import socket
import struct
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Final, Protocol
from urllib.parse import unquote

from sunat.sandbox.exchange import NEVER_CONNECTED, Call, Outcome, Wire
from sunat.sandbox.front import TEXT, Sandbox
from sunat.transport.connection import Deadline

REQUEST_SECONDS: Final = 60.0
_HOST: Final = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")
_LINE: Final = 1024
_TICK: Final = 0.05
_RESET: Final = struct.pack("ii", 1, 0)
_DROPPED: Final = NEVER_CONNECTED | {Wire.RESET_EARLY, Wire.RESET}


class SandboxServer(ThreadingMixIn, TCPServer):
    """Call ``serve_forever`` to run it, ``shutdown`` from another thread to stop it."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.stopping = threading.Event()
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """The base address, ``http://127.0.0.1:8181``."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def server_port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def shutdown(self) -> None:
        """Stops serving; connections that were left hanging are let go."""
        self.stopping.set()
        super().shutdown()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no error of ours; anything else shows."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = REQUEST_SECONDS
    server: SandboxServer

    def handle(self) -> None:
        with Deadline(REQUEST_SECONDS) as deadline:
            deadline.watch(self.connection)
            with suppress(ConnectionError, TimeoutError):
                self._handle_one()

    def _handle_one(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if len(self.raw_requestline) > 65536:
            self.requestline = self.request_version = self.command = ""
            self.send_error(414)
            return
        if not self.raw_requestline or not self.parse_request():
            return
        sandbox = self.server.sandbox
        refused: Outcome | None = None
        body = b""
        try:
            body = self._body(sandbox.max_body)
        except ValueError:
            refused = _said(411, "La longitud del mensaje no es un número")
        except TimeoutError:
            refused = _said(408, "El mensaje no terminó de llegar")
        if refused is None:
            path, _, query = self.path.partition("?")
            refused = sandbox.answer(Call(
                method=self.command, path=unquote(path), query=query, body=body, peer=str(self.client_address[0]),
                headers={name.lower(): value for name, value in self.headers.items()}, host=self._base(),
            ))
        self._deliver(refused)

    def _body(self, limit: int) -> bytes:
        """The request's body, at most one byte beyond the limit; raises ValueError for a length that is no number."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return _dechunked(self.rfile, limit)
        declared = self.headers.get("Content-Length") or "0"
        if not (declared.isascii() and declared.isdigit()):
            raise ValueError(declared)
        return bytes(self.rfile.read(min(int(declared[:12]), limit + 1)))

    def _base(self) -> str:
        host = self.headers.get("Host", "")
        return f"http://{host}" if _HOST.fullmatch(host) else self.server.url

    def _deliver(self, outcome: Outcome) -> None:
        """Brings an outcome to the caller, with whatever the wire does to it."""
        if outcome.delay and self.server.stopping.wait(outcome.delay):
            return
        if outcome.wire in _DROPPED:
            self._reset()
        elif outcome.wire is Wire.HANG:
            self._linger()
        elif outcome.wire is Wire.CHUNKS:
            self._send(_head(outcome, "Transfer-Encoding: chunked") + b"zz\r\n" + outcome.body[:40] + b"\r\n-1\r\n")
        elif outcome.wire is not Wire.CLOSED:
            self._answer(outcome)

    def _answer(self, outcome: Outcome) -> None:
        body, length = outcome.body, len(outcome.body)
        if outcome.wire in {Wire.CUT, Wire.HALF_CLOSED}:
            body = body[:length // 2]
        if outcome.wire is Wire.SHORT:
            length += 1000
        head = _head(outcome, f"Content-Length: {max(length, 1) if outcome.wire is Wire.CUT else length}")
        if outcome.wire is Wire.DRIP:
            self._send(head)
            self._drip(body, outcome.pace)
            return
        self._send(head + body)
        if outcome.wire is Wire.HALF_CLOSED:
            self.connection.shutdown(socket.SHUT_WR)
        if outcome.wire in {Wire.HALF_CLOSED, Wire.SHORT}:
            self._linger()

    def _send(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def _drip(self, body: bytes, pace: float) -> None:
        step = max(1, int(pace * _TICK))
        for start in range(0, len(body), step):
            self._send(body[start:start + step])
            if self.server.stopping.wait(step / pace):
                return

    def _linger(self) -> None:
        """Holds the connection until the caller gives up, the deadline comes or the server stops."""
        self.connection.settimeout(_TICK)
        while not self.server.stopping.is_set():
            with suppress(TimeoutError):
                if not self.connection.recv(65536):
                    return

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing: who sent what is in the ledger."""


def serve(host: str, port: int, sandbox: Sandbox) -> SandboxServer:
    """A server bound to the address (port 0 takes a free one), ready for ``serve_forever``."""
    return SandboxServer((host, port), sandbox)


def _head(outcome: Outcome, framing: str) -> bytes:
    reason = HTTPStatus(outcome.status).phrase
    lines = [f"HTTP/1.1 {outcome.status} {reason}", *(f"{name}: {value}" for name, value in outcome.headers), framing,
             "Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _said(status: int, text: str) -> Outcome:
    return Outcome(status=status, headers=(("Content-Type", TEXT),), body=text.encode())


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def readline(self, size: int, /) -> bytes: ...


def _dechunked(stream: _Readable, limit: int) -> bytes:
    """A chunked body, joined; what is beyond the limit or malformed ends it."""
    body = bytearray()
    while len(body) <= limit:
        size = stream.readline(_LINE).split(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            break
        if length <= 0:
            break
        body += stream.read(min(length, limit + 1 - len(body)))
        stream.readline(_LINE)
    return bytes(body)
