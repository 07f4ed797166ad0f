"""How papers look: of the account, and of a series; each field from the nearest that has it, with a picture of it."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.console.calling import Answer, call
from app.console.forms import Form
from app.console.gate import OWNERS, page, visit
from app.console.showing import show
from app.console.words import t
from app.wire.formats import FORMATS, TEMPLATES

_TEXTS: Final = ("logo", "trade_name", "footer", "template", "format")
_FIELDS: Final = {
    f"{root}/{name}": name for root in ("/branding", "/additional/pe_account/branding")
    for name in (*_TEXTS, "accent_color")
} | {"/content": "picture", "/name": "picture"}
_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]+")
_MOST_BYTES: Final = 400 * 1024


@page("/look", roles=OWNERS, methods=("GET", "POST"))
def look_account() -> Any:
    """The look of the account, which every series has that has none of its own."""
    path = f"/V1/accounts/{visit().account_id}"
    own = call("GET", path, whole=True).value["additional"]["pe_account"]["branding"]
    form = _read(own)
    if request.method == "POST" and not form.on("only_look") and _uploaded(form):
        answer = call("PATCH", path, {"additional": {"pe_account": {"branding": _branding(form)}}}, whole=True)
        if answer.ok:
            return redirect(url_for("console.look_account", done="look"), 303)
        form.refuse(answer, _FIELDS)
    return _shown(form, {"own": own, "effective": {}}, None)


@page("/series/<series_id>/look", roles=OWNERS, methods=("GET", "POST"))
def look_series(series_id: str) -> Any:
    """The look of one series."""
    row = call("GET", f"/V1/series/{series_id}").value
    form = _read(row["branding"]["own"])
    if request.method == "POST" and not form.on("only_look") and _uploaded(form):
        answer = call(
            "PATCH", f"/V1/series/{series_id}", {"branding": _branding(form)}, headers={"If-Match": "*"},
        )
        if answer.ok:
            return redirect(url_for("console.series_one", series_id=series_id, done="look"), 303)
        form.refuse(answer, _FIELDS)
    return _shown(form, row["branding"], row)


@page("/look/preview", roles=OWNERS, methods=("POST",))
def look_preview() -> Any:
    """A sample with the look that is typed, as a part of the page."""
    form = Form.read()
    return show("look_preview.html", **_sample(form, form.get("series")))


def _read(own: dict[str, Any]) -> Form:
    colour = own.get("accent_color") or ""
    return Form.read({
        **{name: own.get(name) or "" for name in _TEXTS}, "own_colour": "1" if colour else "",
        "accent_color": colour or "#1f3a5f",
    })


def _branding(form: Form) -> dict[str, Any]:
    """What is typed as the API reads it; what is empty falls back to branch or account."""
    return {
        **{name: form.get(name) or None for name in _TEXTS},
        "accent_color": form.get("accent_color") if form.on("own_colour") else None,
    }


def _uploaded(form: Form) -> bool:
    """Stores the picture that came with the form and chooses it; says whether all is well."""
    given = request.files.get("picture")
    if given is None or not given.filename:
        return True
    content = given.stream.read(_MOST_BYTES)
    name = _PLAIN.sub("-", given.filename).strip("-.")[-60:] or "logo"
    for turn in range(1, 20):
        answer: Answer = call("POST", "/V1/logos", {
            "name": name if turn == 1 else f"{turn}-{name}", "content": b64encode(content).decode(),
        }, whole=True)
        if answer.ok:
            form.values["logo"] = [answer.body["name"]]
            return True
        if answer.body.get("code") != "LOGO_EXISTS":
            break
    form.refuse(answer, _FIELDS)
    return False


def _sample(form: Form, series_id: str) -> dict[str, Any]:
    answer = call("POST", "/V1/branding/preview", {
        **({"series": series_id} if series_id else {}), "branding": _branding(form),
    }, whole=True, orders=False)
    if answer.ok:
        return {"picture": f"data:image/png;base64,{b64encode(answer.content).decode()}", "problems": []}
    return {"picture": "", "problems": [item["message"] for item in answer.problems]}


def _shown(form: Form, branding: dict[str, Any], row: dict[str, Any] | None) -> Any:
    logos = [one["name"] for one in call("GET", "/V1/logos", whole=True).value["logos"]]
    if form.get("logo") and form.get("logo") not in logos:
        logos.append(form.get("logo"))
    answer = make_response(show(
        "look.html", form=form, row=row, branding=branding, logos=[("", t("series.look.no_logo")),
        *((name, name) for name in logos)],
        templates=[(one, t(f"series.look.template.{one}")) for one in ("", *TEMPLATES)],
        formats=[(one, t(f"series.look.format.{one}")) for one in ("", *FORMATS)],
        done=request.args.get("done", ""), **_sample(form, row["id"] if row else ""),
    ))
    answer.status_code = 422 if form.wrong else 200
    return answer
