"""Vouchers: the list, one of them with its files and history, and the orders about it.

Orders are the API's; a refusal stands on the page that was left.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Response, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound as NoPage

from app.console.calling import Answer, call
from app.console.forms import Form
from app.console.gate import ISSUERS, branches, page, visit
from app.console.issuing.sale import KINDS as BY_HAND
from app.console.showing import show
from app.console.vouchers import reading, searching
from app.console.vouchers.advising import telling
from app.console.vouchers.standing import ASKED
from app.console.words import said, tongue
from app.http import office
from app.mail.smtp import server_of
from app.wire.formats import FORMATS
from sunat.kinds import KINDS

_SEARCHED: Final = ("text", "state", "kind", "branch", "since", "until", "least", "most")
_FRAMED: Final = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
"""What a PDF in our own frame may do: nothing but be shown."""
_FILES: Final = ("xml", "cdr", "pdf")
_ORDERS: Final = ("retry", "reconcile", "release")
_NO_PAPER: Final = (409, 422)
"""What the API says of a voucher that cannot be printed, or not yet."""
_VOID: Final = {"/cancellation_reason": "reason", "/document_status": ""}
_PORTAL: Final = {"/voided_on": "voided_on", "/reason": "reason", "/reference": "reference"}


@page("/vouchers")
def vouchers() -> Any:
    """The list, newest first; with ``part`` the rows alone, for bringing them up to date."""
    services, who = office(), visit()
    search, complaints = searching.read(request.args)
    with services.database.read() as session:
        found = searching.find(
            session, who.account_id, search, branches=None if who.branch_id is None else (who.branch_id,)
        )
        values: dict[str, Any] = {"found": found, "search": search, "link": _link, "part": _link(part="1")}
        if request.args.get("part"):
            return show("vouchers/rows.html", **values)
        form = Form.of({name: request.args.get(name, "") for name in _SEARCHED})
        for name, text in complaints.items():
            form.mark(name, said(text))
        return show(
            "vouchers/list.html", form=form, states=[("", ""), *((key, said(text)) for key, text in ASKED.items())],
            kinds=[("", ""), *((row.code, row.name_en if tongue() == "en" else row.name) for row in KINDS)],
            shops=branches() if who.branch_id is None else (), **values,
        )


@page("/vouchers/<int:document_id>")
def voucher(document_id: int) -> Any:
    """One voucher; with ``part`` what may change of it alone."""
    return _voucher(document_id, Form())


@page("/vouchers/<int:document_id>/files/<name>")
def voucher_file(document_id: int, name: str) -> Any:
    """A file of a voucher, to be saved; the PDF in a frame with ``shown``. Its print format is ``paper``."""
    if name not in _FILES:
        raise NoPage
    query = {"format": request.args["paper"]} if name == "pdf" and request.args.get("paper") else None
    found = call("GET", f"/V1/documents/{document_id}/{name}", query=query)
    framed = name == "pdf" and request.args.get("shown")
    if framed and found.status in _NO_PAPER:
        answer = make_response(show("vouchers/no_paper.html", problem=found.body))
        answer.headers["Content-Security-Policy"] = _FRAMED
        return answer
    if not found.ok:
        return found.value
    answer = Response(found.content, mimetype=found.headers["Content-Type"])
    disposition = found.headers.get("Content-Disposition", "attachment")
    if framed:
        disposition = disposition.replace("attachment", "inline", 1)
        answer.headers["Content-Security-Policy"] = _FRAMED
    answer.headers["Content-Disposition"] = disposition
    return answer


@page("/vouchers/<int:document_id>/orders/<deed>", roles=ISSUERS, methods=("POST",))
def voucher_order(document_id: int, deed: str) -> Any:
    """Has a voucher sent or asked about now, or lets it go on."""
    if deed not in _ORDERS:
        raise NoPage
    form = Form.read()
    answer = call("POST", f"/V1/documents/{document_id}/{deed}", {}, key=form.key)
    return _done(document_id, form, answer)


@page("/vouchers/<int:document_id>/void", roles=ISSUERS, methods=("GET", "POST"))
def voucher_void(document_id: int) -> Any:
    """Asks whether one is sure, with the term that is left, and has a voucher voided."""
    form = Form.read()
    if request.method == "POST":
        answer = call("PUT", f"/V1/documents/{document_id}", {
            "document_status": "2", "cancellation_reason": form.get("reason"),
        }, key=form.key)
        if answer.ok:
            return redirect(url_for("console.voucher", document_id=document_id), 303)
        form.refuse(answer, _VOID)
    return _asked(document_id, form, "vouchers/void.html")


@page("/vouchers/<int:document_id>/portal", roles=ISSUERS, methods=("GET", "POST"))
def voucher_portal(document_id: int) -> Any:
    """Records that SUNAT's portal voided a guide."""
    form = Form.read({"voided_on": office().clock.today().isoformat()})
    if request.method == "POST":
        answer = call("POST", f"/V1/documents/{document_id}/external-void", {
            name: form.get(name) for name in ("voided_on", "reason", "reference")
        }, key=form.key)
        if answer.ok:
            return redirect(url_for("console.voucher", document_id=document_id), 303)
        form.refuse(answer, _PORTAL)
    return _asked(document_id, form, "vouchers/portal.html")


