"""A process that has loaded everything, serves nothing itself and forks servers: a start costs a fork, not an import.

It has one thread and no connection, so that what it forks is whole. Orders come as lines of JSON on standard input,
answers go as lines to standard output; when the input ends it kills all that it started and ends. With an order as
its argument it is one server: a cold start.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from app.serving import serve
from tests.campaigns import hooks, striking
from tests.campaigns.place import settings_for

_PR_SET_PDEATHSIG: Final = 1


def run_server(order: dict[str, Any]) -> None:
    """Serves as ``chasqui serve`` does, under the hooks, until killed."""
    folder = Path(order["folder"])
    tempfile.tempdir = str(folder)  # what a killed process leaves behind goes with the campaign
    hooks.install(Path(order["control"]))
    serve(
        settings_for(folder, order["url"], lease_seconds=order["lease_seconds"]), host="127.0.0.1",
        port=order["port"], workers=order["workers"], threads=order["threads"],
    )


def run_courier(order: dict[str, Any]) -> None:
    """Delivers as ``chasqui worker`` does, or as the engine of a server on SQLite, under the hooks, until killed."""
    tempfile.tempdir = order["folder"]
    striking.install(Path(order["control"]))
    striking.deliver(order)


def main() -> None:
    """Takes orders until the input ends."""
    _load()
    _say({"ready": os.getpid()})
    started: dict[int, bool] = {}
    try:
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "start":
                pid = _fork(order)
                started[pid] = True
                _say({"pid": pid})
            else:
                _say({"status": _bury(order["pid"], order["seconds"])})
                started.pop(order["pid"], None)
    finally:
        for pid in started:
            _kill_group(pid)


ROLES: Final = {"server": run_server, "courier": run_courier}


def _load() -> None:
    """Imports what a server would import while it starts."""
    import gunicorn.workers.gthread  # noqa: F401
    import sqlalchemy.dialects.postgresql.psycopg
    import sqlalchemy.dialects.sqlite  # noqa: F401

    import app.delivery.embedded
    import app.factory  # noqa: F401


def _fork(order: dict[str, Any]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        _die_with_parent()
        if os.getppid() != parent:
            os._exit(1)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        ROLES[order.get("role", "server")](order)
    finally:
        os._exit(1)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _bury(pid: int, seconds: float) -> int | None:
    """The status with which a server ended, or None if it has not."""
    until = time.monotonic() + seconds
    while True:
        try:
            found, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            return None
        if found:
            return status
        if time.monotonic() > until:
            return None
        time.sleep(0.005)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _die_with_parent()
        run_server(json.loads(sys.argv[1]))
    else:
        main()
