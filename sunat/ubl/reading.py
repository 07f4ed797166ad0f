"""A voucher of anybody's making, read back into facts: the opposite of ``render``, and far more forgiving.

Other systems write the same voucher in many ways: other prefixes, padded numbers, CDATA, comments inside values, the
issuer under ``cac:PartyTaxScheme`` as SUNAT's first guide to UBL 2.1 had it. What identifies a voucher and what it
amounts to is read from wherever it stands; nothing is judged here (``rules`` does that) and nothing is worked out
again (``recomputing`` does). Source: UBL 2.1 guides of SUNAT for 01, 03, 07 and 08; RS 113-2018 for the fields; the
workbook for 04.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from sunat import xml
from sunat.documents import Address, Party, Target
from sunat.errors import FormatError
from sunat.money import ZERO, total
from sunat.numbering import VoucherId, parse_number
from sunat.taxes import IGV, LineAmounts, Totals
from sunat.ubl.nodes import amount, attribute, day, first, flag, hour, needed, text
from sunat.ubl.written import kept_back, line_amounts, price, tax_total, totals_of

_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
_CDR: Final = "ApplicationResponse"
_VERSION: Final = "2.1"


class _Form(NamedTuple):
    """How a root element writes its lines and sums; ``code`` is empty where cbc:InvoiceTypeCode says it.

    ``issuer`` and ``other`` are the nodes of who issues it and to whom.
    """

    code: str
    line: str
    quantity: str
    sums: tuple[str, ...]
    issuer: str = "cac:AccountingSupplierParty"
    other: str = "cac:AccountingCustomerParty"


_CUSTOMER: Final = "cac:AccountingCustomerParty"
_NOTE_SUMS: Final = ("cac:RequestedMonetaryTotal", "cac:LegalMonetaryTotal")
_FORMS: Final = {
    "Invoice": _Form("", "cac:InvoiceLine", "cbc:InvoicedQuantity", ("cac:LegalMonetaryTotal",)),
    "CreditNote": _Form("07", "cac:CreditNoteLine", "cbc:CreditedQuantity", _NOTE_SUMS[::-1]),
    "DebitNote": _Form("08", "cac:DebitNoteLine", "cbc:DebitedQuantity", _NOTE_SUMS),
    "SelfBilledInvoice": _Form(
        "04", "cac:InvoiceLine", "cbc:InvoicedQuantity", ("cac:LegalMonetaryTotal",),
        issuer="cac:AccountingCustomerParty", other="cac:AccountingSupplierParty",
    ),
}
_BILLS: Final = frozenset({"01", "03"})
"""The kinds whose root is Invoice."""
_OTHERS: Final = {"SummaryDocuments": "summary", "VoidedDocuments": "voiding"}

_GUIDE: Final = "DespatchAdvice"
_GUIDES: Final = frozenset({"09", "31"})
"""The kinds whose root is DespatchAdvice."""

_CERTIFICATES: Final = {"Retention": "20", "Perception": "40"}

Sort = Literal["voucher", "certificate", "guide", "cdr", "other_kind", "old_ubl", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """What an XML file is, by its root: ``detail`` names the kind (catalogue 01, or a word) or the version."""

    sort: Sort
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """One line as written, amounts in the voucher's currency.

    ``unit_price`` is with taxes, None where it is not said. ``rate`` is a percentage. ``tributes`` are the codes of
    catalogue 05 on the line, the main one first; ``amounts`` has each of them, and the discounts and charges.
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
    amounts: LineAmounts


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherFacts:
    """A voucher as its XML tells it.

    ``written`` is cbc:ID as it stands (perhaps padded). Dates are Lima's, ``issue_time`` None where it is not said.
    ``value``, ``tax_total``, ``igv`` and ``payable`` are in ``currency``. ``on_credit_days`` are the days from the
    issue to each instalment, None for a sale that is not on credit. ``adjustments`` names what changes the sums
    outside the lines: discount, charge, prepaid, rounding; ``totals`` has all of them in numbers.
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
    totals: Totals


def nature_of(root: xml.Element) -> Nature:
    """What kind of file this is. Never raises.

    >>> nature_of(xml.parse(b"<a/>")).sort
    'unknown'
    """
    namespace, _, local = str(root.tag).rpartition("}")
    if local == _CDR and namespace[1:].startswith(_UBL):
        return Nature(sort="cdr")
    if local in _CERTIFICATES:
        return Nature(sort="certificate", detail=_CERTIFICATES[local])
    if local in _OTHERS:
        return Nature(sort="other_kind", detail=_OTHERS[local])
    form = _FORMS.get(local)
    if local == _GUIDE and namespace[1:].startswith(_UBL):
        return _guide(root)
    if form is None or not namespace[1:].startswith(_UBL):
        return Nature(sort="unknown", detail=local[:60])
    version = text(root, "cbc:UBLVersionID")
    if version != _VERSION:
        return Nature(sort="old_ubl", detail=version[:20])
    code = form.code or text(root, "cbc:InvoiceTypeCode")
    return Nature(sort="voucher" if form.code or code in _BILLS else "other_kind", detail=code[:20])


def _guide(root: xml.Element) -> Nature:
    version, code = text(root, "cbc:UBLVersionID"), text(root, "cbc:DespatchAdviceTypeCode")
    if version != _VERSION:
        return Nature(sort="old_ubl", detail=version[:20])
    return Nature(sort="guide" if code in _GUIDES else "other_kind", detail=code[:20])


def read_voucher(root: xml.Element) -> VoucherFacts:
    """The facts of a voucher whose nature is "voucher". Raises FormatError naming the first field that is not there."""
    form = _FORMS[str(root.tag).rpartition("}")[2]]
    written = text(root, "cbc:ID")
    series, number = parse_number(written)
    issuer = _party(root, form.issuer)
    code = form.code or text(root, "cbc:InvoiceTypeCode")
    issued = day(needed(root, "cbc:IssueDate"), "cbc:IssueDate")
    sums = next((found for path in form.sums if (found := xml.find(root, path)) is not None), None)
    if sums is None:
        raise FormatError(f"There is no {form.sums[0]}")
    payable = amount(sums, "cbc:PayableAmount")
    if payable is None:
        raise FormatError("There is no cbc:PayableAmount")
    lines = tuple(_line(each, form) for each in xml.find_all(root, form.line))
    totals = totals_of(root, sums, [line.amounts for line in lines])
    if form.other != _CUSTOMER:
        totals = kept_back(totals, [line.amounts for line in lines])
    return VoucherFacts(
        voucher=VoucherId(ruc=issuer.identity_number, type_code=code, series=series, number=number),
        written=written, issue_date=issued, issue_time=hour(text(root, "cbc:IssueTime")),
        currency=needed(root, "cbc:DocumentCurrencyCode"), operation_type=attribute(root, "cbc:InvoiceTypeCode",
                                                                                      "listID"),
        issuer=issuer, customer=_party(root, form.other),
        lines=lines, value=totals.value, tax_total=totals.tax_total, totals=totals,
        igv=total(tax.amount for tax in totals.taxes if tax.tribute == IGV), payable=payable,
        on_credit_days=_credit(root, issued),
        adjustments=tuple(_adjustments(root, sums)), target=_target(root),
        reason_code=text(root, "cac:DiscrepancyResponse/cbc:ResponseCode"),
        reason_text=text(root, "cac:DiscrepancyResponse/cbc:Description"),
    )


def _party(root: xml.Element, side: str) -> Party:
    """A party by any of the places in which issuers' systems have put it."""
    party = xml.find(root, f"{side}/cac:Party")
    outer = xml.find(root, side)
    if party is None or outer is None:
        raise FormatError(f"There is no {side}")
    identity = next(
        ((found, path) for path in ("cac:PartyIdentification/cbc:ID", "cac:PartyTaxScheme/cbc:CompanyID")
         if (found := text(party, path))), None,
    )
    if identity is not None:
        number, code = identity[0], attribute(party, identity[1], "schemeID")
    else:
        number, code = text(outer, "cbc:CustomerAssignedAccountID"), text(outer, "cbc:AdditionalAccountID")
    place = xml.find(party, "cac:PartyLegalEntity/cac:RegistrationAddress")
    if place is None:
        place = xml.find(party, "cac:PartyTaxScheme/cac:RegistrationAddress")
    return Party(
        identity_code=code, identity_number=number, trade_name=text(party, "cac:PartyName/cbc:Name"),
        name=first(party, "cac:PartyLegalEntity/cbc:RegistrationName", "cac:PartyTaxScheme/cbc:RegistrationName",
                    "cac:PartyName/cbc:Name"),
        address=None if place is None else place_at(place),
        establishment_code="" if place is None else text(place, "cbc:AddressTypeCode"),
    )


