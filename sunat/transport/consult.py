"""Asking SUNAT what it holds, with the SOL user: billConsultService and billValidService.

`getStatusCdr` gives a CDR back and knows series F only; `validaCDPcriterios` knows every kind and gives no CDR;
`verificaCPEarchivo` holds a file against SUNAT's copy. What the codes mean is `sunat.outcomes`' business.
Sources: SUNAT's published WSDLs; manual of the consult service; OSEs wrap and pad the same answers in their own ways.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sunat.errors import UnknownOutcome
from sunat.numbering import VoucherId
from sunat.transport.base import Credentials
from sunat.transport.connection import Exchange, post
from sunat.transport.soap import BOUNDS, Bounds, Port, Said, about, decoded, part


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the authority says of a voucher.

    ``code`` has four digits wherever it was a number, ``content`` is the CDR's zip (empty without one), ``body`` the
    answer as it came, without any key: evidence of what was said.
    """

    code: str
    message: str
    content: bytes = field(default=b"", repr=False)
    body: bytes = field(default=b"", repr=False)
    http_status: int
    request_sha256: str
    response_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a voucher says of itself, for queries that compare: customer, issue date (Lima), total in its currency."""

    receiver_code: str
    receiver_number: str
    issue_date: date
    total: Decimal


class ConsultService:
    """billConsultService at one address (an OSE answers it at its own). Every call raises as `Port.call` does."""

    def __init__(self, endpoint_url: str, *, bounds: Bounds = BOUNDS, exchange: Exchange = post) -> None:
        self._port = Port(
            "billConsultService", "BillConsultServicePortBinding", endpoint_url, bounds=bounds, exchange=exchange
        )

    def status(self, voucher: VoucherId, credentials: Credentials) -> State:
        """The state of a voucher, without its CDR."""
        return _state(self._port.call("getStatus", credentials, **_identity(voucher)))

    def status_cdr(self, voucher: VoucherId, credentials: Credentials) -> State:
        """The state of a voucher with its CDR, where SUNAT has it at hand: being accepted does not mean that."""
        return _state(self._port.call("getStatusCdr", credentials, **_identity(voucher)))


class ValidityService:
    """billValidService at one address. Every call raises as `Port.call` does."""

    def __init__(self, endpoint_url: str, *, bounds: Bounds = BOUNDS, exchange: Exchange = post) -> None:
        self._port = Port(
            "billValidService", "BillValidServicePortBinding", endpoint_url, bounds=bounds, exchange=exchange
        )

    def by_criteria(self, voucher: VoucherId, criteria: Criteria, credentials: Credentials) -> State:
        """The state of the voucher of that identity, customer, date and total."""
        return _state(self._port.call(
            "validaCDPcriterios", credentials, rucEmisor=voucher.ruc, tipoCDP=voucher.type_code,
            serieCDP=voucher.series, numeroCDP=str(voucher.number), tipoDocIdReceptor=criteria.receiver_code,
            numeroDocIdReceptor=criteria.receiver_number, fechaEmision=criteria.issue_date.strftime("%d/%m/%Y"),
            importeTotal=criteria.total, nroAutorizacion="",
        ))

    def by_file(self, voucher: VoucherId, xml: bytes, credentials: Credentials) -> State:
        """Whether SUNAT's copy of the voucher is this file."""
        return _state(self._port.call(
            "verificaCPEarchivo", credentials, nombre=f"{voucher.file_name}.xml",
            archivo=b64encode(xml).decode("ascii"),
        ))


def _identity(voucher: VoucherId) -> dict[str, object]:
    return {
        "rucComprobante": voucher.ruc, "tipoComprobante": voucher.type_code, "serieComprobante": voucher.series,
        "numeroComprobante": voucher.number,
    }


def _state(said: Said) -> State:
    try:
        code, content = part(said.content, "statusCode"), decoded(part(said.content, "content"))
        if not code and not content:
            raise UnknownOutcome("The answer carries neither a state nor a CDR")
    except UnknownOutcome as error:
        raise about(error, said) from error.__cause__
    return State(
        code=code.zfill(4)[-4:] if code.isascii() and code.isdigit() and int(code) < 10_000 else code[:20],
        message=part(said.content, "statusMessage")[:1000], content=content, body=said.body,
        http_status=said.status, request_sha256=said.request_sha256, response_sha256=said.response_sha256,
    )
