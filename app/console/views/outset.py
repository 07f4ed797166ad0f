"""Signing in and out, one's own password, the language, the branch looked at, Bootstrap's style."""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

from flask import Response, make_response, redirect, request, send_file, url_for
from sqlalchemy import select

from app.accounts import login, people
from app.accounts.models import ENVIRONMENTS, AccountRecord
from app.accounts.people_models import PersonRecord
from app.console import sessions, trail
from app.console.forms import Form
from app.console.gate import blueprint, branches, cookie, give_cookie, local_path, open_page, page, visit
from app.console.showing import show
from app.console.words import COOKIE, t
from app.http import office
from app.problems import NotFound, Problem, Text

_YEAR: Final = 365 * 24 * 3600
_LIVE_FIRST: Final = tuple(reversed(ENVIRONMENTS))


@open_page("/sign-in", methods=("GET", "POST"))
def sign_in() -> Any:
    """The form for RUC, user and password; where the installation has several environments, for the account too."""
    services, form = office(), Form.read()
    environments = _environments()
    back = local_path(request.values.get("back", ""), url_for("console.today"))
    if request.method == "POST":
        chosen = form.get("environment") if form.get("environment") in environments else environments[0]
        try:
            found = people.sign_in(
                services, environment=chosen, ruc=form.get("ruc")[:11], username=form.get("username")[:100],
                password=request.form.get("password", "")[:people.LONGEST + 1], address=request.remote_addr,
            )
        except Problem as problem:
            form.refuse_problem(problem, {})
        else:
            if found is not None:
                given = sessions.begin(
                    services, found, former=cookie(), address=request.remote_addr or "",
                    agent=request.headers.get("User-Agent", ""),
                )
                give_cookie(given)
                begun = sessions.find(services, given)
                if begun is not None:
                    with services.database.write() as session:
                        trail.note(session, services, begun, "sign_in", begun.username, request.remote_addr or "")
                return redirect(back, 303)
            form.mark("", t("sign.wrong"))
    answer = make_response(show(
        "sign_in.html", form=form, environments=environments, back=back, said_bye=request.args.get("bye", ""),
        **{name: request.args.get(name) == "1" for name in ("late", "kept", "strange")},
    ))
    answer.status_code = 401 if form.wrong else 200
    give_cookie(cookie())
    return answer


@page("/sign-out", methods=("POST",))
def sign_out() -> Any:
    """Ends the session of this browser."""
    services = office()
    sessions.end(services, [visit().session_id])
    with services.database.write() as session:
        trail.note(session, services, visit(), "sign_out", visit().username, request.remote_addr or "")
    give_cookie(sessions.fresh_cookie())
    return redirect(url_for("console.sign_in", bye="out"), 303)


@page("/password", methods=("GET", "POST"))
def password() -> Any:
    """One's own password: the present one, and the new one twice; all sessions end with it."""
    services, form = office(), Form()
    if request.method == "POST":
        new = request.form.get("new", "")
        if new != request.form.get("again", ""):
            form.mark("again", t("password.differs"))
        elif not _is_present(request.form.get("present", "")[:people.LONGEST + 1]):
            form.mark("present", t("password.not_present"))
        else:
            try:
                with services.database.write() as session:
                    row = session.get_one(PersonRecord, visit().person_id)
                    people.choose_password(session, row, new, now=services.clock.now())
                    trail.note(session, services, visit(), "password", row.username, request.remote_addr or "")
            except Problem as problem:
                form.refuse_problem(problem, {"/password": "new"})
            else:
                give_cookie(sessions.fresh_cookie())
                return redirect(url_for("console.sign_in", bye="password"), 303)
    answer = make_response(show("password.html", form=form))
    answer.status_code = 422 if form.wrong else 200
    return answer


@open_page("/language/<any(es, en):language>")
def language(language: str) -> Any:
    """Switches the language and goes back."""
    answer = make_response(redirect(local_path(request.args.get("back", ""), url_for("console.today")), 303))
    answer.set_cookie(COOKIE, language, max_age=_YEAR, path="/console", samesite="Lax", httponly=True)
    return answer


@page("/branch", methods=("POST",))
def look() -> Any:
    """Looks at one branch, or at all where nothing binds the person to some."""
    given = request.form.get("branch", "")
    chosen = {str(row.id): row.id for row in branches()}.get(given)
    if chosen is None and (given or visit().branches):
        raise NotFound("BRANCH_NOT_FOUND", Text("La sucursal no existe", "The branch does not exist"))
    sessions.look_at(office(), visit(), chosen)
    return redirect(local_path(request.form.get("back", ""), url_for("console.today")), 303)


def bootstrap() -> Response:
    """Bootstrap's style, as it lies in the wheel of Bootstrap-Flask."""
    return send_file(_bootstrap(), mimetype="text/css", etag=True)


@cache
def _bootstrap() -> Path:
    return Path(str(distribution("bootstrap-flask").locate_file(
        "flask_bootstrap/static/bootstrap5/css/bootstrap.min.css"
    )))


def _environments() -> tuple[str, ...]:
    """The environments in which the installation has accounts, live first; live alone where it has none."""
    with office().database.read() as session:
        found = set(session.scalars(select(AccountRecord.environment).where(AccountRecord.active).distinct()))
    return tuple(each for each in _LIVE_FIRST if each in found) or ("live",)


def _is_present(password: str) -> bool:
    """Whether a password is the person's; trying is counted as at the sign-in. Raises TooMany."""
    services, who = office(), visit()
    subjects = login.subjects_of(f"person\x1f{who.environment}\x1f{who.ruc}\x1f{who.username}", request.remote_addr)
    login.check_lockout(services, subjects)
    with services.database.read() as session:
        kept = session.get_one(PersonRecord, who.person_id).password_hash
    known = login.is_password(kept, password)
    login.note(services, subjects, succeeded=known)
    return known


blueprint.add_url_rule("/bootstrap.css", "bootstrap", bootstrap)
