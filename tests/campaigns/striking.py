"""Inside a process that delivers: the places of an attempt where it may be killed, from taking a job to ending it.

Wrapped round the product from outside, as `tests.campaigns.hooks` does for issuing; which place is armed stands in a
file, and whoever gets there first for the nth time dies.
"""

from __future__ import annotations

import http.client
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from app import working
from app.config import Settings
from app.delivery import asking, attempts, dispatch, embedded, sending, worker
from app.delivery.backoff import Backoff, Retries
from app.factory import build_office
from tests.campaigns.hooks import Faults

_STATEMENTS: Final = {
    "UPDATE deliveries": "delivery", "INSERT INTO evidence": "evidence", "INSERT INTO attempts": "attempt",
    "UPDATE documents": "status", "INSERT INTO events": "event",
}
POINTS: Final = (
    "turn", "claimed", "delivery", "taken", "calling", "half a request", "request sent", "answered", "cdr read",
    "settling", "evidence", "attempt", "status", "event", "before commit", "after commit", "settled", "ended",
)
"""In the order in which an attempt passes them; "delivery" twice, when it is taken and when it is written down."""

_QUICK: Final = Backoff(first=0.2, cap=1.0)
RETRIES: Final = Retries(
    unreached=_QUICK, unanswered=_QUICK, in_process=_QUICK, slow=_QUICK, soon=_QUICK, fetch=_QUICK,
    spaced=Backoff(first=1.0, cap=1.0, least=1.0),
)
"""Waits of a second or less, so that what was killed comes back while the campaign lasts."""

CALL_SECONDS: Final = 1.5
MARGIN: Final = timedelta(seconds=2)
"""With three calls of that length: the lease of an attempt, after which a dead process's is rescued."""

_HALF: Final = 3000


def settings_for(folder: Path, url: str, sandbox_url: str) -> Settings:
    """The settings of a process that delivers to a sandbox nearby."""
    return Settings(
        data_dir=folder, database_url=url, master_key="only-for-campaigns-0123456789abcdef", sandbox_url=sandbox_url,
        log_level="ERROR", sunat_total_seconds=CALL_SECONDS, delivery_interval_seconds=0.2, database_pool=20,
        lapse_after_hours=24 * 365,
    )


def deliver(order: dict[str, Any]) -> None:
    """Delivers until it is killed or told to stop."""
    settings = settings_for(Path(order["folder"]), order["url"], order["sandbox"])
    attempts.MARGIN = MARGIN  # type: ignore[misc]
    office = build_office(settings)
    if office.database.dialect == "postgresql":
        working.work(office, hands=order["hands"], retries=RETRIES)
        return
    engine = embedded.Engine(office, senders=order["hands"], retries=RETRIES)
    engine.start()
    threading.Event().wait()


def install(folder: Path) -> None:
    """Wraps the way of an attempt in this process."""
    faults = Faults(folder)
    here = threading.local()

    def after_statement(connection: Connection, _: Any, statement: str, *__: Any) -> None:
        words = statement.split(maxsplit=3)
        point = _STATEMENTS.get(" ".join(words[:3 if words[0] == "INSERT" else 2]))
        if point is not None and getattr(here, "busy", False):
            here.wrote = True
            faults.reached(point)

    def before_commit(_: Connection) -> None:
        if getattr(here, "busy", False) and getattr(here, "wrote", False):
            faults.reached("before commit")

    def after_commit(_: Session) -> None:
        if getattr(here, "busy", False) and getattr(here, "wrote", False):
            here.wrote = False
            faults.reached("after commit")

    event.listen(Engine, "after_cursor_execute", after_statement)
    event.listen(Engine, "commit", before_commit)
    event.listen(Session, "after_commit", after_commit)

    def around(owner: Any, name: str, *, before: str = "", after: str = "", busy: bool = False) -> None:
        inner = getattr(owner, name)

        def outer(*given: Any, **named: Any) -> Any:
            if before:
                faults.reached(before)
            if not busy:
                result = inner(*given, **named)
            else:
                here.busy = True
                try:
                    result = inner(*given, **named)
                finally:
                    here.busy = False
            if after:
                faults.reached(after)
            return result

        setattr(owner, name, outer)

    around(dispatch.Dispatch, "claim", before="turn", after="claimed")
    around(dispatch.Dispatch, "run", after="ended")
    around(attempts, "_take", after="taken", busy=True)
    around(attempts, "settle", before="settling", after="settled", busy=True)
    for room in (sending, asking):
        around(room, "match", after="cdr read")
    _watch_calls(faults)
    around(worker, "sweep", before="sweeping")


def _watch_calls(faults: Faults) -> None:
    """Every call: before it, in the middle of its request, when that is sent, and when its answer is there."""
    inner = dispatch.attempt

    def attempt(*given: Any, exchange: Any, **named: Any) -> Any:
        def watched(*call: Any, **how: Any) -> Any:
            faults.reached("calling")
            answer = exchange(*call, **how)
            faults.reached("answered")
            return answer

        return inner(*given, exchange=watched, **named)

    dispatch.attempt = attempt  # type: ignore[assignment]
    send, getresponse = http.client.HTTPConnection.send, http.client.HTTPConnection.getresponse

    def in_halves(self: http.client.HTTPConnection, data: Any) -> None:
        if not isinstance(data, bytes) or len(data) < _HALF:
            send(self, data)
            return
        send(self, data[:_HALF // 2])
        faults.reached("half a request")
        send(self, data[_HALF // 2:])

    def awaited(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        faults.reached("request sent")
        return getresponse(self)

    http.client.HTTPConnection.send = in_halves  # type: ignore[method-assign, assignment]
    http.client.HTTPConnection.getresponse = awaited  # type: ignore[method-assign]
