"""billService over SOAP 1.1 with a WS-Security UsernameToken.

zeep builds the request from the packaged WSDL with one client for all tenants; who calls, the deadline and the
evidence of one call travel in a context variable, so that tenants never meet. Answers are read by our own hardened
parser: SUNAT, its OSEs and the proxies in front of them answer in more ways than a WSDL knows.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, NoReturn

import requests
from zeep import Client, Plugin, Settings
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from sunat import xml
from sunat.errors import Fault, TransportError, UnknownOutcome, XmlError
from sunat.transport.base import Answer, Credentials
from sunat.transport.connection import Reply, new_session, post
from sunat.transport.faults import fault_code

BINDING: Final = "{http://service.sunat.gob.pe}BillServicePortBinding"
MAX_ANSWER: Final = 8 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class _Call:
    """One call under way: its credentials and bounds, and the evidence it leaves."""

    credentials: Credentials
    connect_timeout: float
    total_timeout: float
    max_bytes: int
    request_sha256: str = ""
    reply: Reply | None = None


_CALL: ContextVar[_Call] = ContextVar("call")


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
        call.reply = post(
            address, message, headers, connect_timeout=call.connect_timeout, total_timeout=call.total_timeout,
            max_bytes=call.max_bytes,
        )
        return requests.Response()


@cache
def _client() -> Client:
    """The one zeep client, made from the packaged WSDL without touching the network."""
    wsdl = resources.files("sunat.transport").joinpath("billService.wsdl")
    with resources.as_file(wsdl) as path:
        return Client(
            str(path), wsse=_CallersToken(), transport=_BoundedTransport(),
            plugins=[_Evidence()], settings=Settings(raw_response=True, forbid_dtd=True, xml_huge_tree=False),
        )


class BillService:
    """billService at one address. Calls are independent and may run in any number of threads.

    ``connect_timeout`` and ``total_timeout`` are seconds; ``max_bytes`` caps the answer. Every call raises NotSent,
    UnknownOutcome or Fault, each carrying what is known of the exchange.
    """

    def __init__(
        self, endpoint_url: str, *, connect_timeout: float = 10.0, total_timeout: float = 60.0,
        max_bytes: int = MAX_ANSWER,
    ) -> None:
        self.endpoint_url = endpoint_url
        self._connect_timeout = connect_timeout
        self._total_timeout = total_timeout
        self._max_bytes = max_bytes
        self._service = _client().create_service(BINDING, endpoint_url)

    def send_bill(self, file_name: str, zip_bytes: bytes, credentials: Credentials) -> Answer:
        """Sends one voucher's zip under ``file_name`` (``NAME.zip``) and waits for its CDR."""
        call = self._call("sendBill", credentials, fileName=file_name, contentFile=zip_bytes)
        reply = call.reply
        if reply is None:
            raise UnknownOutcome("The call ended without an answer")
        hashes = {"request_sha256": call.request_sha256, "response_sha256": hashlib.sha256(reply.body).hexdigest()}
        try:
            return Answer(cdr_zip=_application_response(reply), http_status=reply.status, **hashes)
        except TransportError as error:
            error.http_status = reply.status
            error.request_sha256 = hashes["request_sha256"]
            error.response_sha256 = hashes["response_sha256"]
            error.response = reply.body
            raise

    def _call(self, operation: str, credentials: Credentials, **parts: object) -> _Call:
        call = _Call(
            credentials=credentials, connect_timeout=self._connect_timeout, total_timeout=self._total_timeout,
            max_bytes=self._max_bytes,
        )
        token = _CALL.set(call)
        try:
            self._service[operation](**parts)
        except TransportError as error:
            error.request_sha256 = call.request_sha256
            raise
        finally:
            _CALL.reset(token)
        return call


def _application_response(reply: Reply) -> bytes:
    """The bytes of the CDR's zip out of a SOAP answer; raises Fault or UnknownOutcome."""
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
    if reply.status != 200 or _local(content) != "sendBillResponse":
        raise UnknownOutcome(f"The SOAP answer (HTTP {reply.status}) is a {_local(content)}")
    encoded = next((child.text or "" for child in xml.children(content) if _local(child) == "applicationResponse"), "")
    try:
        decoded = b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnknownOutcome("The CDR in the answer is not base64") from error
    if not decoded:
        raise UnknownOutcome("The answer carries no CDR")
    return decoded


def _raise_fault(fault: xml.Element) -> NoReturn:
    """SOAP 1.1 has faultcode, faultstring and detail; SOAP 1.2, which some OSEs speak, Code, Reason and Detail."""
    parts = {_local(child).lower(): xml.all_text(child) for child in xml.children(fault)}
    code = parts.get("faultcode") or parts.get("code", "")
    text = parts.get("faultstring") or parts.get("reason", "")
    detail = parts.get("detail", "")
    raise Fault(code=fault_code(code, text, detail), text=text or detail or code, detail=detail)


def _local(element: xml.Element) -> str:
    return str(element.tag).rpartition("}")[2]
