"""SUNAT's REST consult ("consulta integrada"): whether a voucher of that identity, date and amount is on record.

It knows every kind and every series, never gives a CDR, and never says "rejected". A token is good for about an hour
and is asked for once, however many threads need it. Source: SUNAT's manual of the consult by web service; credentials
are made in SOL, and are not those of the guides.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from sunat.errors import Fault, FormatError, UnknownOutcome
from sunat.numbering import VoucherId
from sunat.transport.connection import Exchange, Reply, post
from sunat.transport.consult import Criteria, State
from sunat.transport.soap import Bounds
from sunat.transport.tokens import FORM, TOKENS, Slot, Tokens, noted, object_in

SCOPE: Final = "https://api.sunat.gob.pe/v1/contribuyente/contribuyentes"
BOUNDS: Final = Bounds(total_timeout=30.0, max_bytes=256 * 1024)
_CLIENT: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultClient:
    """The credentials of the consult, made in SOL. Raises FormatError for an id that no address can carry."""

    client_id: str
    client_secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not _CLIENT.fullmatch(self.client_id) or not self.client_secret:
            raise FormatError("The consult needs a client id and its secret")


class RestConsult:
    """The REST consult. ``token_url`` and ``consult_url`` are bases from `sunat.transport.endpoints`."""

    def __init__(
        self, token_url: str, consult_url: str, *, bounds: Bounds = BOUNDS, exchange: Exchange = post,
        tokens: Tokens = TOKENS,
    ) -> None:
        self._token_url = token_url.rstrip("/")
        self._consult_url = consult_url.rstrip("/")
        self._bounds = bounds
        self._exchange = exchange
        self._tokens = tokens

    def sign_in(self, client: ConsultClient, *, now: datetime) -> None:
        """Asks for a token and for nothing else: whether the credentials are good. Raises as `check` does."""
        self._token(self._tokens.slot(self._token_url, client.client_id, client.client_secret), client, now)

    def check(
        self, voucher: VoucherId, criteria: Criteria, client: ConsultClient, *, caller_ruc: str, now: datetime
    ) -> State:
        """What SUNAT has on record; the state's code is ``estadoCp`` (0 to 4).

        ``caller_ruc`` is whose credentials they are. Raises NotSent, UnknownOutcome, Fault (credentials refused, or
        the service says no); a token that is refused though it should hold is asked for anew, once.
        """
        question = json.dumps({
            "numRuc": voucher.ruc, "codComp": voucher.type_code, "numeroSerie": voucher.series,
            "numero": str(voucher.number), "fechaEmision": criteria.issue_date.strftime("%d/%m/%Y"),
            "monto": f"{criteria.total:.2f}",
        }, separators=(",", ":")).encode()
        address = f"{self._consult_url}/{quote(caller_ruc, safe='')}/validarcomprobante"
        slot = self._tokens.slot(self._token_url, client.client_id, client.client_secret)
        token = self._token(slot, client, now)
        reply = self._post(address, question, "application/json", token)
        if reply.status == 401:
            slot.drop(token)
            reply = self._post(address, question, "application/json", self._token(slot, client, now))
        return _read(reply, hashlib.sha256(question).hexdigest())

    def _token(self, slot: Slot, client: ConsultClient, now: datetime) -> str:
        form = {
            "grant_type": "client_credentials", "scope": SCOPE, "client_id": client.client_id,
            "client_secret": client.client_secret,
        }
        return slot.token_for(now, self._bounds.total_timeout, lambda: self._post(
            f"{self._token_url}/{quote(client.client_id, safe='')}/oauth2/token/", urlencode(form).encode(), FORM, "",
        ), refused=_refused())

    def _post(self, address: str, body: bytes, kind: str, token: str) -> Reply:
        headers = {"Content-Type": kind, "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self._exchange(
            address, body, headers, connect_timeout=self._bounds.connect_timeout,
            total_timeout=self._bounds.total_timeout, max_bytes=self._bounds.max_bytes,
        )


def _refused() -> Fault:
    return Fault(code="", text="SUNAT no acepta las credenciales de consulta")


def _read(reply: Reply, request_sha256: str) -> State:
    answer = object_in(reply)
    if reply.status in {401, 403}:
        raise noted(_refused(), reply, request_sha256)
    data = answer.get("data")
    state = data.get("estadoCp") if isinstance(data, dict) else None
    if reply.status != 200 or answer.get("success") is not True or not isinstance(state, str | int):
        text = answer.get("message")
        if reply.status in {400, 422} and isinstance(text, str):
            raise noted(Fault(code="", text=text[:1000]), reply, request_sha256)
        raise noted(UnknownOutcome(f"The consult answered HTTP {reply.status} without a state"), reply, request_sha256)
    notes = data.get("observaciones") if isinstance(data, dict) else None
    return State(
        code=str(state).strip()[:20], message=" ".join(str(one) for one in notes)[:1000] if isinstance(notes, list)
        else str(answer.get("message") or "")[:1000], body=reply.body, http_status=reply.status,
        request_sha256=request_sha256, response_sha256=hashlib.sha256(reply.body).hexdigest(),
    )
