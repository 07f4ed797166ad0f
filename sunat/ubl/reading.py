"""A voucher of anybody's making, read back into facts: the opposite of ``render``, and far more forgiving.

Other systems write the same voucher in many ways: other prefixes, padded numbers, CDATA, comments inside values, the
issuer under ``cac:PartyTaxScheme`` as SUNAT's first guide to UBL 2.1 had it. What identifies a voucher and what it
amounts to is read from wherever it stands; nothing is judged here (``rules`` does that) and nothing is worked out
again (``recomputing`` does). Source: UBL 2.1 guides of SUNAT for 01, 03, 07 and 08; RS 113-2018 for the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from sunat import xml
from sunat.documents import Address, Party, Target
from sunat.errors import FormatError
from sunat.money import ZERO, decimal, total
from sunat.numbering import VoucherId, parse_number
from sunat.taxes import IGV

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CDR: Final = "ApplicationResponse"
_VERSION: Final = "2.1"
_AMOUNT: Final = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{0,20})?")
"""What every amount and quantity of a voucher fits into; it also keeps the arithmetic of a hostile file cheap."""


class _Form(NamedTuple):
    """How a root element writes its lines and sums; ``code`` is empty where cbc:InvoiceTypeCode says it."""

    code: str
    line: str
    quantity: str
    sums: tuple[str, ...]


_NOTE_SUMS: Final = ("cac:RequestedMonetaryTotal", "cac:LegalMonetaryTotal")
_FORMS: Final = {
    "Invoice": _Form("", "cac:InvoiceLine", "cbc:InvoicedQuantity", ("cac:LegalMonetaryTotal",)),
    "CreditNote": _Form("07", "cac:CreditNoteLine", "cbc:CreditedQuantity", _NOTE_SUMS[::-1]),
    "DebitNote": _Form("08", "cac:DebitNoteLine", "cbc:DebitedQuantity", _NOTE_SUMS),
}
_READ: Final = frozenset({"01", "03", "07", "08"})
_OTHERS: Final = {
    "DespatchAdvice": "guide", "Retention": "retention", "Perception": "perception", "SummaryDocuments": "summary",
    "VoidedDocuments": "voiding", "SelfBilledInvoice": "settlement",
}

Sort = Literal["voucher", "cdr", "other_kind", "old_ubl", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What an XML file is, by its root: ``detail`` names the kind (catalogue 01, or a word) or the version."""

    sort: Sort
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """One line as written, amounts in the voucher's currency.

    ``unit_price`` is with taxes, None where it is not said. ``rate`` is a percentage. ``tributes`` are the codes of
    catalogue 05 on the line; ``discount`` and ``charge`` are those that change the tax base, ``apart`` those that do
    not.
    """

    description: str
    quantity: Decimal
    unit: str
    seller_code: str
    value: Decimal
    unit_value: Decimal
    unit_price: Decimal | None
    affectation: str
    rate: Decimal
    tax_total: Decimal
    tributes: tuple[str, ...]
    discount: Decimal
    charge: Decimal
    apart: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFacts:
    """A voucher as its XML tells it.

    ``written`` is cbc:ID as it stands (perhaps padded). Dates are Lima's, ``issue_time`` None where it is not said.
    ``value``, ``tax_total``, ``igv`` and ``payable`` are in ``currency``. ``on_credit_days`` are the days from the
    issue to each instalment, None for a sale that is not on credit. ``adjustments`` names what changes the sums
    outside the lines: discount, charge, prepaid, rounding.
    """

    voucher: VoucherId
    written: str
    issue_date: date
    issue_time: time | None
    currency: str
    operation_type: str
    issuer: Party
    customer: Party
    lines: tuple[ReadLine, ...]
    value: Decimal
    tax_total: Decimal
    igv: Decimal
    payable: Decimal
    on_credit_days: tuple[int, ...] | None
    adjustments: tuple[str, ...]
    target: Target | None
    reason_code: str
    reason_text: str


def nature_of(root: xml.Element) -> Nature:
    """What kind of file this is. Never raises.

    >>> nature_of(xml.parse(b"<a/>")).sort
    'unknown'
    """
    namespace, _, local = str(root.tag).rpartition("}")
    if local == _CDR and namespace[1:].startswith(_UBL):
        return Nature(sort="cdr")
    if local in _OTHERS:
        return Nature(sort="other_kind", detail=_OTHERS[local])
    form = _FORMS.get(local)
    if form is None or not namespace[1:].startswith(_UBL):
        return Nature(sort="unknown", detail=local[:60])
    version = _text(root, "cbc:UBLVersionID")
    if version != _VERSION:
        return Nature(sort="old_ubl", detail=version[:20])
    code = form.code or _text(root, "cbc:InvoiceTypeCode")
    return Nature(sort="voucher" if code in _READ else "other_kind", detail=code[:20])


