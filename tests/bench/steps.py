"""Where the time of one issue request goes: by step, and by library.

The application is called without a server, in this process. cProfile makes Python look dearer than C, so shares are
what counts; the milliseconds are the shares of a run without it.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy import event

from app.factory import app_of
from tests.bench.office import Measured, folder, fresh_url, furnish, settings_for
from tests.bench.vouchers import encoded, request


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A function whose time is told; ``depth`` says whether it is part of the step before it with a smaller one."""

    label: str
    file: str
    function: str
    depth: int = 0


STEPS: Final = (
    Step(label="authenticate", file="app/accounts/auth.py", function="authenticate"),
    Step(label="read body and query", file="webargs/core.py", function="parse"),
    Step(label="fingerprint", file="app/documents/fingerprint.py", function="fingerprint"),
    Step(label="plan", file="app/documents/orders.py", function="plan"),
    Step(label="find the series", file="app/series/operations.py", function="for_issuing", depth=1),
    Step(label="translate and compute", file="app/documents/schemas/invoice.py", function="translate", depth=1),
    Step(label="render", file="sunat/ubl/render.py", function="render", depth=1),
    Step(label="relate", file="app/documents/relating.py", function="relate", depth=1),
    Step(label="judge", file="app/documents/judging.py", function="findings_of", depth=1),
    Step(label="find the signer", file="app/accounts/signers.py", function="for_account"),
    Step(label="number and store", file="app/documents/counters.py", function="issue"),
    Step(label="read the head of the series", file="app/series/allocator.py", function="_head", depth=1),
    Step(label="sign", file="sunat/signing/signer.py", function="sign", depth=1),
    Step(label="advance the series", file="app/series/allocator.py", function="advance", depth=1),
    Step(label="store the rows", file="app/ledger/store.py", function="store_issued", depth=1),
    Step(label="commit", file="sqlalchemy/engine/base.py", function="_commit_impl", depth=1),
    Step(label="answer", file="app/documents/answers.py", function="document_answer"),
)
LIBRARIES: Final = (
    "app", "sunat", "sqlalchemy", "psycopg", "sqlite3", "marshmallow", "webargs", "flask", "werkzeug", "jinja2", "lxml",
    "structlog", "cryptography",
)


def measure(dialect: str, lines: int, calls: int) -> dict[str, Any]:
    """The profile: milliseconds a request, its steps, its libraries, how many statements it sends to the database."""
    with folder() as here, fresh_url(dialect, here) as url:
        office = furnish(settings_for(here, url), 1)
        issue = _issuer(app_of(office.services), office, lines)
        with _silence():
            for _ in range(max(2, calls // 10)):
                issue()
            begun, used = time.perf_counter(), time.process_time()
            for _ in range(calls):
                issue()
            wall, cpu = time.perf_counter() - begun, time.process_time() - used
            statements = _statements(office, issue)
            profile = cProfile.Profile()
            profile.enable()
            for _ in range(calls):
                issue()
            profile.disable()
        office.services.database.dispose()
    return {
        "dialect": dialect, "lines": lines, "ms": round(wall / calls * 1000, 3),
        "processor_ms": round(cpu / calls * 1000, 3), "statements": statements,
        **_shares(pstats.Stats(profile), wall / calls * 1000),
    }


def _issuer(app: Flask, office: Measured, lines: int) -> Callable[[], None]:
    """A function that issues one voucher through the WSGI application."""
    body = encoded(request(lines, series=office.series[0], issue_date=office.today))
    environ = {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/V1/documents", "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {office.credential}", "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }

    def issue() -> None:
        statuses: list[str] = []

        def start(status: str, _: object, __: object = None) -> Callable[[bytes], object]:
            statuses.append(status)
            return statuses.append  # type: ignore[return-value]

        answer = app.wsgi_app({**environ, "wsgi.input": BytesIO(body)}, start)
        said = b"".join(answer)
        if statuses[0][:3] != "201":
            raise RuntimeError(f"The voucher was not issued: {said.decode()}")

    return issue


def _statements(office: Measured, issue: Callable[[], None]) -> int:
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    engine = office.services.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        issue()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def _shares(stats: pstats.Stats, ms: float) -> dict[str, Any]:
    rows: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = stats.stats  # type: ignore[attr-defined]
    own = {place: row[2] for place, row in rows.items()}
    whole = sum(own.values())
    steps = []
    for step in STEPS:
        named = ((file, row) for (file, _, name), row in rows.items() if name == step.function)
        taken = sum(row[3] for file, row in named if file.endswith(step.file))
        steps.append(_share(step.label, taken / whole, ms) | {"depth": step.depth})
    rest = 1 - sum(step["share"] for step in steps if step["depth"] == 0)
    by_library: dict[str, float] = {}
    for (file, _, name), seconds in own.items():
        library = _library(file, name)
        by_library[library] = by_library.get(library, 0.0) + seconds / whole
    return {
        "steps": [*steps, _share("everything else", rest, ms) | {"depth": 0}],
        "libraries": [
            _share(name, share, ms) for name, share in sorted(by_library.items(), key=lambda pair: -pair[1])
        ],
    }


def _share(label: str, share: float, ms: float) -> dict[str, Any]:
    return {"label": label, "share": round(share, 4), "ms": round(share * ms, 3)}


def _library(file: str, function: str) -> str:
    """The library a function belongs to; what is written in C says so in its name, if at all."""
    parts = Path(file).parts if file != "~" else tuple(function.replace("'", " ").replace("<", " ").split())
    for name in LIBRARIES:
        if any(part == name or part.startswith((f"{name}.", f"{name}_")) for part in parts):
            return name
    return "Python and others"


@contextmanager
def _silence() -> Iterator[None]:
    """Log lines are written, as in production, but to nowhere."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        yield
