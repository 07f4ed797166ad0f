"""A boleta or a note of one, out of its own XML, as the line that a daily summary tells of it.

Source: SUNAT's guide to the daily summary (UBL 2.0, customization 1.1) and catalogue 11. What a sale of each sort is
worth stands in the bases of its tributes: that of the IGV is the value of what is taxed, the ISC apart.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sunat import xml
from sunat.documents.summary import SummaryLine, SummaryPerception, SummaryTax, SummaryValue
from sunat.errors import FormatError
from sunat.money import ZERO
from sunat.numbering import parse_number
from sunat.taxes import EXEMPT, EXPORT, FREE, IGV, ISC, IVAP, UNAFFECTED
from sunat.ubl.nodes import amount, attribute, first, needed, subtotals, text

_SORTS: Final = ((IGV, "01"), (IVAP, "01"), (EXEMPT, "02"), (UNAFFECTED, "03"), (EXPORT, "04"), (FREE, "05"))
_TOLD: Final = (IGV, IVAP, ISC, "9999", "7152")
_SYSTEMS: Final = {"51": "01", "52": "02", "53": "03"}
_SUMS: Final = ("cac:LegalMonetaryTotal", "cac:RequestedMonetaryTotal")
_NOBODY: Final = frozenset({"", "-"})
_HUNDRED: Final = Decimal(100)


def summary_line(root: xml.Element, *, type_code: str, condition: str) -> SummaryLine:
    """The line of a summary about the voucher with this root. Raises FormatError for XML that does not say it."""
    series, number = parse_number(needed(root, "cbc:ID"))
    payable = next((found for path in _SUMS if (found := amount(root, f"{path}/cbc:PayableAmount")) is not None), None)
    if payable is None:
        raise FormatError("There is no amount to be paid")
    customer = "cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID"
    identity, code = text(root, customer), attribute(root, customer, "schemeID")
    told = not {identity, code} & _NOBODY
    currency = text(root, "cbc:DocumentCurrencyCode")
    target = "cac:BillingReference/cac:InvoiceDocumentReference"
    return SummaryLine(
        type_code=type_code, number=f"{series}-{number}", condition=condition, currency=currency, total=payable,
        values=_values(root), taxes=_taxes(root),
        charges=next((found for path in _SUMS if (found := amount(root, f"{path}/cbc:ChargeTotalAmount"))), ZERO),
        identity_code=code if told else "", identity_number=identity if told else "",
        target_type=text(root, f"{target}/cbc:DocumentTypeCode"),
        target_number=_unpadded(first(root, f"{target}/cbc:ID")),
        perception=_perception(root, payable) if currency == "PEN" else None,
    )


def _tributes(root: xml.Element) -> list[tuple[str, Decimal, Decimal]]:
    """Tribute, base and amount of each of the voucher's totals."""
    return [
        (
            text(each, "cac:TaxCategory/cac:TaxScheme/cbc:ID"), amount(each, "cbc:TaxableAmount") or ZERO,
            amount(each, "cbc:TaxAmount") or ZERO,
        )
        for each in subtotals(root)
    ]


def _values(root: xml.Element) -> tuple[SummaryValue, ...]:
    found: dict[str, Decimal] = {}
    for tribute, base, _ in _tributes(root):
        sort = dict(_SORTS).get(tribute)
        if sort is not None:
            found[sort] = found.get(sort, ZERO) + base
    kept = {sort: base for sort, base in sorted(found.items()) if base > 0}
    return tuple(SummaryValue(code=sort, amount=base) for sort, base in (kept or {"01": ZERO}).items())


def _taxes(root: xml.Element) -> tuple[SummaryTax, ...]:
    """The tributes with an amount; of IGV and IVAP one is always told (2278)."""
    found: dict[str, Decimal] = {}
    for tribute, _, paid in _tributes(root):
        if tribute in _TOLD and (paid or tribute in (IGV, IVAP)):
            found[tribute] = found.get(tribute, ZERO) + paid
    if IGV not in found and IVAP not in found:
        found = {IGV: ZERO, **found}
    return tuple(SummaryTax(tribute=tribute, amount=paid) for tribute, paid in found.items())


def _perception(root: xml.Element, payable: Decimal) -> SummaryPerception | None:
    for each in xml.find_all(root, "cac:AllowanceCharge"):
        system = _SYSTEMS.get(text(each, "cbc:AllowanceChargeReasonCode"))
        collected, base = amount(each, "cbc:Amount"), amount(each, "cbc:BaseAmount")
        rate = amount(each, "cbc:MultiplierFactorNumeric")
        if system and collected and base and rate:
            return SummaryPerception(
                system=system, percent=(rate * _HUNDRED).normalize(), base=base, amount=collected,
                total=payable + collected,
            )
    return None


def _unpadded(number: str) -> str:
    """``B001-87`` for ``B001-00000087``; a machine's ticket keeps its own form."""
    try:
        series, digits = parse_number(number)
    except FormatError:
        return number
    return f"{series}-{digits}"
