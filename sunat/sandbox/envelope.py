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

HEAD: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?><soap-env:Envelope xmlns:soap-env="{SOAP}"><soap-env:Header/>'
    "<soap-env:Body>"
)
TAIL: Final = "</soap-env:Body></soap-env:Envelope>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call: the operation, its parts by name, and the user and key of the security header (None if absent).

    Parts that stand in one more element are lifted out of it: some clients of OSEs wrap what they ask.
    """

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
    leaves = [leaf for part in xml.children(call) for leaf in (list(xml.children(part)) or [part])]
    return Request(
        operation=operation, parts={_local(leaf): leaf.text or "" for leaf in leaves},
        username=_value(token, "Username"), key=_value(token, "Password"),
    )


def write_answer(operation: str, inner: str) -> bytes:
    """The answer to an operation around its parts, which are XML already."""
    name = f"br:{operation}Response"
    return f'{HEAD}<{name} xmlns:br="{SERVICE}">{inner}</{name}>{TAIL}'.encode()


def base64_part(name: str, content: bytes) -> str:
    """An element with bytes in it."""
    return f"<{name}>{b64encode(content).decode('ascii')}</{name}>"


def status_part(name: str, code: str, message: str, content: bytes | None = None) -> str:
    """A status with its words, and a file where there is one."""
    file = "" if content is None else base64_part("content", content)
    return (
        f"<{name}>{file}<statusCode>{escape(code)}</statusCode>"
        f"<statusMessage>{escape(message)}</statusMessage></{name}>"
    )


def write_fault(faultcode: str, text: str, detail: str = "") -> bytes:
    """A fault: the faultcode, the words as faultstring."""
    prefix = faultcode.partition(":")[0] if ":" in faultcode else ""
    declared = f' xmlns:{prefix}="{SOAP}"' if prefix.isalnum() else ""
    more = f"<detail><message>{escape(detail)}</message></detail>" if detail else ""
    return (
        f"{HEAD}<soap-env:Fault{declared}><faultcode>{escape(faultcode)}</faultcode>"
        f"<faultstring>{escape(text)}</faultstring>{more}</soap-env:Fault>{TAIL}"
    ).encode()


def _value(token: xml.Element | None, tag: str) -> str | None:
    element = None if token is None else token.find(f"{{{WSSE}}}{tag}")
    return None if element is None else (element.text or "")


def _local(element: xml.Element) -> str:
    return str(element.tag).rpartition("}")[2]