def place_at(node: xml.Element) -> Address:
    """The address that a node holds, in whichever of UBL's parts it was written."""
    return Address(
        line=first(node, "cac:AddressLine/cbc:Line", "cbc:StreetName"), ubigeo=text(node, "cbc:ID"),
        urbanization=text(node, "cbc:CitySubdivisionName"), district=text(node, "cbc:District"),
        province=text(node, "cbc:CityName"), department=text(node, "cbc:CountrySubentity"),
        country=text(node, "cac:Country/cbc:IdentificationCode"),
    )


def line_nodes(root: xml.Element) -> list[xml.Element]:
    """The nodes of the lines of a voucher whose nature is "voucher", in order."""
    return xml.find_all(root, _FORMS[str(root.tag).rpartition("}")[2]].line)


def _line(line: xml.Element, form: _Form) -> ReadLine:
    amounts = line_amounts(line)
    igv = next((tax for tax in amounts.taxes if tax.affectation), None)
    return ReadLine(
        description=text(line, "cac:Item/cbc:Description"), quantity=amount(line, form.quantity) or ZERO,
        unit=attribute(line, form.quantity, "unitCode"),
        seller_code=text(line, "cac:Item/cac:SellersItemIdentification/cbc:ID"),
        value=amounts.value, unit_value=amounts.unit_value, unit_price=price(line, "01"),
        affectation="" if igv is None else igv.affectation or "", rate=ZERO if igv is None else igv.rate or ZERO,
        tax_total=tax_total(line), tributes=tuple(tax.tribute for tax in amounts.taxes), amounts=amounts,
    )