@page("/vouchers/<int:document_id>/mail", roles=ISSUERS, methods=("GET", "POST"))
def voucher_mail(document_id: int) -> Any:
    """Mails a voucher to its receiver, or to whom is named."""
    services, who = office(), visit()
    with services.database.read() as session:
        row = reading.own(session, who.account_id, document_id, who.branch_id)
        form = Form.read({"to": row.request.get("header", {}).get("receiver_email") or ""})
    if request.method == "POST":
        answer = call("POST", f"/V1/documents/{document_id}/mails", {"to": form.get("to") or None}, key=form.key)
        if answer.ok:
            return redirect(url_for("console.voucher", document_id=document_id), 303)
        form.refuse(answer, {"/to": "to"})
    return _asked(document_id, form, "vouchers/mail.html")


def _done(document_id: int, form: Form, answer: Answer) -> Any:
    """Back to the voucher; a refusal is told on it."""
    if answer.ok:
        return redirect(url_for("console.voucher", document_id=document_id), 303)
    if answer.status == 404:
        return answer.value
    form.refuse(answer, {})
    page_told = make_response(_voucher(document_id, form))
    page_told.status_code = answer.status
    return page_told


def _voucher(document_id: int, form: Form) -> str:
    services, who = office(), visit()
    with services.database.read() as session:
        found = reading.shown(
            session, who.account_id, document_id, branch_id=who.branch_id, today=services.clock.today()
        )
        paper = request.args.get("paper", "")
        values = {
            "found": found, "form": form, "by_hand": BY_HAND.values(), "may_issue": who.role in ISSUERS,
            "paper": paper if paper in FORMATS else "", "may_mail": server_of(services.settings) is not None,
        }
        if request.args.get("part"):
            return show("vouchers/state.html", **values)
        return show("vouchers/one.html", papers=FORMATS, **values)


def _asked(document_id: int, form: Form, template: str) -> Any:
    services, who = office(), visit()
    with services.database.read() as session:
        found = reading.shown(
            session, who.account_id, document_id, branch_id=who.branch_id, today=services.clock.today()
        )
        way = said(telling(found.advice.way)) if found.advice.way is not None else ""
        answer = make_response(show(template, found=found, form=form, way=way))
    answer.status_code = 422 if form.wrong else 200
    return answer


def _link(**changes: str) -> str:
    """The address of this list with something changed: another page of it keeps the search."""
    kept: dict[str, Any] = {name: request.args[name] for name in _SEARCHED if request.args.get(name)}
    if "older" not in changes and "newer" not in changes and changes.get("part"):
        kept |= {name: request.args[name] for name in ("older", "newer") if request.args.get(name)}
    return url_for("console.vouchers", **{**kept, **changes})
