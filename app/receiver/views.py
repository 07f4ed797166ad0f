"""``/v`` and its sisters for what has no value: the form, what it finds, the files; errors are pages too.

Everything is asked for by POST to the page's own address with all six fields, a file by ``file`` beside them.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from app.clock import lima
from app.config import Settings
from app.documents.files import attached
from app.http import answers, limits, office
from app.imprint.addresses import RECEIVER_PAGES
from app.problems import Problem, Text, Unavailable
from app.receiver.asking import FIELDS, read
from app.receiver.finding import FILES, Found, described, find
from app.receiver.telling import LIVE, WORDS, state_of
from sunat.kinds import KINDS, kind
from sunat.money import from_cents
from sunat.ubl.printed.words import money

_MOST_BYTES: Final = 8 * 1024
_STYLE: Final = Path(__file__).parent / "pages" / "receiver.css"
_KEPT: Final = ("Retry-After",)

blueprint = Blueprint("receiver", __name__, template_folder="pages")


def install(app: Flask, settings: Settings) -> None:
    """Adds the page to an application. It is for people: the API's description has nothing of it."""
    limits.limit_posts(app, blueprint, settings.rate_receiver)
    app.register_blueprint(blueprint)


def page() -> Response:
    """The form; by POST what it finds, or one of its files."""
    environment = _environment()
    if request.method != "POST":
        return _shown(environment, 200)
    request.max_content_length = _MOST_BYTES
    given = {name: request.form.get(name, "").strip()[:30] for name in FIELDS}
    asked = read(given)
    if isinstance(asked, dict):
        return _shown(environment, 400, given=given, complaints=asked)
    services = office()
    wanted = FILES.get(request.form.get("file", ""))
    with services.database.read() as session:
        row = find(session, environment, asked)
        file = wanted(session, row, services.settings.public_url) if wanted and row else None
        found = described(session, row) if row else None
    if file is not None:
        return attached(file.content(), file.name, file.extension)
    if found is None:
        return _shown(environment, 404, given=given, missing=True)
    return _shown(environment, 200, given=given, found=_told(found))


for _endpoint, _path in RECEIVER_PAGES.items():
    blueprint.add_url_rule(_path, _endpoint, page, methods=["GET", "POST"])


@blueprint.after_request
def _careful(answer: Response) -> Response:
    """No script, nothing from elsewhere, no search engine; the office's own headers say no-store."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    if answer.mimetype == "text/html":
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'sha256-{_style()[1]}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        answer.headers["Content-Language"] = answers.language()
        answer.vary.add("Accept-Language")
    return answer


def _failed(error: Problem | HTTPException) -> Response:
    """An error as the office tells it, its sentence on the page."""
    told = answers.from_problem(error) if isinstance(error, Problem) else answers.from_http(error)
    said = told.get_json(silent=True)
    if said is None:
        return told
    answer = _shown(_environment(), told.status_code, failure=said["error"])
    for name in _KEPT:
        if name in told.headers:
            answer.headers[name] = told.headers[name]
    return answer


def _unavailable(_: Exception) -> Response:
    """Nothing is ever changed here, so it may simply be asked again."""
    return _failed(Unavailable("DATABASE_BUSY", Text(
        "El servicio no responde en este momento", "The service does not answer at the moment"
    )))


blueprint.register_error_handler(Problem, _failed)
blueprint.register_error_handler(HTTPException, _failed)
for _kind_of_error in answers.DATABASE_ERRORS:
    blueprint.register_error_handler(_kind_of_error, _unavailable)


def _environment() -> str:
    """Whose vouchers this page is about: each environment's page is an endpoint of its name."""
    return (request.endpoint or LIVE).rpartition(".")[2]


def _shown(
    environment: str, status: int, *, given: Mapping[str, str] | None = None, missing: bool = False,
    complaints: Mapping[str, Text] | None = None, found: Mapping[str, Any] | None = None, failure: str = "",
) -> Response:
    tongue = answers.language()
    answer = make_response(render_template(
        "receiver.html", language=tongue, style=_style()[0], words={name: text.said(tongue) for name, text in
        WORDS.items()}, live=environment == LIVE, given=given or {}, missing=missing, found=found, failure=failure,
        kinds=[(row.code, row.name_en if tongue == "en" else row.name) for row in KINDS],
        complaints={name: text.said(tongue) for name, text in (complaints or {}).items()},
    ))
    answer.status_code = status
    return answer


def _told(found: Found) -> Mapping[str, Any]:
    row, tongue = found.row, answers.language()
    state, its_kind = state_of(row), kind(row.sunat_code)
    return {
        "tone": state.tone, "title": state.title.said(tongue), "detail": state.detail.said(tongue),
        "kind": its_kind.name_en if tongue == "en" else its_kind.name, "issuer": found.issuer, "ruc": row.ruc,
        "number": f"{row.series}-{row.number:08d}", "date": f"{row.issue_date:%d/%m/%Y}",
        "total": money(from_cents(row.total), row.currency) if row.total else "",
        "at": f"{lima(office().clock.now()):%d/%m/%Y %H:%M}",
        "files": [name for name in FILES if name != "cdr" or found.has_cdr],
    }


@cache
def _style() -> tuple[str, str]:
    """The style and its SHA-256 in base64, by which the page's policy names it."""
    text = _STYLE.read_text(encoding="utf-8")
    return text, b64encode(hashlib.sha256(text.encode()).digest()).decode()
