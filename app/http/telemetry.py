"""Request ids, one log line and one figure a request, and the headers that make browsers careful.

Logs are JSON, one object a line on standard error. No header, body or query is logged; whatever is named or looks
like a secret is blotted out on its way, so that a careless line later does no harm.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
import uuid
from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from flask import Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from structlog.tracebacks import ExceptionDictTransformer

from app.config import Settings

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SECRET_NAME: Final = re.compile(r"authorization|password|secret|token|api_key|private|sealed|cookie", re.IGNORECASE)
_SECRET_TEXT: Final = re.compile(r"chq_(test|live)_[A-Za-z0-9_-]+|-----BEGIN [A-Z ]*PRIVATE KEY-----.*", re.DOTALL)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
_METRICS: Final = "chasqui.metrics"
_SHARED: Final = "chasqui.metrics.shared"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def configure_logging(level: str) -> None:
    """Sends structlog's lines to standard error as JSON, from a level on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            blot,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever standard error is at that moment
        cache_logger_on_first_use=False,
    )


def blot(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hides secrets in a log line, by the name they stand under and by their look."""
    return {name: "***" if _SECRET_NAME.search(name) else _blotted(value) for name, value in line.items()}


def install(app: Flask, settings: Settings) -> None:
    """Counts, names and logs every request."""
    configure_logging(settings.log_level)
    registry = CollectorRegistry()
    histogram = Histogram(
        "chasqui_http_request_seconds", "Time to answer a request", ("method", "route", "status"), registry=registry,
        buckets=_BUCKETS,
    )
    app.extensions[_METRICS] = registry
    app.extensions[_SHARED] = CollectorRegistry()
    log = structlog.get_logger(__name__)

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        g.begun = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(answer: Response) -> Response:
        taken = time.perf_counter() - g.get("begun", time.perf_counter())
        route = str(request.url_rule or "none")
        histogram.labels(request.method, route, str(answer.status_code)).observe(taken)
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        for name, value in _HEADERS.items():
            answer.headers.setdefault(name, value)
        if request.is_secure:
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        log.info(
            "request", method=request.method, route=route, status=answer.status_code, ms=round(taken * 1000, 1),
            address=request.remote_addr,
        )
        return answer


def registry() -> CollectorRegistry:
    """Where this application's rooms register their figures."""
    found: CollectorRegistry = current_app.extensions[_METRICS]
    return found


def add_shared(app: Flask, collector: Collector) -> None:
    """Adds figures that are the same from every process, such as those read from the database."""
    app.extensions[_SHARED].register(collector)


def figures() -> Response:
    """The figures of this process, or of all workers where prometheus-client's folder for them is set."""
    source = registry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        source = CollectorRegistry()
        MultiProcessCollector(source)  # type: ignore[no-untyped-call]
    shared: CollectorRegistry = current_app.extensions[_SHARED]
    return Response(generate_latest(source) + generate_latest(shared), content_type=CONTENT_TYPE_LATEST)


def _blotted(value: Any) -> Any:
    if isinstance(value, str):
        return _SECRET_TEXT.sub("***", value)
    if isinstance(value, dict):
        return {name: "***" if _SECRET_NAME.search(str(name)) else _blotted(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_blotted(each) for each in value]
    return value