def _credit(root: xml.Element, issued: date) -> tuple[int, ...] | None:
    terms = [each for each in xml.find_all(root, "cac:PaymentTerms") if text(each, "cbc:ID") == "FormaPago"]
    if not any(text(each, "cbc:PaymentMeansID") == "Credito" for each in terms):
        return None
    due = (text(each, "cbc:PaymentDueDate") for each in terms)
    return tuple((day(written, "cbc:PaymentDueDate") - issued).days for written in due if written)


def _adjustments(root: xml.Element, sums: xml.Element) -> Iterator[str]:
    for change in xml.find_all(root, "cac:AllowanceCharge"):
        yield "charge" if flag(change, "cbc:ChargeIndicator") else "discount"
    for path, word in (("cbc:PrepaidAmount", "prepaid"), ("cbc:PayableRoundingAmount", "rounding")):
        if amount(sums, path):
            yield word


def _target(root: xml.Element) -> Target | None:
    """The first voucher that a note names, where it names one that has a series and a number."""
    reference = xml.find(root, "cac:BillingReference/cac:InvoiceDocumentReference")
    if reference is None:
        return None
    try:
        series, number = parse_number(text(reference, "cbc:ID"))
    except FormatError:
        return None
    return Target(type_code=text(reference, "cbc:DocumentTypeCode"), series=series, number=number)
