"""The line without sockets: calls the pretend authority as an object, with its faults, on anybody's clock.

For campaigns in virtual time. `Line.post` has the signature, the results and the errors of
`sunat.transport.connection.post`; time that would pass on a wire is handed to ``sleep``, which moves the clock.

>>> line = Line(sandbox, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))  # doctest: +SKIP
>>> line.post(address, body, headers, connect_timeout=10, total_timeout=60, max_bytes=8 << 20)  # doctest: +SKIP
Reply(status=200, body=b'<?xml ...')
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sunat.errors import NotSent, UnknownOutcome
from sunat.sandbox.exchange import NEVER_CONNECTED, Call, Outcome, Wire
from sunat.transport.connection import Reply

if TYPE_CHECKING:
    from sunat.sandbox.front import Sandbox

_SILENT: Final = frozenset({Wire.HANG, Wire.SHORT})
_BROKEN: Final = frozenset({Wire.RESET_EARLY, Wire.RESET, Wire.CLOSED, Wire.CUT, Wire.HALF_CLOSED, Wire.CHUNKS})


class Line:
    """A caller's line to one sandbox.

    ``sleep`` is told the seconds that pass while the caller waits; ``peer`` is the address it calls from.
    ``heard`` is called with each outcome before it becomes a reply or an error: for campaigns that count.
    """

    def __init__(
        self, sandbox: Sandbox, *, sleep: Callable[[float], None], peer: str = "127.0.0.1",
        heard: Callable[[Outcome], None] | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._sleep = sleep
        self._peer = peer
        self._heard = heard

    def post(
        self, address: str, body: bytes, headers: Mapping[str, str], *, connect_timeout: float, total_timeout: float,
        max_bytes: int, method: str = "POST",
    ) -> Reply:
        """Sends one request; raises NotSent while no connection stands, UnknownOutcome for everything after."""
        parts = urlsplit(address)
        outcome = self._sandbox.answer(Call(
            method=method, path=parts.path, query=parts.query, body=body, peer=self._peer,
            headers={name.lower(): value for name, value in headers.items()}, host=f"{parts.scheme}://{parts.netloc}",
        ))
        if self._heard is not None:
            self._heard(outcome)
        return self._arrived(outcome, min(connect_timeout, total_timeout), total_timeout, max_bytes)

    def _arrived(self, outcome: Outcome, connect_timeout: float, total_timeout: float, max_bytes: int) -> Reply:
        if outcome.wire in NEVER_CONNECTED:
            self._sleep(min(outcome.delay, connect_timeout))
            raise NotSent(f"No connection could be made: {outcome.wire}")
        takes = outcome.delay + (len(outcome.body) / outcome.pace if outcome.wire is Wire.DRIP else 0)
        if outcome.wire in _SILENT or takes >= total_timeout:
            self._sleep(total_timeout)
            raise UnknownOutcome(f"No complete answer within {total_timeout:g} s")
        self._sleep(takes)
        if outcome.wire in _BROKEN:
            raise UnknownOutcome(f"The connection broke before the answer was complete: {outcome.wire}")
        if len(outcome.body) > max_bytes:
            raise UnknownOutcome(f"The answer is larger than {max_bytes} bytes")
        return Reply(status=outcome.status, body=outcome.body)
