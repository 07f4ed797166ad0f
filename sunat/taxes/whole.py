"""The sums of a voucher: its lines, its own discounts and charges, the advances it uses up, its rounding.

1. Every total is the plain sum of its lines; what is free is summed apart and paid by nobody, except the bags and
   other tributes that come on top of it.
2. A discount 02 or charge 49 of the whole moves the taxed value, and its IGV by its own share rounded to céntimos.
3. An advance is taken out as it was paid: its base, its ISC and its IGV, to the céntimo.
4. Discounts 03 and 63 and charges 45, 46 and 50 move only what is to be paid; perception (51 to 53) and the retention
   of the IGV (62) stand beside it and move nothing.

A percentage that names no base counts on: the taxed lines' value (02, 49); the value of the sale (46, the service
charge of Decreto Ley 25988); its price (03, 45, 50, 63); what is to be paid (62). Perceptions name theirs, in soles.
Source: validation workbook of 2026-02-12, rows 3263, 3264, 3273 to 3308.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.money import EXACT, ZERO, total
from sunat.taxes.amounts import Adjustment, AdvanceInput, AllowanceCharge, LineAmounts, Tax, Totals
from sunat.taxes.changes import base_of, check_money, factor_of, money
from sunat.taxes.excises import five_places
from sunat.taxes.moves import MOVES_BASE, base_moves, taxed_by
from sunat.taxes.tributes import (
    BAGS,
    EXEMPT,
    EXPORT,
    IGV,
    ISC,
    IVAP,
    LINE_CHARGE_APART,
    LINE_DISCOUNT_APART,
    OTHER,
    PAID,
    UNAFFECTED,
)

TOLERANCE: Final = Decimal(1)
"""What SUNAT's validator allows a sum to differ, in units of the currency."""
_OWN_BASE: Final = frozenset({ISC, BAGS, OTHER})
_DISCOUNTS: Final = frozenset({"03", "63"})
SERVICE: Final = "46"
"""The service charge, which counts on the value."""
_CHARGES: Final = frozenset({"45", SERVICE, "50"})
_RETENTION: Final = "62"
_PERCEPTIONS: Final = {"51": Decimal("0.02"), "52": Decimal("0.01"), "53": Decimal("0.005")}
"""Perceptions of catalogue 53 and their rates (catalogue 22)."""
_BESIDE: Final = frozenset({*_PERCEPTIONS, _RETENTION})
_RETAINED: Final = Decimal("0.03")
_ADVANCES: Final = {"taxed": ("04", IGV), "exempt": ("05", EXEMPT), "unaffected": ("06", UNAFFECTED)}
_ADVANCE_ISC: Final = "20"


def compute_totals(
    lines: Iterable[LineAmounts], *, adjustments: Sequence[Adjustment] = (), advances: Sequence[AdvanceInput] = (),
    rounding: Decimal = ZERO,
) -> Totals:
    """Adds up a voucher: one tax row per tribute in the order of their codes, and the sums.

    Raises FormatError with a ``reason``: adjustment (not a code of the whole voucher, or both money and percent),
    adjustment_base (02 or 49 with no taxed line or with several rates), discount (more than there is), advance (more
    than the sale, or one whose parts do not fit), advance_tax (its IGV is not the sale's rate of its base),
    advance_rounding (it is up to one unit more than the sale: ``rounding`` can say it), rounding (over one unit).
    """
    worked = tuple(lines)
    sums = _Sums(worked)
    if not (adjustments or advances or rounding):
        return sums.totals((), ())
    if abs(rounding) > 1:
        raise FormatError("The rounding of the total is one unit of the currency at most", reason="rounding")
    moving, moved, taxed = base_moves(worked, [row for row in adjustments if row.code in MOVES_BASE])
    if moving:
        sums.move(taxed_by(worked)[0], moved, taxed)
    value, price = sums.value, sums.price()
    ready = iter(moving)
    rows = [
        None if row.code in _BESIDE else next(ready) if row.code in MOVES_BASE else _apart(row, value, price)
        for row in adjustments
    ]
    deducted = tuple(row for advance in advances for row in sums.use(advance))
    _check_advances(worked, moved, taxed, advances)
    totals = sums.totals([row for row in rows if row], deducted, price=price, advances=advances, rounding=rounding)
    if all(rows):
        return totals
    whole = tuple(row or _beside(asked, totals.payable) for row, asked in zip(rows, adjustments, strict=True))
    return replace(totals, allowances=(*whole, *deducted))