def read_voucher(root: xml.Element) -> VoucherFacts:
    """The facts of a voucher whose nature is "voucher". Raises FormatError naming the first field that is not there."""
    form = _FORMS[str(root.tag).rpartition("}")[2]]
    written = _text(root, "cbc:ID")
    series, number = parse_number(written)
    issuer = _party(root, "cac:AccountingSupplierParty")
    code = form.code or _text(root, "cbc:InvoiceTypeCode")
    issued = _date(_needed(root, "cbc:IssueDate"), "cbc:IssueDate")
    sums = next((found for path in form.sums if (found := xml.find(root, path)) is not None), None)
    if sums is None:
        raise FormatError(f"There is no {form.sums[0]}")
    payable = _amount(sums, "cbc:PayableAmount")
    if payable is None:
        raise FormatError("There is no cbc:PayableAmount")
    tax_total = total(_amount(each, "cbc:TaxAmount") or ZERO for each in xml.find_all(root, "cac:TaxTotal"))
    value = _amount(sums, "cbc:LineExtensionAmount")
    return VoucherFacts(
        voucher=VoucherId(ruc=issuer.identity_number, type_code=code, series=series, number=number),
        written=written, issue_date=issued, issue_time=_time(_text(root, "cbc:IssueTime")),
        currency=_needed(root, "cbc:DocumentCurrencyCode"), operation_type=_attribute(root, "cbc:InvoiceTypeCode",
                                                                                      "listID"),
        issuer=issuer, customer=_party(root, "cac:AccountingCustomerParty"),
        lines=tuple(_line(each, form) for each in xml.find_all(root, form.line)),
        value=payable - tax_total if value is None else value, tax_total=tax_total,
        igv=_igv(root), payable=payable, on_credit_days=_credit(root, issued),
        adjustments=tuple(_adjustments(root, sums)), target=_target(root),
        reason_code=_text(root, "cac:DiscrepancyResponse/cbc:ResponseCode"),
        reason_text=_text(root, "cac:DiscrepancyResponse/cbc:Description"),
    )


def _text(element: xml.Element, path: str) -> str:
    """The text at a path across comments, without the white space around it; "" when there is none."""
    found = xml.find(element, path)
    return "" if found is None else "".join(str(piece) for piece in found.itertext()).strip()


def _needed(element: xml.Element, path: str) -> str:
    found = _text(element, path)
    if not found:
        raise FormatError(f"There is no {path}")
    return found


def _first(element: xml.Element, *paths: str) -> str:
    return next((found for path in paths if (found := _text(element, path))), "")


def _attribute(element: xml.Element, path: str, name: str) -> str:
    found = xml.find(element, path)
    return "" if found is None else str(found.get(name, "")).strip()


def _amount(element: xml.Element, path: str) -> Decimal | None:
    found = _text(element, path)
    if not found:
        return None
    if _AMOUNT.fullmatch(found) is None:
        raise FormatError(f"{path} is {found[:40]!r}, which is no amount")
    return decimal(found)


def _date(text: str, path: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise FormatError(f"{path} is {text[:20]!r}, which is no date") from error


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text[:8]).replace(tzinfo=None)
    except ValueError:
        return None


def _party(root: xml.Element, side: str) -> Party:
    """A party by any of the places in which issuers' systems have put it."""
    party = xml.find(root, f"{side}/cac:Party")
    outer = xml.find(root, side)
    if party is None or outer is None:
        raise FormatError(f"There is no {side}")
    identity = next(
        ((found, path) for path in ("cac:PartyIdentification/cbc:ID", "cac:PartyTaxScheme/cbc:CompanyID")
         if (found := _text(party, path))), None,
    )
    if identity is not None:
        number, code = identity[0], _attribute(party, identity[1], "schemeID")
    else:
        number, code = _text(outer, "cbc:CustomerAssignedAccountID"), _text(outer, "cbc:AdditionalAccountID")
    place = xml.find(party, "cac:PartyLegalEntity/cac:RegistrationAddress")
    if place is None:
        place = xml.find(party, "cac:PartyTaxScheme/cac:RegistrationAddress")
    return Party(
        identity_code=code, identity_number=number, trade_name=_text(party, "cac:PartyName/cbc:Name"),
        name=_first(party, "cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyTaxScheme/cbc:RegistrationName",
                    "cac:PartyName/cbc:Name"),
        address=None if place is None else Address(
            line=_first(place, "cac:AddressLine/cbc:Line", "cbc:StreetName"), ubigeo=_text(place, "cbc:ID"),
            urbanization=_text(place, "cbc:CitySubdivisionName"), district=_text(place, "cbc:District"),
            province=_text(place, "cbc:CityName"), department=_text(place, "cbc:CountrySubentity"),
            country=_text(place, "cac:Country/cbc:IdentificationCode"),
        ),
        establishment_code="" if place is None else _text(place, "cbc:AddressTypeCode"),
    )


