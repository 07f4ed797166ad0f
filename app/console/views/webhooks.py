"""Webhooks: who is told of what, the log of what was told, trying an address out, telling again."""

from __future__ import annotations

from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.console.calling import call
from app.console.forms import Form
from app.console.gate import OWNERS, page
from app.console.showing import show
from app.console.words import t

_LIST: Final = "/V1/webhook_subscriptions"
_EVENTS: Final = (
    "DOCUMENT.STATUSUPDATE", "DOCUMENT.DEADLINE", "ACCOUNT.HOLD", "ACCOUNT.CERTIFICATIONUPDATE",
)
_FIELDS: Final = {
    f"/{name}": name for name in ("callback_url", "callback_username", "callback_password", "event_id")
}


@page("/setup/webhooks", roles=OWNERS, methods=("GET", "POST"))
def setup_webhooks() -> Any:
    """The subscriptions, and a new one, whose secret stands on the page that makes it."""
    form, shown = Form.read({"event_id": _EVENTS[0]}), ""
    if request.method == "POST":
        body = {name: form.get(name) for name in ("callback_url", "callback_username", "event_id") if form.get(name)}
        answer = call(
            "POST", _LIST, {**body, "callback_password": request.form.get("callback_password", "")}, key=form.key,
            whole=True,
        )
        if answer.ok:
            form, shown = Form.of({"event_id": _EVENTS[0]}), answer.body["signing_secret"]
        else:
            form.refuse(answer, _FIELDS)
    rows = call("GET", _LIST, whole=True).value["webhook_subscriptions"]
    return _answered("setup_webhooks.html", form, rows=rows, shown=shown, events=[
        (one, t(f"setup.event.{one}")) for one in _EVENTS
    ])


@page("/setup/webhooks/<int:webhook_id>", roles=OWNERS)
def webhook(webhook_id: int) -> Any:
    """One subscription with its log."""
    row = call("GET", f"{_LIST}/{webhook_id}", whole=True).value
    return _answered("webhook.html", Form(), row=row, shown="", **_log(webhook_id))


@page("/setup/webhooks/<int:webhook_id>/log", roles=OWNERS)
def webhook_log(webhook_id: int) -> Any:
    """The log alone, as it stands now."""
    return show("webhook_log.html", form=Form(), row={"webhook_subscription_id": webhook_id}, **_log(webhook_id))


@page("/setup/webhooks/<int:webhook_id>/test", roles=OWNERS, methods=("POST",))
def webhook_test(webhook_id: int) -> Any:
    """Has a message sent that tells of nothing."""
    call("POST", f"{_LIST}/{webhook_id}/test", key=Form.read().key, whole=True).value  # noqa: B018 - raises
    return redirect(url_for("console.webhook", webhook_id=webhook_id, done="test"), 303)


@page("/setup/webhooks/<int:webhook_id>/replay", roles=OWNERS, methods=("POST",))
def webhook_replay(webhook_id: int) -> Any:
    """Tells one notice again."""
    notice = Form.read().get("notice_id")
    if notice.isdigit():
        call("POST", f"{_LIST}/{webhook_id}/replay", {"notice_id": int(notice)}, whole=True).value  # noqa: B018 - raises
    return redirect(url_for("console.webhook", webhook_id=webhook_id, done="replay"), 303)


@page("/setup/webhooks/<int:webhook_id>/secret", roles=OWNERS, methods=("POST",))
def webhook_secret(webhook_id: int) -> Any:
    """Makes a new signing secret, shown on this page only."""
    answer = call("POST", f"{_LIST}/{webhook_id}/secret", key=Form.read().key, whole=True).value
    row = call("GET", f"{_LIST}/{webhook_id}", whole=True).value
    return _answered("webhook.html", Form(), row=row, shown=answer["signing_secret"], **_log(webhook_id))


@page("/setup/webhooks/<int:webhook_id>/remove", roles=OWNERS, methods=("GET", "POST"))
def webhook_remove(webhook_id: int) -> Any:
    """Ends a subscription, after a question."""
    row = call("GET", f"{_LIST}/{webhook_id}", whole=True).value
    if request.method == "POST":
        call("DELETE", f"{_LIST}/{webhook_id}", whole=True).value  # noqa: B018 - raises what was refused
        return redirect(url_for("console.setup_webhooks", done="removed"), 303)
    return _answered(
        "setup_remove.html", Form.read(), what=row["callback_url"], back=url_for("console.setup_webhooks"),
        action=url_for("console.webhook_remove", webhook_id=webhook_id), word="setup.webhook.remove",
    )


def _log(webhook_id: int) -> dict[str, Any]:
    before = request.args.get("before", "")
    query: dict[str, Any] = {"limit": 25, **({"before": before} if before.isdigit() else {})}
    notices = call("GET", f"{_LIST}/{webhook_id}/deliveries", query=query, whole=True).value["notices"]
    return {"notices": notices, "before": before, "older": notices[-1]["id"] if len(notices) == 25 else ""}


def _answered(template: str, form: Form, **values: Any) -> Any:
    answer = make_response(show(template, form=form, done=request.args.get("done", ""), **values))
    answer.status_code = 422 if form.wrong else 200
    return answer
