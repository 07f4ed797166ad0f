"""One exchange with the pretend authority, free of sockets: the call that came, what it asks, and what is done to it.

An `Outcome` is more than an answer: it also says what happens on the wire (a reset, a drip, half a body), so that the
server of ``server`` and the line without sockets of ``line`` bring the same fate to the caller.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sunat.errors import FormatError
from sunat.numbering import VoucherId, parse_file_name

JSON: Final = "application/json; charset=utf-8"


class Operation(StrEnum):
    """What can be asked of the authority, by the name SUNAT gives it."""

    SEND_BILL = "sendBill"
    SEND_SUMMARY = "sendSummary"
    TICKET = "getStatus.ticket"
    STATUS = "getStatus"
    STATUS_CDR = "getStatusCdr"
    CRITERIA = "validaCDPcriterios"
    FILE = "verificaCPEarchivo"
    TOKEN = "token"  # noqa: S105 - the name of an operation
    REST = "validarcomprobante"
    GUIDE_TOKEN = "guideToken"  # noqa: S105 - the name of an operation
    SEND_GUIDE = "sendGuide"
    GUIDE_TICKET = "guideTicket"
    UNKNOWN = "unknown"


class Wire(StrEnum):
    """What the connection does with an answer."""

    WHOLE = "whole"
    """Delivered as it is."""
    NO_NAME = "no-name"
    """The host's name is not found: nothing was sent. On a socket, which cannot show it: as RESET_EARLY."""
    REFUSED = "refused"
    """Nobody takes the connection: nothing was sent. On a socket: as RESET_EARLY."""
    NO_TLS = "no-tls"
    """The secure channel does not come about: nothing was sent. On a socket: as RESET_EARLY."""
    RESET_EARLY = "reset-early"
    """Taken and reset before anything was served. The server has to read a call to know it: there it is a RESET."""
    RESET = "reset"
    """The request was read; then the connection is reset without a byte of answer."""
    CLOSED = "closed"
    """The request was read; then the connection is closed in good order without a byte of answer."""
    HANG = "hang"
    """The request was read; nothing ever comes, and the connection stays open."""
    CUT = "cut"
    """The answer breaks off in the middle."""
    HALF_CLOSED = "half-closed"
    """Half of the answer, then the sending side is closed while the receiving side stays open."""
    SHORT = "short"
    """The answer announces more bytes than come, and the connection stays open."""
    DRIP = "drip"
    """The answer comes at ``pace`` bytes a second."""
    CHUNKS = "chunks"
    """The answer claims to be chunked, and the chunks make no sense."""


NEVER_CONNECTED: Final = frozenset({Wire.NO_NAME, Wire.REFUSED, Wire.NO_TLS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP request. ``headers`` by lower-case name; ``peer`` is the caller's address, for the throttle.

    ``host`` is the base address the caller used (``http://127.0.0.1:8181``), for the addresses in a WSDL.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    peer: str = "127.0.0.1"
    host: str = "http://127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a call asks, as far as it can be told before it is served: what faults are matched against.

    ``voucher`` is None where none, or none that can exist, is named; ``ruc`` and ``series`` are as they were written.
    Of a summary the type is RC, RA or RR and the series its day and number; of a ticket the series is the ticket.
    """

    operation: Operation
    voucher: VoucherId | None = None
    ruc: str = ""
    type_code: str = ""
    series: str = ""
    peer: str = ""

    @property
    def key(self) -> str:
        """What counts as the same question asked again."""
        subject = self.voucher.file_name if self.voucher else f"{self.ruc}-{self.type_code}-{self.series}"
        return f"{self.operation}:{subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the caller gets: an HTTP answer, and what the wire does with it.

    ``delay`` is in seconds before the first byte; ``pace`` in bytes a second, for DRIP only. ``mode`` names the fault
    that made it so ("" for none).
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    wire: Wire = Wire.WHOLE
    delay: float = 0.0
    pace: float = 1.0
    mode: str = ""

    def header(self, name: str) -> str:
        """The value of a header, whatever its letters' case, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def written(status: int, content: Mapping[str, object]) -> Outcome:
    """JSON as an outcome."""
    body = json.dumps(content, ensure_ascii=False).encode()
    return Outcome(status=status, headers=(("Content-Type", JSON),), body=body)


def named(operation: Operation, name: str, peer: str) -> Asked:
    """What a file's name asks about, as far as it names a voucher."""
    try:
        voucher = parse_file_name(name.strip())
    except FormatError:
        return Asked(operation=operation, peer=peer)
    if not isinstance(voucher, VoucherId):
        said = voucher.text.removeprefix(f"{voucher.kind}-")
        return Asked(operation=operation, ruc=voucher.ruc, type_code=voucher.kind, series=said, peer=peer)
    return Asked(
        operation=operation, voucher=voucher, ruc=voucher.ruc, type_code=voucher.type_code, series=voucher.series,
        peer=peer,
    )