def _line(line: xml.Element, form: _Form) -> ReadLine:
    taxes = list(_subtotals(line))
    igv = next((each for each in taxes if _text(each, "cac:TaxCategory/cbc:TaxExemptionReasonCode")), None)
    changes = {"discount": ZERO, "charge": ZERO, "apart": ZERO}
    for each in xml.find_all(line, "cac:AllowanceCharge"):
        changes[_change_of(each)] += _amount(each, "cbc:Amount") or ZERO
    return ReadLine(
        description=_text(line, "cac:Item/cbc:Description"), quantity=_amount(line, form.quantity) or ZERO,
        unit=_attribute(line, form.quantity, "unitCode"),
        seller_code=_text(line, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
        value=_amount(line, "cbc:LineExtensionAmount") or ZERO,
        unit_value=_amount(line, "cac:Price/cbc:PriceAmount") or ZERO, unit_price=_price(line),
        affectation="" if igv is None else _text(igv, "cac:TaxCategory/cbc:TaxExemptionReasonCode"),
        rate=ZERO if igv is None else _amount(igv, "cac:TaxCategory/cbc:Percent") or ZERO,
        tax_total=total(_amount(each, "cbc:TaxAmount") or ZERO for each in xml.find_all(line, "cac:TaxTotal")),
        tributes=tuple(_text(each, "cac:TaxCategory/cac:TaxScheme/cbc:ID") for each in taxes), **changes,
    )


_BASE_CODES: Final = frozenset({"00", "07", "47", "54"})
"""Catalogue 53: discounts and charges of a line that change its tax base."""


def _change_of(change: xml.Element) -> str:
    if _text(change, "cbc:AllowanceChargeReasonCode") not in _BASE_CODES:
        return "apart"
    return "charge" if _text(change, "cbc:ChargeIndicator").lower() in {"true", "1"} else "discount"


def _price(line: xml.Element) -> Decimal | None:
    for each in xml.find_all(line, "cac:PricingReference/cac:AlternativeConditionPrice"):
        if _text(each, "cbc:PriceTypeCode") == "01":
            return _amount(each, "cbc:PriceAmount")
    return None


def _subtotals(element: xml.Element) -> Iterator[xml.Element]:
    for each in xml.find_all(element, "cac:TaxTotal"):
        yield from xml.find_all(each, "cac:TaxSubtotal")


def _igv(root: xml.Element) -> Decimal:
    return total(
        _amount(each, "cbc:TaxAmount") or ZERO for each in _subtotals(root)
        if _text(each, "cac:TaxCategory/cac:TaxScheme/cbc:ID") == IGV
    )


def _credit(root: xml.Element, issued: date) -> tuple[int, ...] | None:
    terms = [each for each in xml.find_all(root, "cac:PaymentTerms") if _text(each, "cbc:ID") == "FormaPago"]
    if not any(_text(each, "cbc:PaymentMeansID") == "Credito" for each in terms):
        return None
    due = (_text(each, "cbc:PaymentDueDate") for each in terms)
    return tuple((_date(day, "cbc:PaymentDueDate") - issued).days for day in due if day)


def _adjustments(root: xml.Element, sums: xml.Element) -> Iterator[str]:
    for change in xml.find_all(root, "cac:AllowanceCharge"):
        yield "charge" if _text(change, "cbc:ChargeIndicator").lower() in {"true", "1"} else "discount"
    for path, word in (("cbc:PrepaidAmount", "prepaid"), ("cbc:PayableRoundingAmount", "rounding")):
        if _amount(sums, path):
            yield word


def _target(root: xml.Element) -> Target | None:
    """The first voucher that a note names, where it names one that has a series and a number."""
    reference = xml.find(root, "cac:BillingReference/cac:InvoiceDocumentReference")
    if reference is None:
        return None
    try:
        series, number = parse_number(_text(reference, "cbc:ID"))
    except FormatError:
        return None
    return Target(type_code=_text(reference, "cbc:DocumentTypeCode"), series=series, number=number)
