"""OAuth tokens: one for each client, good for about an hour, asked for once however many threads need it.

Two REST services of SUNAT give them, under the same rules: the consult (a client's own) and the guides (a client's in
the name of a SOL user). What a token service says is never kept, for a token may be in it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sunat.errors import Fault, TransportError, UnknownOutcome
from sunat.transport.connection import Reply

FORM: Final = "application/x-www-form-urlencoded"
_Error = TypeVar("_Error", bound=TransportError)
_MARGIN: Final = timedelta(seconds=60)
_SHORTEST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(hours=12)


@dataclass(slots=True)
class Slot:
    """One client's token; whoever holds the lock is the one that asks for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = ""
    until: datetime | None = None

    def token_for(self, now: datetime, patience: float, ask: Callable[[], Reply], *, refused: Fault) -> str:
        """The token, asked for where none is at hand; ``patience`` (seconds) is how long another thread may ask.

        Raises ``refused`` where the service does not take the credentials, UnknownOutcome for everything else.
        """
        if not self.lock.acquire(timeout=patience):
            raise UnknownOutcome("Another call has been waiting for the token for too long")
        try:
            if self.until is not None and now < self.until:
                return self.token
            reply = ask()
            answer = object_in(reply)
            token, seconds = answer.get("access_token"), answer.get("expires_in")
            if reply.status in {400, 401, 403}:
                raise noted(refused, reply, "", keep=False)
            if reply.status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable():
                raise noted(UnknownOutcome("SUNAT gave no token"), reply, "", keep=False)
            self.token, self.until = token, now + _life(seconds)
            return token
        finally:
            self.lock.release()

    def drop(self, token: str) -> None:
        """Forgets a token that was refused though it should hold, unless it is a newer one by now."""
        with self.lock:
            if self.token == token:
                self.until = None


class Tokens:
    """The tokens of this process, by address, client and secrets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: dict[tuple[str, str, str], Slot] = {}

    def slot(self, address: str, client_id: str, *secrets: str) -> Slot:
        """The slot of a client; another secret is another slot, so that a wrong one never rides on a right one."""
        digest = hashlib.sha256("\0".join(secrets).encode()).hexdigest()
        with self._lock:
            return self._slots.setdefault((address, client_id, digest), Slot())


TOKENS: Final = Tokens()


def object_in(reply: Reply) -> dict[str, Any]:
    """The JSON object in an answer, an empty one where it holds none."""
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def noted(error: _Error, reply: Reply, request_sha256: str, *, keep: bool = True) -> _Error:
    """The error with its exchange; ``keep`` says whether what was answered may be kept."""
    error.http_status, error.request_sha256 = reply.status, request_sha256
    error.response_sha256 = hashlib.sha256(reply.body).hexdigest()
    error.response = reply.body if keep else b""
    return error


def _life(seconds: object) -> timedelta:
    """How long a token is used: what it says less a margin, within reason whatever it says."""
    try:
        told = timedelta(seconds=min(int(str(seconds)), 10**6)) - _MARGIN
    except ValueError:
        told = _SHORTEST
    return min(max(told, _SHORTEST), _LONGEST)
