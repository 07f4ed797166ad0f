"""No test reaches beyond this machine: connections go to loopback addresses and local sockets only."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest


class Outside(Exception):
    """A test tried to leave the machine."""


def is_inside(address: Any) -> bool:
    """Whether an address given to ``connect`` stays on this machine; a name counts as outside, except localhost."""
    if not isinstance(address, tuple):
        return True  # a path of a local socket
    host = str(address[0])
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Refuses every connection to the outside for the whole run."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


def _guarded(original: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_inside(address):
            raise Outside(f"A test tried to connect to {address!r}")
        return original(self, address)

    return connect
