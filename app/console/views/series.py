"""Series: what there is, a new one, changing one, its last number, retiring it. Everybody sees, owners change."""

from __future__ import annotations

from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.console.calling import Answer, call
from app.console.counting import counted
from app.console.forms import Form
from app.console.gate import OWNERS, branches, page, visit
from app.console.showing import kind_name, show
from app.console.words import t
from app.http import office
from app.series.models import CHRONOLOGICAL, PAPER_KINDS, RESETS
from sunat.numbering import SERIES_FORMATS

_MOST: Final = 500
_PAPER: Final = ("prefix", "suffix", "format", "counter_reset")
_FIELDS: Final = {
    f"/{name}": name for name in (
        "kind", "code", "name", "chronological", "last_number", "reason", "branch", "padding", *_PAPER
    )
} | {"/start_number": "last_number"}
"""Where the API's complaints stand on the form."""


@page("/series")
def series() -> Any:
    """All series, the defaults first in their branch and kind."""
    services, who = office(), visit()
    everything = request.args.get("all") == "1"
    query: dict[str, Any] = {"per_page": _MOST}
    if not everything:
        query["active"] = "true"
    rows = call("GET", "/V1/series", query=query).value["series"]
    with services.database.read() as session:
        numbers = counted(session, who.environment, who.ruc, [row["id"] for row in rows])
    places = {row.id: row.name for row in branches()}
    rows = [row for row in rows if row["branch"] in places]
    rows.sort(key=lambda row: (row["kind"] in PAPER_KINDS, row["kind"], row["branch"], not row["default"], row["code"]))
    return show(
        "series.html", rows=rows, numbers=numbers, places=places, everything=everything, named=_named,
        done=request.args.get("done", ""),
    )


@page("/series/new", roles=OWNERS, methods=("GET", "POST"))
def series_new() -> Any:
    """A new series, with the numbers it will give shown while it is typed."""
    form = Form.read({"kind": "01", "last_number": "0", "chronological": "warn"})
    if request.method == "POST" and not form.on("only_look") and not _unread(form):
        answer = call("POST", "/V1/series", _body(form), key=form.key)
        if answer.ok:
            return redirect(url_for("console.series_one", series_id=answer.body["id"], done="created"), 303)
        form.refuse(answer, _FIELDS)
    return _form_page(form, coming=_coming(form))


@page("/series/preview", roles=OWNERS, methods=("POST",))
def series_preview() -> Any:
    """The numbers that a draft would give, as a part of the page."""
    return show("series_preview.html", coming=_coming(Form.read()))


@page("/series/<series_id>")
def series_one(series_id: str) -> Any:
    """One series: where it stands, its skipped numbers, what may be done."""
    row = _row(series_id)
    with office().database.read() as session:
        numbers = counted(session, visit().environment, visit().ruc, [series_id])
    return show(
        "series_one.html", row=row, places={one.id: one.name for one in branches()}, named=_named, form=Form(),
        done=request.args.get("done", ""), numbers=numbers,
    )


@page("/series/<series_id>/edit", roles=OWNERS, methods=("GET", "POST"))
def series_edit(series_id: str) -> Any:
    """Changes name, branch, dates, and for internal papers the form of the numbers to come."""
    row = _row(series_id)
    form = Form.read({
        "kind": row["kind"], "code": row["code"], "last_number": row["last_number"], "name": row["name"],
        "branch": row["branch"], "chronological": row["chronological"], "version": row["version"],
        "padding": row["padding"], **{name: row[name] for name in _PAPER},
    })
    if request.method == "POST" and not form.on("only_look"):
        form.values |= {"kind": [row["kind"]], "code": [row["code"]], "last_number": [str(row["last_number"])]}
        body = {name: value for name, value in _body(form).items() if name not in {"kind", "code", "last_number"}}
        answer = _changed(series_id, body, form.get("version"))
        if answer.ok:
            return redirect(url_for("console.series_one", series_id=series_id, done="saved"), 303)
        _refuse(form, answer)
    return _form_page(form, row=row, coming=_coming(form))


@page("/series/<series_id>/number", roles=OWNERS, methods=("GET", "POST"))
def series_number(series_id: str) -> Any:
    """Sets the last number used: freely before the first voucher, then forward only and with a reason."""
    row = _row(series_id)
    form = Form.read({"last_number": row["last_number"], "version": row["version"]})
    if request.method == "POST":
        if not form.get("last_number").isdigit():
            form.mark("last_number", t("series.not_number"))
        else:
            answer = _changed(series_id, {
                "last_number": int(form.get("last_number")[:12]), "reason": form.get("reason"),
            }, form.get("version"))
            if answer.ok:
                return redirect(url_for("console.series_one", series_id=series_id, done="number"), 303)
            _refuse(form, answer)
    return _answered(show("series_number.html", row=row, form=form), form)


