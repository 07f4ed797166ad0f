"""The HTTP face of the sandbox: a WSGI callable that answers like SUNAT's beta.

``POST`` at beta's and production's billService paths takes SOAP 1.1; ``GET`` there with ``?wsdl`` gives a WSDL that
names the host it was asked at. Faults travel with HTTP 500, as SOAP 1.1 over HTTP wants.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from sunat.errors import Fault
from sunat.sandbox.desk import Desk, Judge, refusal
from sunat.sandbox.envelope import Request, read_request, write_answer, write_fault
from sunat.sandbox.ledger import Ledger
from sunat.signing import Certificate
from sunat.transport.endpoints import PATHS, Environment, Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY: Final = 8 * 1024 * 1024
_PATHS: Final = frozenset({PATHS[Environment.SANDBOX, Service.BILL], PATHS[Environment.LIVE, Service.BILL]})
_ADDRESS: Final = re.compile(r'(?<=<soap:address location=")[^"]*')
_HOST: Final = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")
_XML: Final = "text/xml; charset=utf-8"
_TEXT: Final = "text/plain; charset=utf-8"
_STATUS: Final = {
    200: "200 OK", 404: "404 Not Found", 405: "405 Method Not Allowed", 408: "408 Request Timeout",
    411: "411 Length Required", 413: "413 Content Too Large", 500: "500 Internal Server Error",
}


class Sandbox:
    """The pretend authority as a WSGI application.

    ``now`` gives the moment (with its zone), ``judge`` applies the rules, ``authority`` signs the CDRs. ``users``
    maps RUC and SOL user together to keys, beside beta's MODDATOS; ``providers`` are RUCs that may send for others.
    """

    def __init__(
        self, ledger: Ledger, *, now: Callable[[], datetime], judge: Judge, authority: Certificate,
        users: Mapping[str, str] | None = None, providers: Collection[str] = (), max_body: int = MAX_BODY,
    ) -> None:
        self.desk = Desk(ledger, now=now, judge=judge, authority=authority, users=users or {}, providers=providers)
        self._max_body = max_body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, kind, body = self._respond(environ)
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        if status == 405:
            headers.append(("Allow", "GET, POST"))
        start_response(_STATUS[status], headers)
        return [body]

    def _respond(self, environ: WSGIEnvironment) -> tuple[int, str, bytes]:
        path = str(environ.get("PATH_INFO", ""))
        method = environ.get("REQUEST_METHOD", "")
        if path.rstrip("/") not in _PATHS:
            return 404, _TEXT, b"Aqui no hay ningun servicio; pruebe " + min(_PATHS).encode()
        if method == "GET" and str(environ.get("QUERY_STRING", "")).lower().startswith("wsdl"):
            return 200, _XML, _wsdl(environ, path.rstrip("/"))
        if method != "POST":
            return 405, _TEXT, b"Se espera POST con SOAP, o GET con ?wsdl"
        try:
            body = _body(environ, self._max_body)
        except ValueError:
            return 411, _TEXT, b"La longitud del mensaje no es un numero"
        except TimeoutError:
            return 408, _TEXT, b"El mensaje no termino de llegar"
        if len(body) > self._max_body:
            return 413, _TEXT, b"El mensaje es demasiado grande"
        try:
            return 200, _XML, self._operate(read_request(body))
        except Fault as fault:
            return 500, _XML, write_fault(fault)

    def _operate(self, request: Request) -> bytes:
        if request.operation not in {"sendBill", "sendSummary", "sendPack", "getStatus"}:
            raise Fault(code="", text=f"No existe la operación {request.operation[:80]}")
        caller = self.desk.authenticate(request.username, request.key)
        if request.operation == "getStatus":
            raise refusal("0127", f"ticket: {request.parts.get('ticket', '').strip()[:40]}")
        if request.operation != "sendBill":
            raise Fault(code="", text=f"Este servicio de pruebas no recibe {request.operation}")
        try:
            zipped = b64decode("".join(request.parts.get("contentFile", "").split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise refusal("0305") from error
        cdr = self.desk.send_bill(caller, request.parts.get("fileName", "").strip(), zipped)
        return write_answer("sendBill", "applicationResponse", cdr)


def _wsdl(environ: WSGIEnvironment, path: str) -> bytes:
    """The packaged WSDL with the address it was asked at."""
    host = str(environ.get("HTTP_HOST", ""))
    if not _HOST.fullmatch(host):
        host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    address = escape(f"{environ['wsgi.url_scheme']}://{host}{path}")
    text = resources.files("sunat.transport").joinpath("billService.wsdl").read_text("utf-8")
    return _ADDRESS.sub(lambda _: address, text).encode()


def _body(environ: WSGIEnvironment, limit: int) -> bytes:
    """The request's body, at most one byte beyond the limit; raises ValueError for a length that is no number."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return bytes(stream.read(limit + 1))
    declared = str(environ.get("CONTENT_LENGTH") or "0")
    if not declared.isdecimal():
        raise ValueError(declared)
    return bytes(stream.read(min(int(declared), limit + 1)))
