"""How often one may ask: per credential and per address (flask-limiter); 429 with Retry-After beyond that.

Counts are kept in the memory of each process: with several processes the limit holds for each of them. Addresses
behind a proxy count singly only when CHASQUI_TRUSTED_PROXIES says how many proxies there are.
"""

from __future__ import annotations

import hashlib

from flask import Flask, request
from flask_limiter import ApplicationLimit, Limit, Limiter
from flask_limiter.util import get_remote_address

from app.config import Settings
from app.http.health import PATHS


def install(app: Flask, settings: Settings) -> None:
    """Counts every request except those of the machines that watch us."""
    limiter = Limiter(
        get_remote_address,
        default_limits=[Limit(settings.rate_per_key, key_function=_credential, scope="credential", shared=True)],
        application_limits=[ApplicationLimit(settings.rate_per_ip)],
        headers_enabled=True,
        storage_uri="memory://",
        strategy="fixed-window",
        enabled=settings.rate_limits,
    )
    limiter.request_filter(_watcher)
    limiter.init_app(app)


def _watcher() -> bool:
    return request.path in PATHS


def _credential() -> str:
    """The credential without its text: the secret itself is no key of a table in memory."""
    given = request.headers.get("Authorization")
    return hashlib.blake2b(given.encode(), digest_size=16).hexdigest() if given else get_remote_address()
