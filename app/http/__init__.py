"""What every answer of the office has in common, whatever the room: request ids, JSON only, limits, logs, metrics.

``install(app, office)`` dresses a Flask application; rooms write their views on an `ApiBlueprint` and reach their
services through `office()`. Nothing here knows an account, a series or a voucher.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.http import answers, health, limits, telemetry
from app.http.answers import language
from app.http.api import IDEMPOTENCY_KEY, ApiBlueprint, ErrorBody, JsonApi, OpenSchema, takes_key
from app.http.bodies import StrictJson
from app.http.health import add_check
from app.http.inside import HANDED, handed
from app.http.office import Office, Safe, Vault, keep, office, office_of
from app.http.paths import Rewriting
from app.http.telemetry import registry

__all__ = [
    "HANDED", "ID", "IDEMPOTENCY_KEY", "ApiBlueprint", "ErrorBody", "JsonApi", "Office", "OpenSchema", "Safe", "Vault",
    "add_check", "handed", "install", "language", "office", "office_of", "registry", "takes_key",
]

ID = "int(min=1, max=9223372036854775807)"
"""The converter for ids in addresses: what a database can hold, anything else is not found."""


def install(app: Flask, services: Office) -> None:
    """Dresses a fresh application; call it once, before the rooms register their blueprints."""
    settings = services.settings
    keep(app, services)
    app.json = StrictJson(app)
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    telemetry.install(app, settings)
    answers.install(app)
    limits.install(app, settings)
    health.install(app)
    app.wsgi_app = Rewriting(app.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
