"""The API, asked within this process as the person who signed in.

``call`` runs the application itself, so that an order of the console has the validation, the tenant's fence, the
idempotency, the limits and the log line of any other. Every order is written into the trail (`app.console.trail`).
Hold no session of the database while you call: the API opens its own, and on SQLite there is one writer at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from flask import current_app, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.console import trail
from app.console.gate import visit
from app.console.words import tongue
from app.http import HANDED, IDEMPOTENCY_KEY, office
from app.http.bodies import loads
from app.problems import Item, Problem, Text

_READING: Final = ("GET", "HEAD")


class Told(Problem):
    """What the API refused, with its own status and texts."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        said = str(body.get("error", "")) or str(status)
        items = [
            Item(
                code=str(each.get("code", "")), pointer=str(each.get("pointer", "")),
                message=Text(str(each.get("message", "")), str(each.get("message", ""))),
                hint=Text(str(each.get("hint", "")), str(each.get("hint", ""))),
            )
            for each in body.get("errors", ())
        ]
        super().__init__(str(body.get("code", "")), Text(said, said), items=items)
        self.status = status  # type: ignore[misc]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API said: ``body`` is its JSON (numbers with a fraction as Decimal), None where it is not JSON."""

    status: int
    body: Any
    content: bytes
    headers: Headers

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300

    @property
    def value(self) -> Any:
        """The JSON of an answer that must be a good one. Raises Told, which becomes a page, for any other."""
        if not self.ok:
            raise Told(self.status, self.body if isinstance(self.body, dict) else {})
        return self.body

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What is wrong, item by item: code, pointer, message, hint, severity; empty for a good answer."""
        if self.ok or not isinstance(self.body, dict):
            return []
        found: list[dict[str, Any]] = self.body.get("errors", [])
        return found


def call(
    method: str, path: str, body: Any = None, *, key: str | None = None, query: Mapping[str, Any] | None = None,
    files: Mapping[str, tuple[str, bytes]] | None = None, headers: Mapping[str, str] | None = None,
    orders: bool = True, whole: bool = False,
) -> Answer:
    """The API's answer to a request by whoever is signed in, whatever its status.

    ``path`` is the API's (``/V1/...``), ``body`` becomes JSON, ``key`` is the Idempotency-Key, ``files`` are sent as a
    form with names and contents. ``whole`` asks for the account and not for the branch that is looked at, where nothing
    binds the person to some. Messages come in the language of the page. What changes nothing though it is
    posted (a dry run, a preview) ``orders`` nothing, and the trail has nothing of it.
    """
    services, who = office(), visit()
    sent = {"Accept-Language": tongue(), **(headers or {})}
    if key is not None:
        sent[IDEMPOTENCY_KEY] = key
    builder = EnvironBuilder(
        path, base_url=request.host_url, method=method, headers=Headers(sent), query_string=dict(query or {}),
        environ_base={"REMOTE_ADDR": request.remote_addr or "", HANDED: who.whole if whole else who.principal},
    )
    if files is not None:
        for name, (filename, content) in files.items():
            builder.files.add_file(name, BytesIO(content), filename)
    elif body is not None:
        builder.content_type = "application/json"
        builder.input_stream = BytesIO(current_app.json.dumps(body).encode())
        builder.content_length = builder.input_stream.getbuffer().nbytes
    if method in _READING or not orders:
        return _asked(builder)
    subject = path.removeprefix("/V1")
    deed = trail.begun(services, who, trail.action_of(method, path), subject, request.remote_addr or "")
    answer = _asked(builder)
    trail.done(services, deed, answer.status)
    return answer


def _asked(builder: EnvironBuilder) -> Answer:
    """Runs the application in a context of its own: what belongs to the page's request is not touched."""
    environ = builder.get_environ()
    application = current_app.wsgi_app
    try:
        pieces, status, headers = Context().run(run_wsgi_app, application, environ, buffered=True)
        content = b"".join(pieces)
    finally:
        builder.close()
    said_json = headers.get("Content-Type", "").partition(";")[0].strip().endswith("json")
    return Answer(
        status=int(status.split()[0]), body=loads(content) if said_json and content else None, content=content,
        headers=headers,
    )
