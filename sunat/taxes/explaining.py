"""Every total of a sale told step by step: which line, which discount, what was rounded away.

The steps of a total always add up to it, to the céntimo. ``exact`` beside a step is the amount before it was rounded,
so that a reader can follow each rounding by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, Literal

from sunat.money import EXACT, ZERO, plain
from sunat.taxes.amounts import AllowanceCharge, LineAmounts, Tax, Totals
from sunat.taxes.tributes import (
    BAGS,
    EXEMPT,
    EXPORT,
    FREE,
    IGV,
    INCOME_TAX,
    ISC,
    IVAP,
    LINE_CHARGE,
    LINE_CHARGE_APART,
    LINE_DISCOUNT,
    LINE_DISCOUNT_APART,
    ON_TOP,
    OTHER,
    PAID,
    UNAFFECTED,
)

StepKind = Literal[
    "line", "line_discount", "line_charge", "discount", "charge", "advance", "total", "rounding", "difference",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One addend of a total, in the voucher's currency and with its sign.

    ``line`` counts from 1 and is None for what belongs to the whole voucher. ``code`` is of catalogue 53 (discounts,
    charges, advances) or 05 (tributes), or the name of another total. ``exact`` is the amount before rounding to
    céntimos, None where nothing was rounded or the unrounded amount is not known.
    """

    kind: StepKind
    amount: Decimal
    line: int | None = None
    code: str = ""
    exact: Decimal | None = None
    es: str
    en: str

    @property
    def rounded(self) -> Decimal:
        """What rounding added to the exact amount (negative: took away)."""
        return ZERO if self.exact is None else EXACT.subtract(self.amount, self.exact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A total and the steps that add up to it.

    ``total`` is value, price, payable, tax_total, discount_total, charge_total or prepaid; ``tax.<code>`` and
    ``base.<code>`` are the amount and the base of a tribute of catalogue 05.
    """

    total: str
    amount: Decimal
    steps: tuple[Step, ...]
    es: str
    en: str


def explain(
    lines: Sequence[LineAmounts], totals: Totals, *, quantities: Sequence[Decimal] = ()
) -> tuple[Explained, ...]:
    """The explanation of each total, in the order in which they are reckoned.

    ``lines`` are those that ``totals`` were added up from (after balancing, and after folding on a note). With
    ``quantities`` the steps of value say what quantity by unit value was before rounding. Totals of somebody else's
    voucher (``sunat.ubl.reading``) may be no sums; what is left is then a step of kind difference.
    """
    return tuple(map(_closed, _explained(lines, totals, tuple(quantities))))


def as_data(explanation: Iterable[Explained]) -> dict[str, Any]:
    """The explanation as plain data for JSON: total -> amount, labels and steps, every amount a string."""
    return {
        each.total: {
            "amount": plain(each.amount), "es": each.es, "en": each.en,
            "steps": [_step_data(step) for step in each.steps],
        } for each in explanation
    }


def _closed(each: Explained) -> Explained:
    rest = each.amount - sum((step.amount for step in each.steps), ZERO)
    if not rest:
        return each
    return replace(each, steps=(*each.steps, Step(kind="difference", amount=rest, es="diferencia", en="difference")))


def _step_data(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": step.kind, "amount": plain(step.amount), "es": step.es, "en": step.en}
    if step.line is not None:
        told["line"] = step.line
    if step.code:
        told["code"] = step.code
    if step.exact is not None:
        told["exact"] = plain(step.exact, 0)
    return told


_NAMES: Final = {
    IGV: ("IGV", "IGV"), IVAP: ("IVAP", "IVAP"), ISC: ("ISC", "ISC"), BAGS: ("ICBPER", "ICBPER"),
    OTHER: ("otros tributos", "other tributes"), EXPORT: ("exportación", "export"), FREE: ("gratuito", "free"),
    EXEMPT: ("exonerado", "exempt"), UNAFFECTED: ("inafecto", "unaffected"),
    INCOME_TAX: ("retención de renta", "income tax kept back"),
}
_MOVES: Final[dict[str, tuple[StepKind, int, str, str]]] = {
    "02": ("discount", -1, "descuento global", "discount on the whole"),
    "03": ("discount", 1, "descuento global sin efecto en la base", "discount on the whole outside the base"),
    "63": ("discount", 1, "retención de renta", "income tax withheld"),
    "49": ("charge", 1, "cargo global", "charge on the whole"),
    "45": ("charge", 1, "FISE", "FISE"),
    "46": ("charge", 1, "recargo al consumo", "service charge"),
    "50": ("charge", 1, "cargo global sin efecto en la base", "charge on the whole outside the base"),
    "04": ("advance", -1, "anticipo gravado", "taxed advance"),
    "05": ("advance", -1, "anticipo exonerado", "exempt advance"),
    "06": ("advance", -1, "anticipo inafecto", "unaffected advance"),
    "20": ("advance", -1, "ISC del anticipo", "ISC of the advance"),
    "61": ("advance", -1, "retención de renta del anticipo", "income tax kept back of the advance"),
}
"""Codes of catalogue 53 -> the kind of step, its sign in the total it belongs to, and what it is called."""
_SHIFTS: Final = ("02", "49")
_ADVANCES: Final = ("04", "05", "06", "20")
_OF_ADVANCE: Final = {EXEMPT: "05", UNAFFECTED: "06"}


def _explained(
    lines: Sequence[LineAmounts], totals: Totals, quantities: tuple[Decimal, ...]
) -> Iterator[Explained]:
    yield Explained(
        total="value", amount=totals.value, es="Total valor de venta", en="Total value",
        steps=(*_values(lines, quantities), *_whole(totals, _SHIFTS)),
    )
    for tax in totals.taxes:
        es, en = _NAMES.get(tax.tribute, (tax.tribute, tax.tribute))
        if tax.tribute != BAGS:
            yield Explained(
                total=f"base.{tax.tribute}", amount=tax.base, es=f"Base: {es}", en=f"Base: {en}",
                steps=tuple(_bases(lines, totals, tax.tribute)),
            )
        yield Explained(
            total=f"tax.{tax.tribute}", amount=tax.amount, es=f"Monto: {es}", en=f"Amount: {en}",
            steps=_amounts(lines, totals, tax),
        )
    paid = [tax for tax in totals.taxes if tax.tribute in PAID]
    yield Explained(
        total="tax_total", amount=totals.tax_total, es="Total de tributos", en="Total of taxes",
        steps=tuple(_sum(f"tax.{tax.tribute}", tax.amount, *_NAMES[tax.tribute]) for tax in paid),
    )
    used = {tribute: _taken(totals, tribute) for tribute in PAID}
    yield Explained(
        total="price", amount=totals.price, es="Total precio de venta", en="Total price",
        steps=(
            _sum("value", totals.value, "valor de venta", "value"),
            *(_sum(f"tax.{tax.tribute}", tax.amount + used[tax.tribute], *_before_advances(tax, used)) for tax in paid),
        ),
    )
    yield from _outside(lines, totals)
    parts = (
        ("price", totals.price, "precio de venta", "price"),
        ("charge_total", totals.charge_total, "otros cargos", "other charges"),
        ("discount_total", -totals.discount_total, "otros descuentos", "other discounts"),
        ("kept", -totals.kept, "tributos que paga el comprador", "taxes that the buyer pays"),
        ("prepaid", -totals.prepaid, "anticipos", "advances"),
    )
    steps = [_sum(code, amount, es, en) for code, amount, es, en in parts if amount or code == "price"]
    if totals.rounding:
        steps.append(Step(kind="rounding", amount=totals.rounding, es="redondeo", en="rounding"))
    yield Explained(
        total="payable", amount=totals.payable, es="Importe total", en="Total payable", steps=tuple(steps),
    )


def _taken(totals: Totals, tribute: str) -> Decimal:
    """What the advances took out of a tribute's amount, to the céntimo."""
    if tribute == ISC:
        return sum((row.amount for row in totals.allowances if row.code == "20"), ZERO)
    if tribute not in (IGV, IVAP) or all(tax.tribute != tribute for tax in totals.taxes):
        return ZERO
    return sum((row.tax for row in totals.allowances if row.code == "04"), ZERO)


def _before_advances(tax: Tax, used: dict[str, Decimal]) -> tuple[str, str]:
    es, en = _NAMES.get(tax.tribute, (tax.tribute, tax.tribute))
    return (f"{es} antes de anticipos", f"{en} before advances") if used[tax.tribute] else (es, en)


def _sum(code: str, amount: Decimal, es: str, en: str) -> Step:
    return Step(kind="total", amount=amount, code=code, es=es, en=en)


def _values(lines: Sequence[LineAmounts], quantities: tuple[Decimal, ...]) -> Iterator[Step]:
    """The value of each onerous line, before its discounts and charges, and these."""
    for index, line in enumerate(lines):
        if line.free:
            continue
        moved = [row for row in line.allowances if row.code in (LINE_DISCOUNT, LINE_CHARGE)]
        before = line.value - sum((row.amount if row.is_charge else -row.amount for row in moved), ZERO)
        exact = EXACT.multiply(quantities[index], line.unit_value) if quantities else None
        yield _line(index, before, exact, "cantidad por valor unitario", "quantity by unit value")
        for row in moved:
            yield Step(
                kind="line_charge" if row.is_charge else "line_discount", code=row.code, line=index + 1,
                amount=row.amount if row.is_charge else -row.amount, exact=_signed_exact(row),
                es="cargo de la línea" if row.is_charge else "descuento de la línea",
                en="charge on the line" if row.is_charge else "discount on the line",
            )


def _line(index: int, amount: Decimal, exact: Decimal | None, es: str, en: str, code: str = "") -> Step:
    different = None if exact is None or exact == amount else exact
    return Step(kind="line", amount=amount, line=index + 1, code=code, exact=different, es=es, en=en)


def _signed_exact(row: AllowanceCharge) -> Decimal | None:
    if row.factor is None:
        return None
    exact = EXACT.multiply(row.base, row.factor)
    return None if exact == row.amount else exact if row.is_charge else -exact


def _whole(totals: Totals, codes: tuple[str, ...]) -> Iterator[Step]:
    """The discounts, charges and deductions of the whole voucher under some codes."""
    for row in totals.allowances:
        if row.code in codes:
            kind, sign, es, en = _MOVES[row.code]
            exact = None if row.factor is None else sign * EXACT.multiply(row.base, row.factor)
            yield Step(
                kind=kind, amount=sign * row.amount, code=row.code, es=es, en=en,
                exact=None if exact == sign * row.amount else exact,
            )


def _bases(lines: Sequence[LineAmounts], totals: Totals, tribute: str) -> Iterator[Step]:
    for index, line in enumerate(lines):
        for tax in line.taxes:
            if tax.tribute != tribute or (tribute == ISC and line.free):
                continue
            amount = tax.base if tribute in (ISC, *ON_TOP) else line.value
            yield _line(index, amount, None, "valor de la línea", "the line's value", tribute)
    if tribute in (IGV, IVAP):
        yield from _whole(totals, (*_SHIFTS, "04"))
    elif tribute in _OF_ADVANCE:
        yield from _whole(totals, (_OF_ADVANCE[tribute],))


def _amounts(lines: Sequence[LineAmounts], totals: Totals, tax: Tax) -> tuple[Step, ...]:
    steps = []
    for index, line in enumerate(lines):
        for row in line.taxes:
            if row.tribute == tax.tribute and not (row.tribute == ISC and line.free):
                exact = EXACT.multiply(row.base, row.rate) / 100 if row.rate else None
                steps.append(_line(index, row.amount, exact, "base por tasa", "base by rate", row.tribute)
                             if row.tribute != BAGS else
                             _line(index, row.amount, None, "bolsas por su monto", "bags by their amount", row.tribute))
    if tax.tribute == ISC:
        steps += _whole(totals, ("20",))
    if tax.tribute == INCOME_TAX:
        steps += _whole(totals, ("61",))
    if tax.tribute in (IGV, IVAP):
        steps += _taxes_moved(totals)
    return tuple(steps)


def _taxes_moved(totals: Totals) -> Iterator[Step]:
    for row in totals.allowances:
        if row.tax:
            kind, sign, es, en = _MOVES[row.code]
            yield Step(kind=kind, amount=sign * row.tax, code=row.code, es=f"impuesto: {es}", en=f"tax: {en}")


def _outside(lines: Sequence[LineAmounts], totals: Totals) -> Iterator[Explained]:
    """What is added or taken away after the price."""
    rows: tuple[tuple[str, Decimal, str, tuple[str, ...], str, str], ...] = (
        ("discount_total", totals.discount_total, LINE_DISCOUNT_APART, ("03", "63"), "Otros descuentos",
         "Other discounts"),
        ("charge_total", totals.charge_total, LINE_CHARGE_APART, ("45", "46", "50"), "Otros cargos", "Other charges"),
    )
    for name, amount, apart, codes, es, en in rows:
        steps = [
            Step(kind="line_charge" if row.is_charge else "line_discount", amount=row.amount, line=index + 1,
                 code=row.code, es=es.lower(), en=en.lower())
            for index, line in enumerate(lines) for row in line.allowances if row.code == apart
        ]
        steps += _whole(totals, codes)
        if steps:
            yield Explained(total=name, amount=amount, steps=tuple(steps), es=es, en=en)
    used = [
        Step(kind="advance", amount=row.amount + (ZERO if totals.kept else row.tax), code=row.code,
             es=_MOVES[row.code][2], en=_MOVES[row.code][3])
        for row in totals.allowances if row.code in _ADVANCES
    ]
    used += _whole(totals, ("61",))
    rest = totals.prepaid - sum((step.amount for step in used), ZERO)
    if rest:  # its tax was a few céntimos more than the sale's, which ends at zero and not below
        used.append(Step(kind="rounding", amount=rest, es="céntimos del anticipo", en="céntimos of the advance"))
    if used:
        yield Explained(total="prepaid", amount=totals.prepaid, steps=tuple(used), es="Anticipos", en="Advances")
