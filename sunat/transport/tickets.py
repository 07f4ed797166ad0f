"""What SUNAT takes now and looks at later: sendSummary gives a ticket, getStatus says how far that is.

Sources: programmer's manual of the SEE, section on the asynchronous services; SUNAT's WSDL of billService. Answers
differ from the manual: states are padded (0098), a refusal comes as plain text where the zip should be, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sunat.errors import UnknownOutcome
from sunat.transport.base import Credentials
from sunat.transport.connection import Exchange, post
from sunat.transport.soap import BOUNDS, Bounds, Port, about, decoded, part

DONE: Final = "0"
IN_PROCESS: Final = "98"
FAILED: Final = "99"
"""The states of a ticket; with the first and the last comes a CDR."""

_LONGEST: Final = 50
_ZIP: Final = b"PK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a file was taken for: the ticket to ask with, and the evidence of the exchange as in `Answer`."""

    ticket: str
    body: bytes = field(repr=False)
    http_status: int
    request_sha256: str
    response_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketState:
    """How far a ticket is.

    ``code`` is without leading zeros (``0``, ``98``, ``99``) or, for an exception told as a state, its four digits;
    ``content`` is the CDR's zip, empty without one; ``text`` is what stood in its place, if that was no file.
    """

    code: str
    text: str = ""
    content: bytes = field(default=b"", repr=False)
    body: bytes = field(repr=False)
    http_status: int
    request_sha256: str
    response_sha256: str


class TicketService:
    """The asynchronous half of billService at one address. Calls raise as `Port.call` does."""

    def __init__(self, endpoint_url: str, *, bounds: Bounds = BOUNDS, exchange: Exchange = post) -> None:
        self._port = Port("billService", "BillServicePortBinding", endpoint_url, bounds=bounds, exchange=exchange)

    def send_summary(self, file_name: str, zip_bytes: bytes, credentials: Credentials) -> Receipt:
        """Sends a file under ``file_name`` (``NAME.zip``); an answer without a ticket is none."""
        said = self._port.call("sendSummary", credentials, fileName=file_name, contentFile=zip_bytes)
        ticket = part(said.content, "ticket")
        if not 0 < len(ticket) <= _LONGEST or not ticket.isprintable():
            raise about(UnknownOutcome("The answer carries no ticket"), said)
        return Receipt(
            ticket=ticket, body=said.body, http_status=said.status, request_sha256=said.request_sha256,
            response_sha256=said.response_sha256,
        )

    def status(self, ticket: str, credentials: Credentials) -> TicketState:
        """How far a ticket is; an answer without a state is none."""
        said = self._port.call("getStatus", credentials, ticket=ticket)
        written, code = part(said.content, "content"), part(said.content, "statusCode")
        if not code:
            raise about(UnknownOutcome("The answer carries no state"), said)
        try:
            content = decoded(written)
        except UnknownOutcome:
            content = b""
        text = ""
        if not content.startswith(_ZIP):  # words where the file should be; some of them happen to be base64
            content, text = b"", written[:1000]
        return TicketState(
            code=_plain(code), text=text, content=content, body=said.body, http_status=said.status,
            request_sha256=said.request_sha256, response_sha256=said.response_sha256,
        )


def _plain(code: str) -> str:
    """``0098`` and ``98`` are one state; ``0127`` is an exception's code and keeps its form."""
    if not (code.isascii() and code.isdigit()):
        return code[:20]
    number = int(code[:9])
    return str(number) if number < 100 else f"{number:04d}"
