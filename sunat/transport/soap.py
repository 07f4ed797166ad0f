"""SUNAT's SOAP 1.1 services with a WS-Security UsernameToken; billService, which takes vouchers, in front.

zeep builds the requests from the packaged WSDLs with one client a service for all tenants; who calls, the deadline
and the evidence of one call travel in a context variable, so that tenants never meet. Answers are read by our own
hardened parser: SUNAT, its OSEs and the proxies in front of them answer in more ways than a WSDL knows.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any, Final, NoReturn
from xml.sax.saxutils import escape

import requests
from zeep import Client, Plugin, Settings
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from sunat import xml
from sunat.errors import Fault, TransportError, UnknownOutcome, XmlError
from sunat.transport.base import Answer, Credentials
from sunat.transport.connection import Exchange, Reply, new_session, post
from sunat.transport.faults import fault_code

MAX_ANSWER: Final = 2 * 1024 * 1024
"""Bytes. A CDR's zip has a few thousand; more would only be a way to keep us busy."""
_PARTS: Final = 16
_SCRUBBED: Final = b"***"
_SHORTEST_SECRET: Final = 4
"""A key shorter than this would be found in any text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much one call may take: seconds until a connection stands, seconds in all, bytes of the answer."""

    connect_timeout: float = 10.0
    total_timeout: float = 60.0
    max_bytes: int = MAX_ANSWER


BOUNDS: Final = Bounds()


@dataclass(slots=True, kw_only=True)
class _Call:
    """One call under way: its credentials and bounds, and the evidence it leaves."""

    credentials: Credentials
    bounds: Bounds
    exchange: Exchange
    request_sha256: str = ""
    reply: Reply | None = None


