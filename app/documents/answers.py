"""A stored voucher as the contract answers it, whole and as a row of a list.

The caller's own header comes back with what numbering and delivery added; ids are numbers, amounts have exactly the
type the contract gives each (contract v1, 2.1.2 and 2.1.4, with the members of its extensions).
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final

from app.clock import lima
from app.imprint.addresses import qr_of
from app.ledger.models import IMPORTED, DeliveryRecord, DocumentRecord
from app.problems import Language
from app.wire.currencies import CURRENCY_IDS
from app.wire.document_types import DOCUMENT_TYPES, type_of
from app.wire.numbers import number, six_decimals, two_decimals
from app.wire.statuses import WireStatus, wire_status
from sunat.errors import FormatError
from sunat.money import from_cents
from sunat.numbering import parse_number

_LINE_NUMBERS: Final = (
    "quantity", "unit_price", "modifier_amount", "modifier_percentage", "total_taxes", "total_amount_line",
)
_TAX_NUMBERS: Final = ("tax_percentage", "tax_amount")
_IDS: Final = ("issuer_country_id", "receiver_country_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The bytes that belong to a voucher: signed XML, and the CDR's zip content where there is one."""

    xml: bytes
    cdr: bytes | None = None


def document_answer(
    row: DocumentRecord, delivery: DeliveryRecord, files: Files, *, base_url: str, language: Language,
    sent: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole answer for POST, GET one and PUT.

    ``sent`` is what the authority said so far (id, instant, comments), empty before the first answer.
    """
    states = wire_status(row.status, delivery.state, delivery.tries, imported=row.origin == IMPORTED)
    return {
        "document_id": row.id,
        "header": _header(row, states, sent or {}),
        "details": [_detail(line) for line in row.request.get("details", ())],
        "references": _references(row),
        "global_modifiers": row.request.get("globals_discounts_surcharges") or None,
        "totals": {
            "net_amount": number(from_cents(row.net)), "taxes_amount": number(from_cents(row.taxes)),
            "total_amount": two_decimals(from_cents(row.total)),
        },
        "electronic_document": {
            "document_xml": b64encode(files.xml).decode(), "document_pdf": None, "stamp_img": None,
            "document_cdr": b64encode(files.cdr).decode() if files.cdr else None,
            "digest_value": row.digest, "qr_text": qr_of(row, files.cdr),
        },
        "payment_link": row.request.get("payment_link"),
        "status": row.status,
        "origin": row.origin,
        "delivery": _delivery(delivery),
        "observations": _observations(row, language),
        "edition": row.edition,
        "replaces": row.replaces_id,
        "replaced_by": row.replaced_by_id,
        "voiding": None,
        "summary": None,
        "mails": [],
        "external_id": row.external_id,
        "result": {"status": 0, "error_message": ""},
        "_links": {"self": {"href": f"{base_url}/V1/documents/{row.id}"}},
    }


def dry_answer(header: dict[str, Any], totals: dict[str, Any], observations: list[dict[str, str]]) -> dict[str, Any]:
    """What a dry run says: the voucher would be issued, with these totals and remarks; nothing was kept."""
    return {
        "dry_run": True, "header": header, "totals": totals, "observations": observations,
        "result": {"status": 0, "error_message": ""},
    }


def list_item(row: DocumentRecord, delivery: DeliveryRecord) -> dict[str, Any]:
    """One row of ``GET /V1/documents``: every id and amount is text there."""
    states = wire_status(row.status, delivery.state, delivery.tries, imported=row.origin == IMPORTED)
    header = row.request.get("header", {})
    return {
        "document_id": str(row.id),
        "account_id": row.account_id,
        "taxbureau_sending_status": str(states.sending),
        "taxbureau_validation_status": str(states.validation),
        "issue_date": row.issue_date.isoformat(),
        "document_number": str(row.number),
        "document_type_id": str(row.document_type_id),
        "issuer_tax_id_code": row.ruc,
        "issuer_tax_id_type": "PE-RUC",
        "receiver_legal_name": row.receiver_name,
        "receiver_tax_id_code": row.receiver_number,
        "receiver_tax_id_type": header.get("receiver_tax_id_type", ""),
        "document_status": states.document,
        "currency_id": CURRENCY_IDS.get(row.currency),
        "received_issued_flag": 1,
        "net_amount": two_decimals(from_cents(row.net)),
        "taxes_amount": two_decimals(from_cents(row.taxes)),
        "total_amount": two_decimals(from_cents(row.total)),
        "document_type_taxbureau": row.sunat_code,
        "document_sequence_code": row.series,
        "number": padded(row),
        "status": row.status,
        "origin": row.origin,
        "delivery_state": delivery.state,
        "external_id": row.external_id,
    }


def padded(row: DocumentRecord) -> str:
    """Series and number for people: ``F001-00000123``."""
    return f"{row.series}-{row.number:08d}"


def _header(row: DocumentRecord, states: WireStatus, sent: dict[str, Any]) -> dict[str, Any]:
    header = dict(row.request.get("header", {}))
    for name in _IDS:
        if re.fullmatch(r"[0-9]{1,9}", str(header.get(name, ""))):
            header[name] = int(header[name])
    header.update(
        account_id=row.account_id, document_type_id=row.document_type_id, document_type_taxbureau=row.sunat_code,
        document_sequence_code=row.series, document_number=row.number, number=padded(row),
        document_status=states.document, taxbureau_send_status=states.sending,
        taxbureau_validation_status=states.validation, taxbureau_send_id=sent.get("id"),
        taxbureau_send_date=sent.get("date"), taxbureau_validation_comments=sent.get("comments", ""),
        received_issued_flag=1, currency_id=CURRENCY_IDS.get(row.currency), issuer_tax_id_code=row.ruc,
        issuer_tax_id_type="PE-RUC", issue_date=row.issue_date.isoformat(),
    )
    return header


def _detail(line: dict[str, Any]) -> dict[str, Any]:
    answer = {**line, **_written(line, _LINE_NUMBERS), "vat_status": "0"}
    taxes = line.get("taxes")
    if isinstance(taxes, list):
        answer["taxes"] = [
            {**tax, **_written(tax, _TAX_NUMBERS), "tax_type_id": str(tax.get("tax_type_id", ""))} for tax in taxes
        ]
    return answer


def _written(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    """The numbers of a row as the contract's details carry them, however the caller wrote them."""
    return {name: six_decimals(row[name]) for name in names if row.get(name) is not None}


def _references(row: DocumentRecord) -> list[dict[str, Any]] | None:
    if not DOCUMENT_TYPES[row.document_type_id].lines:
        return [_listed(given) for given in row.request.get("references") or ()] or None
    if row.target_series is None:
        return None
    given = (row.request.get("references") or [{}])[0]
    # A paper without a number of SUNAT's form is named as it is printed.
    number = f"{row.target_series}-{row.target_number:08d}" if row.target_number else given.get("reference_number")
    return [
        {
            "document_type_id": given.get("document_type_id"),
            "document_type_taxbureau": row.target_sunat_code,
            "reference_number": number,
            "reference_date": given.get("reference_date"),
            "reference_type": row.target_sunat_code,
            "reference_code": given.get("reference_code"),
            "description": given.get("description"),
            "document_id": row.target_document_id,
        }
    ]


def _listed(given: dict[str, Any]) -> dict[str, Any]:
    """A voucher that a certificate lists, as its caller named it, with SUNAT's code and its number padded."""
    known = type_of(str(given.get("document_type_id", "")))
    code = given.get("document_type_taxbureau") or (known.sunat_code if known else None)
    number = "-".join(str(given[part]) for part in ("series", "reference_number") if given.get(part))
    try:
        series, integer = parse_number(number)
        number = f"{series}-{integer:08d}"
    except FormatError:
        pass  # a ticket's number stays as it is written
    return {**given, "reference_number": number or None, "document_type_taxbureau": code, "reference_type": code}


def _delivery(delivery: DeliveryRecord) -> dict[str, Any]:
    waiting = delivery.state not in {"done", "held"}
    return {
        "state": delivery.state,
        "phase": delivery.phase,
        "reason": delivery.reason,
        "tries": delivery.tries,
        "next_attempt": lima(delivery.next_at).isoformat() if waiting else None,
        "deadline": lima(delivery.deadline_at).isoformat() if delivery.deadline_at else None,
        "ticket": delivery.ticket,
        "last_code": delivery.last_code,
        "last_text": delivery.last_text,
    }


def _observations(row: DocumentRecord, language: Language) -> list[dict[str, Any]]:
    """The remarks on a voucher: SUNAT's own words unchanged, and of ours those that SUNAT did not repeat."""
    theirs = {item["code"] for item in row.observations if item.get("source") == "cdr"}
    return [
        {
            "code": item["code"], "pointer": item.get("pointer", ""),
            "source": "sunat" if item.get("source") == "cdr" else "chasqui",
            "message": item.get("message_en" if language == "en" else "message_es") or item.get("message", ""),
        }
        for item in row.observations
        if item.get("source") == "cdr" or item["code"] not in theirs
    ]
