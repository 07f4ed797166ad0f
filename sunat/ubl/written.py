"""The amounts of a voucher as its XML writes them, in the shapes of ``sunat.taxes``; nothing is worked out again.

What an advance paid of tax stands nowhere by itself: it is what its payment has over its deductions (04, 05, 06, 20).
Source: UBL 2.1 guides of SUNAT for 01, 03, 07 and 08.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat import xml
from sunat.money import ZERO, cents, share, total
from sunat.taxes import (
    BAGS,
    EXEMPT,
    EXPORT,
    FREE,
    IGV,
    INCOME_TAX,
    IVAP,
    UNAFFECTED,
    AllowanceCharge,
    LineAmounts,
    Tax,
    Totals,
)
from sunat.ubl.nodes import amount, attribute, flag, subtotals, text

MAINS: Final = frozenset({IGV, IVAP, EXPORT, FREE, EXEMPT, UNAFFECTED})
"""The tributes of which a line has exactly one."""
_TAXED_ADVANCE: Final = "04"
_ADVANCES: Final = frozenset({_TAXED_ADVANCE, "05", "06"})
_ADVANCE_ISC: Final = "20"
_PERCEPTIONS: Final = frozenset({"51", "52", "53"})
_MOVES_BASE: Final = frozenset({"02", "49"})


def line_amounts(line: xml.Element) -> LineAmounts:
    """A line's amounts, the main tribute first. A price that is not said is zero."""
    taxes = sorted(map(_tax, subtotals(line)), key=lambda tax: tax.tribute not in MAINS)
    free = any(tax.tribute == FREE and tax.base > 0 for tax in taxes)
    return LineAmounts(
        unit_value=amount(line, "cac:Price/cbc:PriceAmount") or ZERO,
        unit_price=price(line, "02" if free else "01") or ZERO, value=amount(line, "cbc:LineExtensionAmount") or ZERO,
        taxes=tuple(taxes), allowances=tuple(_allowances(line)), free=free,
    )


def price(line: xml.Element, type_code: str) -> Decimal | None:
    """A line's price of a type of catalogue 16."""
    for each in xml.find_all(line, "cac:PricingReference/cac:AlternativeConditionPrice"):
        if text(each, "cbc:PriceTypeCode") == type_code:
            return amount(each, "cbc:PriceAmount")
    return None


def tax_total(element: xml.Element) -> Decimal:
    """The total of taxes that stands at a line or a voucher."""
    return total(amount(each, "cbc:TaxAmount") or ZERO for each in xml.find_all(element, "cac:TaxTotal"))


def totals_of(root: xml.Element, sums: xml.Element, lines: Sequence[LineAmounts]) -> Totals:
    """A voucher's totals; ``sums`` is the node of its monetary totals, which names what is to be paid."""
    taxes, payable = tax_total(root), amount(sums, "cbc:PayableAmount") or ZERO
    value, whole = amount(sums, "cbc:LineExtensionAmount"), amount(sums, "cbc:TaxInclusiveAmount")
    prepaid = amount(sums, "cbc:PrepaidAmount") or ZERO
    rows = list(_allowances(root))
    taxed = [tax for line in lines for tax in line.taxes if tax.tribute in (IGV, IVAP)]
    reported = tuple(map(_tax, subtotals(root)))
    payments = [amount(each, "cbc:PaidAmount") or ZERO for each in xml.find_all(root, "cac:PrepaidPayment")]
    return Totals(
        value=payable - taxes if value is None else value, tax_total=taxes, payable=payable,
        price=(payable if value is None else value + taxes) if whole is None else whole,
        taxes=reported, allowances=_with_tax(rows, payments, prepaid, taxed, total(
            tax.amount for tax in reported if tax.tribute in (IGV, IVAP)
        )),
        discount_total=amount(sums, "cbc:AllowanceTotalAmount") or ZERO,
        charge_total=amount(sums, "cbc:ChargeTotalAmount") or ZERO, prepaid=prepaid,
        rounding=amount(sums, "cbc:PayableRoundingAmount") or ZERO,
    )


