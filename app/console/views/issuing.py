"""Issuing by hand: one form for facturas, boletas and their notes, also in the place of one that was refused.

Without the script the buttons do all of it: a line more or less, a look at what it comes to, issuing. With it the form
is looked at while it is typed. What is issued is told by the API's answer, and a form that comes twice issues once.
"""

from __future__ import annotations

import re
from typing import Any, Final

from flask import make_response, redirect, request, url_for

from app.console.calling import Answer, call
from app.console.forms import Form
from app.console.gate import ISSUERS, page, visit
from app.console.issuing import sale as sales
from app.console.issuing.body import Before, body_of, issue_day, sale_of
from app.console.issuing.choices import Choices, choices_of
from app.console.issuing.customer import Known, known
from app.console.issuing.lines import worked_line
from app.console.issuing.pointers import FIELDS
from app.console.issuing.sale import KINDS, NOTES, Sale
from app.console.showing import show
from app.console.vouchers.reading import own
from app.console.words import said, t
from app.http import office
from app.ledger.models import DocumentRecord
from app.problems import KeyReused, NotFound, Text
from sunat.documents.note_reasons import REASONS

PURPOSES: Final = ("credit_note", "debit_note", "replace", "correct", "copy")
"""What a form that begins with a voucher is for."""
_REMOVE: Final = re.compile(r"remove\.([0-9]{1,4})")
_STEM: Final = {code: stem for stem, code in KINDS.items()}
_ORIGINAL: Final = ("01", "03")
_DOCUMENTS: Final = {8: "PE-DNI", 11: "PE-RUC"}
"""The document that a number of so many digits is, where somebody chose none."""
_KEEPS_ITS_NUMBER: Final = "correct"


class _Desk:
    """One request at the form: what was typed, what it began with, what is known of the customer."""

    def __init__(self) -> None:
        services, who = office(), visit()
        self.form = Form.read()
        self.of, self.purpose = _source(self.form)
        today = services.clock.today()
        with services.database.read() as session:
            row = own(session, who.account_id, self.of, who.branch_id) if self.of else None
            self.before = _before(row, self.purpose) if row is not None else None
            if not self.form.values:
                self.form = Form.of({**self._fresh(row).fields, "of": self.of or "", "purpose": self.purpose})
            self.sale = _of_a_kind(sales.read(self.form.values))
            code = KINDS.get(self.sale.get("kind"), KINDS[sales.FACTURA])
            self.choices: Choices = choices_of(
                session, who.account_id, who.branch_id, sunat_code=code, target=self.sale.get("target"),
                day=issue_day(self.sale, today),
            )
            self.known: Known = known(
                session, who.account_id, identity_type=self.sale.get("customer_type"),
                number=self.sale.get("customer_number"),
                branches=None if who.branch_id is None else (who.branch_id,),
            )
            self.number = row.full_number if row is not None else ""
            self.series = row.series if row is not None and self.purpose == _KEEPS_ITS_NUMBER else ""

    def _fresh(self, row: DocumentRecord | None) -> Sale:
        today = office().clock.today()
        if row is not None and self.before is not None:
            stem = self.purpose if self.purpose in NOTES else _STEM[row.sunat_code]
            return sale_of(self.before, today=today, kind=stem)
        kind = request.args.get("kind") or sales.FACTURA
        return Sale(values={
            **sales.FRESH, "issue_date": today.isoformat(), "kind": kind,
            "customer_type": sales.FRESH_CUSTOMER.get(kind, sales.FRESH["customer_type"]),
            "target": request.args.get("target", "")[:20],
        })

    def body(self) -> dict[str, Any]:
        """The request that the form stands for."""
        found = body_of(self.sale, today=office().clock.today(), before=self.before)
        if self.series:
            found["header"]["document_sequence_code"] = self.series
        return found

    def tried(self) -> Answer:
        """What the API would say to it; nothing is kept or numbered."""
        return call("POST", "/V1/documents", self.body(), query={"dry_run": "1"}, orders=False)

    def issued(self) -> Answer:
        """What the API says to it."""
        place = {"replace": f"/{self.of}/replacement", "correct": f"/{self.of}/correction"}.get(self.purpose, "")
        return call("POST", f"/V1/documents{place}", self.body(), key=self.form.key)

    def shown(self, *, tried: Answer | None = None, focus: str = "", status: int = 200) -> Any:
        """The page, with what was typed tidied up."""
        self.form.values = {
            name: [value] for name, value in {
                **self.sale.fields, "of": str(self.of or ""), "purpose": self.purpose,
            }.items()
        }
        answer = make_response(show("issuing/form.html", **self._told(tried), focus=focus))
        answer.status_code = status
        return answer

    def told(self, tried: Answer) -> str:
        """What the form comes to and what is found in it, for the script to put in its places."""
        return show("issuing/told.html", **self._told(tried))

    def _told(self, tried: Answer | None) -> dict[str, Any]:
        if self.known.tone == "bad" and "customer_number" not in self.form.errors:
            self.form.mark("customer_number", said(self.known.text))
        day, lines = issue_day(self.sale, office().clock.today()), self.sale.lines or (sales.FRESH_LINE,)
        worked = [
            worked_line(line, day=day, gross=self.sale.gross, folds=self.sale.is_note)
            if self.before is None or not self.before.keeps_whole(line.get("from", "")) else None
            for line in lines
        ]
        return {
            "form": self.form, "sale": self.sale, "choices": self.choices, "known": self.known, "tried": tried,
            "lines": lines, "worked": worked, "before": self.before, "of": self.of, "purpose": self.purpose,
            "number": self.number, "most_lines": sales.MOST_LINES, "most_instalments": sales.MOST_INSTALMENTS,
            "remarks": tried.body["observations"] if tried is not None and tried.ok else (),
        }


