"""Certificates of retention and of perception of anybody's making, read back into facts, and added up again.

They have no lines: they list payments of other vouchers. What stands for a sale's value is what changed hands, and for
its total what was withheld; both in soles. Source: validation workbook of 2026-02-12, sheets Retención and Percepción.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from sunat import xml
from sunat.documents import PaidVoucher, Party
from sunat.errors import FormatError
from sunat.money import ZERO, total
from sunat.numbering import VoucherId, parse_number
from sunat.taxes import Totals
from sunat.ubl.nodes import amount, attribute, day, first, hour, needed, text
from sunat.ubl.reading import VoucherFacts, place_at
from sunat.ubl.recomputing import Difference, Recomputation, compared

_SOLES: Final = "PEN"
_CREDIT_NOTE: Final = "07"


class _Words(NamedTuple):
    """What differs between the two roots."""

    code: str
    node: str
    moved: str


_WORDS: Final = {"Retention": _Words("20", "Retention", "Paid"), "Perception": _Words("40", "Perception", "Cashed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as its XML tells it: ``facts`` as of any voucher, and the vouchers that were paid."""

    facts: VoucherFacts
    paid: tuple[PaidVoucher, ...]


def read_certificate(root: xml.Element) -> Certificate:
    """The facts of a certificate. Raises FormatError naming the first field that is not there."""
    words = _WORDS[xml.name(root).rpartition(":")[2]]
    written = text(root, "cbc:ID")
    series, number = parse_number(written)
    issuer, withheld = party_of(root, "cac:AgentParty"), amount(root, "cbc:TotalInvoiceAmount")
    if withheld is None:
        raise FormatError("There is no cbc:TotalInvoiceAmount")
    net = amount(root, f"sac:SUNATTotal{words.moved}") or ZERO
    return Certificate(paid=tuple(_paid(root, words)), facts=VoucherFacts(
        voucher=VoucherId(ruc=issuer.identity_number, type_code=words.code, series=series, number=number),
        written=written, issue_date=day(needed(root, "cbc:IssueDate"), "cbc:IssueDate"),
        issue_time=hour(text(root, "cbc:IssueTime")), currency=_SOLES, operation_type="", issuer=issuer,
        customer=party_of(root, "cac:ReceiverParty"), lines=(), value=net, tax_total=ZERO, igv=ZERO, payable=withheld,
        on_credit_days=None, adjustments=(), target=None, reason_code="", reason_text="", totals=Totals(
            value=net, tax_total=ZERO, price=net, payable=withheld, taxes=(),
            rounding=amount(root, "cbc:PayableRoundingAmount") or ZERO,
        ),
    ))


def recompute_certificate(certificate: Certificate) -> Recomputation:
    """Its two sums against its rows; credit notes (07) and certificates of its own kind do not count."""
    facts = certificate.facts
    counted = [row for row in certificate.paid if row.type_code not in {_CREDIT_NOTE, facts.voucher.type_code}]
    return Recomputation(beyond=(), differences=tuple(_differences(facts, counted)))


def party_of(root: xml.Element, path: str) -> Party:
    """A party of UBL 2.0 as certificates write it. Raises FormatError where there is none."""
    node = xml.find(root, path)
    if node is None:
        raise FormatError(f"There is no {path}")
    place = xml.find(node, "cac:PostalAddress")
    return Party(
        identity_code=attribute(node, "cac:PartyIdentification/cbc:ID", "schemeID"),
        identity_number=text(node, "cac:PartyIdentification/cbc:ID"), trade_name=text(node, "cac:PartyName/cbc:Name"),
        name=first(node, "cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyName/cbc:Name"),
        address=None if place is None else place_at(place),
    )


def _differences(facts: VoucherFacts, counted: list[PaidVoucher]) -> Iterator[Difference]:
    yield from compared("payable", total(row.amount or ZERO for row in counted), facts.payable)
    yield from compared(
        "value", total(row.net or ZERO for row in counted) + facts.totals.rounding, facts.value
    )


def _paid(root: xml.Element, words: _Words) -> Iterator[PaidVoucher]:
    inside = f"sac:SUNAT{words.node}Information"
    for each in xml.find_all(root, f"sac:SUNAT{words.node}DocumentReference"):
        paid_on, withheld_on = text(each, "cac:Payment/cbc:PaidDate"), text(each, f"{inside}/sac:SUNAT{words.node}Date")
        yield PaidVoucher(
            type_code=attribute(each, "cbc:ID", "schemeID"), number=text(each, "cbc:ID"),
            issue_date=day(needed(each, "cbc:IssueDate"), "cbc:IssueDate"),
            currency=attribute(each, "cbc:TotalInvoiceAmount", "currencyID") or _SOLES,
            total=_sum(each, "cbc:TotalInvoiceAmount"), payment_id=text(each, "cac:Payment/cbc:ID"),
            paid=amount(each, "cac:Payment/cbc:PaidAmount"),
            paid_on=day(paid_on, "cbc:PaidDate") if paid_on else None,
            amount=amount(each, f"{inside}/sac:SUNAT{words.node}Amount"),
            withheld_on=day(withheld_on, f"sac:SUNAT{words.node}Date") if withheld_on else None,
            net=amount(each, f"{inside}/sac:SUNATNetTotal{words.moved}"),
        )


def _sum(node: xml.Element, path: str) -> Decimal:
    return amount(node, path) or ZERO
