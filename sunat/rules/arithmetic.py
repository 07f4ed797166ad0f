"""The sums behind the rows about amounts, worked out once per voucher in exact decimals.

Each function says what SUNAT expects at a node, in the voucher's currency, unrounded; the row holds the tolerance
(one unit of currency on most, because SUNAT does not know in which order the issuer rounded). Source: validation
workbook of 2026-02-12, rows 3270 to 3308 and their observations 4287 to 4322.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import ZERO
from sunat.rules.comparisons import iso_date
from sunat.rules.document import Document, View
from sunat.taxes import IGV, RATES, bag_tax, rates_in_force, rates_so_far

IVAP: Final = "1016"
IVAP_RATE: Final = next(rate.percent for rate in RATES if rate.tribute == IVAP)
"""The one rate there has ever been."""
ISC: Final = "2000"
BAGS: Final = "7152"
FREE: Final = "9996"
OTHER: Final = "9999"
COUNTED_TAXES: Final = (IGV, IVAP, ISC, BAGS, OTHER)
"""The tributes that the customer pays."""
ONEROUS: Final = ("1000", "1016", "9995", "9997", "9998")
LOWERS_BASE: Final = ("02", "04")
RAISES_BASE: Final = ("49",)
DEFAULT_RATE: Final = Decimal(18)

READS_LINES: Final = (
    "/line/taxes/tribute", "/line/taxes/cbc:TaxableAmount", "/line/taxes/cbc:TaxAmount", "/line/taxes/percent",
    "/line/taxes/affectation", "/line/cbc:LineExtensionAmount", "/line/allowance/reason", "/line/allowance/cbc:Amount",
    "/allowance/reason", "/allowance/cbc:Amount", "/taxes/tribute", "/taxes/cbc:TaxableAmount", "/taxes/cbc:TaxAmount",
    "/totals/cbc:LineExtensionAmount", "/totals/cbc:TaxInclusiveAmount", "/totals/cbc:ChargeTotalAmount",
    "/totals/cbc:AllowanceTotalAmount", "/totals/cbc:PrepaidAmount", "/totals/cbc:PayableRoundingAmount",
    "/cbc:IssueDate",
)
"""Every path the sums read."""


def _zeros() -> defaultdict[str, Decimal]:
    return defaultdict(lambda: ZERO)


@dataclass(slots=True)
class Sums:
    """What the lines and the global charges of one voucher add up to, by tribute or by reason code."""

    value: dict[str, Decimal] = field(default_factory=_zeros)
    base: dict[str, Decimal] = field(default_factory=_zeros)
    tax: dict[str, Decimal] = field(default_factory=_zeros)
    onerous: Decimal = ZERO
    rates: set[Decimal] = field(default_factory=set)
    line_allowance: dict[str, Decimal] = field(default_factory=_zeros)
    allowance: dict[str, Decimal] = field(default_factory=_zeros)
    total_base: dict[str, Decimal] = field(default_factory=_zeros)
    total_tax: dict[str, Decimal] = field(default_factory=_zeros)

    def global_of(self, *codes: str) -> Decimal:
        """The global charges or discounts of some reasons."""
        return sum((self.allowance[code] for code in codes), ZERO)


def sums(document: Document) -> Sums:
    """The sums of a voucher; kept on it."""
    known = document.memo.get("sums")
    if not isinstance(known, Sums):
        known = document.memo["sums"] = _add_up(document)
    return known


def _add_up(document: Document) -> Sums:
    full = document.names.full
    result = Sums()
    line, taxes = full("line"), full("line/taxes")
    tributes = document.first(taxes, full("line/taxes/tribute"))
    bases = document.numbers(taxes, full("line/taxes/cbc:TaxableAmount"))
    amounts = document.numbers(taxes, full("line/taxes/cbc:TaxAmount"))
    percents = document.numbers(taxes, full("line/taxes/percent"))
    values = document.numbers(line, full("line/cbc:LineExtensionAmount"))
    holders = document.ancestors(taxes, line)
    free_lines = {
        holder for holder, tribute, base in zip(holders, tributes, bases, strict=True) if tribute == FREE and base
    }
    onerous_lines = set()
    for ordinal, holder in enumerate(holders):
        tribute, base = tributes[ordinal] or "", bases[ordinal] or ZERO
        if base > 0:
            result.value[tribute] += values[holder] or ZERO
            if tribute in ONEROUS:
                onerous_lines.add(holder)
            if tribute == IGV and percents[ordinal] is not None:
                result.rates.add(percents[ordinal] or ZERO)
        if tribute == ISC and holder in free_lines:
            continue
        if tribute == FREE and base <= 0:
            continue
        result.base[tribute] += base
        result.tax[tribute] += amounts[ordinal] or ZERO
    result.onerous = sum((values[holder] or ZERO for holder in onerous_lines), ZERO)
    _gather(document, "line/allowance", "reason", "cbc:Amount", result.line_allowance)
    _gather(document, "allowance", "reason", "cbc:Amount", result.allowance)
    _gather(document, "taxes", "tribute", "cbc:TaxableAmount", result.total_base)
    _gather(document, "taxes", "tribute", "cbc:TaxAmount", result.total_tax)
    return result


def _gather(document: Document, scope: str, key: str, amount: str, into: dict[str, Decimal]) -> None:
    full = document.names.full
    here = full(scope)
    codes = document.first(here, full(f"{scope}/{key}"))
    for code, value in zip(codes, document.numbers(here, full(f"{scope}/{amount}")), strict=True):
        into[code or ""] += value or ZERO


# Lines. The view is a line.

def line_value(view: View) -> Decimal | None:
    """Unit value by quantity, less discounts 00, plus charges 47; free lines count their reference value."""
    quantity = view.number("quantity")
    price = reference_price(view) if is_free(view) else view.number("cac:Price/cbc:PriceAmount")
    if quantity is None or price is None:
        return None
    return quantity * price - allowances(view, "00") + allowances(view, "47")


def note_line_value(view: View) -> Decimal | None:
    """The same of a note, which has no line discounts; a line without quantity has nothing to compare."""
    quantity = view.number("quantity")
    price = reference_price(view) if is_free(view) else view.number("cac:Price/cbc:PriceAmount")
    return None if quantity is None or price is None else quantity * price


def unit_price(view: View) -> Decimal | None:
    """Value plus taxes, less discounts 01, plus charges 48, by unit. The view is a reference price."""
    line = view.holder("line")
    quantity, value = line.number("quantity"), line.number("cbc:LineExtensionAmount")
    if not quantity or value is None:
        return None
    whole = value + line.amount("cac:TaxTotal/cbc:TaxAmount") - allowances(line, "01") + allowances(line, "48")
    return whole / quantity


def line_taxes(view: View) -> Decimal | None:
    """The sum of the tributes that the customer pays on a line. The view is a line."""
    return sum((each.amount("cbc:TaxAmount") for each in view.views("taxes") if each.text("tribute") in COUNTED_TAXES),
               ZERO)


def subtotal_base(view: View) -> Decimal | None:
    """The line's value, plus its ISC where it bears one. The view is a line's tax subtotal."""
    line = view.holder("line")
    value = line.number("cbc:LineExtensionAmount")
    return None if value is None else value + isc_of(line)


def base_by_rate(view: View) -> Decimal | None:
    """Base by rate. The view is a line's tax subtotal."""
    base, percent = view.number("cbc:TaxableAmount"), view.number("percent")
    return None if base is None or percent is None else base * percent / 100


