"""The sums of a voucher: its lines, its own discounts and charges, the advances it uses up, its rounding.

1. Every total is the plain sum of its lines; what is free is summed apart and paid by nobody.
2. A discount 02 or charge 49 of the whole moves the taxed value, and its IGV by its own share rounded to céntimos.
3. An advance is taken out as it was paid: its base, its ISC and its IGV, to the céntimo.
4. Discounts 03 and 63 and charges 45, 46 and 50 move only what is to be paid; perception (51 to 53) and the retention
   of the IGV (62) stand beside it and move nothing.

Source: validation workbook of 2026-02-12, rows 3273 to 3308.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import ZERO, cents, share, total
from sunat.taxes.amounts import Adjustment, AdvanceInput, AllowanceCharge, LineAmounts, Tax, Totals
from sunat.taxes.tributes import (
    BAGS,
    EXEMPT,
    IGV,
    ISC,
    IVAP,
    LINE_CHARGE_APART,
    LINE_DISCOUNT_APART,
    PAID,
    UNAFFECTED,
)

_MOVES_BASE: Final = {"02": -1, "49": 1}
_DISCOUNTS: Final = frozenset({"03", "63"})
_CHARGES: Final = frozenset({"45", "46", "50"})
_BESIDE: Final = {"51": True, "52": True, "53": True, "62": False}
"""Codes of catalogue 53 that change nothing to be paid -> whether they are written as charges."""
_PERCEPTIONS: Final = frozenset({"51", "52", "53"})
_ADVANCES: Final = {"taxed": ("04", IGV), "exempt": ("05", EXEMPT), "unaffected": ("06", UNAFFECTED)}
_ADVANCE_ISC: Final = "20"


def compute_totals(
    lines: Iterable[LineAmounts], *, adjustments: Sequence[Adjustment] = (), advances: Sequence[AdvanceInput] = (),
    rounding: Decimal = ZERO,
) -> Totals:
    """Adds up a voucher: one tax row per tribute in the order of their codes, and the sums.

    Raises FormatError with a ``reason``: adjustment (not a code of the whole voucher, or both money and percent),
    adjustment_base (02 or 49 with no taxed line or with several rates), discount (more than there is), advance (more
    than the sale, or one whose parts do not fit), rounding (over one unit).
    """
    worked = tuple(lines)
    sums = _Sums(worked)
    rows = [sums.adjust(adjustment) for adjustment in adjustments]
    value, price = sums.value, sums.price()
    rows += [row for advance in advances for row in sums.use(advance)]
    prepaid = total(advance.total for advance in advances)
    discounts = sums.apart(LINE_DISCOUNT_APART) + total(row.amount for row in rows if row.code in _DISCOUNTS)
    charges = sums.apart(LINE_CHARGE_APART) + total(row.amount for row in rows if row.code in _CHARGES)
    if abs(rounding) > 1:
        raise FormatError("The rounding of the total is one unit of the currency at most", reason="rounding")
    if prepaid > price + charges - discounts:
        raise FormatError("The advances are larger than the sale", reason="advance")
    payable = price + charges - discounts - prepaid + rounding
    if payable < 0:
        raise FormatError("The discounts are larger than the sale", reason="discount")
    taxes = sums.rows()
    return Totals(
        value=value, tax_total=total(tax.amount for tax in taxes if tax.tribute in PAID), price=price, payable=payable,
        taxes=taxes, allowances=tuple(rows), discount_total=discounts, charge_total=charges, prepaid=prepaid,
        rounding=rounding,
    )


class _Sums:
    """The running sums of one voucher, by tribute."""

    def __init__(self, lines: Sequence[LineAmounts]) -> None:
        self._lines = lines
        self.base: dict[str, Decimal] = defaultdict(lambda: ZERO)
        self.amount: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in lines:
            for tax in line.taxes:
                if tax.tribute == ISC and line.free:
                    continue
                # SUNAT holds the total of a tribute of the IGV family against the values of its lines, without ISC.
                self.base[tax.tribute] += tax.base if tax.tribute in PAID[2:] else line.value
                self.amount[tax.tribute] += tax.amount
        self.value = total(line.charged for line in lines)

    def price(self) -> Decimal:
        """The value with the taxes that are paid."""
        return self.value + total(self.amount[tribute] for tribute in PAID)

    def apart(self, code: str) -> Decimal:
        """The discounts or charges of lines that leave the base alone."""
        return total(row.amount for line in self._lines for row in line.allowances if row.code == code)

    def rows(self) -> tuple[Tax, ...]:
        """The tributes, in the order of their codes."""
        return tuple(
            Tax(tribute=tribute, base=ZERO if tribute == BAGS else self.base[tribute], amount=self.amount[tribute])
            for tribute in sorted(self.base)
        )

    def adjust(self, adjustment: Adjustment) -> AllowanceCharge:
        """Applies a discount or charge of the whole voucher."""
        code = adjustment.code
        if (adjustment.amount is None) is (adjustment.percent is None):
            raise FormatError("A discount or charge is in money or in percent, not both", reason="adjustment")
        if code in _MOVES_BASE:
            tribute, rate = self._taxed()
            base = self.base[tribute] if adjustment.base is None else adjustment.base
            row = _row(adjustment, base, is_charge=_MOVES_BASE[code] > 0)
            moved = row.amount * _MOVES_BASE[code]
            if self.base[tribute] + moved < 0:
                raise FormatError("The discount is larger than the taxed lines", reason="discount")
            self.base[tribute] += moved
            self.value += moved
            self.amount[tribute] += share(moved, rate)
            return row
        if code not in _DISCOUNTS | _CHARGES and code not in _BESIDE:
            raise FormatError(f"{code} is not a discount or charge of a whole voucher", reason="adjustment")
        if code in _PERCEPTIONS and adjustment.base is None:
            raise FormatError("A perception names its base, in soles", reason="adjustment")
        base = self.price() if adjustment.base is None else adjustment.base
        return _row(adjustment, base, is_charge=code in _CHARGES or _BESIDE.get(code, False))

    def use(self, advance: AdvanceInput) -> tuple[AllowanceCharge, ...]:
        """Takes an advance out of the tributes it was paid under."""
        code, tribute = _ADVANCES[advance.affectation]
        if tribute == IGV and IVAP in self.base and IGV not in self.base:
            tribute = IVAP
        tax = advance.total - advance.base - advance.isc
        if advance.base <= 0 or advance.isc < 0 or tax < 0 or (tax and tribute not in {IGV, IVAP}):
            raise FormatError("The parts of the advance do not make its total", reason="advance")
        if self.base[tribute] < advance.base or self.amount[tribute] < tax or self.amount[ISC] < advance.isc:
            raise FormatError("The advance is larger than what is left of the sale", reason="advance")
        self.base[tribute] -= advance.base
        self.amount[tribute] -= tax
        rows = [AllowanceCharge(code=code, is_charge=False, amount=advance.base, base=advance.base)]
        if advance.isc:
            self.amount[ISC] -= advance.isc
            rows.append(AllowanceCharge(
                code=_ADVANCE_ISC, is_charge=False, amount=advance.isc, base=advance.isc,
            ))
        return tuple(rows)

    def _taxed(self) -> tuple[str, Decimal]:
        """The one taxed tribute and rate that a discount 02 or charge 49 moves."""
        rates = {
            (tax.tribute, tax.rate) for line in self._lines for tax in line.taxes
            if tax.tribute in {IGV, IVAP} and tax.rate and not line.free
        }
        if len(rates) != 1:
            raise FormatError("A discount or charge that moves the base needs taxed lines of one rate",
                              reason="adjustment_base")
        tribute, rate = rates.pop()
        return tribute, rate or ZERO


def _row(adjustment: Adjustment, base: Decimal, *, is_charge: bool) -> AllowanceCharge:
    if adjustment.amount is not None:
        amount, factor = cents(adjustment.amount), None
    else:
        percent = adjustment.percent or ZERO
        amount, factor = share(base, percent), percent / 100
    if amount < 0 or base < 0:
        raise FormatError("Its code says whether it is a discount; amounts are positive", reason="adjustment")
    return AllowanceCharge(
        code=adjustment.code, is_charge=is_charge, amount=amount, base=base, factor=factor,
        currency="PEN" if adjustment.code in _PERCEPTIONS else "",
    )
