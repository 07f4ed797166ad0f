"""The payments in advance that a factura or boleta of anybody's making uses up, read back from its XML.

A payment (cac:PrepaidPayment) and the voucher issued for it (cac:AdditionalDocumentReference) carry the same id; how
it was taxed is told only for all of them together, by the code of the deduction (04, 05, 06 of catalogue 53). What
cannot be understood is passed over: nothing is judged here.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from sunat import xml
from sunat.errors import FormatError
from sunat.money import MAX_AMOUNT, cents, decimal
from sunat.numbering import parse_number

_CODES: Final = {"02": "01", "03": "03"}
_DEDUCTIONS: Final[dict[str, Literal["taxed", "exempt", "unaffected"]]] = {
    "04": "taxed", "05": "exempt", "06": "unaffected",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepayment:
    """An advance used: its voucher and the whole amount. ``affectation`` is empty where the XML leaves it open."""

    issuer_number: str
    type_code: str
    series: str
    number: int
    amount: Decimal
    affectation: Literal["taxed", "exempt", "unaffected", ""]


def read_prepayments(root: xml.Element) -> tuple[Prepayment, ...]:
    """The advances that a voucher uses, in its order; none for any other root."""
    paid = {
        _text(each, "cbc:ID"): amount for each in xml.find_all(root, "cac:PrepaidPayment")
        if (amount := _amount(_text(each, "cbc:PaidAmount"))) is not None
    }
    codes = {_text(each, "cbc:AllowanceChargeReasonCode") for each in xml.find_all(root, "cac:AllowanceCharge")}
    deducted = [_DEDUCTIONS[code] for code in sorted(codes & _DEDUCTIONS.keys())]
    found = []
    for paper in xml.find_all(root, "cac:AdditionalDocumentReference"):
        amount = paid.get(_text(paper, "cbc:DocumentStatusCode"))
        code = _CODES.get(_text(paper, "cbc:DocumentTypeCode"))
        if amount is None or code is None:
            continue
        try:
            series, number = parse_number(_text(paper, "cbc:ID"))
        except FormatError:
            continue
        found.append(Prepayment(
            issuer_number=_text(paper, "cac:IssuerParty/cac:PartyIdentification/cbc:ID"), type_code=code,
            series=series, number=number, amount=amount, affectation=deducted[0] if len(deducted) == 1 else "",
        ))
    return tuple(found)


def _text(element: xml.Element, path: str) -> str:
    found = xml.find(element, path)
    return "" if found is None else "".join(str(piece) for piece in found.itertext()).strip()


def _amount(text: str) -> Decimal | None:
    try:
        amount = decimal(text)
    except FormatError:
        return None
    return cents(amount) if 0 < amount <= MAX_AMOUNT else None