def bags_tax(view: View) -> Decimal | None:
    """Amount per bag by number of bags. The view is a line's tax subtotal."""
    unit, bags = view.number("cac:TaxCategory/cbc:PerUnitAmount"), view.number("cbc:BaseUnitMeasure")
    return None if unit is None or not bags else unit * bags


def bag_amount(view: View) -> Decimal | None:
    """The ICBPER per bag on the issue date, by the dated amounts; None before there was one."""
    issued = iso_date(view.whole.text("cbc:IssueDate"))
    try:
        return bag_tax(issued) if issued is not None else None
    except FormatError:
        return None


def charge_by_factor(view: View) -> Decimal | None:
    """Base by factor, where both are given. The view is a charge or discount."""
    base, factor = view.number("cbc:BaseAmount"), view.number("cbc:MultiplierFactorNumeric")
    return None if base is None or not factor else base * factor


def line_quantity(view: View) -> Decimal | None:
    """The quantity of the line around a tax subtotal."""
    return view.holder("line").number("quantity")


def allowances(view: View, code: str) -> Decimal:
    """The charges or discounts of one reason on a line."""
    return sum((each.amount("cbc:Amount") for each in view.views("allowance") if each.text("reason") == code), ZERO)


def is_free(view: View) -> bool:
    """Whether a line is given for nothing."""
    return any(each.text("tribute") == FREE and each.amount("cbc:TaxableAmount") > 0 for each in view.views("taxes"))


def isc_of(view: View) -> Decimal:
    """The ISC of a line that has a base for it."""
    return sum((each.amount("cbc:TaxAmount") for each in view.views("taxes")
                if each.text("tribute") == ISC and each.amount("cbc:TaxableAmount") > 0), ZERO)


def reference_price(view: View) -> Decimal | None:
    """The reference price (type 02) of a line."""
    for each in view.views("price"):
        if each.text("cbc:PriceTypeCode") == "02":
            return each.number("cbc:PriceAmount")
    return None


# Totals by tribute. The view is a tax subtotal of the voucher.

