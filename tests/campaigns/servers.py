"""Trees of server processes (gunicorn's head and its workers): started warm or cold, killed, buried.

Each tree is a process group of its own, so one signal reaches all of it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final

import psutil

from tests.campaigns.hooks import ARMED
from tests.campaigns.place import LEASE_SECONDS, Place

ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 60.0
_DEATH_SECONDS: Final = 20.0


class NotServing(Exception):
    """A server did not start, or did not end."""


@dataclass(slots=True, kw_only=True)
class Tree:
    """A server: its port, the process at its head (also the group's number), where its fault is armed."""

    pid: int
    port: int
    control: Path
    cold: subprocess.Popen[bytes] | None
    nursery: Nursery = field(repr=False)

    def workers(self) -> list[int]:
        """The processes that answer, oldest first."""
        try:
            return sorted(child.pid for child in psutil.Process(self.pid).children())
        except psutil.NoSuchProcess:
            return []

    def arm(self, fault: dict[str, Any]) -> None:
        """Arms a fault: serial, point, nth, scope, act."""
        draft = self.control / "draft.json"
        draft.write_text(json.dumps(fault), encoding="utf-8")
        draft.rename(self.control / ARMED)

    def disarm(self) -> None:
        """Takes the fault away if nobody has met it."""
        (self.control / ARMED).unlink(missing_ok=True)

    def fired(self, serial: int) -> bool:
        """Whether somebody has met the fault."""
        return (self.control / f"fired-{serial}").exists()

    def kill(self) -> None:
        """SIGKILL to the whole tree."""
        _kill_group(self.pid)

    def bury(self) -> int:
        """Waits for the death of the head and gives the signal that killed it, or 0. Raises NotServing."""
        if self.cold is not None:
            try:
                code = self.cold.wait(_DEATH_SECONDS)
            except subprocess.TimeoutExpired as error:
                raise NotServing(f"server {self.pid} is still alive") from error
            status: int | None = -min(code, 0)
        else:
            status = self.nursery.ask({"do": "bury", "pid": self.pid, "seconds": _DEATH_SECONDS})["status"]
            if status is None:
                raise NotServing(f"server {self.pid} is still alive")
        _kill_group(self.pid)  # a worker that was being started when its head died
        return os.WTERMSIG(status or 0)


@dataclass(slots=True)
class Nursery:
    """The process that forks servers; see `tests.campaigns.nursery`."""

    process: subprocess.Popen[str]

    def ask(self, order: dict[str, Any]) -> dict[str, Any]:
        """Gives an order and waits for the answer. Raises NotServing when the nursery has died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise NotServing("the nursery has died")
        found: dict[str, Any] = json.loads(line)
        return found

    def start(
        self, place: Place, *, workers: int = 2, threads: int = 8, cold: bool = False, name: str = "server",
        lease_seconds: int = LEASE_SECONDS,
    ) -> Tree:
        """A server that is ready to serve."""
        control = place.folder / f"control-{name}"
        control.mkdir(exist_ok=True)
        (control / ARMED).unlink(missing_ok=True)
        log = place.folder / f"{name}.log"
        order = {
            "do": "start", "port": _free_port(), "workers": workers, "threads": threads, "url": place.url,
            "folder": str(place.folder), "control": str(control), "log": str(log), "lease_seconds": lease_seconds,
        }
        process = None
        if cold:
            with log.open("ab") as said:
                process = subprocess.Popen(
                    [sys.executable, "-m", "tests.campaigns.nursery", json.dumps(order)], cwd=ROOT, stdout=said,
                    stderr=said, stdin=subprocess.DEVNULL, start_new_session=True,
                )
            pid = process.pid
        else:
            pid = self.ask(order)["pid"]
        tree = Tree(pid=pid, port=int(str(order["port"])), control=control, cold=process, nursery=self)
        try:
            _wait_ready(tree, log)
        except BaseException:
            tree.kill()
            raise
        return tree


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery for as long as the block lasts; what it forked dies with it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.nursery"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    ) as process:
        made = Nursery(process)
        assert process.stdout is not None
        if not process.stdout.readline():
            raise NotServing("the nursery did not start")
        try:
            yield made
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def serving(home: Nursery, place: Place, **how: Any) -> Iterator[Tree]:
    """One server for as long as the block lasts."""
    tree = home.start(place, **how)
    try:
        yield tree
    finally:
        tree.kill()
        tree.bury()


def kill_one(pid: int) -> bool:
    """SIGKILL to one process; says whether it was there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_ready(tree: Tree, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", tree.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    raise NotServing(log.read_text(encoding="utf-8", errors="replace")[-2000:])
