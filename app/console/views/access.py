"""What signs and what lets programs in: certificates and API keys. A key's text is shown once."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime
from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.accounts.keys import ACCOUNT_SCOPES, BRANCH_SCOPES
from app.clock import lima
from app.console.calling import call
from app.console.forms import Form
from app.console.gate import OWNERS, branches, page
from app.console.showing import show
from app.console.words import t
from app.http import office

_CERTIFICATES: Final = "/V1/digital_certificates"
_KEYS: Final = "/V1/api_keys"
_MOST_BYTES: Final = 300 * 1024
_CERTIFICATE_FIELDS: Final = {
    "/certificate_file": "file", "/certificate_password": "certificate_password",
    "/certificate_name_internal": "name",
}
_KEY_FIELDS: Final = {"/name": "name", "/branch": "branch", "/scopes": "scope"}


@page("/setup/certificates", roles=OWNERS, methods=("GET", "POST"))
def setup_certificates() -> Any:
    """The certificates, which one signs, how long it lasts; a new one, which signs from then on."""
    form = Form.read({"name": ""})
    if request.method == "POST":
        given = request.files.get("file")
        content = given.stream.read(_MOST_BYTES) if given is not None else b""
        if not content:
            form.mark("file", t("setup.certificate.missing"))
        else:
            answer = call("POST", _CERTIFICATES, {
                "certificate_file": b64encode(content).decode(), "certificate_name_internal": form.get("name"),
                "certificate_password": request.form.get("certificate_password", ""),
            }, key=form.key, whole=True)
            if answer.ok:
                return redirect(url_for("console.setup_certificates", done="saved"), 303)
            form.refuse(answer, _CERTIFICATE_FIELDS)
    rows = call("GET", _CERTIFICATES, whole=True).value["digital_certificates"]
    rows.sort(key=lambda row: (not row["active"], row["certificate_valid_to"]))
    return _answered("setup_certificates.html", form, rows=rows, days=_days)


@page("/setup/certificates/<certificate_id>/remove", roles=OWNERS, methods=("GET", "POST"))
def certificate_remove(certificate_id: str) -> Any:
    """Removes a certificate and destroys its key, after a question."""
    row = call("GET", f"{_CERTIFICATES}/{certificate_id}", whole=True).value
    form = Form.read()
    if request.method == "POST":
        call("DELETE", f"{_CERTIFICATES}/{certificate_id}", whole=True).value  # noqa: B018 - raises what was refused
        return redirect(url_for("console.setup_certificates", done="removed"), 303)
    return _answered(
        "setup_remove.html", form, what=row["certificate_name"], back=url_for("console.setup_certificates"),
        action=url_for("console.certificate_remove", certificate_id=certificate_id),
        word="setup.certificate.remove_active" if row["active"] else "setup.certificate.remove",
    )


@page("/setup/keys", roles=OWNERS, methods=("GET", "POST"))
def setup_keys() -> Any:
    """The keys of programs; a new one's text stands on the page that makes it, and nowhere else."""
    form, shown = Form.read({"name": "", "scope": list(ACCOUNT_SCOPES)}), ""
    if request.method == "POST":
        branch = form.get("branch")
        chosen = [one for one in form.all("scope") if one in (BRANCH_SCOPES if branch else ACCOUNT_SCOPES)]
        if not chosen:
            form.mark("", t("setup.key.no_scope"))
        else:
            answer = call("POST", _KEYS, {
                "name": form.get("name"), "scopes": chosen,
                **({"branch": int(branch)} if branch.isdigit() else {}),
            }, key=form.key, whole=True)
            if answer.ok:
                form, shown = Form.of({"name": "", "scope": list(ACCOUNT_SCOPES)}), answer.body["api_key"]
            else:
                form.refuse(answer, _KEY_FIELDS)
    rows = call("GET", _KEYS, whole=True).value["api_keys"]
    return _answered(
        "setup_keys.html", form, rows=rows, shown=shown, scopes=ACCOUNT_SCOPES,
        places=[("", t("frame.all_branches")), *((one.id, one.name) for one in branches())],
        named={one.id: one.name for one in branches()},
    )


@page("/setup/keys/<int:key_id>/revoke", roles=OWNERS, methods=("GET", "POST"))
def key_revoke(key_id: int) -> Any:
    """Revokes a key at once, after a question."""
    form = Form.read()
    if request.method == "POST":
        call("DELETE", f"{_KEYS}/{key_id}", whole=True).value  # noqa: B018 - raises what was refused
        return redirect(url_for("console.setup_keys", done="removed"), 303)
    rows = call("GET", _KEYS, whole=True).value["api_keys"]
    row = next((one for one in rows if one["api_key_id"] == key_id), None)
    if row is None:
        return redirect(url_for("console.setup_keys"), 303)
    return _answered(
        "setup_remove.html", form, what=f"{row['name']} {row['prefix']}…", back=url_for("console.setup_keys"),
        action=url_for("console.key_revoke", key_id=key_id), word="setup.key.revoke",
    )


def _days(until: str) -> int:
    """Days until an instant as the API writes it, in Lima."""
    return (datetime.fromisoformat(until).date() - lima(office().clock.now()).date()).days


def _answered(template: str, form: Form, **values: Any) -> Any:
    answer = make_response(show(template, form=form, done=request.args.get("done", ""), **values))
    answer.status_code = 422 if form.wrong else 200
    return answer
