"""The lines of a sale and what the caller claims of their taxes."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from app.documents.schemas.reading import Reading
from app.documents.schemas.unsupported import LATER
from app.problems import Text
from app.wire.tax_types import TAX_TYPES
from sunat.documents import Line
from sunat.errors import FormatError
from sunat.money import ZERO
from sunat.taxes import (
    AFFECTATIONS,
    IGV,
    LINE_CHARGE,
    LINE_DISCOUNT,
    Adjustment,
    LineInput,
    PriceMode,
    compute_line,
    general_rate,
    rates_in_force,
    rates_so_far,
)

_ISSUED: Final = frozenset({"10", "20", "30", "40"})
_IGV_FAMILY: Final = frozenset({"1000", "1016", "9995", "9996", "9997", "9998"})


def lines_of(reading: Reading, *, fold_allowances: bool) -> tuple[tuple[Line, ...], tuple[Decimal | None, ...]]:
    """The lines worked out, and beside each the tax amount the caller wrote (None where he wrote none)."""
    mode = PriceMode(reading.pe_header.get("price_mode", "net"))
    lines: list[Line] = []
    claimed: list[Decimal | None] = []
    for index, detail in enumerate(reading.details):
        position = _igv_tax(reading, index)
        if position is None:
            continue
        tax = detail["taxes"][position]
        affectation, rate = _affectation(reading, index, position)
        if AFFECTATIONS[affectation].taxed:
            _check_rate(reading, index, position, rate, corrects=fold_allowances)
        try:
            amounts = compute_line(
                LineInput(
                    quantity=detail["quantity"], unit_amount=detail["unit_price"], affectation=affectation, rate=rate,
                    price_mode=mode, adjustments=_modifier(detail),
                ),
                fold_allowance=fold_allowances,
            )
        except FormatError as error:
            _refuse_line(reading, index, error)
            continue
        if amounts.value == 0:
            _refuse_zero(reading, index)
            continue
        lines.append(
            Line(
                description=_description(detail), quantity=detail["quantity"], unit=detail["unit_measure"],
                amounts=amounts, seller_code=detail.get("sku", ""),
                sunat_code=reading.pe_detail(index).get("sunat_product_code", ""),
            )
        )
        claimed.append(tax["tax_amount"])
        _compare_line(reading, index, amounts.price, amounts.tax_total)
    return tuple(lines), tuple(claimed)


def _igv_tax(reading: Reading, index: int) -> int | None:
    """The position of the one tax of the IGV family that a line must have."""
    found = []
    for position, tax in enumerate(reading.details[index]["taxes"]):
        pointer = f"/details/{index}/taxes/{position}/tax_type_id"
        known = TAX_TYPES.get(tax["tax_type_id"])
        if known is None:
            reading.refuse(
                "UNKNOWN_TAX_TYPE", pointer, f"No existe el tipo de impuesto {tax['tax_type_id']}",
                f"There is no tax type {tax['tax_type_id']}",
                Text("413 IGV, 427 exonerado, 428 inafecto, 425 exportación",
                     "413 IGV, 427 exempt, 428 unaffected, 425 export"),
            )
        elif known.tribute in _IGV_FAMILY:
            found.append(position)
        else:
            reading.refuse(
                "CHQ-UNSUPPORTED", pointer, f"{known.name} todavía no se puede emitir con esta versión",
                f"{known.name} cannot be issued with this version yet", LATER,
            )
    if len(found) != 1 and not any(item.pointer.startswith(f"/details/{index}/taxes/") for item in reading.items):
        reading.refuse(
            "3105" if not found else "CHQ-TAXES", f"/details/{index}/taxes",
            "La línea debe llevar exactamente un impuesto IGV, exonerado, inafecto o exportación",
            "The line must carry exactly one IGV, exempt, unaffected or export tax",
            Text('Envíe en taxes uno de ellos, por ejemplo "tax_type_id": "413"',
                 'Send one of them in taxes, for example "tax_type_id": "413"'),
        )
    return found[0] if len(found) == 1 else None


def _affectation(reading: Reading, index: int, position: int) -> tuple[str, Decimal]:
    """Affectation (catalogue 07) and percentage of a line."""
    tax = reading.details[index]["taxes"][position]
    known = TAX_TYPES[tax["tax_type_id"]]
    extra = reading.pe_detail(index)
    affectation = extra.get("igv_affectation") or known.affectation or ""
    percent: Decimal = extra.get("igv_rate", tax["tax_percentage"])
    pointer = f"/details/{index}/taxes/{position}"
    if not affectation:
        reading.refuse(
            "CHQ-AFFECTATION", f"/details/{index}/additional/pe_detail/igv_affectation",
            "Una transferencia gratuita debe decir su afectación del catálogo 07; no se adivina",
            "A free transfer must name its affectation of catalogue 07; it is never guessed",
            Text("Indique pe_detail.igv_affectation", "Give pe_detail.igv_affectation"),
        )
    elif affectation not in _ISSUED:
        reading.refuse(
            "CHQ-UNSUPPORTED", f"/details/{index}/additional/pe_detail/igv_affectation",
            f"La afectación {affectation} todavía no se puede emitir con esta versión",
            f"Affectation {affectation} cannot be issued with this version yet", LATER,
        )
    elif AFFECTATIONS[affectation].taxed and known.percent is not None and percent != known.percent:
        reading.remark(
            "CHQ-RATE-ID", f"{pointer}/tax_type_id",
            f"El tipo {known.id} es {known.name} y la línea dice {percent} %; vale el porcentaje",
            f"Type {known.id} is {known.name} and the line says {percent} %; the percentage counts",
        )
    if not affectation or affectation not in _ISSUED:
        return "10", general_rate(reading.today)
    return affectation, percent if AFFECTATIONS[affectation].taxed else ZERO


def _refuse_zero(reading: Reading, index: int) -> None:
    reading.refuse(
        "3105", f"/details/{index}/unit_price", "El valor de la línea es cero", "The value of the line is zero",
        Text("Una entrega gratuita todavía no se puede emitir con esta versión; quite la línea",
             "A free transfer cannot be issued with this version yet; remove the line"),
    )


def _check_rate(reading: Reading, index: int, position: int, rate: Decimal, *, corrects: bool) -> None:
    """A taxed line carries a rate in force on the issue date; a note may follow the older one of what it corrects."""
    day = reading.header["issue_date"]
    rows = (rates_so_far if corrects else rates_in_force)(IGV, day)
    if any(row.percent == rate and row.reduced for row in rows) and not (reading.issuer.reduced_igv or corrects):
        reading.remark(
            "CHQ-REDUCED-RATE", f"/details/{index}/taxes/{position}/tax_percentage",
            f"La tasa de {rate} % es solo de restaurantes y hoteles MYPE (Ley 31556), y la cuenta no dice que lo sea",
            f"The rate of {rate} % is for small restaurants and hotels only (Ley 31556); the account does not say so",
            Text("Si le corresponde, ponga pe_account.reduced_igv", "If it applies, set pe_account.reduced_igv"),
        )
    if any(row.percent == rate for row in rows):
        return
    general = sorted({row.percent for row in rows if not row.reduced or reading.issuer.reduced_igv})
    rates = ", ".join(f"{percent} %" for percent in general)
    reading.refuse(
        "CHQ-RATE", f"/details/{index}/taxes/{position}/tax_percentage",
        f"La tasa {rate} % de IGV no rige el {day.isoformat()}", f"An IGV of {rate} % is not in force on {day}",
        Text(f"Tasas vigentes: {rates}", f"Rates in force: {rates}"),
    )


def _compare_line(reading: Reading, index: int, price: Decimal, tax_total: Decimal) -> None:
    """Line totals are redundant in the contract and often wrong in the field: told, never a refusal."""
    for name, expected in (("total_amount_line", price), ("total_taxes", tax_total)):
        given = reading.details[index].get(name)
        if given is not None and given != expected:
            reading.remark(
                "CHQ-LINE-TOTAL", f"/details/{index}/{name}", f"Se esperaba {expected} y llegó {given}; se recalcula",
                f"Expected {expected}, got {given}; it is worked out anew",
            )


def _modifier(detail: Mapping[str, Any]) -> tuple[Adjustment, ...]:
    """The contract's one modifier, a discount when negative and a surcharge when positive; it moves the tax base."""
    amount, percent = detail.get("modifier_amount", ZERO), detail.get("modifier_percentage", ZERO)
    if amount and percent:
        raise FormatError("A line's modifier is an amount or a percentage, not both", reason="two_modifiers")
    if not amount and not percent:
        return ()
    code = LINE_CHARGE if amount + percent > 0 else LINE_DISCOUNT
    return (Adjustment(code=code, amount=abs(amount)) if amount else Adjustment(code=code, percent=abs(percent)),)


def _description(detail: Mapping[str, Any]) -> str:
    line, more = detail["line_description"], detail.get("long_description", "")
    return f"{line} - {more}" if more and more != line else line


def _refuse_line(reading: Reading, index: int, error: FormatError) -> None:
    field, text = _LINE_ERRORS[error.reason]
    reading.refuse(
        "CHQ-LINE", f"/details/{index}/{field}", text.es, text.en,
        Text("Revise cantidad, precio y descuento de la línea", "Check quantity, price and discount of the line"),
    )


_LINE_ERRORS: Final = {
    "quantity": ("quantity", Text("La cantidad debe ser mayor que cero", "The quantity must be greater than zero")),
    "unit_amount": (
        "unit_price", Text("El precio unitario no puede ser negativo", "The unit price cannot be negative"),
    ),
    "two_modifiers": (
        "modifier_amount", Text(
            "El descuento o recargo de la línea es un monto o un porcentaje, no ambos",
            "A line's discount or surcharge is an amount or a percentage, not both",
        ),
    ),
    "discount": (
        "modifier_amount", Text("El descuento es mayor que la línea", "The discount is larger than the line"),
    ),
}
"""Words of FormatError.reason -> the caller's field and what he is told."""