@page("/series/<series_id>/default", roles=OWNERS, methods=("POST",))
def series_default(series_id: str) -> Any:
    """Makes it the default of its branch and kind."""
    call("POST", f"/V1/series/{series_id}/default", key=Form.read().key).value  # noqa: B018 - raises what was refused
    return redirect(url_for("console.series_one", series_id=series_id, done="default"), 303)


@page("/series/<series_id>/retire", roles=OWNERS, methods=("GET", "POST"))
def series_retire(series_id: str) -> Any:
    """Deletes a series that was never used and retires any other, after a question."""
    row, form = _row(series_id), Form.read()
    if request.method == "POST":
        if row["used"] or row["profile"] == "contingency":
            answer = _changed(series_id, {"active": False}, "")
            target = url_for("console.series_one", series_id=series_id, done="retired")
        else:
            answer = call("DELETE", f"/V1/series/{series_id}")
            target = url_for("console.series", done="deleted")
        if answer.ok:
            return redirect(target, 303)
        form.refuse(answer, {})
    return _answered(show("series_retire.html", row=row, form=form), form)


@page("/series/<series_id>/reactivate", roles=OWNERS, methods=("POST",))
def series_reactivate(series_id: str) -> Any:
    """Takes a retired series into use again."""
    _changed(series_id, {"active": True}, "").value  # noqa: B018 - raises what was refused
    return redirect(url_for("console.series_one", series_id=series_id, done="active"), 303)


def _row(series_id: str) -> dict[str, Any]:
    found: dict[str, Any] = call("GET", f"/V1/series/{series_id}").value
    return found


def _changed(series_id: str, body: dict[str, Any], version: str) -> Answer:
    tag = f'"{version}"' if version else "*"
    return call("PATCH", f"/V1/series/{series_id}", body, headers={"If-Match": tag})


def _refuse(form: Form, answer: Answer) -> None:
    if answer.status == 412:
        form.mark("", t("series.stale"))
    else:
        form.refuse(answer, _FIELDS)


def _unread(form: Form) -> bool:
    """Marks what is no number at all; the API judges the rest."""
    for name in ("last_number", "padding"):
        if form.get(name) and not form.get(name).isdigit():
            form.mark(name, t("series.not_number"))
    return form.wrong


def _body(form: Form) -> dict[str, Any]:
    """What is typed, as the API reads it."""
    body: dict[str, Any] = {
        name: form.get(name) for name in ("kind", "code", "name", "chronological") if form.get(name)
    }
    body["code"] = form.get("code").upper()
    if form.get("branch").isdigit():
        body["branch"] = int(form.get("branch"))
    if form.get("last_number").isdigit() and not body["code"].isdigit():
        body["last_number"] = int(form.get("last_number")[:12])
    if form.on("default"):
        body["default"] = True
    if form.get("kind") in PAPER_KINDS:
        body |= {name: form.get(name) for name in _PAPER if form.get(name) or name in ("prefix", "suffix")}
        if form.get("padding").isdigit():
            body["padding"] = int(form.get("padding")[:3])
        if not body["code"]:
            del body["code"]
    return body


def _coming(form: Form) -> dict[str, Any] | None:
    """The next numbers of a draft, or what is wrong with it; None where it has no code yet."""
    if not form.get("code") and form.get("kind") not in PAPER_KINDS:
        return None
    if _unread(form):
        return None
    answer = call("POST", "/V1/series/preview", {"name": "-", **_body(form), "count": 3}, orders=False)
    if answer.ok:
        return {"codes": answer.body["codes"], "last": answer.body["last_possible_number"], "problems": []}
    return {"codes": [], "last": None, "problems": [item["message"] for item in answer.problems]}


def _form_page(form: Form, *, row: dict[str, Any] | None = None, coming: dict[str, Any] | None) -> Any:
    kinds = [(code, f"{kind_name(code)} ({code})") for code in SERIES_FORMATS]
    kinds += [(code, t(f"series.{code}")) for code in PAPER_KINDS]
    return _answered(show(
        "series_form.html", form=form, row=row, coming=coming, kinds=kinds, papers=PAPER_KINDS,
        policies=[(one, t(f"series.chronological.{one}")) for one in CHRONOLOGICAL],
        resets=[("", t("series.reset.")), *((one, t(f"series.reset.{one}")) for one in RESETS)],
        places=[(one.id, one.name) for one in branches()],
    ), form)


def _answered(text: str, form: Form) -> Any:
    answer = make_response(text)
    answer.status_code = 422 if form.wrong else 200
    return answer


def _named(row: dict[str, Any]) -> str:
    """What a series is for, in words."""
    kind: str = row["kind"]
    return t(f"series.{kind}") if kind in PAPER_KINDS else kind_name(kind)
