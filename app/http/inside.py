"""Requests that this process makes to its own application, on behalf of somebody it has made out already.

Who asks is handed over in the request's environment under a name that no header can have: what comes from a network
is put there as ``HTTP_...``, as text, and never under this one.
"""

from __future__ import annotations

from typing import Final, Protocol, cast

from flask import request

HANDED: Final = "chasqui.handed"
"""The name in the environment of a request."""


class Handed(Protocol):
    """Whoever asks; ``actor`` names him in the history of what he changes."""

    @property
    def actor(self) -> str:
        """Such as "person:7"."""
        ...


def handed() -> Handed | None:
    """Who asks in a request of our own; None in one that came from outside."""
    return cast("Handed | None", request.environ.get(HANDED))