@page("/issue", roles=ISSUERS, methods=("GET", "POST"))
def issue() -> Any:
    """The form; ``_do`` is the button that was pressed."""
    desk = _Desk()
    if request.method != "POST":
        return desk.shown(tried=desk.tried() if desk.before is not None else None)
    pressed = request.form.get("_do", "look")
    if pressed == "issue":
        answer = desk.issued()
        if answer.ok:
            return redirect(url_for("console.voucher", document_id=answer.value["document_id"]), 303)
        if isinstance(answer.body, dict) and answer.body.get("code") == KeyReused.default_code:
            # Gone back to by the browser's history, and changed: it is another sale, once somebody says so.
            desk.form.key = Form().key
            desk.form.mark("", t("issue.already"))
        else:
            desk.form.refuse(answer, FIELDS)
        return desk.shown(status=answer.status)
    if pressed in ("look", "kind"):
        return _looked(desk) if pressed == "look" else desk.shown()
    desk.sale, focus = _changed(desk.sale, pressed, desk.known)
    return desk.shown(focus=focus)


@page("/issue/live", roles=ISSUERS, methods=("POST",))
def issue_live() -> Any:
    """What a form comes to while it is typed."""
    desk = _Desk()
    tried = desk.tried()
    if not tried.ok:
        desk.form.refuse(tried, FIELDS)
    return desk.told(tried)


def _looked(desk: _Desk) -> Any:
    """The form with what it comes to, and everything that is found in it beside its field."""
    tried = desk.tried()
    if not tried.ok:
        desk.form.refuse(tried, FIELDS)
    return desk.shown(tried=tried, status=200 if tried.ok else 422)


def _changed(sale: Sale, pressed: str, customer: Known) -> tuple[Sale, str]:
    """The sale after one of the small buttons, and the field to go on with."""
    lines, instalments, values = list(sale.lines), list(sale.instalments), dict(sale.values)
    focus, removed = "", _REMOVE.fullmatch(pressed)
    if pressed == "add":
        lines = [*(lines or [sales.FRESH_LINE]), sales.FRESH_LINE][:sales.MOST_LINES]
        focus = f"lines.{len(lines) - 1}.description"
    elif removed and int(removed[1]) < len(lines):
        del lines[int(removed[1])]
        focus = f"lines.{max(0, int(removed[1]) - 1)}.description"
    elif pressed == "term":
        values["payment"] = "credit"
        instalments = [*instalments, {}][:sales.MOST_INSTALMENTS]
        focus = f"instalments.{len(instalments) - 1}.date"
    elif pressed == "name" and customer.name:
        values |= {"customer_name": customer.name, "customer_address": customer.address}
        focus = "customer_name"
    return Sale(values=values, lines=tuple(lines), instalments=tuple(instalments)), focus


def _source(form: Form) -> tuple[int | None, str]:
    """The voucher that the form begins with, and what for."""
    of = request.args.get("of", "") or form.get("of")
    purpose = request.args.get("purpose", "") or form.get("purpose")
    if not of:
        return None, ""
    if not re.fullmatch("[0-9]{1,18}", of) or purpose not in PURPOSES:
        raise _nothing()
    return int(of), purpose


def _of_a_kind(sale: Sale) -> Sale:
    """The sale with a kind and a reason that there are, and a customer where only a boleta goes without."""
    values = dict(sale.values)
    if values.get("kind") not in KINDS:
        values["kind"] = sales.FACTURA
    if values["kind"] in NOTES and values.get("reason") not in REASONS[KINDS[values["kind"]]]:
        values["reason"] = next(iter(REASONS[KINDS[values["kind"]]]))
    if not values.get("customer_type"):
        values["customer_type"] = _DOCUMENTS.get(len(values.get("customer_number", "")), "")
    if values["kind"] in sales.NAMED and not values["customer_type"]:
        values["customer_type"] = sales.FRESH["customer_type"]
    return Sale(values=values, lines=sale.lines, instalments=sale.instalments)


def _before(row: DocumentRecord, purpose: str) -> Before:
    if row.sunat_code not in (_ORIGINAL if purpose in NOTES or purpose == "copy" else _STEM):
        raise _nothing()
    return Before(
        request=row.request, sunat_code=row.sunat_code, number=row.full_number,
        purpose="note" if purpose in NOTES else "again",
    )


def _nothing() -> NotFound:
    return NotFound("DOCUMENT_NOT_FOUND", Text(t("issue.no_source"), t("issue.no_source")))
