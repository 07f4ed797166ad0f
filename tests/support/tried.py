"""One cart tried: worked out by ``sunat.taxes``, compared to the céntimo, written as XML and judged by every rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from sunat import xml
from sunat.documents import Advance, Line, Party, Perception, Sale
from sunat.errors import FormatError
from sunat.kinds import KINDS
from sunat.rules.context import Context
from sunat.rules.engine import judge
from sunat.taxes import (
    Adjustment,
    AdvanceInput,
    Excise,
    LineAmounts,
    LineInput,
    PriceMode,
    Reckoning,
    as_data,
    explain,
    reckon,
)
from sunat.ubl.reading import read_voucher
from sunat.ubl.recomputing import recompute
from sunat.ubl.render import render
from sunat.wording import LegendFacts, legends_for
from tests.support.rational import Cart, Change, Impossible, Item, Row, Sums, work_out
from tests.support.vouchers import ISSUER_RUC, sale

SERIES: Final = {"invoice": "F001", "boleta": "B001", "credit_note": "FC01", "debit_note": "FD01"}
REASONS: Final = {"credit_note": ("01", "11", "12"), "debit_note": ("02", "11", "12")}
"""Reasons of a note at home, of exports and of the IVAP."""
PRODUCT: Final = "44121700"
"""A product code of catalogue 25, compulsory from 2027."""
BORNE: Final = frozenset({"4318"})
"""The ICBPER in another currency has more decimals than a céntimo; SUNAT only observes it."""
_NEUTRAL: Final = {stem: sale(stem) for stem in SERIES}
_KIND: Final = {kind.stem: kind for kind in KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Nobody:
    """A ledger without vouchers."""

    def voucher(self, ruc: str, type_code: str, series: str, number: int) -> None:
        """Knows none."""


@lru_cache(maxsize=4)
def reckoned(cart: Cart) -> Reckoning:
    """The cart by the code that is tried."""
    return reckon(
        [_input(item, gross=cart.gross) for item in cart.items],
        adjustments=[_adjustment(change) for change in cart.changes],
        advances=[
            AdvanceInput(affectation=paid.affectation, base=Decimal(paid.base),  # type: ignore[arg-type]
                         total=Decimal(paid.total), isc=Decimal(paid.isc))
            for paid in cart.advances
        ],
        rounding=Decimal(cart.rounding), note=cart.note,
    )


def differences(cart: Cart) -> list[str]:
    """What is wrong with the answer to a cart, in words; nothing when all is right."""
    try:
        expected: Sums | None = work_out(cart)
    except Impossible:
        expected = None
    try:
        got = reckoned(cart)
    except FormatError as error:
        return [] if expected is None else [f"refused: {error} ({error.reason})"]
    if expected is None:
        return ["was not refused"]
    return [*_lines(cart, expected, got), *_totals(expected, got), *_steps(got)]


def findings(cart: Cart) -> list[str]:
    """The codes with which SUNAT's rules find fault with the voucher of a cart."""
    context = Context(received=date.fromisoformat(cart.day), ledger=_Nobody(), exchange_rate=Decimal("3.75"))
    found = judge(xml.parse(written(cart)), _KIND[cart.stem].rules, context)
    return [f"{each.code} {each.path} {each.value}" for each in found if each.code not in BORNE]


def written(cart: Cart) -> bytes:
    """The unsigned XML of a cart's voucher."""
    return render(voucher_of(cart, reckoned(cart)), template=_KIND[cart.stem].template,
                  series=SERIES[cart.stem]).numbered(7)


def read_back(cart: Cart) -> list[str]:
    """What is not found again when the voucher's XML is read, worked out again and explained."""
    got, facts = reckoned(cart), read_voucher(xml.parse(written(cart)))
    again = recompute(facts)
    wrong = [f"beyond: {word}" for word in again.beyond]
    wrong += [f"{each.field}: {each.expected} expected, {each.given} given" for each in again.differences
              if not _moved_centimo(cart, each.field, each.cause)]
    if [line.amounts.taxes for line in facts.lines] != [line.taxes for line in got.lines]:
        wrong.append("the taxes of the lines")
    if facts.totals != replace(got.totals, price=facts.totals.price if cart.note else got.totals.price):
        wrong.append(f"totals: {got.totals} expected, {facts.totals} read")
    told = as_data(explain([line.amounts for line in facts.lines], facts.totals, quantities=got.quantities))
    if told != as_data(explain(got.lines, got.totals, quantities=got.quantities)):
        wrong.append("the explanation from the XML is another")
    return wrong


def _moved_centimo(cart: Cart, field: str, cause: str) -> bool:
    """Whether it is a line's céntimo that balancing, or a discount folded into a note, had to put somewhere."""
    folded = cart.note and any(change.code in ("02", "03", "49") for change in cart.changes)
    return cause == "rounding" and field.endswith((".tax", ".value")) and (folded or work_out(cart).drifts)


