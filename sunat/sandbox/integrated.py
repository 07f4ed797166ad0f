"""The integrated query by REST: a token for a client, and the state of any voucher by its date and amount.

Source: SUNAT's manual of the integrated query of vouchers by web service. It never gives a CDR and never says
"rejected"; where date or amount differ it says that the voucher does not exist.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qs

from sunat.sandbox.ledger import Ledger, State
from sunat.sandbox.queries import same_sale, voucher_asked

SCOPE: Final = "https://api.sunat.gob.pe/v1/contribuyente/contribuyentes"
TOKEN_SECONDS: Final = 3600

_STATES: Final[Mapping[State, str]] = MappingProxyType({
    State.ACCEPTED: "1", State.VOIDED: "2", State.REJECTED: "0",
})
_TEST_SECRETS: Final = ("moddatos", "MODDATOS")
_FIELDS: Final = ("numRuc", "codComp", "numeroSerie", "numero", "fechaEmision", "monto")
_MAX_TOKENS: Final = 10_000


class Desk:
    """The counter of the integrated query.

    ``clients`` maps client ids to secrets; a client id that is not in it enters with the secret ``moddatos``, as any
    RUC does at beta with the user MODDATOS.
    """

    def __init__(self, ledger: Ledger, *, now: Callable[[], datetime], clients: Mapping[str, str]) -> None:
        self._ledger = ledger
        self._now = now
        self._clients = dict(clients)
        self._lock = threading.Lock()
        self._tokens: dict[str, datetime] = {}

    def token(self, client_id: str, body: bytes) -> tuple[int, dict[str, object]]:
        """HTTP status and JSON for a request of a token (a form with the client's credentials)."""
        form = {name: values[-1] for name, values in parse_qs(body[:8192].decode("ascii", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            return 400, _refused("unsupported_grant_type", "Se espera grant_type=client_credentials")
        if form.get("scope") != SCOPE:
            return 400, _refused("invalid_scope", f"Se espera scope={SCOPE}")
        known = self._clients.get(client_id)
        accepted = (known,) if known is not None else _TEST_SECRETS
        secret = form.get("client_secret", "")
        if form.get("client_id") != client_id or not any(
            hmac.compare_digest(secret.encode(), one.encode()) for one in accepted
        ):
            return 401, _refused("invalid_client", "El cliente o su clave no son correctos")
        token = secrets.token_urlsafe(48)
        with self._lock:
            if len(self._tokens) >= _MAX_TOKENS:
                self._tokens.clear()
            self._tokens[token] = self._now() + timedelta(seconds=TOKEN_SECONDS)
        return 200, {"access_token": token, "token_type": "JWT", "expires_in": TOKEN_SECONDS}

    def forget_tokens(self) -> None:
        """Every token dies at once, whatever it was promised."""
        with self._lock:
            self._tokens.clear()

    def validate(self, authorization: str, body: bytes) -> tuple[int, dict[str, object]]:
        """HTTP status and JSON for one query."""
        scheme, _, token = authorization.partition(" ")
        with self._lock:
            valid_until = self._tokens.get(token.strip())
        if scheme.lower() != "bearer" or valid_until is None or valid_until <= self._now():
            return 401, {"cod": "401", "msg": "El token falta, no es válido o ya venció", "exc": ""}
        asked = read_query(body)
        if asked is None:
            return 422, {"success": False, "message": f"Se esperan {', '.join(_FIELDS)}", "errorCode": "422"}
        voucher = voucher_asked(asked["numRuc"], asked["codComp"], asked["numeroSerie"], asked["numero"])
        entry = self._ledger.get(voucher) if voucher else None
        if entry is None:
            return 200, _found("0")
        if not same_sale(entry, asked["fechaEmision"], asked["monto"]):
            return 200, _found("0", "- El comprobante consultado se informó con otros datos")
        return 200, _found(_STATES[entry.state])


def read_query(body: bytes) -> dict[str, str] | None:
    """The fields of a query as text, or None where something is missing or the body is no JSON object."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(asked, dict) or any(not isinstance(asked.get(one), (str, int, float)) for one in _FIELDS):
        return None
    return {one: str(asked[one]).strip() for one in _FIELDS}


def _found(state: str, *remarks: str) -> dict[str, object]:
    data = {"estadoCp": state, "estadoRuc": "00", "condDomiRuc": "00", "observaciones": list(remarks)}
    return {"success": True, "message": "Operation Success! ", "data": data}


def _refused(error: str, text: str) -> dict[str, object]:
    return {"error": error, "error_description": text}