_CALL: ContextVar[_Call] = ContextVar("call")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The content of a SOAP answer (its operation's element) and the evidence of the exchange."""

    content: xml.Element
    status: int
    body: bytes = field(repr=False)
    request_sha256: str
    response_sha256: str


class _CallersToken:
    """Puts the token of whoever calls into the envelope."""

    def apply(self, envelope: Any, headers: Any) -> Any:
        credentials = _CALL.get().credentials
        return UsernameToken(credentials.username, credentials.password).apply(envelope, headers)

    def verify(self, envelope: Any) -> None:
        """SUNAT's answers carry no security header, so there is nothing to look at."""


class _Evidence(Plugin):
    """Hashes the envelope before the credentials are in it."""

    def egress(self, envelope: Any, http_headers: Any, operation: Any, binding_options: Any) -> Any:
        _CALL.get().request_sha256 = hashlib.sha256(xml.canonical(envelope)).hexdigest()
        return envelope, http_headers


class _BoundedTransport(Transport):
    """zeep's transport with every exchange bounded; never logs an envelope."""

    def __init__(self) -> None:
        super().__init__(session=new_session())  # type: ignore[no-untyped-call]

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> requests.Response:
        call = _CALL.get()
        call.reply = call.exchange(
            address, message, headers, connect_timeout=call.bounds.connect_timeout,
            total_timeout=call.bounds.total_timeout, max_bytes=call.bounds.max_bytes,
        )
        return requests.Response()


@cache
def _client(service: str) -> Client:
    """The one zeep client of a service, made from the packaged WSDL without touching the network."""
    wsdl = resources.files("sunat.transport").joinpath(f"{service}.wsdl")
    with resources.as_file(wsdl) as path:
        return Client(
            str(path), wsse=_CallersToken(), transport=_BoundedTransport(),
            plugins=[_Evidence()], settings=Settings(raw_response=True, forbid_dtd=True, xml_huge_tree=False),
        )


class Port:
    """One of SUNAT's services (the name of its WSDL) at one address. Calls are independent, from any thread."""

    def __init__(
        self, service: str, binding: str, endpoint_url: str, *, bounds: Bounds = BOUNDS, exchange: Exchange = post,
    ) -> None:
        self.endpoint_url = endpoint_url
        self._bounds = bounds
        self._exchange = exchange
        self._service = _client(service).create_service(f"{{http://service.sunat.gob.pe}}{binding}", endpoint_url)

    def call(self, operation: str, credentials: Credentials, **parts: object) -> Said:
        """The answer to an operation.

        Raises NotSent, UnknownOutcome or Fault, each carrying what is known of the exchange; the body kept as
        evidence never holds the caller's key, even where a server echoes it.
        """
        call = _Call(credentials=credentials, bounds=self._bounds, exchange=self._exchange)
        token = _CALL.set(call)
        try:
            self._service[operation](**parts)
        except TransportError as error:
            error.request_sha256 = call.request_sha256
            raise
        finally:
            _CALL.reset(token)
        reply = call.reply
        if reply is None:
            raise UnknownOutcome("The call ended without an answer")
        response_sha256 = hashlib.sha256(reply.body).hexdigest()
        kept = _without(credentials.password, reply.body)
        try:
            content = _content(reply, operation)
        except TransportError as error:
            raise noted(error, call.request_sha256, response_sha256, reply.status, kept) from error.__cause__
        return Said(
            content=content, status=reply.status, body=kept, request_sha256=call.request_sha256,
            response_sha256=response_sha256,
        )


class BillService:
    """billService at one address, which takes vouchers."""

    def __init__(self, endpoint_url: str, *, bounds: Bounds = BOUNDS, exchange: Exchange = post) -> None:
        self._port = Port(
            "billService", "BillServicePortBinding", endpoint_url, bounds=bounds, exchange=exchange
        )

    def send_bill(self, file_name: str, zip_bytes: bytes, credentials: Credentials) -> Answer:
        """Sends one voucher's zip under ``file_name`` (``NAME.zip``) and waits for its CDR; raises as `Port.call`."""
        said = self._port.call("sendBill", credentials, fileName=file_name, contentFile=zip_bytes)
        try:
            cdr_zip = decoded(part(said.content, "applicationResponse"))
            if not cdr_zip:
                raise UnknownOutcome("The answer carries no CDR")
        except UnknownOutcome as error:
            raise about(error, said) from error.__cause__
        return Answer(
            cdr_zip=cdr_zip, http_status=said.status, request_sha256=said.request_sha256,
            response_sha256=said.response_sha256,
        )


def about(error: TransportError, said: Said) -> TransportError:
    """The error with the evidence of an answer on it."""
    return noted(error, said.request_sha256, said.response_sha256, said.status, said.body)


def noted(
    error: TransportError, request_sha256: str, response_sha256: str, status: int, body: bytes
) -> TransportError:
    """The error with what is known of its exchange on it."""
    error.request_sha256, error.response_sha256 = request_sha256, response_sha256
    error.http_status, error.response = status, body
    return error


def part(content: xml.Element, name: str) -> str:
    """The text of the first element of that name below an answer, wherever the dialect puts it; "" without one."""
    return next((child.text or "" for child in content.iter() if _local(child) == name), "").strip()


def decoded(encoded: str) -> bytes:
    """The bytes in base64, which may be broken into lines; raises UnknownOutcome."""
    try:
        return b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnknownOutcome("The file in the answer is not base64") from error


def _content(reply: Reply, operation: str) -> xml.Element:
    """The operation's element out of a SOAP answer; raises Fault or UnknownOutcome."""
    if not reply.body.strip():
        raise UnknownOutcome(f"SUNAT answered HTTP {reply.status} with nothing in it")
    try:
        root = xml.parse(reply.body)
    except XmlError as error:
        raise UnknownOutcome(f"SUNAT answered HTTP {reply.status} with something that is not XML") from error
    if _local(root) != "Envelope":
        raise UnknownOutcome(f"SUNAT answered HTTP {reply.status} with something that is not a SOAP message")
    body = next((child for child in xml.children(root) if _local(child) == "Body"), None)
    content = next(xml.children(body), None) if body is not None else None
    if content is None:
        raise UnknownOutcome("The SOAP answer has no content")
    if _local(content) == "Fault":
        _raise_fault(content)
    if reply.status != 200 or _local(content) != f"{operation}Response":
        raise UnknownOutcome(f"The SOAP answer (HTTP {reply.status}) is a {_local(content)[:80]}")
    return content


def _raise_fault(fault: xml.Element) -> NoReturn:
    """SOAP 1.1 has faultcode, faultstring and detail; SOAP 1.2, which some OSEs speak, Code, Reason and Detail."""
    parts = {_local(child).lower(): xml.all_text(child) for child in islice(xml.children(fault), _PARTS)}
    code = parts.get("faultcode") or parts.get("code", "")
    text = parts.get("faultstring") or parts.get("reason", "")
    detail = parts.get("detail", "")
    raise Fault(code=fault_code(code, text, detail), text=text or detail or code, detail=detail)


def _without(key: str, body: bytes) -> bytes:
    if len(key) < _SHORTEST_SECRET:
        return body
    for written in {key, escape(key), escape(key, {'"': "&quot;", "'": "&apos;"})}:
        body = body.replace(written.encode(), _SCRUBBED)
    return body


def _local(element: xml.Element) -> str:
    return str(element.tag).rpartition("}")[2]
