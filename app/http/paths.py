"""Addresses that mean others, settled before routing (decision 28)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Rewriting:
    """``/v1/...`` is ``/V1/...``, and ``/auth`` is ``/V1/auth``."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/v1" or path.startswith("/v1/"):
            environ["PATH_INFO"] = "/V1" + path[3:]
        elif path == "/auth":
            environ["PATH_INFO"] = "/V1/auth"
        return self._application(environ, start_response)