def value_of_tribute(view: View) -> Decimal | None:
    """The values of the lines under the subtotal's tribute; advances 05 and 06 lower exempt and unaffected totals."""
    found = sums(view.document)
    tribute = view.text("tribute")
    advance = {"9997": "05", "9998": "06"}.get(tribute)
    return found.value[tribute] - (found.allowance[advance] if advance else ZERO)


def taxed_value(view: View) -> Decimal | None:
    """The values of the taxed lines, less global discounts 02 and 04, plus global charges 49."""
    found = sums(view.document)
    return found.value[view.text("tribute")] - found.global_of(*LOWERS_BASE) + found.global_of(*RAISES_BASE)


def base_of_tribute(view: View) -> Decimal | None:
    """The bases of the lines under the subtotal's tribute (ISC: lines that are not free)."""
    return sums(view.document).base[view.text("tribute")]


def tax_of_tribute(view: View) -> Decimal | None:
    """The amounts of the lines under the subtotal's tribute; an advance of ISC (20) lowers the ISC."""
    found = sums(view.document)
    tribute = view.text("tribute")
    return found.tax[tribute] - (found.allowance["20"] if tribute == ISC else ZERO)


def igv_total(view: View) -> Decimal | None:
    """The bases of the taxed lines after global discounts and charges, by the rate of the lines."""
    found = sums(view.document)
    base = found.base[IGV] - found.global_of(*LOWERS_BASE, "20") + found.global_of(*RAISES_BASE)
    return base * igv_rate(view, found) / 100


def ivap_total(view: View) -> Decimal | None:
    """The same for the IVAP."""
    found = sums(view.document)
    base = found.base[IVAP] - found.global_of(*LOWERS_BASE) + found.global_of(*RAISES_BASE)
    return base * IVAP_RATE / 100


def igv_rate(view: View, found: Sums) -> Decimal:
    """The rate of the lines if it is one that ruled on the issue date (a note may follow any older rate), else 18."""
    issued = iso_date(view.whole.text("cbc:IssueDate")) or date.max
    corrects = view.document.count("cac:DiscrepancyResponse") > 0
    rows = (rates_so_far if corrects else rates_in_force)(IGV, issued, view.document.context.received)
    known = {row.percent for row in rows}
    return next((rate for rate in sorted(found.rates) if rate in known), DEFAULT_RATE)


# Totals of the voucher. The view is the document.

def all_taxes(view: View) -> Decimal | None:
    """The sum of the totals of the tributes that the customer pays."""
    found = sums(view.document)
    return sum((found.total_tax[code] for code in COUNTED_TAXES), ZERO)


def total_value(view: View) -> Decimal | None:
    """The values of the onerous lines, less global discounts 02, plus global charges 49."""
    found = sums(view.document)
    return found.onerous - found.global_of("02") + found.global_of(*RAISES_BASE)


def total_price(view: View) -> Decimal | None:
    """Total value plus ISC (before advances), bags, other tributes, and IGV or IVAP on the lines' bases."""
    found = sums(view.document)
    value = view.number("totals/cbc:LineExtensionAmount")
    if value is None:
        return None
    shift = found.global_of(*RAISES_BASE) - found.global_of("02")
    others = found.total_tax[OTHER] + found.total_tax[BAGS]
    if found.value[IVAP]:
        return value + others + (found.base[IVAP] + shift) * IVAP_RATE / 100
    isc = found.total_tax[ISC] + found.allowance["20"]
    shift = shift if found.base[IGV] else ZERO
    return value + isc + others + (found.base[IGV] + shift) * igv_rate(view, found) / 100


def payable(view: View) -> Decimal | None:
    """Total price plus charges, less discounts and advances, plus rounding."""
    price = view.number("totals/cbc:TaxInclusiveAmount")
    if price is None:
        return None
    return (
        price + view.amount("totals/cbc:ChargeTotalAmount") - view.amount("totals/cbc:AllowanceTotalAmount")
        - view.amount("totals/cbc:PrepaidAmount") + view.amount("totals/cbc:PayableRoundingAmount")
    )


def note_payable(view: View) -> Decimal | None:
    """A note's bases and taxes, plus charges and rounding."""
    found = sums(view.document)
    bases = sum((found.total_base[code] for code in ONEROUS), ZERO)
    taxes = sum((found.total_tax[code] for code in COUNTED_TAXES), ZERO)
    return (
        bases + taxes + view.amount("totals/cbc:ChargeTotalAmount") + view.amount("totals/cbc:PayableRoundingAmount")
    )


def other_discounts(view: View) -> Decimal | None:
    """Discounts that leave the base alone: 01 on lines, 03 and 63 on the whole."""
    found = sums(view.document)
    return found.line_allowance["01"] + found.global_of("03", "63")


def other_charges(view: View) -> Decimal | None:
    """Charges that leave the base alone: 48 on lines, 45, 46 and 50 on the whole."""
    found = sums(view.document)
    return found.line_allowance["48"] + found.global_of("45", "46", "50")


