"""One HTTP exchange with a wall-clock deadline, a cap on the answer's size, and a known moment of sending.

requests' timeouts are per read, so a server that sends a byte a second holds a caller for ever. Here a watchdog shuts
the socket down at the deadline, whatever it is waiting for. Each call has a connection of its own: a kept one that
the server has just closed could not be told from a voucher that was read and lost.
"""

from __future__ import annotations

import socket
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from sunat.errors import NotSent, UnknownOutcome

_CHUNK: Final = 32 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An HTTP answer read to its end. ``date`` is its Date header as it came, empty where there was none."""

    status: int
    body: bytes
    date: str = ""


class Exchange(Protocol):
    """How a request travels: `post` here, or straight into a pretend authority where no socket is wanted."""

    def __call__(
        self, address: str, body: bytes, headers: dict[str, str], *, connect_timeout: float, total_timeout: float,
        max_bytes: int, method: str = "POST",
    ) -> Reply:
        """The answer. Raises NotSent or UnknownOutcome, as `post` does."""
        ...


class Deadline:
    """The time one exchange may take in all, in seconds, and the sockets to shut down when it is over."""

    def __init__(self, seconds: float) -> None:
        self.sending = False
        self.expired = False
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for watched in self._sockets:
                watched.close()
            self._sockets.clear()

    @property
    def left(self) -> float:
        """Seconds left, never quite zero, so that it can serve as a socket's timeout."""
        return max(self._end - time.monotonic(), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """Has this connection shut down at the deadline; TLS may take the socket over, hence the duplicate."""
        with self._lock:
            self._sockets.append(connection.dup())
        if self.left <= 0.001:
            self._expire()

    def _expire(self) -> None:
        self.expired = True
        with self._lock:
            for watched in self._sockets:
                try:
                    watched.shutdown(socket.SHUT_RDWR)
                except OSError:  # the other side was quicker
                    continue


_DEADLINE: ContextVar[Deadline] = ContextVar("deadline")


class _Watched(HTTPConnection):
    """A connection whose name look-up and opening count against the exchange's deadline."""

    def _new_conn(self) -> socket.socket:
        deadline, named = _DEADLINE.get(), self._dns_host
        addresses = _addresses(named, self.port, deadline.left)
        try:
            for place, address in enumerate(addresses, start=1):
                self._dns_host = address
                try:
                    connection = super()._new_conn()
                except (HTTPError, OSError):
                    if place == len(addresses) or deadline.expired:
                        raise
                    continue
                deadline.watch(connection)
                return connection
            raise OSError("The name has no address")
        finally:
            self._dns_host = named  # TLS compares the certificate with the name, not with the address

    def connect(self) -> None:
        super().connect()
        _DEADLINE.get().sending = True


class _PlainConnection(_Watched):
    """HTTP."""


class _SecureConnection(_Watched, HTTPSConnection):
    """HTTPS."""


def _addresses(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. The system's look-up knows no time limit, hence a thread that may be left behind."""
    bare = host.strip("[]")
    try:
        return _looked_up(bare, port, socket.AI_NUMERICHOST)
    except socket.gaierror:
        found: list[list[str] | OSError] = []

    def look() -> None:
        try:
            found.append(_looked_up(bare, port, 0))
        except (OSError, UnicodeError) as error:
            found.append(error if isinstance(error, OSError) else OSError("The name is none"))

    thread = threading.Thread(target=look, name="chasqui-lookup", daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TimeoutError("The name was not resolved in time")
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


def _looked_up(host: str, port: int, flags: int) -> list[str]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def new_session() -> requests.Session:
    """A session that knows no environment, no proxy, no cookie jar worth keeping, and verifies certificates."""
    session = requests.Session()
    session.trust_env = False
    session.verify = True
    session.mount("http://", _Adapter(max_retries=0))
    session.mount("https://", _Adapter(max_retries=0))
    return session


def post(
    address: str, body: bytes, headers: dict[str, str], *, connect_timeout: float, total_timeout: float, max_bytes: int,
    method: str = "POST",
) -> Reply:
    """Sends one request and reads its answer, both within ``total_timeout`` seconds.

    Raises NotSent while no connection stood (name, refusal, TLS), UnknownOutcome for everything after: from the
    first byte on the other side may have read it all. Redirects are not followed.
    """
    with Deadline(total_timeout) as deadline, new_session() as session:
        token = _DEADLINE.set(deadline)
        try:
            with session.request(
                method, address, data=body or None,
                headers={**headers, "Connection": "close", "Accept-Encoding": "identity"},
                timeout=(min(connect_timeout, total_timeout), deadline.left), stream=True, allow_redirects=False,
            ) as response:
                content = bytearray()
                for chunk in response.iter_content(_CHUNK):
                    content += chunk
                    if len(content) > max_bytes:
                        raise UnknownOutcome(f"The answer is larger than {max_bytes} bytes")
                if deadline.expired:
                    raise UnknownOutcome(f"No complete answer within {total_timeout:g} s")
                return Reply(
                    status=response.status_code, body=bytes(content), date=response.headers.get("Date", "")[:100]
                )
        except (requests.RequestException, HTTPError, OSError) as error:
            if not deadline.sending:
                raise NotSent(f"No connection could be made: {_brief(error)}") from error
            if deadline.expired:
                raise UnknownOutcome(f"No complete answer within {total_timeout:g} s") from error
            raise UnknownOutcome(f"The connection broke before the answer was complete: {_brief(error)}") from error
        finally:
            _DEADLINE.reset(token)


def _brief(error: BaseException) -> str:
    """The kind of failure without addresses or object names, fit for a log."""
    cause: BaseException = error
    while cause.args and isinstance(cause.args[0], BaseException):
        cause = cause.args[0]
    return type(getattr(cause, "reason", None) or cause).__name__
