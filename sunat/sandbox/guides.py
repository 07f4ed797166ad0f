"""The guides' REST service: tokens in the name of a SOL user, zips in, tickets out, and what became of each.

A guide is dealt with when it comes; its ticket tells what became of it, with the CDR where there is one. Tickets live
as long as the process: one that nobody knows is a thing that clients have to bear.
Source: SUNAT's manual of the web services of the electronic guide (GRE, REST).
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
import secrets
import threading
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs

from sunat.cdr import LIMA
from sunat.errors import Fault, FormatError
from sunat.kinds import KINDS
from sunat.numbering import VoucherId, parse_file_name
from sunat.sandbox.desk import Desk
from sunat.sandbox.dialects import LIVE
from sunat.sandbox.ledger import State
from sunat.transport.endpoints import Service

SCOPE: Final = "https://api-cpe.sunat.gob.pe"
TOKEN_SECONDS: Final = 3600
TAKEN: Final = frozenset(row.code for row in KINDS if row.service is Service.GUIDES)
"""The kinds that come this way."""

Json = dict[str, object]
_TEST_SECRETS: Final = ("moddatos", "MODDATOS")
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a message holds: the name it gives its zip, the zip, and the hash it announces."""

    name: str
    zipped: bytes = field(repr=False)
    announced: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a guide: whose it is, when it came, and its CDR or the exception that came instead."""

    ruc: str
    voucher: VoucherId | None
    received_at: datetime
    accepted: bool = False
    cdr: bytes = field(default=b"", repr=False)
    code: str = ""
    text: str = ""


class GuideDesk:
    """The counter of the guides. ``clients`` maps client ids to secrets; any other enters with ``moddatos``."""

    def __init__(self, desk: Desk, *, now: Callable[[], datetime], clients: Mapping[str, str]) -> None:
        self._desk = desk
        self._now = now
        self._clients = dict(clients)
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, datetime]] = {}
        self._tickets: dict[str, Taken] = {}

    def token(self, client_id: str, body: bytes) -> tuple[int, Json]:
        """HTTP status and JSON for a request of a token (a form with the client's and the user's credentials)."""
        form = {name: values[-1] for name, values in parse_qs(body[:8192].decode("ascii", "replace")).items()}
        if form.get("grant_type") != "password" or form.get("scope") != SCOPE:
            return 400, _denied("invalid_request", f"Se espera grant_type=password y scope={SCOPE}")
        known = self._clients.get(client_id)
        accepted = (known,) if known is not None else _TEST_SECRETS
        secret = form.get("client_secret", "")
        if form.get("client_id") != client_id or not any(
            hmac.compare_digest(secret.encode(), one.encode()) for one in accepted
        ):
            return 401, _denied("invalid_client", "El cliente o su clave no son correctos")
        try:
            ruc = self._desk.authenticate(form.get("username"), form.get("password"))
        except Fault as fault:
            return 401, _denied("access_denied", fault.text)
        token = secrets.token_urlsafe(48)
        with self._lock:
            if len(self._tokens) >= _MOST:
                self._tokens.clear()
            self._tokens[token] = (ruc, self._now() + timedelta(seconds=TOKEN_SECONDS))
        return 200, {"access_token": token, "token_type": "JWT", "expires_in": TOKEN_SECONDS}

    def forget_tokens(self) -> None:
        """Every token dies at once, whatever it was promised."""
        with self._lock:
            self._tokens.clear()

    def send(self, authorization: str, name: str, body: bytes, at: datetime) -> tuple[int, Json]:
        """HTTP status and JSON for a guide that comes under ``name``; one that can be read gets a ticket."""
        caller = self._caller(authorization)
        if caller is None:
            return _unauthorised()
        sent = read_message(body)
        if sent is None:
            return 422, _wrong("1000", "Se espera archivo.nomArchivo, archivo.arcGreZip y archivo.hashZip")
        if sent.name != f"{name}.zip":
            return 422, _wrong("0151", "nomArchivo no es el nombre de la dirección con .zip")
        if hashlib.sha256(sent.zipped).hexdigest() != sent.announced.lower():
            return 422, _wrong("0156", "hashZip no es el SHA-256 del archivo enviado")
        ticket = str(uuid.uuid4())
        taken = self._taken(caller, sent, at)
        with self._lock:
            while len(self._tickets) >= _MOST:
                del self._tickets[next(iter(self._tickets))]
            self._tickets[ticket] = taken
        return 200, {"numTicket": ticket, "fecRecepcion": at.astimezone(LIMA).strftime("%Y-%m-%dT%H:%M:%S")}

    def _taken(self, caller: str, sent: Sent, at: datetime) -> Taken:
        voucher = _voucher(sent.name)
        try:
            cdr = self._desk.send_bill(caller, sent.name, sent.zipped, dialect=LIVE, at=at, takes=TAKEN)
        except Fault as fault:
            return Taken(ruc=caller, voucher=voucher, received_at=at, code=fault.code, text=fault.text)
        entry = self._desk.ledger.get(voucher) if voucher else None
        return Taken(
            ruc=caller, voucher=voucher, received_at=at, cdr=cdr,
            accepted=entry is not None and entry.state is State.ACCEPTED,
        )

    def about(self, ticket: str) -> Taken | None:
        """What became of the guide behind a ticket, None for a ticket that nobody knows."""
        with self._lock:
            return self._tickets.get(ticket)

    def status(self, authorization: str, ticket: str) -> tuple[int, Json]:
        """HTTP status and JSON for a ticket."""
        caller = self._caller(authorization)
        if caller is None:
            return _unauthorised()
        taken = self.about(ticket)
        if taken is None or not self._desk.may_speak_for(caller, taken.ruc):
            return 404, {"cod": "404", "msg": "No existe el ticket", "exc": ""}
        return 200, told(taken)

    def _caller(self, authorization: str) -> str | None:
        """The RUC that a token speaks for."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            ruc, until = self._tokens.get(token.strip(), ("", None))
        return ruc if scheme.lower() == "bearer" and until is not None and self._now() < until else None


def told(taken: Taken) -> Json:
    """What a ticket says: 0 accepted, 99 not; with the CDR, or with the exception that came instead."""
    if taken.cdr:
        return {
            "codRespuesta": "0" if taken.accepted else "99", "arcCdr": b64encode(taken.cdr).decode("ascii"),
            "indCdrGenerado": "1",
        }
    return {
        "codRespuesta": "99", "error": {"numError": taken.code, "desError": taken.text}, "indCdrGenerado": "0",
    }


def read_message(body: bytes) -> Sent | None:
    """The parts of a message, or None where something is missing or is no base 64."""
    try:
        found = json.loads(body)
        archive = found["archivo"]
        name, written, announced = archive["nomArchivo"], archive["arcGreZip"], archive["hashZip"]
        zipped = b64decode("".join(written.split()), validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        return None
    if not isinstance(name, str) or not isinstance(announced, str):
        return None
    return Sent(name=name, zipped=zipped, announced=announced)


def _voucher(name: str) -> VoucherId | None:
    try:
        found = parse_file_name(name)
    except FormatError:
        return None
    return found if isinstance(found, VoucherId) else None


def _unauthorised() -> tuple[int, Json]:
    return 401, {"cod": "401", "msg": "El token falta, no es válido o ya venció", "exc": ""}


def _wrong(code: str, text: str) -> Json:
    return {"cod": "422", "msg": "Unprocessable Entity", "exc": "", "errors": [{"cod": code, "msg": text}]}


def _denied(error: str, text: str) -> Json:
    return {"error": error, "error_description": text}
