"""People of the account: who may sign in, as what, for which branches; their sessions."""

from __future__ import annotations

from typing import Any, Final

from flask import make_response, redirect, request, url_for
from sqlalchemy.orm import Session

from app.accounts import people as rules
from app.accounts.models import AccountRecord
from app.accounts.people_models import PersonRecord
from app.accounts.roles import ROLES
from app.console import sessions, trail
from app.console.forms import Form
from app.console.gate import OWNERS, branches, page, visit
from app.console.showing import show
from app.console.words import t
from app.http import office
from app.problems import NotFound, Problem, Text

_FIELDS: Final = {"/username": "username", "/name": "name", "/role": "role"}
_MOST: Final = 500
"""People shown; more than any company gives access to."""


@page("/people", roles=OWNERS)
def people() -> Any:
    """Everybody of the account, and whoever is signed in at this moment."""
    services = office()
    with services.database.read() as session:
        rows = session.scalars(rules.people_of(visit().account_id).limit(_MOST)).all()
        bound = {row.id: rules.branches_of(session, row.id) for row in rows}
        seen = sessions.last_seen(session, visit().account_id)
        living = sessions.living(session, visit().account_id, services.clock.now())
    return show(
        "people.html", people=rows, bound=bound, seen=seen, living=living, form=Form(),
        names={row.id: row.name for row in branches()},
    )


@page("/people/new", roles=OWNERS, methods=("GET", "POST"))
def person_new() -> Any:
    """Adds somebody; the first password is shown once, on the very answer."""
    services, form = office(), Form.read({"role": "issuer"})
    if request.method == "POST":
        chosen = _chosen(form)
        try:
            with services.database.write() as session:
                row, first = rules.add(
                    session, session.get_one(AccountRecord, visit().account_id), username=form.get("username"),
                    name=form.get("name"), role=form.get("role"), branches=chosen, now=services.clock.now(),
                )
                _note(session, "person_added", row)
        except Problem as problem:
            form.refuse_problem(problem, _FIELDS)
        else:
            return _first_password(row, first)
    return _answer("person.html", form, person=None)


@page("/people/<int(max=9223372036854775807):person_id>", roles=OWNERS, methods=("GET", "POST"))
def person(person_id: int) -> Any:
    """Changes somebody: name, role, branches, whether he may sign in."""
    services = office()
    with services.database.read() as session:
        row = rules.person_of(session, visit().account_id, person_id)
        bound = rules.branches_of(session, row.id)
    form = Form.read({
        "name": row.name, "role": row.role, "branches": list(bound), "active": "1" if row.active else "",
    })
    if request.method == "POST":
        chosen = _chosen(form)
        try:
            with services.database.write() as session:
                changed = rules.person_of(session, visit().account_id, person_id)
                rules.change(
                    session, changed, name=form.get("name"), role=form.get("role"), branches=chosen,
                    active=form.on("active"), now=services.clock.now(),
                )
                _note(session, "person_changed", changed)
        except Problem as problem:
            form.refuse_problem(problem, _FIELDS)
        else:
            return redirect(url_for("console.people"), 303)
    return _answer("person.html", form, person=row)


@page("/people/<int(max=9223372036854775807):person_id>/password", roles=OWNERS, methods=("POST",))
def person_password(person_id: int) -> Any:
    """Gives somebody a first password again, shown once."""
    services = office()
    with services.database.write() as session:
        row = rules.person_of(session, visit().account_id, person_id)
        first = rules.renew_password(session, row, now=services.clock.now())
        _note(session, "person_password", row)
    return _first_password(row, first)


@page("/people/sessions/<int(max=9223372036854775807):session_id>/end", roles=OWNERS, methods=("POST",))
def session_end(session_id: int) -> Any:
    """Ends a session of somebody of the account."""
    services = office()
    with services.database.read() as session:
        living = {row.id: who for row, who in sessions.living(session, visit().account_id, services.clock.now())}
    if session_id not in living:
        raise NotFound("SESSION_NOT_FOUND", Text("La sesión ya no existe", "The session is no longer there"))
    sessions.end(services, [session_id])
    with services.database.write() as session:
        _note(session, "session_ended", living[session_id])
    return redirect(url_for("console.people"), 303)


def _chosen(form: Form) -> tuple[int, ...]:
    """The branches ticked. Raises NotFound for one that is none of the account's."""
    known = {str(row.id): row.id for row in branches()}
    try:
        return tuple(sorted(known[each] for each in set(form.all("branches"))))
    except KeyError as error:
        raise NotFound("BRANCH_NOT_FOUND", Text("La sucursal no existe", "The branch does not exist")) from error


def _note(session: Session, action: str, row: PersonRecord) -> None:
    trail.note(session, office(), visit(), action, f"{row.username} ({row.role})", request.remote_addr or "")


def _first_password(row: PersonRecord, first: str) -> Any:
    return show("person_password.html", person=row, first=first)


def _answer(template: str, form: Form, **values: Any) -> Any:
    roles = [(role, t(f"role.{role}")) for role in ROLES]
    answer = make_response(show(template, form=form, roles=roles, **values))
    answer.status_code = 422 if form.wrong else 200
    return answer
