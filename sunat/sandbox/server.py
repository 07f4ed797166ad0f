"""A threading HTTP server for the sandbox, from the standard library.

Every connection has one wall-clock deadline, and chunked bodies are decoded (Java clients send them). It is a server
for demos and tests on loopback, not for the open network.
"""

from __future__ import annotations

import io
from socketserver import TCPServer, ThreadingMixIn
from typing import IO, TYPE_CHECKING, Final, cast
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from sunat.transport.connection import Deadline

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

REQUEST_SECONDS: Final = 60.0
_MAX_CHUNKED: Final = 9 * 1024 * 1024
_LINE: Final = 1024


class SandboxServer(ThreadingMixIn, WSGIServer):
    """Call ``serve_forever`` to run it, ``shutdown`` from another thread to stop it."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    @property
    def url(self) -> str:
        """The base address, ``http://127.0.0.1:8181``."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def server_bind(self) -> None:
        """Binds without asking a name server for the host's name."""
        TCPServer.server_bind(self)
        host, port = self.server_address[:2]
        self.server_name, self.server_port = str(host), int(port)
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    timeout = REQUEST_SECONDS

    def handle(self) -> None:
        with Deadline(REQUEST_SECONDS) as deadline:
            deadline.watch(self.connection)
            try:
                self._handle_one()
            except (ConnectionError, TimeoutError):
                return

    def _handle_one(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if len(self.raw_requestline) > 65536:
            self.requestline = self.request_version = self.command = ""
            self.send_error(414)
            return
        if not self.parse_request():
            return
        environ = self.get_environ()
        body: IO[bytes] = cast("IO[bytes]", self.rfile)
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = io.BytesIO(_dechunked(body))
            environ["wsgi.input_terminated"] = True
        self._run(environ, body)

    def _run(self, environ: WSGIEnvironment, body: IO[bytes]) -> None:
        handler = ServerHandler(body, cast("IO[bytes]", self.wfile), self.get_stderr(), environ, multithread=True)
        handler.request_handler = self  # type: ignore[attr-defined]
        handler.run(self.server.get_app())  # type: ignore[attr-defined]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing: who sent what is in the ledger."""


def serve(host: str, port: int, app: WSGIApplication) -> SandboxServer:
    """A server bound to the address (port 0 takes a free one), ready for ``serve_forever``."""
    server = SandboxServer((host, port), _Handler)
    server.set_app(app)
    return server


def _dechunked(stream: IO[bytes]) -> bytes:
    """A chunked body, joined; what is beyond the limit or malformed ends it."""
    body = bytearray()
    while len(body) <= _MAX_CHUNKED:
        size = stream.readline(_LINE).split(b";")[0].strip()
        try:
            length = int(size, 16)
        except ValueError:
            break
        if length <= 0:
            break
        body += stream.read(min(length, _MAX_CHUNKED + 1 - len(body)))
        stream.readline(_LINE)
    return bytes(body)
