"""The way in: who may open which page, what a posted form must carry, and errors as pages.

A view says ``@page("/series", roles=OWNERS)`` and then asks `visit()`. Whoever is not signed in is asked to, and what
he had typed comes back afterwards; a role that a page is not for is 403, whatever the page. `PAGES` holds every page
with its roles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Final, NoReturn, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound as NoPage
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import BranchRecord
from app.accounts.operations import branches_of
from app.accounts.roles import ROLES, Role
from app.console import sessions
from app.console.menu import MENU
from app.console.sessions import Visit
from app.console.showing import for_templates, show
from app.http import answers, office
from app.problems import Forbidden, Malformed, Problem, Text, Unavailable

COOKIE: Final = "chasqui_console"
REFRESH: Final = "X-Chasqui-Refresh"
"""The header of requests that the script makes by itself: they are no activity, and are not sent to the sign-in."""

EVERYBODY: Final = frozenset(ROLES)
ISSUERS: Final[frozenset[Role]] = frozenset({"owner", "issuer"})
BOOKS: Final[frozenset[Role]] = frozenset({"owner", "accountant"})
OWNERS: Final[frozenset[Role]] = frozenset({"owner"})

PAGES: dict[str, frozenset[Role]] = {}
"""The roles of every page by its endpoint, and nothing for those that need no sign-in."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MOST_FIELDS: Final = 5000
_READING: Final = ("GET", "HEAD")
_KEPT: Final = ("Retry-After",)
_DURING_CHANGE: Final = frozenset({"console.password", "console.sign_out", "console.language"})

blueprint = Blueprint(
    "console", __name__, url_prefix="/console", template_folder="pages", static_folder="files", static_url_path="/files"
)

View = Callable[..., Any]


