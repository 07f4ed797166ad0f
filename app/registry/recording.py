"""From the XML of another system to the row of our ledger, with the members of the contract its answers show.

Texts longer than their columns are cut in the row only: the XML keeps them whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from app.accounts.models import AccountRecord
from app.ledger.advances import ANY, Use
from app.ledger.imported import Answer
from app.ledger.models import IMPORTED, DocumentRecord
from app.registry.entries import CdrEntry, Item
from app.registry.remarks import remarks_about
from app.series.models import SeriesRecord
from app.wire.currencies import CURRENCY_IDS
from app.wire.document_types import type_for
from app.wire.identities import tax_id_type
from sunat import xml
from sunat.documents import Despatch, PaidVoucher
from sunat.errors import CdrError
from sunat.kinds import kind
from sunat.money import plain, to_cents
from sunat.transport.zipping import pack_cdr, unpack_cdr
from sunat.ubl.prepayments import read_prepayments
from sunat.ubl.printed import qr_line
from sunat.ubl.reading import ReadLine, VoucherFacts

_MAX_NUMBER: Final = 20
_MAX_NAME: Final = 1500
_MAX_SERIES: Final = 20
_MAX_ACTOR: Final = 60


def document_row(
    account: AccountRecord, series: SeriesRecord, item: Item, facts: VoucherFacts, *, target_id: int | None,
    actor: str, now: datetime, paid: Sequence[PaidVoucher] = (),
) -> DocumentRecord:
    """The fresh row of a voucher that is history. ``facts`` have their lines; the status is the item's.

    ``paid`` are the vouchers that a certificate lists.
    """
    voucher, customer, target = facts.voucher, facts.customer, facts.target
    wire = type_for(voucher.type_code, series.target)
    if wire is None:
        raise ValueError(f"The contract has no type for {voucher.type_code}")
    return DocumentRecord(
        account_id=account.id, branch_id=series.branch_id, series_id=series.id, environment=account.environment,
        ruc=voucher.ruc, sunat_code=voucher.type_code, document_type_id=wire.id, series=voucher.series,
        number=voucher.number, status=str(item.status), origin=IMPORTED, issue_date=facts.issue_date,
        issue_time=facts.issue_time or time(), currency=facts.currency,
        receiver_code=customer.identity_code if len(customer.identity_code) == 1 else "",
        receiver_number=customer.identity_number[:_MAX_NUMBER], receiver_name=customer.name[:_MAX_NAME],
        net=to_cents(facts.value), taxes=to_cents(facts.tax_total), total=to_cents(facts.payable),
        target_sunat_code=target.type_code if target and len(target.type_code) == 2 else None,
        target_series=target.series[:_MAX_SERIES] if target else None, target_number=target.number if target else None,
        target_document_id=target_id, fingerprint=hashlib.sha256(f"import {item.entry.sha256}".encode()).hexdigest(),
        request=_request(facts, paid), digest=item.entry.seal.digest,
        observations=[*cdr_observations(item.cdr if item.status != "issued" else None), *remarks_about(item)],
        qr_text="" if issubclass(kind(voucher.type_code).model, Despatch) else qr_line(
            voucher, customer, igv=facts.igv, payable=facts.payable, issued=facts.issue_date,
            digest=item.entry.seal.digest,
        ),
        actor=actor[:_MAX_ACTOR], created_at=now,
    )


def cdr_observations(cdr: CdrEntry | None) -> list[dict[str, Any]]:
    """SUNAT's own observations, as the ledger keeps them."""
    if cdr is None:
        return []
    return [{"code": code, "message": text, "source": "cdr"} for code, text in cdr.cdr.observations]


def answer_of(
    cdr: CdrEntry, facts: VoucherFacts, xml: bytes, packed: bytes | None, *, settles: bool, now: datetime
) -> Answer:
    """The evidence of a CDR: the zip it came in where that is one of its own, else a zip made around its bytes."""
    name = facts.voucher.file_name
    content = packed if packed is not None and _holds(packed, name, xml) else pack_cdr(name, xml)
    received = cdr.cdr.received_at
    return Answer(
        content=content, code=cdr.cdr.code, text=cdr.cdr.description, settles=settles,
        received_at=received.astimezone(UTC) if received else now,
    )


def uses_in(root: xml.Element, facts: VoucherFacts) -> tuple[Use, ...]:
    """The advances of the issuer's own that an imported voucher uses up."""
    return tuple(
        Use(
            sunat_code=each.type_code, series=each.series, number=each.number,
            affectation=each.affectation or ANY, amount=to_cents(each.amount),
        )
        for each in read_prepayments(root)
        if each.issuer_number == facts.voucher.ruc and to_cents(each.amount) and len(each.series) <= _MAX_SERIES
    )


def _holds(packed: bytes, name: str, xml: bytes) -> bool:
    try:
        return unpack_cdr(packed, name) == xml
    except CdrError:
        return False


def _request(facts: VoucherFacts, paid: Sequence[PaidVoucher]) -> dict[str, Any]:
    """What the caller's body would have been, as far as the XML tells it."""
    customer = facts.customer
    address = customer.address
    header: dict[str, Any] = {
        "issue_date": facts.issue_date.isoformat(), "issuer_tax_id_code": facts.voucher.ruc,
        "issuer_legal_name": facts.issuer.name, "receiver_tax_id_type": tax_id_type(customer.identity_code),
        "receiver_tax_id_code": customer.identity_number, "receiver_legal_name": customer.name,
        "payment_conditions": _conditions(facts.on_credit_days), "currency_id": CURRENCY_IDS.get(facts.currency),
    }
    if address is not None and address.line:
        header["receiver_address"] = address.line
    if facts.operation_type:
        header["additional"] = {"pe_header": {"operation_type": facts.operation_type}}
    request: dict[str, Any] = {"header": header, "details": [_detail(line) for line in facts.lines]}
    if facts.target is not None:
        request["references"] = [_reference(facts)]
    if paid:
        request["references"] = [
            {"document_type_taxbureau": each.type_code, "reference_number": each.number,
             "reference_date": each.issue_date.isoformat()}
            for each in paid
        ]
    return request


def _conditions(days: tuple[int, ...] | None) -> str:
    """The contract's payment conditions: "0" for cash, else days to each instalment; credit is never day zero."""
    if days is None:
        return "0"
    return ",".join(str(max(1, day)) for day in days) or "1"


def _detail(line: ReadLine) -> dict[str, Any]:
    said: dict[str, Any] = {
        "line_description": line.description, "quantity": plain(line.quantity, 0), "unit_measure": line.unit,
        "sku": line.seller_code,
    }
    return {**said, "unit_price": plain(line.unit_value, 2)} if line.tributes else said  # goods of a guide have none


def _reference(facts: VoucherFacts) -> Mapping[str, Any]:
    target = facts.target
    return {
        "document_type_taxbureau": target.type_code if target else "",
        "reference_number": target.text if target else "", "reference_code": facts.reason_code,
        "description": facts.reason_text,
    }
