"""The tills: so many clients that each send a voucher, wait for the answer and send the next.

A process of its own (``python -m tests.bench.load``: an order as JSON on standard input, the outcome as JSON on
standard output) with one thread and nothing but the standard library, because it shares the processors with what it
measures. It stops by itself, after a time and after a count, and talks to the loopback only.
"""

from __future__ import annotations

import json
import resource
import selectors
import socket
import sys
import time
from typing import Any, Final

GRACE_SECONDS: Final = 15.0
"""How long the last answers may take."""
OPENING_SECONDS: Final = 0.004
"""How long after one till the next opens."""
_HOST: Final = "127.0.0.1"
_END: Final = b"\r\n\r\n"


class Till:
    """One client on one connection. Its series are its own: no two tills issue on the same one, if there are enough."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self._requests = requests
        self._turn = 0
        self._waiting = b""
        self._begun = 0.0
        self.socket = socket.create_connection((_HOST, port), timeout=GRACE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, key: str) -> None:
        """Sends the next request; ``key`` is its idempotency key, empty for none."""
        request = self._requests[self._turn % len(self._requests)]
        self._turn += 1
        self._waiting, self._begun = b"", time.perf_counter()
        self.socket.sendall(request.replace(b"\r\n", f"\r\nIdempotency-Key: {key}\r\n".encode(), 1) if key else request)

    def receive(self) -> tuple[int, float, bytes] | None:
        """Status, seconds and body once the answer is whole. Raises ConnectionError when the server hangs up."""
        piece = self.socket.recv(262144)
        if not piece:
            raise ConnectionError("The server closed the connection")
        self._waiting += piece
        head, found, body = self._waiting.partition(_END)
        if not found:
            return None
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:")
        if len(body) < length:
            return None
        return int(head[9:12]), time.perf_counter() - self._begun, body


def run(order: dict[str, Any]) -> dict[str, Any]:
    """Carries out an order: port, bodies (one a series), credential, clients, seconds, most, keys."""
    requests = [_request(body.encode(), order["port"], order["credential"]) for body in order["bodies"]]
    clients = order["clients"]
    shares = [requests[index::clients] or [requests[index % len(requests)]] for index in range(clients)]
    tills: list[Till] = []
    statuses: dict[str, int] = {}
    taken: list[float] = []
    refusal = ""
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    until, sent = begun + order["seconds"], 0
    with selectors.DefaultSelector() as selector:
        for share in shares:
            # One after another, as tills open: of connections that come all at once one process of the server takes
            # every one, and the other has nothing to do.
            tills.append(Till(order["port"], share))
            selector.register(tills[-1].socket, selectors.EVENT_READ, tills[-1])
            sent += 1
            tills[-1].send(_key(order, sent))
            time.sleep(OPENING_SECONDS)
        busy = len(tills)
        while busy and (now := time.perf_counter()) < until + GRACE_SECONDS:
            for event, _ in selector.select(0.5):
                answer = event.data.receive()
                if answer is None:
                    continue
                status, seconds, body = answer
                statuses[str(status)] = statuses.get(str(status), 0) + 1
                taken.append(seconds)
                if status != 201 and not refusal:
                    refusal = body.decode("utf-8", "replace")[:1000]
                if now < until and sent < order["most"]:
                    sent += 1
                    event.data.send(_key(order, sent))
                else:
                    busy -= 1
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF)
    for till in tills:
        till.socket.close()
    taken.sort()
    return {
        "seconds": seconds, "statuses": statuses, "refusal": refusal, "unanswered": busy,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "p50": at(taken, 0.5), "p99": at(taken, 0.99),
    }


def _request(body: bytes, port: int, credential: str) -> bytes:
    head = (
        f"POST /V1/documents HTTP/1.1\r\nHost: {_HOST}:{port}\r\nAuthorization: Bearer {credential}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _key(order: dict[str, Any], sent: int) -> str:
    return f"{order['keys']}-{sent}" if order["keys"] else ""


def at(ordered: list[float], share: float) -> float:
    """The value below which so large a share of the ordered values lies; 0 of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
