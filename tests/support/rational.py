"""A sale worked out in exact fractions, by the law's own words and none of the code that is tried.

It knows nothing of ``sunat.taxes``: rounding, discounts, ISC, notes and advances are written here a second time, so
that a céntimo of difference means that one of the two is wrong. Numbers come in as the texts a caller would write.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Final

ZERO: Final = Fraction(0)
CENT: Final = Fraction(1, 100)
TAXED: Final = ("10", "11", "12", "13", "14", "15", "16", "17")
ALWAYS_FREE: Final = ("11", "12", "13", "14", "15", "16", "21", "31", "32", "33", "34", "35", "36", "37")
TRIBUTES: Final = {"10": "1000", "17": "1016", "20": "9997", "30": "9998", "40": "9995"}


class Impossible(Exception):
    """There is no such sale: more is taken away than there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A discount or charge: money or a percentage, of what it belongs to or of a base."""

    code: str
    amount: str = ""
    percent: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Isc:
    """An ISC by system 01, 02 or 03."""

    system: str
    percent: str = ""
    unit_tax: str = ""
    retail_price: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line as it is asked for."""

    quantity: str
    price: str
    affectation: str
    rate: str
    free: bool = False
    changes: tuple[Change, ...] = ()
    isc: Isc | None = None
    bags: int = 0
    bag_tax: str = "0"
    other_percent: str = ""
    other_amount: str = ""

    @property
    def given_away(self) -> bool:
        return self.free or self.affectation in ALWAYS_FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """An advance."""

    affectation: str
    base: str
    total: str
    isc: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """A sale as it is asked for; ``stem`` is the kind of voucher."""

    stem: str
    operation: str
    currency: str
    day: str
    gross: bool
    items: tuple[Item, ...]
    changes: tuple[Change, ...] = ()
    advances: tuple[Paid, ...] = ()
    rounding: str = "0"

    @property
    def note(self) -> bool:
        return self.stem.endswith("note")


@dataclass(slots=True, kw_only=True)
class Row:
    """A line worked out. ``bags`` and ``other`` come on top; ``off`` is what 01 takes away, ``added`` what 48 adds."""

    item: Item
    value: Fraction
    igv: Fraction
    isc: Fraction
    isc_base: Fraction
    bags: Fraction
    other: Fraction
    other_base: Fraction
    off: Fraction
    added: Fraction
    discounts: Fraction = ZERO
    charges: Fraction = ZERO

    @property
    def base(self) -> Fraction:
        return self.value + self.isc

    @property
    def rate(self) -> Fraction:
        return Fraction(self.item.rate) / 100 if self.item.affectation in TAXED else ZERO

    @property
    def tribute(self) -> str:
        return "9996" if self.item.given_away else TRIBUTES[self.item.affectation]

    @property
    def taxes(self) -> Fraction:
        """The sum that stands at the line."""
        shown = self.igv if self.tribute in ("1000", "1016") else ZERO
        return shown + self.isc + self.bags + self.other

    @property
    def price(self) -> Fraction:
        """What is paid for it, without what comes on top."""
        return ZERO if self.item.given_away else self.base + self.igv


@dataclass(slots=True, kw_only=True)
class Sums:
    """A sale worked out."""

    rows: list[Row]
    base: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    amount: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    value: Fraction = ZERO
    price: Fraction = ZERO
    discounts: Fraction = ZERO
    charges: Fraction = ZERO
    prepaid: Fraction = ZERO
    payable: Fraction = ZERO
    drifts: bool = False
    """Whether rounding line by line is more than SUNAT bears, so that céntimos have to move."""

    @property
    def tax_total(self) -> Fraction:
        return sum((self.amount[code] for code in ("1000", "1016", "2000", "7152", "9999")), ZERO)