def page(
    rule: str, *, roles: frozenset[Role] = EVERYBODY, methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """A page for those who are signed in and have one of the roles; its endpoint is the view's name."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**named: Any) -> Any:
            found = _signed_in()
            if found is None:
                return _asked_to_sign_in()
            g.visit = found
            if found.role not in roles:
                raise Forbidden("ROLE", Text(
                    "Su rol no permite abrir esta página", "Your role does not allow this page"
                ), hint=Text("Pídalo a un propietario de la cuenta", "Ask an owner of the account"))
            if found.must_change and request.endpoint not in _DURING_CHANGE:
                return redirect(url_for("console.password"), 303)
            if request.method not in _READING and not _carries_word():
                return _once_more()
            return view(**named)

        _add(rule, view.__name__, guarded, methods, roles)
        return view

    return decorate


def open_page(rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """A page that needs no sign-in; what is posted must come from a form of the same browser all the same."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**named: Any) -> Any:
            g.visit = None
            if request.method not in _READING and not _carries_word():
                return redirect(url_for(str(request.endpoint), strange="1"), 303)
            return view(**named)

        _add(rule, view.__name__, guarded, methods, frozenset())
        return view

    return decorate


def visit() -> Visit:
    """Who is signed in, in a view of `page`."""
    return cast("Visit", g.visit)


def may_open(endpoint: str) -> bool:
    """Whether the person may open a page, for links and buttons: ``may_open("series")``."""
    found: Visit | None = g.get("visit")
    return found is not None and found.role in PAGES[f"console.{endpoint}"]


def branches() -> Sequence[BranchRecord]:
    """The branches that the person may look at, in the order of their ids; asked once a page."""
    if "console_branches" not in g:
        chosen = branches_of(visit().account_id)
        if visit().branches:
            chosen = chosen.where(BranchRecord.id.in_(visit().branches))
        with office().database.read() as session:
            g.console_branches = session.scalars(chosen).all()
    return cast("Sequence[BranchRecord]", g.console_branches)


def cookie() -> str:
    """The browser's cookie; a fresh one where it has none, which the answer then sets."""
    if "console_cookie" not in g:
        g.console_cookie = request.cookies.get(COOKIE, "")[:100] or sessions.fresh_cookie()
    return cast("str", g.console_cookie)


def give_cookie(value: str) -> None:
    """The cookie that the browser has from this answer on."""
    g.console_cookie = value


def csrf() -> str:
    """The word that forms carry."""
    return sessions.csrf(office(), cookie())


def local_path(address: str, otherwise: str) -> str:
    """A path of the console to go back to; what is not one becomes ``otherwise``."""
    parts = urlsplit(address)
    inside = parts.path == "/console" or parts.path.startswith("/console/")
    if parts.scheme or parts.netloc or not inside or "\\" in address:
        return otherwise
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _add(rule: str, name: str, view: View, methods: tuple[str, ...], roles: frozenset[Role]) -> None:
    blueprint.add_url_rule(rule, name, view, methods=list(methods))
    PAGES[f"console.{name}"] = roles


def _signed_in() -> Visit | None:
    return sessions.find(office(), request.cookies.get(COOKIE, "")[:100], quietly=REFRESH in request.headers)


def _carries_word() -> bool:
    if len(request.form) > _MOST_FIELDS:
        raise Malformed("FORM_TOO_LONG", Text("El formulario es demasiado largo", "The form is too long"))
    return sessions.is_csrf(office(), cookie(), request.form.get("_csrf", ""))


def _typed() -> Mapping[str, list[str]]:
    return {name: request.form.getlist(name) for name in request.form}


def _shown_at() -> str:
    """Where the form that was posted is shown: its own address, or the first page where that shows nothing."""
    endpoint, _ = current_app.url_map.bind("").match(request.path, method="GET")
    return url_for("console.today") if endpoint == "console.no_page" else request.path


def _asked_to_sign_in() -> BaseResponse:
    """To the sign-in, and back afterwards; what was typed waits, if it came from a form of this browser."""
    if REFRESH in request.headers:
        abort(401)
    back = request.full_path.rstrip("?")
    if request.method not in _READING:
        back = _shown_at()
        kept = back == request.path and _carries_word() and sessions.keep(office(), cookie(), back, _typed())
        return redirect(url_for("console.sign_in", back=back, kept="1" if kept else None, late="1"), 303)
    return redirect(url_for("console.sign_in", back=back if request.path != "/console" else None), 303)


def _once_more() -> BaseResponse:
    """A form of another session of this browser: shown again with what was typed, for a second look."""
    origin = request.headers.get("Origin")
    if REFRESH in request.headers or (origin is not None and urlsplit(origin).netloc != request.host):
        raise Malformed("FORM_OF_ANOTHER_PAGE", Text(
            "El formulario no viene de esta página", "The form does not come from this page"
        ), hint=Text("Abra la página de nuevo", "Open the page again"))
    back = _shown_at()
    if back == request.path:
        sessions.keep(office(), cookie(), back, _typed())
    return redirect(back, 303)


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    found: Visit | None = g.get("visit")
    return {
        **for_templates(), "visit": found, "csrf": csrf, "may_open": may_open, "menu": MENU, "branches": branches,
        "pages": PAGES,
    }


@blueprint.after_request
def _careful(answer: Response) -> Response:
    """Our own script and style only; the cookie for this browser alone; files stay with the browser."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    if request.endpoint in ("console.static", "console.bootstrap"):
        answer.headers["Cache-Control"] = "public, max-age=86400"
        return answer
    answer.headers.setdefault("Content-Security-Policy", _POLICY)
    given = g.get("console_cookie")
    if given is not None and given != request.cookies.get(COOKIE):
        answer.set_cookie(
            COOKIE, given, path="/console", httponly=True, samesite="Lax", secure=_is_secure(),
        )
    return answer


def _is_secure() -> bool:
    """A cookie goes over TLS alone, except where this machine is all there is."""
    return request.is_secure or office().settings.public_url.startswith("https:")


def _failed(error: Problem | HTTPException) -> Response:
    """An error as the office tells it, its sentence on a page."""
    told = answers.from_problem(error) if isinstance(error, Problem) else answers.from_http(error)
    if told.status_code < 400:
        return told
    answer = make_response(show("error.html", status=told.status_code, problem=told.get_json(silent=True) or {}))
    answer.status_code = told.status_code
    for name in _KEPT:
        if name in told.headers:
            answer.headers[name] = told.headers[name]
    return answer


def _unavailable(error: Exception) -> Response:
    return _failed(answers.of_database(error) or Unavailable("DATABASE_BUSY"))


def no_page(rest: str) -> NoReturn:
    """An address of the console where nothing is."""
    raise NoPage


blueprint.add_url_rule("/<path:rest>", "no_page", no_page)
blueprint.register_error_handler(Problem, _failed)
blueprint.register_error_handler(HTTPException, _failed)
for _kind_of_error in answers.DATABASE_ERRORS:
    blueprint.register_error_handler(_kind_of_error, _unavailable)