def voucher_of(cart: Cart, got: Reckoning) -> Sale:
    """The content of a cart's voucher."""
    totals = got.totals
    lines = tuple(
        Line(description="PRODUCTO DE PRUEBA", quantity=asked.quantity, unit="NIU", amounts=amounts,
             sunat_code=PRODUCT)
        for asked, amounts in zip(got.inputs, got.lines, strict=True)
    )
    free = all(line.free for line in got.lines)
    ivap = any(item.affectation == "17" for item in cart.items)
    perceived = next((row for row in totals.allowances if row.code in ("51", "52", "53")), None)
    changes: dict[str, Any] = {
        "currency": cart.currency, "lines": lines, "totals": totals, "issue_date": date.fromisoformat(cart.day),
        "legends": legends_for(LegendFacts(
            total=totals.payable, currency=cart.currency, free=free, ivap=ivap, perception=perceived is not None,
        )),
    }
    if cart.note:
        home, export, rice = REASONS[cart.stem]
        changes["reason_code"] = export if cart.operation == "0200" else rice if ivap else home
    else:
        changes["operation_type"] = cart.operation
        if cart.operation == "0200":
            changes["customer"] = Party(identity_code="0", identity_number="X1234567", name="ABROAD LLC")
        changes["advances"] = tuple(
            Advance(payment_id=str(index), document_type="02" if cart.stem == "invoice" else "03",
                    number=f"{SERIES[cart.stem]}-{index}", issuer_code="6", issuer_number=ISSUER_RUC, amounts=paid)
            for index, paid in enumerate(got.advances, start=1)
        )
        if perceived is not None:
            whole = totals.payable if cart.currency == "PEN" else perceived.base
            changes["perception"] = Perception(total=whole + perceived.amount)
    return replace(_NEUTRAL[cart.stem], **changes)


def _input(item: Item, *, gross: bool) -> LineInput:
    isc = item.isc
    return LineInput(
        quantity=Decimal(item.quantity), unit_amount=Decimal(item.price), affectation=item.affectation,
        rate=Decimal(item.rate), price_mode=PriceMode.GROSS if gross else PriceMode.NET, free=item.free,
        adjustments=tuple(_adjustment(change) for change in item.changes), bags=item.bags,
        bag_tax=Decimal(item.bag_tax), other_percent=Decimal(item.other_percent or 0),
        other_amount=Decimal(item.other_amount or 0),
        excise=None if isc is None else Excise(
            system=isc.system, percent=_maybe(isc.percent), unit_tax=_maybe(isc.unit_tax), base=_maybe(isc.base),
            retail_price=_maybe(isc.retail_price),
        ),
    )


def _adjustment(change: Change) -> Adjustment:
    return Adjustment(
        code=change.code, amount=_maybe(change.amount), percent=_maybe(change.percent), base=_maybe(change.base),
    )


def _maybe(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _lines(cart: Cart, expected: Sums, got: Reckoning) -> list[str]:
    if expected.drifts:  # céntimos move, one on a line; what is folded into a note's lines is then shared otherwise
        most = Fraction(3 if cart.note and cart.changes else 1, 100)
        return [
            f"line {index} moved: {row.value} {row.igv} -> {line.value} {line.taxes[0].amount}"
            for index, (row, line) in enumerate(zip(expected.rows, got.lines, strict=True))
            if abs(row.value - Fraction(line.value)) > most
            or abs(row.igv - Fraction(line.taxes[0].amount)) > most
        ]
    wrong = []
    for index, (row, line) in enumerate(zip(expected.rows, got.lines, strict=True)):
        said, want = _said(line), _wanted(row)
        if said != want:
            wrong.append(f"line {index}: {want} expected, {said} got")
        if not cart.note:
            moved = [sum((Fraction(each.amount) for each in line.allowances if each.code == code), Fraction(0))
                     for code in ("00", "47")]
            if moved != [row.discounts, row.charges]:
                wrong.append(f"line {index}: discounts and charges {row.discounts} {row.charges}, {moved} got")
    return wrong


def _wanted(row: Row) -> tuple[Any, ...]:
    return (row.tribute, row.value, row.igv, row.base, row.isc, row.bags, row.other, row.taxes)


def _said(line: LineAmounts) -> tuple[Any, ...]:
    by_tribute = {tax.tribute: Fraction(tax.amount) for tax in line.taxes}
    main = line.taxes[0]
    return (main.tribute, Fraction(line.value), Fraction(main.amount), Fraction(main.base), by_tribute.get("2000", 0),
            by_tribute.get("7152", 0), by_tribute.get("9999", 0), Fraction(line.tax_total))


def _totals(expected: Sums, got: Reckoning) -> list[str]:
    totals = got.totals
    pairs = [("prepaid", expected.prepaid, totals.prepaid)]
    if not expected.drifts:  # moved céntimos move the price, and percentages of it
        by_tribute = {tax.tribute: tax for tax in totals.taxes}
        pairs += [
            ("value", expected.value, totals.value), ("tax total", expected.tax_total, totals.tax_total),
            ("price", expected.price, totals.price), ("payable", expected.payable, totals.payable),
            ("discounts", expected.discounts, totals.discount_total),
            ("charges", expected.charges, totals.charge_total),
        ]
        for code, amount in expected.amount.items():
            tax = by_tribute.get(code)
            pairs.append((f"tax {code}", amount, tax.amount if tax else Decimal(0)))
            if code not in ("2000", "9999"):
                pairs.append((f"base {code}", expected.base[code], tax.base if tax else Decimal(0)))
    return [f"{name}: {want} expected, {said} got" for name, want, said in pairs if want != Fraction(said)]


def _steps(got: Reckoning) -> list[str]:
    told = explain(got.lines, got.totals, quantities=got.quantities)
    wrong = [
        f"the steps of {each.total} do not add up to {each.amount}" for each in told
        if sum((step.amount for step in each.steps), Decimal(0)) != each.amount
    ]
    wrong += [f"{each.total} has a difference" for each in told for step in each.steps if step.kind == "difference"]
    missing = {"value", "price", "payable", "tax_total"} - {each.total for each in told}
    return wrong + [f"{name} is not explained" for name in missing]
