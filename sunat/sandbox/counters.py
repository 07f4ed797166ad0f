"""The counters of the pretend authority: which service lies at which path, and what a call there asks and gets.

Beta's and production's paths differ in nothing but the way they answer; the OSE's is the one that OSEs agree on.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from sunat.errors import Fault, PackagingError
from sunat.kinds import KINDS, SUMMARIES
from sunat.sandbox import queries, wsdl
from sunat.sandbox.desk import Desk, refusal
from sunat.sandbox.dialects import BETA, LIVE, OSE, Dialect
from sunat.sandbox.envelope import Request, base64_part, read_request, status_part, write_answer, write_fault
from sunat.sandbox.exchange import Asked, Call, Operation, Outcome, named, written
from sunat.sandbox.guide_counters import guide_counter
from sunat.sandbox.guides import GuideDesk
from sunat.sandbox.integrated import Desk as IntegratedDesk
from sunat.sandbox.integrated import read_query
from sunat.sandbox.summaries import SummaryDesk
from sunat.transport.endpoints import PATHS, Environment, Service
from sunat.transport.zipping import unpack

XML: Final = "text/xml; charset=utf-8"
OSE_PATH: Final = PATHS[Environment.SANDBOX, Service.OSE]
_TOKEN: Final = re.compile(r"/v1/clientesextranet/([^/]{1,80})/oauth2/token")
_REST: Final = re.compile(r"/v1/contribuyente/contribuyentes/[0-9]{11}/validarcomprobante")

Work = Callable[[datetime], Outcome]
"""A call read and ready to be served, at a moment."""


class Counter(Protocol):
    """A place where calls are taken, and the dialect it answers in."""

    @property
    def dialect(self) -> Dialect: ...

    def understand(self, call: Call) -> tuple[Asked, str, Work]:
        """What is asked, the SHA-256 of what was sent, and how to serve it."""
        ...


class Counters:
    """All counters by path."""

    def __init__(
        self, desk: Desk, summaries: SummaryDesk, integrated: IntegratedDesk, guides: GuideDesk
    ) -> None:
        self._integrated = integrated
        self._guides = guides
        ticket = _tickets(summaries)
        bill = {
            "getStatus": ticket, "sendBill": _sends(Service.BILL), "sendSummary": _gathers(summaries, Service.BILL),
        }
        other = {
            "getStatus": ticket, "sendBill": _sends(Service.OTHER_CPE),
            "sendSummary": _gathers(summaries, Service.OTHER_CPE),
        }
        everything = {
            "getStatus": ticket, "sendBill": _sends(), "sendSummary": _gathers(summaries), "getStatusCdr": _status_cdr,
        }
        consult = {"getStatus": _status, "getStatusCdr": _status_cdr}
        validity = {"validaCDPcriterios": _criteria, "verificaCPEarchivo": _file}
        beta, live = PATHS[Environment.SANDBOX, Service.BILL], PATHS[Environment.LIVE, Service.BILL]
        self.example = beta
        self._soap = {
            beta: SoapCounter(desk, BETA, wsdl.BILL, bill),
            live: SoapCounter(desk, LIVE, wsdl.BILL, bill),
            PATHS[Environment.SANDBOX, Service.OTHER_CPE]: SoapCounter(desk, BETA, wsdl.BILL, other),
            PATHS[Environment.LIVE, Service.OTHER_CPE]: SoapCounter(desk, LIVE, wsdl.BILL, other),
            OSE_PATH: SoapCounter(desk, OSE, wsdl.OSE, everything),
            PATHS[Environment.LIVE, Service.CONSULT]: SoapCounter(desk, LIVE, wsdl.CONSULT, consult),
            PATHS[Environment.LIVE, Service.VALIDITY]: SoapCounter(desk, LIVE, wsdl.VALIDITY, validity),
        }

    def at(self, path: str) -> Counter | None:
        """The counter at a path without a slash at its end, or None."""
        if found := self._soap.get(path):
            return found
        if token := _TOKEN.fullmatch(path):
            return TokenCounter(self._integrated, token.group(1))
        if _REST.fullmatch(path):
            return RestCounter(self._integrated)
        return guide_counter(self._guides, path)


@dataclass(frozen=True, slots=True)
class SoapCounter:
    """A SOAP service: some operations in one dialect."""

    desk: Desk
    dialect: Dialect
    contract: wsdl.Contract
    operations: Mapping[str, _Operation]

    def describe(self, call: Call) -> Outcome:
        """The WSDL or one of its parts, with the address it was asked at."""
        address = call.host + call.path.rstrip("/")
        return Outcome(
            status=200, headers=(("Content-Type", XML),), body=wsdl.write_wsdl(self.contract, address, call.query)
        )

    def understand(self, call: Call) -> tuple[Asked, str, Work]:
        """Reads the envelope; what cannot be read is served with a fault."""
        try:
            request = read_request(call.body)
        except Fault as fault:
            return self._refused(fault, call)
        operation = self.operations.get(request.operation)
        if operation is None:
            return self._refused(self._unknown(request), call)
        asked, digest = operation.read(request.parts, call.peer)

        def work(at: datetime) -> Outcome:
            try:
                caller = self.desk.authenticate(request.username, request.key)
                body = operation.serve(self.desk, self.dialect, caller, request.parts, at)
            except Fault as fault:
                return faulty(fault, self.dialect)
            return Outcome(status=200, headers=(("Content-Type", XML),), body=body)

        return asked, digest, work

    def _refused(self, fault: Fault, call: Call) -> tuple[Asked, str, Work]:
        return Asked(operation=Operation.UNKNOWN, peer=call.peer), "", lambda _: faulty(fault, self.dialect)

    def _unknown(self, request: Request) -> Fault:
        """An operation of the contract that is not served here, after a look at who asks; or none at all."""
        if request.operation not in self.contract.operations:
            return Fault(code="", text=f"No existe la operación {request.operation[:80]}")
        try:
            self.desk.authenticate(request.username, request.key)
        except Fault as fault:
            return fault
        return Fault(code="", text=f"Este servicio de pruebas no recibe {request.operation}")


@dataclass(frozen=True, slots=True)
class TokenCounter:
    """The tokens of the integrated query."""

    desk: IntegratedDesk
    client_id: str
    dialect: Dialect = LIVE

    def understand(self, call: Call) -> tuple[Asked, str, Work]:
        """A request of a token names no voucher."""
        asked = Asked(operation=Operation.TOKEN, peer=call.peer)
        return asked, "", lambda _: written(*self.desk.token(self.client_id, call.body))


@dataclass(frozen=True, slots=True)
class RestCounter:
    """The integrated query itself."""

    desk: IntegratedDesk
    dialect: Dialect = LIVE

    def understand(self, call: Call) -> tuple[Asked, str, Work]:
        """The voucher as far as the JSON names one."""
        parts = read_query(call.body) or {}
        four = [parts.get(name, "") for name in ("numRuc", "codComp", "numeroSerie", "numero")]
        asked = _about(Operation.REST, four, call.peer)
        return asked, "", lambda _: written(*self.desk.validate(call.headers.get("authorization", ""), call.body))


@dataclass(frozen=True, slots=True)
class _Operation:
    """One SOAP operation: reading what it is about, and serving it."""

    read: Callable[[Mapping[str, str], str], tuple[Asked, str]]
    serve: Callable[[Desk, Dialect, str, Mapping[str, str], datetime], bytes]


def faulty(fault: Fault, dialect: Dialect) -> Outcome:
    """A fault as HTTP wants it: status 500."""
    body = write_fault(dialect.faultcode(fault.code), fault.text, fault.detail)
    return Outcome(status=500, headers=(("Content-Type", XML),), body=body)


def _about(operation: Operation, four: Sequence[str], peer: str) -> Asked:
    """What a query names: RUC, type, series, number."""
    ruc, type_code, series, number = four
    return Asked(
        operation=operation, voucher=queries.voucher_asked(ruc, type_code, series, number), ruc=ruc.strip()[:40],
        type_code=type_code.strip()[:40], series=series.strip()[:40], peer=peer,
    )


def _decoded(parts: Mapping[str, str], name: str) -> bytes:
    try:
        return b64decode("".join(parts.get(name, "").split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refusal("0305") from error


def _read_bill(parts: Mapping[str, str], peer: str) -> tuple[Asked, str]:
    name = parts.get("fileName", "").strip()
    try:
        zipped = _decoded(parts, "contentFile")
    except Fault:
        zipped = b""
    try:
        content = unpack(zipped, name)
    except PackagingError:
        content = zipped
    return named(Operation.SEND_BILL, name, peer), hashlib.sha256(content).hexdigest() if content else ""


def _sends(*services: Service) -> _Operation:
    """sendBill of a service that takes the kinds of some services, or of all."""
    takes = frozenset(row.code for row in KINDS if not services or row.service in services)

    def serve(desk: Desk, dialect: Dialect, caller: str, parts: Mapping[str, str], at: datetime) -> bytes:
        cdr = desk.send_bill(
            caller, parts.get("fileName", "").strip(), _decoded(parts, "contentFile"), dialect=dialect, at=at,
            takes=takes,
        )
        return write_answer("sendBill", base64_part("applicationResponse", cdr))

    return _Operation(read=_read_bill, serve=serve)


def _gathers(summaries: SummaryDesk, *services: Service) -> _Operation:
    """sendSummary of a service that takes the summaries of some services; an OSE takes no reversals."""
    takes = frozenset(form.code for form in SUMMARIES if form.service in (services or (Service.BILL,)))

    def read(parts: Mapping[str, str], peer: str) -> tuple[Asked, str]:
        asked, digest = _read_bill(parts, peer)
        return replace(asked, operation=Operation.SEND_SUMMARY), digest

    def serve(desk: Desk, dialect: Dialect, caller: str, parts: Mapping[str, str], at: datetime) -> bytes:
        ticket = summaries.take(
            caller, parts.get("fileName", "").strip(), _decoded(parts, "contentFile"), dialect=dialect, at=at,
            takes=takes,
        )
        return write_answer("sendSummary", f"<ticket>{ticket}</ticket>")

    return _Operation(read=read, serve=serve)


def _tickets(summaries: SummaryDesk) -> _Operation:
    """getStatus of the services that give tickets."""

    def read(parts: Mapping[str, str], peer: str) -> tuple[Asked, str]:
        return Asked(operation=Operation.TICKET, series=parts.get("ticket", "").strip()[:50], peer=peer), ""

    def serve(desk: Desk, dialect: Dialect, caller: str, parts: Mapping[str, str], at: datetime) -> bytes:
        code, cdr = summaries.status(caller, parts.get("ticket", ""), at)
        content = "" if cdr is None else base64_part("content", cdr)
        return write_answer("getStatus", f"<status>{content}<statusCode>{code}</statusCode></status>")

    return _Operation(read=read, serve=serve)


def _four(parts: Mapping[str, str]) -> list[str]:
    return [parts.get(f"{name}Comprobante", "") for name in ("ruc", "tipo", "serie", "numero")]


def _serve_status(desk: Desk, dialect: Dialect, caller: str, parts: Mapping[str, str], at: datetime) -> bytes:
    found = _theirs(desk, caller, _four(parts)[0]) or queries.consult(desk.ledger, parts)
    return write_answer("getStatus", status_part("status", found.code, found.message))


def _serve_cdr(desk: Desk, dialect: Dialect, caller: str, parts: Mapping[str, str], at: datetime) -> bytes:
    found = _theirs(desk, caller, _four(parts)[0]) or queries.consult_cdr(
        desk.ledger, parts, any_series=dialect.any_series
    )
    return write_answer("getStatusCdr", status_part("statusCdr", found.code, found.message, found.content))


def _serve_criteria(desk: Desk, dialect: Dialect, caller: str, parts: Mapping[str, str], at: datetime) -> bytes:
    receiver = parts.get("numeroDocIdReceptor", "").strip()
    theirs = None if receiver == caller else _theirs(desk, caller, parts.get("rucEmisor", ""))
    found = theirs or queries.validate(desk.ledger, parts)
    return write_answer("validaCDPcriterios", status_part("cdpvalidado", found.code, found.message))


def _serve_file(desk: Desk, dialect: Dialect, caller: str, parts: Mapping[str, str], at: datetime) -> bytes:
    found = queries.verify_file(desk.ledger, parts)
    return write_answer("verificaCPEarchivo", status_part("archivoverificado", found.code, found.message))


def _theirs(desk: Desk, caller: str, ruc: str) -> queries.Status | None:
    """A refusal for who asks about a stranger's vouchers; a malformed RUC is for the query to tell."""
    ruc = ruc.strip()
    return queries.told("0012") if len(ruc) == len(caller) and not desk.may_speak_for(caller, ruc) else None


_status: Final = _Operation(
    read=lambda parts, peer: (_about(Operation.STATUS, _four(parts), peer), ""), serve=_serve_status
)
_status_cdr: Final = _Operation(
    read=lambda parts, peer: (_about(Operation.STATUS_CDR, _four(parts), peer), ""), serve=_serve_cdr
)
_criteria: Final = _Operation(
    read=lambda parts, peer: (
        _about(
            Operation.CRITERIA, [parts.get(name, "") for name in ("rucEmisor", "tipoCDP", "serieCDP", "numeroCDP")],
            peer,
        ), "",
    ), serve=_serve_criteria,
)
_file: Final = _Operation(
    read=lambda parts, peer: (named(Operation.FILE, parts.get("nombre", ""), peer), ""),
    serve=_serve_file,
)
