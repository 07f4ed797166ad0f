"""One POST to somebody's address: checked before any packet leaves, bounded in time and size, never redirected."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.deadline import connect, cut_off
from app.webhooks.targets import BadTarget, Target, resolved

SECONDS: Final = 10.0
"""Seconds an attempt may take from its first packet to its last."""

KEPT: Final = 1000
"""Bytes of an answer that are read; the rest is nobody's business."""

_ADDRESSES: Final = 3
_ERROR: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a POST: HTTP's status and the beginning of the body, or why there was none (``error``, English)."""

    status: int | None = None
    text: str = ""
    error: str = ""
    seconds: float = 0.0

    @property
    def delivered(self) -> bool:
        """Whether the receiver said that he has it."""
        return self.status is not None and 200 <= self.status < 300


def post(
    target: Target, headers: Mapping[str, str], body: bytes, *, private: bool, seconds: float = SECONDS,
) -> Answer:
    """Sends a body once. Raises nothing: whatever happens on the way is the answer's ``error``."""
    begun = time.monotonic()
    try:
        status, text = _exchange(target, headers, body, private=private, end=begun + seconds)
    except BadTarget as refused:
        return Answer(error=f"refused: {refused.en}"[:_ERROR], seconds=time.monotonic() - begun)
    except socket.gaierror as error:
        return Answer(error=f"unresolved: {error.strerror}"[:_ERROR], seconds=time.monotonic() - begun)
    except (OSError, http.client.HTTPException, ValueError) as error:
        took = time.monotonic() - begun
        late = took >= seconds or isinstance(error, TimeoutError)
        said = f"no answer within {seconds:g} s" if late else f"{type(error).__name__}: {error}"
        return Answer(error=said[:_ERROR], seconds=took)
    return Answer(status=status, text=text, error=_meaning(status), seconds=time.monotonic() - begun)


def _meaning(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return "redirects are not followed" if 300 <= status < 400 else f"HTTP {status}"


def _exchange(
    target: Target, headers: Mapping[str, str], body: bytes, *, private: bool, end: float,
) -> tuple[int, str]:
    places = resolved(target, private=private)[:_ADDRESSES]
    with connect(places, end) as raw, cut_off(raw, end):
        line = ssl.create_default_context().wrap_socket(raw, server_hostname=target.host) if target.secure else raw
        with line:
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = line  # connected already, to the address that was looked at
            connection.request("POST", target.path, body, {"Host": target.authority, **headers})
            answer = connection.getresponse()
            text = answer.read(KEPT).decode("utf-8", "replace").replace("\0", "")
            if time.monotonic() >= end:  # it may have been cut off, and look like a whole one
                raise TimeoutError
            return answer.status, text