class _Sums:
    """The running sums of one voucher, by tribute."""

    def __init__(self, lines: Sequence[LineAmounts]) -> None:
        self._lines = lines
        base: dict[str, Decimal] = defaultdict(Decimal)
        amount: dict[str, Decimal] = defaultdict(Decimal)
        value = ZERO
        changed = False
        for line in lines:
            changed = changed or bool(line.allowances)
            worth, free = line.value, line.free
            if not free:
                value += worth
            for tax in line.taxes:
                tribute = tax.tribute
                if free and tribute == ISC:
                    continue
                # SUNAT holds the total of a tribute of the IGV family against the values of its lines, without ISC.
                base[tribute] += tax.base if tribute in _OWN_BASE else worth
                amount[tribute] += tax.amount
        self.base, self.amount, self.value, self._changed = base, amount, value, changed

    def price(self) -> Decimal:
        """The value with the taxes that are paid."""
        return self.value + self.taxes()

    def taxes(self) -> Decimal:
        """The taxes that are paid."""
        return total([amount for tribute, amount in self.amount.items() if tribute in PAID])

    def totals(
        self, rows: Sequence[AllowanceCharge], deducted: tuple[AllowanceCharge, ...], *, price: Decimal | None = None,
        advances: Sequence[AdvanceInput] = (), rounding: Decimal = ZERO,
    ) -> Totals:
        """The finished sums; ``price`` is the one before advances."""
        price = self.price() if price is None else price
        prepaid = discounts = charges = ZERO
        if rows or advances or self._changed:
            prepaid = total(advance.total for advance in advances)
            discounts = self._apart(LINE_DISCOUNT_APART) + total(row.amount for row in rows if row.code in _DISCOUNTS)
            charges = self._apart(LINE_CHARGE_APART) + total(row.amount for row in rows if row.code in _CHARGES)
        if discounts > price + charges:
            raise FormatError("The discounts are larger than the sale", reason="discount")
        payable = price + charges - discounts - prepaid + rounding
        if payable < 0:
            close = payable >= -TOLERANCE
            raise FormatError("The advances are larger than the sale",
                              reason="advance_rounding" if close and prepaid else "advance" if prepaid else "rounding")
        taxes = tuple(
            Tax(tribute=tribute, base=ZERO if tribute == BAGS else self.base[tribute], amount=self.amount[tribute])
            for tribute in sorted(self.base)
        )
        return Totals(
            value=self.value, tax_total=self.taxes(), price=price,
            payable=payable, taxes=taxes, allowances=(*rows, *deducted), discount_total=discounts,
            charge_total=charges, prepaid=prepaid, rounding=rounding,
        )

    def move(self, tribute: str, moved: Decimal, taxed: Decimal) -> None:
        """Moves the taxed value and its tax."""
        self.base[tribute] += moved
        self.value += moved
        self.amount[tribute] += taxed

    def use(self, advance: AdvanceInput) -> tuple[AllowanceCharge, ...]:
        """Takes an advance out of the tributes it was paid under."""
        code, tribute = _ADVANCES[advance.affectation]
        if tribute == IGV and IVAP in self.base and IGV not in self.base:
            tribute = IVAP
        tax = advance.total - advance.base - advance.isc
        if advance.base <= 0 or advance.isc < 0 or tax < 0 or (tax and tribute not in {IGV, IVAP}):
            raise FormatError("The parts of the advance do not make its total", reason="advance")
        if advance.isc and (tribute == IVAP or (tribute != IGV and IGV in self.base)):
            # SUNAT takes every ISC of an advance out of the base of the IGV (3291), whoever's it was.
            raise FormatError("An advance with ISC stands beside lines taxed as it was", reason="advance")
        if tribute == UNAFFECTED and UNAFFECTED not in self.base and EXPORT in self.base:
            tribute = EXPORT
        elif self.base[tribute] >= advance.base:
            self.base[tribute] -= advance.base
        else:
            raise FormatError("The advance is larger than what is left of the sale", reason="advance")
        if tax - self.amount[tribute] > TOLERANCE or self.amount[ISC] < advance.isc:
            raise FormatError("The advance is larger than what is left of the sale", reason="advance")
        taken = min(tax, self.amount[tribute])
        self.amount[tribute] -= taken
        rows = [AllowanceCharge(code=code, is_charge=False, amount=advance.base, base=advance.base, tax=taken)]
        if advance.isc:
            self.amount[ISC] -= advance.isc
            rows.append(AllowanceCharge(
                code=_ADVANCE_ISC, is_charge=False, amount=advance.isc, base=advance.isc,
            ))
        return tuple(rows)

    def _apart(self, code: str) -> Decimal:
        """The discounts or charges of lines that leave the base alone."""
        return total(row.amount for line in self._lines for row in line.allowances if row.code == code)