def cents(value: Fraction) -> Fraction:
    """To whole céntimos, halves away from zero."""
    doubled = abs(value) * 200
    whole = (doubled.numerator // doubled.denominator + 1) // 2
    return Fraction(whole if value >= 0 else -whole, 100)


def apportion(amount: Fraction, weights: list[Fraction]) -> list[Fraction]:
    """Céntimos by weight; those left over go to the largest fractions, the first of equals first."""
    whole = sum(weights)
    exact = [amount * 100 * weight / whole for weight in weights]
    shares = [each.numerator // each.denominator for each in exact]
    left = int(amount * 100) - sum(shares)
    for index in sorted(range(len(exact)), key=lambda index: (shares[index] - exact[index], index))[:left]:
        shares[index] += 1
    return [Fraction(each, 100) for each in shares]


def _taxes(tax: Fraction, bases: list[Fraction]) -> list[Fraction]:
    """A note's tax by bases; none above 0.06 goes without while another has two céntimos."""
    if not sum(bases):
        return [ZERO] * len(bases)
    shares = apportion(tax, bases)
    for index, base in enumerate(bases):
        richest = shares.index(max(shares))
        if tax and base > Fraction(6, 100) and shares[index] == 0 and shares[richest] > CENT:
            shares[index], shares[richest] = CENT, shares[richest] - CENT
    return shares


def _money(change: Change, whole: Fraction, share: Fraction = Fraction(1)) -> Fraction:
    if change.amount:
        return cents(Fraction(change.amount) / share)
    return cents((cents(Fraction(change.base) / share) if change.base else whole) * Fraction(change.percent) / 100)


def line(item: Item, *, gross: bool, note: bool) -> Row:
    """A line by itself."""
    rate = Fraction(item.rate) / 100 if item.affectation in TAXED else ZERO
    quantity = Fraction(item.quantity)

    def isc_of(value: Fraction) -> tuple[Fraction, Fraction]:
        given = item.isc
        if given is None:
            return ZERO, ZERO
        base = cents(Fraction(given.base)) if given.base else value
        if given.system == "02":
            return base, cents(quantity * Fraction(given.unit_tax))
        if given.system == "03" and not given.base:
            factor = Fraction(int(1000 / (1 + rate) + Fraction(1, 2)), 1000)
            base = cents(Fraction(given.retail_price) * quantity * factor)
        return base, cents(base * Fraction(given.percent) / 100)

    def value_of(paid: Fraction) -> Fraction:
        if not gross:
            return paid
        if item.isc and item.isc.system == "01" and not item.isc.base:
            return cents(paid / (1 + rate) / (1 + Fraction(item.isc.percent) / 100))
        found = cents(paid / (1 + rate)) - isc_of(ZERO)[1]
        if found < 0:
            raise Impossible("isc")
        return found

    price, share = Fraction(item.price), Fraction(1)
    if gross and item.given_away:
        # Nobody pays what the shelf says: it is turned into a reference value of ten decimals, and its discounts too.
        gross, share = False, 1 + rate
        fixed = ZERO
        if item.isc and item.isc.system == "01" and not item.isc.base:
            share *= 1 + Fraction(item.isc.percent) / 100
        elif item.isc:
            fixed = isc_of(ZERO)[1] / quantity
        unit = (price / share - fixed) * 10**10
        price = Fraction((unit.numerator * 2 // unit.denominator + 1) // 2, 10**10)
        if price < 0:
            raise Impossible("isc")
    start = paid = cents(quantity * price)
    value = value_of(start)
    discounts = charges = off = added = ZERO
    for change in item.changes:
        moved = _money(change, start, share)
        if change.code in ("01", "48"):
            off, added = (off + moved, added) if change.code == "01" else (off, added + moved)
            continue
        paid += moved if change.code == "47" else -moved
        if paid < 0:
            raise Impossible("discount")
        after = value_of(paid)
        discounts, charges = discounts + max(value - after, ZERO), charges + max(after - value, ZERO)
        value = after
    isc_base, isc = isc_of(value)
    if item.isc and gross and not rate:
        value = paid - isc
    igv = paid - value - isc if gross else cents((value + isc) * rate)
    if min(igv, value) < 0:
        raise Impossible("isc")
    if rate and not igv and value + isc > Fraction(6, 100):
        igv = CENT
        if gross:
            value -= CENT
    bags = cents(item.bags * Fraction(item.bag_tax)) if item.bags else ZERO
    other = cents(Fraction(item.other_amount)) if item.other_amount else cents(
        value * Fraction(item.other_percent or 0) / 100)
    row = Row(item=item, value=value, igv=igv, isc=isc, isc_base=isc_base, bags=bags, other=other, other_base=value,
              off=off, added=added, discounts=discounts, charges=charges)
    if row.price + bags + other + added - off < 0:
        raise Impossible("discount")
    if note and off:
        _reprice(row, row.price - off)
    return row


def _reprice(row: Row, price: Fraction) -> None:
    if price < 0:
        raise Impossible("discount")
    base = cents(price / (1 + row.rate))
    if row.rate and base == price and base > Fraction(6, 100):
        base -= CENT
    row.value, row.igv, row.off = base - row.isc, price - base, ZERO
    if row.value < 0:
        raise Impossible("discount")


@lru_cache(maxsize=4)
def work_out(cart: Cart) -> Sums:
    """The whole sale, before any céntimo is moved between lines. Raises Impossible."""
    sums = Sums(rows=[line(item, gross=cart.gross, note=cart.note) for item in cart.items])
    rows = sums.rows
    apart = any(change.code == "01" for item in cart.items for change in item.changes)
    sold = _on_the_sale(cart) if cart.note and cart.changes and apart else None
    taxed = [row for row in rows if row.tribute in ("1000", "1016")]
    rate = taxed[0].rate if taxed else ZERO
    worth, tax = sum((row.value for row in taxed), ZERO), sum((row.igv for row in taxed), ZERO)
    base = sum((row.base for row in taxed), ZERO)
    drift = _drift(tax - base * rate, cart)

    moved = tax_moved = ZERO
    for change in cart.changes:
        if change.code in ("02", "49"):
            sign = 1 if change.code == "49" else -1
            amount = _money(change, sold[0] if sold else worth)
            moved += sign * amount
            tax_moved += sign * cents(amount * rate)
    if worth + moved < 0:
        raise Impossible("discount")
    if (moved and base + moved == 0) or tax + tax_moved < 0:
        tax_moved = -tax

    price = sum((row.price + row.bags + row.other for row in rows), ZERO) + moved + tax_moved
    value = sum((row.value for row in rows if not row.item.given_away), ZERO) + moved
    if sold:
        _, price, value, on_sale = sold
        drift = max(drift, on_sale)
    off = sum((_money(change, price) for change in cart.changes if change.code in ("03", "63")), ZERO)
    added = sum((_money(change, value if change.code == "46" else price)
                 for change in cart.changes if change.code in ("45", "46", "50")), ZERO)
    if cart.note:
        if moved:
            live = [row for row in taxed if row.value]
            values = apportion(worth + moved, [row.value for row in live])
            bases = [row.isc + new for row, new in zip(live, values, strict=True)]
            shares = _taxes(tax + tax_moved, bases)
            for row, new, igv in zip(live, values, shares, strict=True):
                row.value, row.igv = new, igv
        if off:
            live = [row for row in rows if row.price and row.value]
            prices = [row.price for row in live]
            beyond = max(off - sum(prices, ZERO), ZERO)
            for row, new in zip(live, apportion(sum(prices, ZERO) - off + beyond, prices), strict=True):
                _reprice(row, new)
            added -= beyond
            if added + sum((row.added for row in rows), ZERO) < 0:
                raise Impossible("discount")
        # What is taken off the prices rounds every line once more.
        again = sum((row.igv for row in taxed), ZERO) - sum((row.base for row in taxed), ZERO) * rate
        drift = max(drift, abs(again))
        moved = tax_moved = off = ZERO

    for row in rows:
        _count(sums, row)
    main = "1016" if "1016" in sums.base else "1000"
    sums.base[main] += moved
    sums.amount[main] += tax_moved
    sums.value += moved
    sums.price = sums.value + sums.tax_total
    left, left_base = tax + tax_moved, base + moved
    for paid in cart.advances:
        paid_tax, paid_base = _use(sums, paid, main), Fraction(paid.base) + Fraction(paid.isc)
        if paid.affectation == "taxed":
            drift += abs(paid_tax - paid_base * rate)
            left, left_base = left - paid_tax, left_base - paid_base
    if cart.advances and abs(max(left, ZERO) - left_base * rate) > 1:
        raise Impossible("advance")
    sums.drifts = drift > 1
    sums.discounts = off + sum((row.off for row in rows), ZERO)
    sums.charges = added + sum((row.added for row in rows), ZERO)
    if sums.discounts > sums.price + sums.charges:
        raise Impossible("discount")
    sums.payable = sums.price + sums.charges - sums.discounts - sums.prepaid + Fraction(cart.rounding)
    if sums.payable < 0:
        raise Impossible("advance")
    return sums


def _drift(lines: Fraction, cart: Cart) -> Fraction:
    """How far the IGV of the lines is off, and half a céntimo for every change of the whole that is taxed too."""
    return abs(lines) + Fraction(1, 200) * sum(change.code in ("02", "49") for change in cart.changes)


def _on_the_sale(cart: Cart) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """What the percentages of a note count on: taxed value, price and value as its sale had them; and its drift."""
    rows = [line(item, gross=cart.gross, note=False) for item in cart.items]
    taxed = [row for row in rows if row.tribute in ("1000", "1016")]
    rate = taxed[0].rate if taxed else ZERO
    worth, tax = sum((row.value for row in taxed), ZERO), sum((row.igv for row in taxed), ZERO)
    base = sum((row.base for row in taxed), ZERO)
    moved = tax_moved = ZERO
    for change in cart.changes:
        if change.code in ("02", "49"):
            amount = _money(change, worth) * (1 if change.code == "49" else -1)
            moved, tax_moved = moved + amount, tax_moved + (1 if amount > 0 else -1) * cents(abs(amount) * rate)
    if (moved and base + moved == 0) or tax + tax_moved < 0:
        tax_moved = -tax
    price = sum((row.price + row.bags + row.other for row in rows), ZERO) + moved + tax_moved
    drift = _drift(tax - base * rate, cart)
    return worth, price, sum((row.value for row in rows if not row.item.given_away), ZERO) + moved, drift


def _count(sums: Sums, row: Row) -> None:
    free = row.item.given_away
    sums.base[row.tribute] += row.value
    sums.amount[row.tribute] += row.igv
    if not free:
        sums.value += row.value
    if row.item.isc and not free:
        sums.base["2000"] += row.isc_base
        sums.amount["2000"] += row.isc
    if row.item.bags:
        sums.amount["7152"] += row.bags
    if row.item.other_amount or row.item.other_percent:
        sums.base["9999"] += row.other_base
        sums.amount["9999"] += row.other


def _use(sums: Sums, paid: Paid, main: str) -> Fraction:
    """Takes an advance out; the tax that it paid."""
    base, isc, whole = Fraction(paid.base), Fraction(paid.isc), Fraction(paid.total)
    tax = whole - base - isc
    tribute = {"taxed": main, "exempt": "9997", "unaffected": "9998"}[paid.affectation]
    if tax < 0 or (tax and paid.affectation != "taxed"):
        raise Impossible("advance")
    if tribute == "9998" and not sums.base.get("9998") and sums.base.get("9995"):
        tribute = ""
    if tribute:
        if sums.base[tribute] < base or tax - sums.amount[tribute] > 1 or sums.amount["2000"] < isc:
            raise Impossible("advance")
        sums.base[tribute] -= base
        sums.amount[tribute] -= min(tax, sums.amount[tribute])
    if isc:
        sums.amount["2000"] -= isc
    sums.prepaid += whole
    return tax
