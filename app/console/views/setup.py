"""Set-up of the account: who issues, how it reaches SUNAT and its customers. For owners; secrets are written only."""

from __future__ import annotations

from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.accounts.models import ANONYMOUS_CUSTOMERS, BOLETA_CHANNELS, CHANNELS, TAX_REGIMES
from app.console.calling import call
from app.console.forms import Form
from app.console.gate import OWNERS, page, visit
from app.console.showing import show
from app.console.words import t

_PE: Final = "/additional/pe_account"
_TOP: Final = {
    "legal_name": "registration_legal_name_company", "contact_name": "contact_name", "contact_phone": "contact_phone",
    "admin_email": "admin_email",
}
_CHOICES: Final = ("tax_regime", "boleta_channel", "anonymous_customer")
_TICKS: Final = ("reduced_igv", "boleta_today_only", "strict_observations")
_ISSUER: Final = ("trade_name", "detraction_account", "duplicate_guard_minutes", *_CHOICES)
_USERS: Final = ("sol_user", "gre_client_id", "consult_client_id")
_SECRETS: Final = ("sol_password", "gre_client_secret", "consult_client_secret")
_WAY: Final = ("channel", "ose_url", "pse_tax_id_code")
_MAIL: Final = ("reply_to", "subject", "footer")
_FIELDS: Final = {
    **{f"/{name}": field for field, name in _TOP.items()},
    **{f"{_PE}/{name}": name for name in (*_ISSUER, *_TICKS, *_USERS, *_SECRETS, *_WAY)},
    **{f"{_PE}/mail/{name}": name for name in (*_MAIL, "enabled")},
}


@page("/setup", roles=OWNERS)
def setup() -> Any:
    """The parts of the set-up, each with how it stands."""
    account = _account()
    certificates = call("GET", "/V1/digital_certificates", whole=True).value["digital_certificates"]
    return show(
        "setup.html", account=account["account_created"], pe=account["additional"]["pe_account"],
        active=next((one for one in certificates if one["active"]), None),
    )


@page("/setup/issuer", roles=OWNERS, methods=("GET", "POST"))
def setup_issuer() -> Any:
    """Names, contact, and how vouchers are made."""
    account = _account()
    top, pe = account["account_created"], account["additional"]["pe_account"]
    form = Form.read({
        **{field: top[name] for field, name in _TOP.items()}, **{name: pe[name] for name in _ISSUER},
        **{name: "1" if pe[name] else "" for name in _TICKS},
    })
    if request.method == "POST":
        minutes = form.get("duplicate_guard_minutes") or "0"
        if not minutes.isdigit():
            form.mark("duplicate_guard_minutes", t("series.not_number"))
        else:
            body: dict[str, Any] = {
                name: form.get(field) for field, name in _TOP.items() if form.get(field) or field != "admin_email"
            }
            body["additional"] = {"pe_account": {
                **{name: form.get(name) for name in ("trade_name", "detraction_account", *_CHOICES)},
                **{name: form.on(name) for name in _TICKS}, "duplicate_guard_minutes": int(minutes[:6]),
            }}
            if _changed(form, body):
                return redirect(url_for("console.setup_issuer", done=1), 303)
    return _answered("setup_issuer.html", form, ruc=visit().ruc, environment=pe["environment"], choices={
        "tax_regime": _named("regime", TAX_REGIMES), "boleta_channel": _named("boletas", BOLETA_CHANNELS),
        "anonymous_customer": _named("unnamed", ANONYMOUS_CUSTOMERS),
    })


@page("/setup/credentials", roles=OWNERS, methods=("GET", "POST"))
def setup_credentials() -> Any:
    """By whom vouchers go and as whom; a password that is stored is never shown, and stays where none is typed."""
    pe = _account()["additional"]["pe_account"]
    form = Form.read({**{name: pe[name] for name in (*_USERS, *_WAY)}})
    if request.method == "POST":
        wanted: dict[str, Any] = {name: form.get(name) for name in (*_USERS, *_WAY) if name != "ose_url"}
        if form.get("ose_url"):
            wanted["ose_url"] = form.get("ose_url")
        for name in _SECRETS:
            if form.on(f"forget_{name}"):
                wanted[name] = ""
            elif request.form.get(name):
                wanted[name] = request.form[name]
        if _changed(form, {"additional": {"pe_account": wanted}}):
            return redirect(url_for("console.setup_credentials", done=1), 303)
    return _answered("setup_credentials.html", form, stored={
        name: pe[f"{name}_set"] for name in _SECRETS
    }, channels=_named("channel", CHANNELS), environment=pe["environment"])


@page("/setup/mail", roles=OWNERS, methods=("GET", "POST"))
def setup_mail() -> Any:
    """Whether accepted vouchers are mailed to their receivers, and what the message says."""
    wishes = _account()["additional"]["pe_account"]["mail"]
    form = Form.read({**{name: wishes[name] for name in _MAIL}, "enabled": "1" if wishes["enabled"] else ""})
    if request.method == "POST":
        wanted = {**{name: form.get(name) for name in _MAIL}, "enabled": form.on("enabled")}
        if _changed(form, {"additional": {"pe_account": {"mail": wanted}}}):
            return redirect(url_for("console.setup_mail", done=1), 303)
    return _answered("setup_mail.html", form)


def _account() -> dict[str, Any]:
    found: dict[str, Any] = call("GET", f"/V1/accounts/{visit().account_id}", whole=True).value
    return found


def _changed(form: Form, body: dict[str, Any]) -> bool:
    answer = call("PATCH", f"/V1/accounts/{visit().account_id}", body, whole=True)
    if not answer.ok:
        form.refuse(answer, _FIELDS)
    return answer.ok


def _named(part: str, values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(one, t(f"setup.{part}.{one}")) for one in values]


def _answered(template: str, form: Form, **values: Any) -> Any:
    answer = make_response(show(template, form=form, done=request.args.get("done") == "1", **values))
    answer.status_code = 422 if form.wrong else 200
    return answer
