"""Books: the registry of a month, SUNAT's register and what differs from its list, the audit, evidence; long works."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import make_response, redirect, request, send_file, url_for

from app.console import jobs, trail, works
from app.console.forms import Form
from app.console.gate import BOOKS, page, visit
from app.console.showing import show
from app.console.words import t
from app.console.works import DONE, Job, Work
from app.http import office
from app.problems import Forbidden, NotFound, Problem, Text

_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_FIELDS: Final = {"/period": "period"}
_LISTED: Final = 8
DOCTOR: Final = "doctor"
KINDS: Final = ("registry-xlsx", "registry-csv", "register", "differences", "audit", "audit-all", "evidence")
_OF_ALL: Final = frozenset({"register", "differences", "evidence"})
"""What is made of all branches together only."""


@page("/books", roles=BOOKS, methods=("GET", "POST"))
def books() -> Any:
    """What can be made of a month, and what was made lately."""
    services, who = office(), visit()
    form = Form.read({"period": _usual(), "paper": "1"})
    if request.method == "POST":
        make, period = form.get("make"), form.get("period")
        if make not in KINDS:
            raise NotFound
        try:
            job = _job(form, make, "" if make == "audit-all" else period)
            if job is not None:
                title = f"{t(f'books.{make}')}{'' if make == 'audit-all' else f' {period}'}"
                work_id = works.begin(services, who.account_id, make, title, job)
                with services.database.write() as session:
                    trail.note(session, services, who, f"make {make}", period, request.remote_addr or "")
                return redirect(url_for("console.work", work_id=work_id), 303)
        except Problem as problem:
            form.refuse_problem(problem, _FIELDS)
    mine = [one for one in works.of_account(services, who.account_id) if one.kind in KINDS]
    answer = make_response(show(
        "books.html", form=form, made=mine[:_LISTED], bound=_branch() is not None, kinds=KINDS, branch=_branch(),
    ))
    answer.status_code = 422 if form.wrong else 200
    return answer


@page("/works/<work_id>", roles=BOOKS)
def work(work_id: str) -> Any:
    """One work: how far it is, then what came of it."""
    found = _found(work_id)
    return show("work.html", work=found, back=url_for("console.doctor" if found.kind == DOCTOR else "console.books"))


@page("/works/<work_id>/progress", roles=BOOKS)
def work_progress(work_id: str) -> Any:
    """The part of that page that changes."""
    return show("work_progress.html", work=_found(work_id))


@page("/works/<work_id>/file", roles=BOOKS)
def work_file(work_id: str) -> Any:
    """The file that a work wrote."""
    found = _found(work_id)
    path = works.result(office(), found)
    if found.state != DONE or not found.file or not path.is_file():
        raise NotFound
    return send_file(path, mimetype=found.media, as_attachment=True, download_name=found.file, max_age=0)


def _found(work_id: str) -> Work:
    found = works.find(office(), visit().account_id, work_id)
    if found.kind == DOCTOR and visit().role != "owner":
        raise Forbidden("ROLE", Text("Su rol no permite abrir esta página", "Your role does not allow this page"))
    if visit().branches and found.kind in _OF_ALL:
        raise Forbidden("BOUND_TO_BRANCH", Text("Es de todas las sucursales", "It is of all branches"))
    return found


def _branch() -> int | None:
    """The branch that a person is bound to; all of them otherwise, whatever is looked at."""
    return visit().whole.branch_id


def _usual() -> str:
    """The month that people want books of: the one that ended last, until late in the next."""
    today = office().clock.today()
    if today.day > 20:
        return f"{today:%Y-%m}"
    year, month = (today.year, today.month - 1) if today.month > 1 else (today.year - 1, 12)
    return f"{year:04}-{month:02}"


def _job(form: Form, make: str, period: str) -> Job | None:
    """What is to be done; None where the form lacks something. Raises Forbidden for what is of all branches."""
    if make != "audit-all" and not _MONTH.fullmatch(period):
        form.mark("period", t("books.period.wrong"))
        return None
    services, account_id, branch_id = office(), visit().account_id, _branch()
    if branch_id is not None and make in _OF_ALL:
        raise Forbidden("BOUND_TO_BRANCH", Text("Es de todas las sucursales", "It is of all branches"))
    if make.startswith("registry"):
        return jobs.registry_job(services, account_id, branch_id, period, make.rpartition("-")[2])
    if make.startswith("audit"):
        return jobs.audit_job(services, account_id, branch_id, period)
    if make == "register":
        return jobs.register_job(services, account_id, branch_id, period)
    if make == "evidence":
        return jobs.evidence_job(services, account_id, period, paper=form.on("paper"))
    given = request.files.get("list")
    content = given.stream.read(services.settings.max_import_bytes + 1) if given is not None else b""
    if not content:
        form.mark("list", t("books.list.missing"))
        return None
    if len(content) > services.settings.max_import_bytes:
        form.mark("list", t("books.list.large", n=services.settings.max_import_bytes // 2**20))
        return None
    return jobs.differences_job(services, account_id, branch_id, period, content)
