"""The guides' REST service (GRE): a token in the name of a SOL user, a zip in, a ticket out, the ticket's CDR.

What is sent carries the SHA-256 of its zip (``hashZip``), so that the very zip that was announced has to travel.
Source: SUNAT's manual of the web services of the electronic guide (GRE, REST); credentials are made in SOL.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from sunat.errors import Fault, FormatError, UnknownOutcome
from sunat.transport.base import Credentials
from sunat.transport.connection import Exchange, Reply, post
from sunat.transport.soap import Bounds
from sunat.transport.tickets import FAILED, Receipt, TicketState
from sunat.transport.tokens import FORM, TOKENS, Slot, Tokens, noted, object_in

SCOPE: Final = "https://api-cpe.sunat.gob.pe"
BOUNDS: Final = Bounds(total_timeout=45.0, max_bytes=2 * 1024 * 1024)
UNREADABLE: Final = "0422"
"""Our word for a 400 or 422 without a code of SUNAT's: what was sent could not be read, so nothing was registered."""
UNAUTHORISED: Final = "0111"
NO_CREDENTIALS: Final = "0102"
NO_TICKET: Final = "0127"
"""SUNAT's codes for what the service says by HTTP: 401 and 403, a refused token, an unknown ticket."""

_CLIENT: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}")
_CODE: Final = re.compile(r"[0-9]{3,4}")
_LONGEST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideClient:
    """The credentials of the guides: a client made in SOL and the SOL user. Raises FormatError for an unusable id."""

    client_id: str
    client_secret: str = field(repr=False)
    user: Credentials

    def __post_init__(self) -> None:
        if not _CLIENT.fullmatch(self.client_id) or not self.client_secret:
            raise FormatError("The guides need a client id and its secret")


