"""SOAP 1.1 in and out: requests of any client, whatever its prefixes; answers and faults shaped like SUNAT's."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

from sunat import xml
from sunat.errors import Fault, XmlError

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE: Final = "http://service.sunat.gob.pe"
WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

_HEAD: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?><soap-env:Envelope xmlns:soap-env="{SOAP}"><soap-env:Header/>'
    "<soap-env:Body>"
)
_TAIL: Final = "</soap-env:Body></soap-env:Envelope>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call: the operation, its parts by name, and the user and key of the security header (None if absent)."""

    operation: str
    parts: Mapping[str, str] = field(repr=False)
    username: str | None
    key: str | None = field(repr=False)


def read_request(body: bytes) -> Request:
    """The call in a SOAP 1.1 envelope; raises Fault, without a code, for anything else."""
    try:
        root = xml.parse(body)
    except XmlError as error:
        raise Fault(code="", text="El mensaje no es XML") from error
    content = root.find(f"{{{SOAP}}}Body") if root.tag == f"{{{SOAP}}}Envelope" else None
    call = next(xml.children(content), None) if content is not None else None
    if call is None:
        raise Fault(code="", text="El mensaje no es un sobre SOAP 1.1 con una operación")
    namespace, _, operation = str(call.tag).rpartition("}")
    if namespace != f"{{{SERVICE}":
        raise Fault(code="", text=f"La operación no es del servicio {SERVICE}")
    token = root.find(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{WSSE}}}UsernameToken")
    return Request(
        operation=operation, parts={_local(part): part.text or "" for part in xml.children(call)},
        username=_value(token, "Username"), key=_value(token, "Password"),
    )


def write_answer(operation: str, part: str, content: bytes) -> bytes:
    """The answer to an operation with one base64 part."""
    name = f"br:{operation}Response"
    encoded = b64encode(content).decode("ascii")
    return f'{_HEAD}<{name} xmlns:br="{SERVICE}"><{part}>{encoded}</{part}></{name}>{_TAIL}'.encode("ascii")


def write_fault(fault: Fault) -> bytes:
    """A fault: the code as the suffix of the faultcode, the words as faultstring."""
    code = f"soap-env:Client.{fault.code}" if fault.code else "soap-env:Client"
    detail = f"<detail><message>{escape(fault.detail)}</message></detail>" if fault.detail else ""
    return (
        f"{_HEAD}<soap-env:Fault><faultcode>{code}</faultcode><faultstring>{escape(fault.text)}</faultstring>"
        f"{detail}</soap-env:Fault>{_TAIL}"
    ).encode()


def _value(token: xml.Element | None, tag: str) -> str | None:
    element = None if token is None else token.find(f"{{{WSSE}}}{tag}")
    return None if element is None else (element.text or "")


def _local(element: xml.Element) -> str:
    return str(element.tag).rpartition("}")[2]
