"""What machines ask: alive (``/healthz``), ready to serve (``/readyz``), the figures (``/metrics``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from flask import Flask, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.db import Busy
from app.http.office import office
from app.http.telemetry import figures

PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_CHECKS: Final = "chasqui.checks"

log: Final = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Adds the three addresses."""
    app.extensions[_CHECKS] = {}
    add_check(app, "database", lambda: office().database.ping())
    app.add_url_rule("/healthz", "healthz", _alive)
    app.add_url_rule("/readyz", "readyz", _ready)
    app.add_url_rule("/metrics", "metrics", figures)


def add_check(app: Flask, name: str, check: Callable[[], object]) -> None:
    """Adds something that must work before we are ready: it raises SQLAlchemyError, Busy or RuntimeError if not."""
    app.extensions[_CHECKS][name] = check


def _alive() -> Response:
    return jsonify({"status": "ok"})


def _ready() -> Response:
    checks: dict[str, Any] = {}
    for name, check in current_app.extensions[_CHECKS].items():
        try:
            check()
            checks[name] = "ok"
        except (SQLAlchemyError, Busy, RuntimeError) as error:
            log.warning("not_ready", check=name, reason=type(error).__name__)
            checks[name] = "failed"
    ready = all(result == "ok" for result in checks.values())
    answer = jsonify({"status": "ok" if ready else "unavailable", "checks": checks})
    answer.status_code = 200 if ready else 503
    return answer