def kept_back(totals: Totals, lines: Sequence[LineAmounts]) -> Totals:
    """A purchase settlement's totals: with what the buyer keeps, and the IGV of advances, which their payments lack."""
    kept = total(
        line.paid_taxes + total(tax.amount for tax in line.taxes if tax.tribute == INCOME_TAX) for line in lines
    )
    taxed = total(tax.amount for line in lines for tax in line.taxes if tax.tribute == IGV)
    rate = next((tax.rate for line in lines for tax in line.taxes if tax.tribute == IGV and tax.rate), ZERO) or ZERO
    rest = taxed - total(tax.amount for tax in totals.taxes if tax.tribute == IGV)
    rows = list(totals.allowances)
    for index, row in enumerate(rows):
        if row.code == _TAXED_ADVANCE:
            rows[index] = replace(row, tax=min(share(row.amount, rate), rest))
            rest -= rows[index].tax
    return replace(totals, kept=kept, allowances=tuple(rows))


def _tax(subtotal: xml.Element) -> Tax:
    units = amount(subtotal, "cbc:BaseUnitMeasure")
    tribute = text(subtotal, "cac:TaxCategory/cac:TaxScheme/cbc:ID")
    return Tax(
        tribute=tribute, base=amount(subtotal, "cbc:TaxableAmount") or ZERO,
        amount=amount(subtotal, "cbc:TaxAmount") or ZERO, rate=amount(subtotal, "cac:TaxCategory/cbc:Percent"),
        affectation=text(subtotal, "cac:TaxCategory/cbc:TaxExemptionReasonCode") or None,
        system=text(subtotal, "cac:TaxCategory/cbc:TierRange"),
        units=int(units) if units and tribute == BAGS else 0,
        unit_tax=amount(subtotal, "cac:TaxCategory/cbc:PerUnitAmount"),
    )


def _allowances(element: xml.Element) -> Iterator[AllowanceCharge]:
    for each in xml.find_all(element, "cac:AllowanceCharge"):
        code = text(each, "cbc:AllowanceChargeReasonCode")
        yield AllowanceCharge(
            code=code, currency=attribute(each, "cbc:Amount", "currencyID") if code in _PERCEPTIONS else "",
            is_charge=flag(each, "cbc:ChargeIndicator"),
            amount=amount(each, "cbc:Amount") or ZERO, base=amount(each, "cbc:BaseAmount") or ZERO,
            factor=amount(each, "cbc:MultiplierFactorNumeric"),
        )


def _with_tax(
    rows: list[AllowanceCharge], payments: Sequence[Decimal], prepaid: Decimal, taxed: Sequence[Tax], left: Decimal
) -> tuple[AllowanceCharge, ...]:
    """The rows with the tax that moves with them: by rate, and of an advance by what its payment has over it.

    ``taxed`` are the taxes of the lines and ``left`` what is reported of them: the rows move the one to the other.
    """
    over = _paid_over(rows, payments, prepaid)
    rate = next((tax.rate for tax in taxed if tax.rate), ZERO) or ZERO
    there = total(tax.amount for tax in taxed)
    told = list(rows)
    last = None
    for index, row in enumerate(rows):
        if row.code in _MOVES_BASE:
            told[index] = replace(row, tax=cents(row.amount * rate / 100))
            there += told[index].tax if row.is_charge else -told[index].tax
            last = index
    for index, paid in over.items():
        told[index] = replace(rows[index], tax=min(max(paid, ZERO), max(there, ZERO)))
        there -= told[index].tax
    if last is not None and there != left:
        rest = left - there if told[last].is_charge else there - left
        told[last] = replace(told[last], tax=told[last].tax + rest)
    return tuple(told)


def _paid_over(rows: Sequence[AllowanceCharge], payments: Sequence[Decimal], prepaid: Decimal) -> dict[int, Decimal]:
    """The positions of the taxed advances and what each payment has over its deductions: its tax."""
    starts = [index for index, row in enumerate(rows) if row.code in _ADVANCES]
    taxed = [index for index in starts if rows[index].code == _TAXED_ADVANCE]
    if len(starts) != len(payments):
        deducted = total(row.amount for row in rows if row.code in (*_ADVANCES, _ADVANCE_ISC))
        return {taxed[0]: prepaid - deducted} if taxed else {}
    paid = dict(zip(starts, payments, strict=True))
    return {
        index: paid[index] - total(
            row.amount for row in rows[index : index + 2] if row is rows[index] or row.code == _ADVANCE_ISC
        ) for index in taxed
    }