def _apart(adjustment: Adjustment, value: Decimal, price: Decimal) -> AllowanceCharge:
    """A discount or charge of the whole voucher that leaves the base alone."""
    code = adjustment.code
    if code not in _DISCOUNTS | _CHARGES:
        raise FormatError(f"{code} is not a discount or charge of a whole voucher", reason="adjustment")
    check_money(adjustment)
    base = base_of(adjustment, value if code == SERVICE else price)
    amount = money(adjustment, base)
    return AllowanceCharge(
        code=code, is_charge=code in _CHARGES, amount=amount, base=base,
        factor=factor_of(adjustment.percent, base, amount), position=adjustment.position,
    )


def _check_advances(
    lines: Sequence[LineAmounts], moved: Decimal, taxed: Decimal, advances: Sequence[AdvanceInput]
) -> None:
    """The IGV left after the advances must be the rate of what is left of the base (3291, 3295)."""
    used = [advance for advance in advances if advance.affectation == "taxed"]
    if not used:
        return
    tribute, rate = taxed_by(lines)
    mains = [line.taxes[0] for line in lines if line.taxes[0].tribute == tribute]
    base = total(main.base for main in mains) + moved - total(each.base + each.isc for each in used)
    left = total(main.amount for main in mains) + taxed - total(each.total - each.base - each.isc for each in used)
    if abs(max(left, ZERO) - base * rate / 100) > TOLERANCE:
        raise FormatError("The tax of the advances is not the sale's rate of their base", reason="advance_tax")


def _beside(adjustment: Adjustment, payable: Decimal) -> AllowanceCharge:
    """A perception or the retention of the IGV: its factor is always written (2798, 3263)."""
    check_money(adjustment)
    perception = adjustment.code in _PERCEPTIONS
    if perception and adjustment.base is None:
        raise FormatError("A perception names its base, in soles", reason="adjustment")
    base = base_of(adjustment, payable)
    amount = money(adjustment, base)
    factor = factor_of(adjustment.percent, base, amount)
    if factor is None and base:
        usual = _PERCEPTIONS.get(adjustment.code, _RETAINED)
        near = abs(base * usual - amount) <= TOLERANCE
        factor = usual if near else five_places(EXACT.divide(amount, base))
    return AllowanceCharge(
        code=adjustment.code, is_charge=perception, amount=amount, base=base, factor=factor,
        currency="PEN" if perception else "", position=adjustment.position,
    )
