"""Inside the server: the places of the issue path where a process may be killed or lose its connection.

They are wrapped round the product from outside, before it serves; the product has no hook of its own. Which place is
armed stands in a file, so that one server lives through many rounds: whoever gets there first for the nth time takes
the file away by renaming it (so it happens once), leaves word, and acts:

``kill``  SIGKILL, to this process or to the whole tree
``drop``  PostgreSQL ends the connection's session; the program learns of it at its next word
``lose``  the commit happens, and the connection is gone before the program hears of it
``note``  nothing: it is only known that somebody was there
"""

from __future__ import annotations

import functools
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from app import idempotency
from app.documents import operations
from app.serving import Application
from sunat.signing import Signer

_STATEMENTS: Final = {
    "INSERT INTO idempotency": "key written", "UPDATE series": "advanced", "INSERT INTO documents": "document",
    "INSERT INTO editions": "edition", "INSERT INTO deliveries": "delivery", "INSERT INTO events": "event",
    "UPDATE idempotency": "sealed",
}
POINTS: Final = (
    "key written", "key claimed", "planned", "signed", "advanced", "document", "edition", "delivery", "event",
    "sealed", "before commit", "after commit", "before answer", "half an answer",
)
"""In the order in which a voucher passes them."""
IN_TRANSACTION: Final = ("advanced", "document", "edition", "delivery", "event", "sealed", "before commit")
"""Those at which a connection is open that may be dropped."""

ARMED: Final = "armed.json"
_ISSUING: Final = ("/V1/documents", "/V1/documents/batch")


class Faults:
    """The armed fault of this tree, if there is one, and what happens to him who gets there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Counter[int] = Counter()
        self._lock = threading.Lock()

    def reached(self, point: str, connection: Connection | None = None) -> None:
        """Tells that the calling thread stands at a point; may not return."""
        try:
            fault = json.loads((self._folder / ARMED).read_bytes())
        except FileNotFoundError:
            return
        if fault["point"] != point:
            return
        with self._lock:
            self._seen[fault["serial"]] += 1
            if self._seen[fault["serial"]] < fault["nth"]:
                return
        try:
            (self._folder / ARMED).rename(self._folder / "taken.json")
        except FileNotFoundError:
            return  # another process was first
        (self._folder / f"fired-{fault['serial']}").touch()
        if fault["act"] == "kill":
            _kill(fault["scope"])
        elif fault["act"] != "note" and connection is not None:
            _cut(connection, after_commit=fault["act"] == "lose")


def install(folder: Path) -> None:
    """Wraps the issue path of this process and of those it will fork."""
    faults = Faults(folder)
    storing = threading.local()

    def after_statement(connection: Connection, _: Any, statement: str, *__: Any) -> None:
        point = _STATEMENTS.get(" ".join(statement.split(maxsplit=3)[:_words(statement)]))
        if point == "document":
            storing.now = True
        if point is not None:
            faults.reached(point, connection)

    def before_commit(connection: Connection) -> None:
        if getattr(storing, "now", False):
            faults.reached("before commit", connection)

    def after_commit(_: Session) -> None:
        if getattr(storing, "now", False):
            storing.now = False
            faults.reached("after commit")

    def after_rollback(_: Connection) -> None:
        storing.now = False

    event.listen(Engine, "after_cursor_execute", after_statement)
    event.listen(Engine, "commit", before_commit)
    event.listen(Engine, "rollback", after_rollback)
    event.listen(Session, "after_commit", after_commit)
    _wrap(idempotency, "claim", "key claimed", faults)
    _wrap(operations, "plan", "planned", faults)
    _wrap(Signer, "sign", "signed", faults)
    load = Application.load

    def watched(self: Application) -> Any:
        app = load(self)
        app.wsgi_app = _Answers(app.wsgi_app, faults)  # type: ignore[method-assign]
        return app

    Application.load = watched  # type: ignore[method-assign]


def _words(statement: str) -> int:
    return 3 if statement.startswith("INSERT") else 2


def _wrap(owner: Any, name: str, point: str, faults: Faults) -> None:
    inner = getattr(owner, name)

    @functools.wraps(inner)
    def outer(*arguments: Any, **named: Any) -> Any:
        result = inner(*arguments, **named)
        faults.reached(point)
        return result

    setattr(owner, name, outer)


class _Answers:
    """The WSGI application, with a fault point before the answer leaves and one in the middle of it."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self._inner(environ, start_response)
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] not in _ISSUING:
            return answer
        self._faults.reached("before answer")
        whole = b"".join(answer)
        close = getattr(answer, "close", None)
        if close is not None:
            close()
        return self._in_halves(whole)

    def _in_halves(self, whole: bytes) -> Iterator[bytes]:
        middle = len(whole) // 2
        yield whole[:middle]
        self._faults.reached("half an answer")
        yield whole[middle:]


def _kill(scope: str) -> None:
    if scope == "tree":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _cut(connection: Connection, *, after_commit: bool) -> None:
    """Takes the connection away, before or after what it has done so far is committed."""
    session: Any = connection.connection.driver_connection
    if after_commit:
        session.commit()
        session.close()
        return
    with psycopg.connect(session.info.dsn, password=session.info.password or None, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (session.info.backend_pid,))
