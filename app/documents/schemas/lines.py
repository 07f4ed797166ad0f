"""The lines of a sale worked out, and what the caller claims of their amounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from app.documents.schemas import adjustments
from app.documents.schemas.adjustments import Told
from app.documents.schemas.line_extras import cargo_of, gtin_of, properties_of
from app.documents.schemas.line_taxes import LineTaxes, read_taxes
from app.documents.schemas.reading import Reading
from app.problems import Text
from sunat.documents import Line
from sunat.errors import FormatError
from sunat.money import total
from sunat.taxes import (
    IGV,
    LINE_CHARGE_APART,
    LINE_DISCOUNT,
    LINE_DISCOUNT_APART,
    LineAmounts,
    LineInput,
    Mismatch,
    PriceMode,
    compute_line,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How lines are read: the voucher's currency, the soles for one unit of it, and what a note may do.

    A note ``folds`` discounts into its unit values and may follow older rates; some may hold lines of no value
    (``may_be_zero``).
    """

    currency: str
    soles: Decimal | None
    folds: bool = False
    may_be_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLine:
    """A line understood: what was ``asked``, the ``line`` with its amounts rounded by themselves.

    ``mismatches`` are the amounts of its taxes that the caller claims otherwise.
    """

    asked: LineInput
    line: Line
    mismatches: tuple[Mismatch, ...]


def lines_of(reading: Reading, manner: Manner) -> tuple[ReadLine, ...]:
    """The lines worked out, each by itself; one that cannot be is noted in ``reading`` and left out."""
    mode = PriceMode(reading.pe_header.get("price_mode", "net"))
    lines: list[ReadLine] = []
    for index, detail in enumerate(reading.details):
        taxes = read_taxes(
            reading, index, currency=manner.currency, soles=manner.soles, corrects=manner.folds
        )
        told = adjustments.of_line(reading, index)
        properties, cargo = properties_of(reading, index), cargo_of(reading, index)
        gtin, gtin_type = gtin_of(reading, index)
        if detail["unit_price"] < 0:  # a free line is worked out on its reference value, and this would go unseen
            _refuse_line(reading, index, FormatError("The unit price is negative", reason="price"), told)
            continue
        if taxes is None:
            continue
        asked = _input(reading, index, taxes, told, mode)
        try:
            amounts = compute_line(asked, fold_allowance=manner.folds)
        except FormatError as error:
            _refuse_line(reading, index, error, told)
            continue
        if amounts.value == 0 and not manner.may_be_zero:
            _refuse_zero(reading, index, free=amounts.free)
            continue
        line = Line(
            description=description_of(detail), quantity=detail["quantity"], unit=detail["unit_measure"],
            amounts=amounts, seller_code=detail.get("sku", ""),
            sunat_code=reading.pe_detail(index).get("sunat_product_code", ""), gtin=gtin, gtin_type=gtin_type,
            properties=properties, cargo=cargo, regulated=taxes.regulated,
        )
        lines.append(ReadLine(
            asked=asked, line=line, mismatches=tuple(_claims(reading, index, amounts, taxes)),
        ))
        _compare_line(reading, index, amounts)
    return tuple(lines)


def _input(
    reading: Reading, index: int, taxes: LineTaxes, told: Sequence[Told], mode: PriceMode
) -> LineInput:
    detail = reading.details[index]
    amount: Decimal = detail["unit_price"]
    if taxes.free:
        amount = reading.pe_detail(index).get("reference_price") or amount
    return LineInput(
        quantity=detail["quantity"], unit_amount=amount, affectation=taxes.affectation, rate=taxes.rate,
        price_mode=mode, free=taxes.free, adjustments=tuple(row.adjustment for row in told), excise=taxes.excise,
        bags=taxes.bags, bag_tax=taxes.bag_tax, other_percent=taxes.other_percent, other_amount=taxes.other_amount,
    )


def _claims(reading: Reading, index: int, amounts: LineAmounts, taxes: LineTaxes) -> Iterator[Mismatch]:
    """The amounts in ``taxes[]`` that differ from the law's. What is free may be written as shown or as paid: zero."""
    for tribute, position in taxes.rows.items():
        row = reading.details[index]["taxes"][position]
        given: Decimal = row["tax_amount"]
        if tribute == IGV:
            expected, base = amounts.taxes[0].amount, amounts.taxes[0].base
        else:
            found = [tax for tax in amounts.taxes if tax.tribute == tribute]
            expected, base = total(tax.amount for tax in found), total(tax.base for tax in found)
        if given == expected or (amounts.free and given == 0):
            continue
        yield Mismatch(
            field=f"lines.{index}.claims.{position}", expected=expected, given=given, steps=(base, expected)
        )