class GuideService:
    """The guides' service. ``token_url`` and ``guides_url`` are bases from `sunat.transport.endpoints`.

    Calls raise NotSent, UnknownOutcome or Fault. A token that is refused though it should hold is asked for anew, once.
    """

    def __init__(
        self, token_url: str, guides_url: str, *, bounds: Bounds = BOUNDS, exchange: Exchange = post,
        tokens: Tokens = TOKENS,
    ) -> None:
        self._token_url = token_url.rstrip("/")
        self._guides_url = guides_url.rstrip("/")
        self._bounds = bounds
        self._exchange = exchange
        self._tokens = tokens

    def sign_in(self, client: GuideClient, *, now: datetime) -> None:
        """Asks for a token and for nothing else: whether the credentials are good."""
        self._token(self._slot(client), client, now)

    def send(self, file_name: str, zip_bytes: bytes, client: GuideClient, *, now: datetime) -> Receipt:
        """Sends the zip of ``file_name`` (no extension); an answer without a ticket is none."""
        body = json.dumps({"archivo": {
            "nomArchivo": f"{file_name}.zip", "arcGreZip": b64encode(zip_bytes).decode("ascii"),
            "hashZip": hashlib.sha256(zip_bytes).hexdigest(),
        }}, separators=(",", ":")).encode()
        digest = hashlib.sha256(body).hexdigest()
        reply = self._called("POST", f"{self._guides_url}/{quote(file_name, safe='')}", body, client, now)
        _raise_for(reply, digest)
        ticket = object_in(reply).get("numTicket")
        if not isinstance(ticket, str) or not 0 < len(ticket) <= _LONGEST or not ticket.isprintable():
            raise noted(UnknownOutcome("The answer carries no ticket"), reply, digest)
        return Receipt(
            ticket=ticket, body=reply.body, http_status=reply.status, request_sha256=digest,
            response_sha256=hashlib.sha256(reply.body).hexdigest(),
        )

    def status(self, ticket: str, client: GuideClient, *, now: datetime) -> TicketState:
        """How far a ticket is; one that failed without a CDR has SUNAT's code of what was wrong as its state."""
        address = f"{self._guides_url}/envios/{quote(ticket, safe='')}"
        digest = hashlib.sha256(address.encode()).hexdigest()
        reply = self._called("GET", address, b"", client, now)
        if reply.status == 404:
            return _state(reply, digest, NO_TICKET, "SUNAT no conoce el ticket")
        _raise_for(reply, digest)
        answer = object_in(reply)
        code = str(answer.get("codRespuesta", "")).strip()[:20]
        if not code.isascii() or not code.isdigit():
            raise noted(UnknownOutcome("The answer carries no state"), reply, digest)
        content = _content(answer.get("arcCdr"))
        said = answer.get("error")
        error: dict[str, Any] = said if isinstance(said, dict) else {}
        plain, why = str(int(code)), str(error.get("numError", "")).strip()
        if plain == FAILED and not content and _CODE.fullmatch(why):
            plain = why.zfill(4)
        return _state(reply, digest, plain, str(error.get("desError") or "")[:1000], content)

    def _called(self, method: str, address: str, body: bytes, client: GuideClient, now: datetime) -> Reply:
        slot = self._slot(client)
        token = self._token(slot, client, now)
        reply = self._exchanged(method, address, body, "application/json", token)
        if reply.status == 401:
            slot.drop(token)
            reply = self._exchanged(method, address, body, "application/json", self._token(slot, client, now))
        return reply

    def _slot(self, client: GuideClient) -> Slot:
        user = client.user
        return self._tokens.slot(
            self._token_url, client.client_id, client.client_secret, user.username, user.password
        )

    def _token(self, slot: Slot, client: GuideClient, now: datetime) -> str:
        form = urlencode({
            "grant_type": "password", "scope": SCOPE, "client_id": client.client_id,
            "client_secret": client.client_secret, "username": client.user.username, "password": client.user.password,
        }).encode()
        return slot.token_for(now, self._bounds.total_timeout, lambda: self._exchanged(
            "POST", f"{self._token_url}/{quote(client.client_id, safe='')}/oauth2/token/", form, FORM, "",
        ), refused=Fault(code=NO_CREDENTIALS, text="SUNAT no acepta las credenciales de guías de la cuenta"))

    def _exchanged(self, method: str, address: str, body: bytes, kind: str, token: str) -> Reply:
        headers = {"Content-Type": kind, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self._exchange(
            address, body, headers, connect_timeout=self._bounds.connect_timeout,
            total_timeout=self._bounds.total_timeout, max_bytes=self._bounds.max_bytes, method=method,
        )


def _raise_for(reply: Reply, digest: str) -> None:
    """Raises what an answer other than 200 means: who calls is not let in, what he sends cannot be read, or nothing."""
    if reply.status == 200:
        return
    code, text = _said(reply)
    if reply.status in {401, 403}:
        raise noted(Fault(code=UNAUTHORISED, text=text or "SUNAT no deja entrar"), reply, digest)
    if reply.status in {400, 422}:
        raise noted(Fault(code=code or UNREADABLE, text=text or "SUNAT no pudo leer el envío"), reply, digest)
    raise noted(UnknownOutcome(f"The service answered HTTP {reply.status}"), reply, digest)


def _said(reply: Reply) -> tuple[str, str]:
    """SUNAT's code and words in an error's body; the code is empty where only HTTP's stands there."""
    answer = object_in(reply)
    rows = answer.get("errors")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            code = str(row.get("codError") or row.get("cod") or "").strip()
            text = str(row.get("desError") or row.get("msg") or "")[:1000]
            if _CODE.fullmatch(code) and int(code) != reply.status:
                return code.zfill(4), text
            if text:
                return "", text
    return "", str(answer.get("msg") or "")[:1000]


def _content(written: object) -> bytes:
    """The CDR's zip; what is no base 64 is none."""
    if not isinstance(written, str):
        return b""
    try:
        return b64decode("".join(written.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _state(reply: Reply, digest: str, code: str, text: str, content: bytes = b"") -> TicketState:
    return TicketState(
        code=code, text=text, content=content, body=reply.body, http_status=reply.status, request_sha256=digest,
        response_sha256=hashlib.sha256(reply.body).hexdigest(),
    )
