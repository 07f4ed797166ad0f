"""The demo's two servers, each in a thread of this process, on the ports asked for or on free ones."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app.clock import Clock
from app.pretend import Pretend, running

HOST: Final = "127.0.0.1"
Say = Callable[[str], None]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Says nothing: the screen belongs to the demo."""


@contextmanager
def serving(app: Flask, door: socket.socket) -> Iterator[None]:
    """The application, served from threads at a door that is already open."""
    server = make_server(
        HOST, door.getsockname()[1], app, threaded=True, request_handler=_Quiet, fd=door.fileno()
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="chasqui-api", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def listener(port: int, note: Say) -> Iterator[socket.socket]:
    """A socket on the port, or on a free one where it is taken."""
    try:
        found = socket.create_server((HOST, port), backlog=128)
    except OSError:
        found = socket.create_server((HOST, 0), backlog=128)
        note(f"El puerto {port} está ocupado; uso {found.getsockname()[1]} / port {port} is taken, using another")
    with found:
        yield found


@contextmanager
def sandbox(folder: Path, port: int, clock: Clock, note: Say) -> Iterator[Pretend]:
    """The pretend SUNAT on the port, or on a free one where it is taken."""
    with ExitStack() as stack:
        try:
            pretend = stack.enter_context(running(clock, port=port, folder=folder / "sandbox"))
        except OSError:
            pretend = stack.enter_context(running(clock, port=0, folder=folder / "sandbox"))
            note(f"El puerto {port} está ocupado; SUNAT en {pretend.url} / port {port} is taken, using another")
        yield pretend


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets a TERM end the program as Ctrl-C does, so that nothing of it stays behind."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def until_interrupted() -> None:
    """Waits for Ctrl-C or a TERM."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return