def _compare_line(reading: Reading, index: int, amounts: LineAmounts) -> None:
    """Line totals are redundant in the contract and often wrong in the field: told, never a refusal."""
    for name, expected in (("total_amount_line", amounts.price), ("total_taxes", amounts.tax_total)):
        given = reading.details[index].get(name)
        if given is not None and given != expected:
            reading.remark(
                "CHQ-LINE-TOTAL", f"/details/{index}/{name}", f"Se esperaba {expected} y llegó {given}; se recalcula",
                f"Expected {expected}, got {given}; it is worked out anew",
            )


def description_of(detail: Mapping[str, Any]) -> str:
    """A line's description: the contract's title, and its second text where that says more."""
    line, more = detail.get("line_description", ""), detail.get("long_description", "")
    return f"{line} - {more}" if more and more != line else line


def _refuse_zero(reading: Reading, index: int, *, free: bool) -> None:
    if free:
        reading.refuse(
            "CHQ-REFERENCE-PRICE", f"/details/{index}/additional/pe_detail/reference_price",
            "Lo gratuito lleva un valor referencial mayor que cero",
            "What is free has a reference value above zero",
            Text("Indique pe_detail.reference_price o unit_price", "Give pe_detail.reference_price or unit_price"),
        )
        return
    reading.refuse(
        "3105", f"/details/{index}/unit_price", "El valor de la línea es cero", "The value of the line is zero",
        Text("Si se entrega gratis, use tax_type_id 426 con pe_detail.igv_affectation y reference_price",
             "If it is given away, use tax_type_id 426 with pe_detail.igv_affectation and reference_price"),
    )


_APART: Final = (LINE_DISCOUNT_APART, LINE_CHARGE_APART)


def _refuse_line(reading: Reading, index: int, error: FormatError, told: Sequence[Told]) -> None:
    text, hint = _LINE_ERRORS[error.reason]
    reading.refuse("CHQ-LINE", _pointer(reading, index, error.reason, told), text.es, text.en, hint)


def _pointer(reading: Reading, index: int, reason: str, told: Sequence[Told]) -> str:
    """The member of the line that a failed calculation is about."""
    base, extra = f"/details/{index}", reading.pe_detail(index)
    wanted: tuple[str, ...] = {
        "discount": (LINE_DISCOUNT, LINE_DISCOUNT_APART), "free_adjustment": _APART,
    }.get(reason, ())
    pointers = [row.pointer for row in told if not wanted or row.adjustment.code in wanted]
    if reason in {"discount", "free_adjustment", "adjustment"} and pointers:
        return pointers[0]
    if reason == "excise":
        return f"{base}/additional/pe_detail/isc" if extra.get("isc") else f"{base}/taxes"
    if reason == "bags":
        return f"{base}/additional/pe_detail/icbper/bags"
    if reason == "unit_amount" and extra.get("reference_price"):
        return f"{base}/additional/pe_detail/reference_price"
    return f"{base}/{'quantity' if reason == 'quantity' else 'unit_price'}"


_CHECK: Final = Text(
    "Revise cantidad, precio y descuento de la línea", "Check quantity, price and discount of the line"
)
_LINE_ERRORS: Final = {
    "quantity": (Text("La cantidad debe ser mayor que cero", "The quantity must be greater than zero"), _CHECK),
    "unit_amount": (Text("El precio unitario no puede ser negativo", "The unit price cannot be negative"), _CHECK),
    "price": (Text("El precio unitario no puede ser negativo", "The unit price cannot be negative"), _CHECK),
    "discount": (Text("El descuento es mayor que la línea", "The discount is larger than the line"), _CHECK),
    "adjustment": (
        Text("El descuento o cargo de la línea no se puede calcular", "The line's discount or charge cannot be worked "
             "out"), _CHECK,
    ),
    "free_adjustment": (
        Text("Nadie paga una línea gratuita: no hay de qué descontar",
             "Nobody pays a free line: there is nothing to take off"),
        Text("Quite el descuento o cargo 01 o 48", "Remove the discount or charge 01 or 48"),
    ),
    "other": (
        Text("Otros tributos son un monto o un porcentaje, no ambos",
             "Other tributes are an amount or a percentage, not both"),
        Text("Deje other_tax.amount u other_tax.rate", "Leave other_tax.amount or other_tax.rate"),
    ),
    "excise": (
        Text("El ISC de la línea no se puede calcular", "The line's ISC cannot be worked out"),
        Text("01 y 03 llevan rate, 02 amount; el precio debe alcanzar para el ISC",
             "01 and 03 have a rate, 02 an amount; the price must hold the ISC"),
    ),
    "bags": (
        Text("Las bolsas son tantas como la cantidad de su línea, 99,999 como máximo (3236)",
             "The bags are as many as the quantity of their line, 99,999 at most (3236)"),
        Text("Ponga las bolsas en una línea propia", "Put the bags on a line of their own"),
    ),
}
"""Words of FormatError.reason -> what the caller is told."""
