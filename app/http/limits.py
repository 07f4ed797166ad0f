"""How often one may ask: per credential and per address (flask-limiter); 429 with Retry-After beyond that.

Counts are kept in the memory of each process: with several processes the limit holds for each of them. Addresses
behind a proxy count singly only when CHASQUI_TRUSTED_PROXIES says how many proxies there are.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, ip_address
from typing import Final

from flask import Blueprint, Flask, Response, request
from flask_limiter import ApplicationLimit, Limit, Limiter
from flask_limiter.util import get_remote_address

from app.config import Settings
from app.http.health import PATHS
from app.http.inside import handed

_WAITING: Final = (429, 503)
_LIMITER: Final = "chasqui.limiter"
_HOUSEHOLD: Final = 64
"""The bits of an IPv6 address that one customer's line has in common."""


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
    app.after_request(_without_needless_wait)  # registered first, so it runs after the limiter's own
    limiter.init_app(app)
    app.extensions[_LIMITER] = limiter


def limit_posts(app: Flask, blueprint: Blueprint, rate: str) -> None:
    """Counts what is posted to all of a blueprint's addresses together, for each address that asks, beside the rest.

    An IPv6 line has more addresses than there are guesses: it counts as one.
    """
    limiter: Limiter = app.extensions[_LIMITER]
    limiter.shared_limit(
        rate, scope=blueprint.name, key_func=_line, methods=["POST"], override_defaults=False
    )(blueprint)


def _without_needless_wait(answer: Response) -> Response:
    """Only 429 and 503 ask the caller to wait; the library says when the window ends with every answer."""
    if answer.status_code not in _WAITING:
        answer.headers.pop("Retry-After", None)
    return answer


def _watcher() -> bool:
    return request.path in PATHS


def _line() -> str:
    text = get_remote_address()
    try:
        address = ip_address(text)
    except ValueError:  # a server on a socket file knows no address
        return text
    if not isinstance(address, IPv6Address):
        return text
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> _HOUSEHOLD << _HOUSEHOLD))


def _credential() -> str:
    """The credential without its text: the secret itself is no key of a table in memory."""
    within = handed()
    if within is not None:
        return within.actor
    given = request.headers.get("Authorization")
    return hashlib.blake2b(given.encode(), digest_size=16).hexdigest() if given else get_remote_address()
