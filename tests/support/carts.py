"""Random sales of every kind, as a caller might ask for them; what they must come to is ``rational``'s business."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Final

from tests.support.rational import ALWAYS_FREE, Cart, Change, Impossible, Isc, Item, Paid, Sums, cents, work_out

STEMS: Final = ("invoice",) * 9 + ("boleta",) * 5 + ("credit_note",) * 4 + ("debit_note",) * 2
DAYS: Final = {
    "2025-06-02": ("18", "18", "10"), "2026-02-10": ("18",), "2026-11-20": ("18", "18", "10.5"), "2027-03-01": ("18",),
}
"""Days of issue and the rates of IGV that SUNAT takes on them."""
TAXED_FREE: Final = ALWAYS_FREE[:6]
EXPORTS: Final = "0200"
NRUS: Final = "0113"
BAG_TAX: Final = {"PEN": "0.50", "USD": "0.13333"}
"""The tax on a bag since 2023, in soles and by an exchange rate of 3.75."""
MANY: Final = 400
"""Lines of a sale whose céntimos may have to move."""
PERCEPTIONS: Final = {"51": "2", "52": "1", "53": "0.5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flavour:
    operation: str
    affectations: tuple[str, ...]
    plain: bool = False
    """Neither ISC nor other tributes may stand on its lines."""


_HOME: Final = _Flavour(
    operation="0101", affectations=("10",) * 8 + ("20",) * 2 + ("30",) * 2 + ("11", *ALWAYS_FREE[:1], "16", "21", "31",
                                                                            "37", "13"),
)
_FLAVOURS: Final = {
    "home": _HOME,
    "rice": _Flavour(operation="0101", affectations=("17",)),
    "export": _Flavour(operation=EXPORTS, affectations=("40",), plain=True),
    "nrus": _Flavour(operation=NRUS, affectations=("10",), plain=True),
    "perception": replace(_HOME, operation="2001"),
    "income": replace(_HOME, operation="2002"),
}
_WEIGHTS: Final = ("home",) * 14 + ("rice",) * 2 + ("export",) * 2


def cart(random: Random, *, lines: int = 6) -> Cart:
    """A sale that can be issued: it comes to something, and nothing is taken away that is not there."""
    while True:
        asked = _cart(random, lines)
        try:
            sums = work_out(asked)
            if not _sellable(sums):
                continue
            advanced = _advanced(random, asked, sums)
            if advanced is not asked:
                asked, sums = advanced, work_out(advanced)
            return _beside(random, asked, sums)
        except Impossible:
            continue


def any_cart(random: Random, *, lines: int = 4) -> Cart:
    """A sale that may take away more than there is."""
    asked = _cart(random, lines)
    if not asked.note and random.random() < 0.4:
        base = Fraction(random.randint(1, 100000), 100)
        rate = Fraction(asked.items[0].rate) / 100
        asked = replace(asked, advances=(Paid(
            affectation=random.choice(("taxed", "exempt", "unaffected")), base=_two(base),
            total=_two(base + random.choice((0, 1)) * cents(base * rate)),
        ),))
    return asked


def _cart(random: Random, lines: int) -> Cart:
    stem = random.choice(STEMS)
    name = random.choice(_WEIGHTS)
    if stem == "boleta" and random.random() < 0.1:
        name = "nrus"
    elif stem == "invoice" and random.random() < 0.08:
        name = random.choice(("perception", "income"))
    flavour = _FLAVOURS[name]
    day = random.choice(tuple(DAYS))
    rate = {"rice": "4", "nrus": "0"}.get(name) or random.choice(DAYS[day])
    gross = random.random() < 0.5
    currency = random.choice(tuple(BAG_TAX))
    items = tuple(
        _item(random, flavour, rate, currency)
        for _ in range(random.randint(1, lines))
    )
    if random.random() < 0.004:
        items = (items[:2] * MANY)[:MANY]
    return Cart(
        stem=stem, operation=flavour.operation, currency=currency, day=day, gross=gross,
        items=items, changes=_changes(random, stem, name, items),
        rounding=_signed_cents(random, 99) if random.random() < 0.1 else "0",
    )


def _item(random: Random, flavour: _Flavour, rate: str, currency: str) -> Item:
    affectation = random.choice(flavour.affectations)
    free = affectation in ALWAYS_FREE or (affectation in ("17", "40") and random.random() < 0.2)
    item = Item(
        quantity=_quantity(random), price=_price(random), affectation=affectation, rate=rate,
        free=free and affectation not in ALWAYS_FREE,
    )
    if random.random() < 0.3:
        codes = ["00", "47"] if free else ["00", "00", "47", "01", "48"]
        item = replace(item, changes=tuple(_change(random, random.choice(codes)) for _ in range(random.randint(1, 3))))
    if not flavour.plain and affectation != "17" and random.random() < 0.2:
        item = replace(item, isc=_isc(random, item))
    if flavour.operation != NRUS and random.random() < 0.12:
        count = random.randint(1, 300)
        item = replace(item, quantity=str(count), bags=count, bag_tax=BAG_TAX[currency])
    if not flavour.plain and random.random() < 0.12:
        other = _decimal(random, 1, 3000, 2)
        item = replace(item, other_percent=other) if random.random() < 0.5 else replace(item, other_amount=other)
    return item


def _isc(random: Random, item: Item) -> Isc:
    system = random.choice(("01", "01", "02", "03"))
    base = _decimal(random, 100, 90000, 2) if random.random() < 0.15 else ""
    if system == "02":
        return Isc(system="02", unit_tax=_decimal(random, 1, 50000, 4), base=base)
    percent = random.choice(("10", "17", "30", "0.5", "12.345", "50"))
    retail = _two(Fraction(item.price) * random.randint(100, 180) / 100 + Fraction(1, 10))
    return Isc(system=system, percent=percent, base=base, retail_price=retail if system == "03" else "")


def _changes(random: Random, stem: str, name: str, items: tuple[Item, ...]) -> tuple[Change, ...]:
    """Discounts and charges of the whole voucher."""
    if random.random() < 0.55 and name != "income":
        return ()
    codes = ["03", "46", "50"]
    if any(item.affectation in ("10", "17") and not item.given_away for item in items):
        codes += ["02", "02", "49"]
    if not stem.endswith("note"):
        codes.append("45")
    changes = [_change(random, random.choice(codes)) for _ in range(random.randint(1, 3))]
    if name == "income":
        changes.append(Change(code="63", amount=_decimal(random, 1, 6000, 2)))
    if "45" in [change.code for change in changes]:
        changes.append(Change(code="45", amount=_decimal(random, 1, 6000, 2), base=_decimal(random, 100, 40000, 2)))
    once = {change.code: change for change in changes if change.code in ("45", "63")}
    return (*(change for change in changes if change.code not in once), *once.values())


def _change(random: Random, code: str) -> Change:
    base = _decimal(random, 100, 40000, 2) if random.random() < 0.1 else ""
    if random.random() < 0.5:
        return Change(code=code, amount=_decimal(random, 1, 6000, 2), base=base)
    percent = _decimal(random, 1, random.choice((2000, 10000)), random.choice((2, 3)))
    return Change(code=code, percent=percent, base=base)


def _advanced(random: Random, asked: Cart, sums: Sums) -> Cart:
    """The sale with what was paid before, taken from what there is."""
    if asked.note or asked.operation not in ("0101", EXPORTS) or random.random() < 0.75:
        return asked
    paid: list[Paid] = []
    main = "1016" if "1016" in sums.base else "1000"
    for affectation, tribute in (("taxed", main), ("exempt", "9997"), ("unaffected", "9998")):
        left = sums.base.get(tribute, Fraction(0))
        if tribute == "9998" and not left:
            left = sums.base.get("9995", Fraction(0))
        isc_left = sums.amount.get("2000", Fraction(0)) if (affectation, main) == ("taxed", "1000") else Fraction(0)
        rate = Fraction(next((item.rate for item in asked.items if item.affectation in ("10", "17")), "0")) / 100
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            base = left if random.random() < 0.3 else cents(left * random.randint(1, 99) / 100)
            if base <= 0:
                break
            isc = cents(isc_left * base / left)
            tax = cents((base + isc) * rate) if affectation == "taxed" else Fraction(0)
            if tax and random.random() < 0.2:
                tax += Fraction(random.choice((-1, 1)), 100)
            paid.append(Paid(affectation=affectation, base=_two(base), isc=_two(isc), total=_two(base + isc + tax)))
            left, isc_left = left - base, isc_left - isc
    return replace(asked, advances=tuple(paid)) if paid else asked


def _beside(random: Random, asked: Cart, sums: Sums) -> Cart:
    """Perception or retention, of an amount that the sale has."""
    changes = asked.changes
    if asked.operation == "2001":
        code = random.choice(tuple(PERCEPTIONS))
        base = sums.payable if asked.currency == "PEN" else Fraction(12345, 100)
        if base < 1:
            raise Impossible("perception")
        changes += (Change(code=code, percent=PERCEPTIONS[code], base=_two(base)),)
    elif asked.operation == "2002" and sums.price < 1:
        raise Impossible("income")
    elif asked.stem == "invoice" and asked.operation == "0101" and sums.payable > 1 and random.random() < 0.08:
        changes += (Change(code="62", percent="3"),)
    return replace(asked, changes=changes) if changes is not asked.changes else asked


def _sellable(sums: Sums) -> bool:
    return all(row.value > 0 for row in sums.rows) and sums.payable < 10**10


def _quantity(random: Random) -> str:
    kind = random.random()
    if kind < 0.6:
        return str(random.randint(1, 500))
    return _decimal(random, 1, 99999, 3) if kind < 0.95 else _decimal(random, 10**7, 10**12, 10)


def _price(random: Random) -> str:
    kind = random.random()
    if kind < 0.05:
        return _decimal(random, 1, 30, 2)
    if kind < 0.6:
        return _decimal(random, 10, 200000, 2)
    return _decimal(random, 1, 3 * 10**7, 5) if kind < 0.9 else _decimal(random, 1, 10**12, 10)


def _decimal(random: Random, least: int, most: int, places: int) -> str:
    """A number between two counts of its last place, as a caller writes it."""
    number = random.randint(least, most)
    return f"{number // 10**places}.{number % 10**places:0{places}d}"


def _two(amount: Fraction) -> str:
    whole = int(cents(amount) * 100)
    return f"{'-' if whole < 0 else ''}{abs(whole) // 100}.{abs(whole) % 100:02d}"


def _signed_cents(random: Random, most: int) -> str:
    return _two(Fraction(random.randint(-most, most), 100))
