"""Branches: establishments and points of sale. Owners add, change and remove them."""

from __future__ import annotations

from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.console.calling import call
from app.console.forms import Form
from app.console.gate import OWNERS, page
from app.console.showing import show

_NAMES: Final = (
    "name", "establishment_code", "company_branch_internal_code", "address", "district", "city", "department",
    "ubigeo", "phone",
)
_FIELDS: Final = {f"/{name}": name for name in _NAMES}
_KEPT_WHEN_EMPTY: Final = frozenset({"establishment_code", "company_branch_internal_code"})
"""What the API gives a value of its own where none is sent."""

_LIST: Final = "/V1/company_branches"


@page("/setup/branches", roles=OWNERS)
def setup_branches() -> Any:
    """All branches with their series."""
    rows = call("GET", _LIST, whole=True).value["company_branches"]
    return show("setup_branches.html", rows=rows, done=request.args.get("done", ""))


@page("/setup/branches/new", roles=OWNERS, methods=("GET", "POST"))
def branch_new() -> Any:
    """A new branch."""
    form = Form.read(dict.fromkeys(_NAMES, ""))
    if request.method == "POST":
        answer = call("POST", _LIST, _body(form), key=form.key, whole=True)
        if answer.ok:
            return redirect(url_for("console.setup_branches", done="saved"), 303)
        form.refuse(answer, _FIELDS)
    return _answered(form, None)


@page("/setup/branches/<int:branch_id>", roles=OWNERS, methods=("GET", "POST"))
def branch_edit(branch_id: int) -> Any:
    """Changes a branch."""
    row = call("GET", f"{_LIST}/{branch_id}", whole=True).value
    form = Form.read({name: row[name] for name in _NAMES})
    if request.method == "POST":
        answer = call("PUT", f"{_LIST}/{branch_id}", _body(form), key=form.key, whole=True)
        if answer.ok:
            return redirect(url_for("console.setup_branches", done="saved"), 303)
        form.refuse(answer, _FIELDS)
    return _answered(form, row)


@page("/setup/branches/<int:branch_id>/remove", roles=OWNERS, methods=("GET", "POST"))
def branch_remove(branch_id: int) -> Any:
    """Removes a branch that nothing refers to, after a question."""
    row = call("GET", f"{_LIST}/{branch_id}", whole=True).value
    form = Form.read()
    if request.method == "POST":
        answer = call("DELETE", f"{_LIST}/{branch_id}", whole=True)
        if answer.ok:
            return redirect(url_for("console.setup_branches", done="removed"), 303)
        form.refuse(answer, {})
    answered = make_response(show(
        "setup_remove.html", form=form, what=row["name"], action=url_for("console.branch_remove", branch_id=branch_id),
        back=url_for("console.setup_branches"), word="setup.branch.remove",
    ))
    answered.status_code = 422 if form.wrong else 200
    return answered


def _body(form: Form) -> dict[str, Any]:
    return {name: form.get(name) for name in _NAMES if form.get(name) or name not in _KEPT_WHEN_EMPTY}


def _answered(form: Form, row: dict[str, Any] | None) -> Any:
    answer = make_response(show("setup_branch.html", form=form, row=row))
    answer.status_code = 422 if form.wrong else 200
    return answer
