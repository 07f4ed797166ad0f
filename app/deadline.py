"""Connections and threads that are waited for until their time is up, and no longer.

A connection ends then, however steadily the other side drips: sockets only count the time between two bytes.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

Place = tuple[int, tuple[Any, ...]]
"""An address family and a socket address."""


def connect(places: Sequence[Place], end: float) -> socket.socket:
    """A connection to the first of the places that takes one before ``end`` (`time.monotonic`).

    Its time-out is what was left. Raises the last place's OSError.
    """
    failure: OSError = TimeoutError()
    for family, where in places:
        line = socket.socket(family, socket.SOCK_STREAM)
        line.settimeout(max(0.01, end - time.monotonic()))
        try:
            line.connect(where)
        except OSError as error:
            line.close()
            failure = error
            continue
        return line
    raise failure


@contextmanager
def cut_off(line: socket.socket, end: float) -> Iterator[None]:
    """Ends the connection at ``end``, in both directions; whoever reads or writes then gets an error."""
    handle = line.dup()  # TLS takes the socket over; what is done to its twin is done to the connection

    def cut() -> None:
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, end - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def ended(threads: Sequence[threading.Thread], patience: float) -> bool:
    """Waits so many seconds for threads, all of them together, and says whether every one has ended."""
    end = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
