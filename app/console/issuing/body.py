"""The form as a request of the API, and a request as the form.

A form that began with a voucher (`Before`) carries along what of that the form has no field for: all of it where the
voucher is issued again, and what a note needs of it where it is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from app.console.issuing import sale as sales
from app.console.issuing.lines import line_body, line_of, tellable
from app.console.issuing.sale import BOLETA, CREDIT, DEBIT, FACTURA, KINDS, Sale
from app.wire.currencies import CURRENCIES, CURRENCY_IDS
from sunat.documents.note_reasons import REASONS

Purpose = Literal["note", "again"]
"""Why a form begins with a voucher: to change it by a note, or to issue it again (in its place, or another like it)."""

TYPES: Final[Mapping[str, int]] = {FACTURA: 96, BOLETA: 97, CREDIT: 98, DEBIT: 99}
"""The contract's type of each kind; a credit note on a boleta has one of its own."""
_ON_BOLETAS: Final[Mapping[str, int]] = {**TYPES, CREDIT: 155}

_PLAIN_HEADER: Final = {
    "customer_type": "receiver_tax_id_type", "customer_number": "receiver_tax_id_code",
    "customer_name": "receiver_legal_name", "customer_address": "receiver_address", "customer_email": "receiver_email",
    "remark": "observations", "exchange_rate": "exchange_rate_value",
}
_FOR_NOTES: Final = (
    "receiver_district", "receiver_city", "receiver_department", "receiver_country_id",
    "branch_office_code",
)
_FOR_NOTES_OF_PERU: Final = ("receiver_identity_code", "receiver_ubigeo", "receiver_trade_name", "charges_discounts")
_NEVER_AGAIN: Final = (
    "document_number", "external_id", "account_id", "received_issued_flag", "document_type_taxbureau",
    "document_sequence_code", "payment_conditions", "branch_office_code",
)
_DETRACTION: Final = frozenset({"code", "rate", "account"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The voucher that a form begins with: its request, SUNAT's code, and its number as ``F001-87``."""

    request: Mapping[str, Any]
    sunat_code: str
    number: str
    purpose: Purpose

    def keeps_whole(self, position: str) -> bool:
        """Whether a line taken from it can only be kept whole or left out."""
        detail = self.detail(position)
        return detail is not None and not tellable(detail)

    def detail(self, position: str) -> Mapping[str, Any] | None:
        """The line of a place in it."""
        details = self.request.get("details") or []
        if not (position.isascii() and position.isdecimal() and len(position) <= 4 and int(position) < len(details)):
            return None
        found: Mapping[str, Any] = details[int(position)]
        return found

    @property
    def carries(self) -> bool:
        """Whether it has something of the whole voucher that the form cannot show, and that goes along."""
        peru = (self.request.get("header", {}).get("additional") or {}).get("pe_header") or {}
        names = ("charges_discounts", "advances", "perception", "retention", "income_withholding", "rounding_amount")
        return bool(self.request.get("globals_discounts_surcharges")) or any(peru.get(name) for name in names)


def issue_day(sale: Sale, today: date) -> date:
    """The day on which the form issues: today where it names none that can be read."""
    try:
        return date.fromisoformat(sale.get("issue_date"))
    except ValueError:
        return today


def body_of(sale: Sale, *, today: date, before: Before | None = None) -> dict[str, Any]:
    """The request that the form stands for; what cannot be read goes as it was typed, for the API to point at it."""
    body = _carried(before)
    day, header = issue_day(sale, today), body["header"]
    header["document_type_id"] = str(_type(sale))
    header["issue_date"] = sale.get("issue_date") or day.isoformat()
    header["currency_id"] = str(CURRENCY_IDS.get(sale.get("currency"), sale.get("currency")))
    if sale.get("series"):
        header["document_sequence_code"] = sale.get("series").upper()
    for name, member in _PLAIN_HEADER.items():
        _put(header, member, sale.get(name))
    if _nobody(sale):
        for member in list(header):
            if member.startswith("receiver_") and member != "receiver_email":
                del header[member]
    peru = header.setdefault("additional", {}).setdefault("pe_header", {})
    peru["price_mode"] = "gross" if sale.gross else "net"
    _pay(sale, header, peru, day)
    _detract(sale, peru)
    if _nobody(sale):
        peru.pop("receiver_identity_code", None)
    body["details"] = [_detail(sale, line, day, before) for line in sale.lines]
    body.pop("references", None)
    if sale.is_note:
        body["references"] = [_reference(sale)]
    return body


def sale_of(before: Before, *, today: date, kind: str) -> Sale:
    """The form as it begins with a voucher: its customer and lines, issued today."""
    header = before.request.get("header", {})
    peru = (header.get("additional") or {}).get("pe_header") or {}
    values = {
        **sales.FRESH, "kind": kind, "issue_date": today.isoformat(),
        "currency": CURRENCIES.get(str(header.get("currency_id", "7")), "PEN"),
        "prices": "gross" if peru.get("price_mode") == "gross" else "net",
        **{name: str(header.get(member) or "") for name, member in _PLAIN_HEADER.items()},
    }
    instalments: tuple[Mapping[str, str], ...] = ()
    if before.purpose == "note":
        values |= {"target": before.number, "remark": "", "payment": "cash", "reason": next(iter(REASONS[KINDS[kind]]))}
    else:
        instalments = _terms(header, peru, today)
        values["payment"] = "credit" if instalments else "cash"
        values |= _detraction(peru)
        values |= _cause(before.request)
    lines = tuple(line_of(detail, place) for place, detail in enumerate(before.request.get("details") or ()))
    return Sale(values=values, lines=lines[:sales.MOST_LINES], instalments=instalments)


def _carried(before: Before | None) -> dict[str, Any]:
    if before is None:
        return {"header": {}}
    request = deepcopy(dict(before.request))
    header: dict[str, Any] = request.get("header") or {}
    if before.purpose == "note":
        peru = (header.get("additional") or {}).get("pe_header") or {}
        kept = {name: peru[name] for name in _FOR_NOTES_OF_PERU if peru.get(name)}
        return {
            "header": {
                **{name: header[name] for name in _FOR_NOTES if header.get(name)},
                **({"additional": {"pe_header": kept}} if kept else {}),
            },
            **({"globals_discounts_surcharges": request["globals_discounts_surcharges"]}
               if request.get("globals_discounts_surcharges") else {}),
        }
    for name in (*_NEVER_AGAIN, *(name for name in header if name.startswith("issuer_"))):
        header.pop(name, None)
    for name in ("totals", "options", "payment_link"):
        request.pop(name, None)
    return {**request, "header": header}


def _type(sale: Sale) -> int:
    found = _ON_BOLETAS if _target_code(sale) == KINDS[BOLETA] else TYPES
    return found.get(sale.get("kind"), TYPES[FACTURA])


def _nobody(sale: Sale) -> bool:
    """Whether it is for nobody in particular: a number or a name without a kind of document is a mistake, and told."""
    return not any(sale.get(name) for name in ("customer_type", "customer_number", "customer_name"))


def _target_code(sale: Sale) -> str:
    return KINDS[BOLETA] if sale.get("target").upper().startswith("B") else KINDS[FACTURA]


def _reference(sale: Sale) -> dict[str, str]:
    found = {"document_type_taxbureau": _target_code(sale), "reference_code": sale.get("reason")}
    _put(found, "reference_number", sale.get("target").upper().replace(" ", ""))
    reason = REASONS[KINDS[sale.get("kind")]].get(sale.get("reason"))
    _put(found, "description", sale.get("reason_text") or (reason.es if reason else ""))
    return found


def _detail(sale: Sale, line: Mapping[str, str], day: date, before: Before | None) -> dict[str, Any]:
    position = line.get("from", "")
    if before is not None and before.keeps_whole(position):
        return deepcopy(dict(before.detail(position) or {}))
    return line_body(line, day=day, gross=sale.gross, folds=sale.is_note)


def _pay(sale: Sale, header: dict[str, Any], peru: dict[str, Any], day: date) -> None:
    """Cash, or instalments: with their amounts, or by their days alone in equal shares, which the API works out."""
    peru.pop("payment", None)
    if sale.get("payment") != "credit" or (sale.is_note and not sale.instalments):
        if not sale.is_note:
            header["payment_conditions"] = "0"
        return
    if any(row.get("amount") for row in sale.instalments) or sale.is_note:
        peru["payment"] = {"kind": "credit", "instalments": [
            {"amount": row.get("amount", ""), "due_date": row.get("date", "")} for row in sale.instalments
        ]}
        return
    days = [_days_to(row.get("date", ""), day) for row in sale.instalments]
    header["payment_conditions"] = ",".join(days) or "30"


def _days_to(text: str, day: date) -> str:
    try:
        return str((date.fromisoformat(text) - day).days)
    except ValueError:
        return text or "?"


def _detract(sale: Sale, peru: dict[str, Any]) -> None:
    if sale.get("detraction_code") and not sale.is_note:
        found = {"code": sale.get("detraction_code")}
        _put(found, "rate", sale.get("detraction_rate"))
        _put(found, "account", sale.get("detraction_account"))
        peru["detraction"] = found
    elif set(peru.get("detraction") or ()) <= _DETRACTION:
        peru.pop("detraction", None)


def _detraction(peru: Mapping[str, Any]) -> dict[str, str]:
    told = peru.get("detraction") or {}
    if not set(told) <= _DETRACTION:
        return {}
    return {f"detraction_{name}": str(value) for name, value in told.items() if value is not None}


def _terms(header: Mapping[str, Any], peru: Mapping[str, Any], today: date) -> tuple[Mapping[str, str], ...]:
    told = peru.get("payment") or {}
    if told:
        return tuple(
            {"amount": str(row.get("amount", "")), "date": str(row.get("due_date", ""))}
            for row in told.get("instalments") or ()
        )
    days = [part.strip() for part in str(header.get("payment_conditions") or "0").split(",")]
    return tuple(
        {"amount": "", "date": (today + timedelta(days=int(part))).isoformat()}
        for part in days if part.isascii() and part.isdecimal() and len(part) <= 4 and int(part)
    )


def _cause(request: Mapping[str, Any]) -> dict[str, str]:
    """What a note that is issued again changes, and why."""
    rows = request.get("references") or []
    if not rows:
        return {}
    row = rows[0]
    number = "-".join(str(row[part]) for part in ("series", "reference_number") if row.get(part))
    return {
        "target": number, "reason": str(row.get("reference_code") or "").zfill(2),
        "reason_text": str(row.get("description") or ""),
    }


def _put(members: dict[str, Any], name: str, value: str) -> None:
    """A member that is there when it says something."""
    if value:
        members[name] = value
    else:
        members.pop(name, None)
