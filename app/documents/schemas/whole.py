"""The sums of a sale in its own right: its discounts and charges, its advances, what is kept back or collected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.documents.schemas import adjustments
from app.documents.schemas.adjustments import Told
from app.documents.schemas.advances import ADVANCES, advances_of
from app.documents.schemas.reading import Reading
from app.documents.schemas.sale import Basis
from app.documents.schemas.withholdings import (
    Worked,
    income_withholding_of,
    perception_content,
    perception_of,
    retention_of,
)
from app.problems import Text
from sunat.documents import Advance, Perception
from sunat.errors import FormatError
from sunat.money import ZERO
from sunat.taxes import Adjustment, Mismatch, Reckoning


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A sale added up; ``mismatches`` are the caller's amounts beside the price that differ."""

    reckoning: Reckoning
    advances: tuple[Advance, ...]
    perception: Perception | None
    mismatches: tuple[Mismatch, ...]


def whole_of(reading: Reading, basis: Basis) -> Whole:
    """Adds a sale up; what cannot be is noted in ``reading``, and the plain sum of the lines stands in."""
    told = adjustments.of_whole(reading)
    used = advances_of(reading, [row.line for row in basis.rows])
    rows = [row.adjustment for row in told]
    reckoning = added_up(reading, basis, told, rows, used)
    beside: list[Worked] = []
    for work in (income_withholding_of, perception_of, retention_of):
        worked = work(reading, reckoning.totals, basis.currency, basis.soles)
        if worked is not None:
            beside.append(worked)
            rows.append(worked.adjustment)
            reckoning = added_up(reading, basis, told, rows, used)
    return Whole(
        reckoning=reckoning, advances=used, perception=perception_content(beside),
        mismatches=tuple(row for worked in beside for row in worked.mismatches),
    )


def added_up(
    reading: Reading, basis: Basis, told: Sequence[Told], rows: Sequence[Adjustment], used: Sequence[Advance] = ()
) -> Reckoning:
    """The sums of a sale or note; a refusal is noted at the member that is to blame."""
    if reading.refused:
        return basis.reckoned()
    rounding: Decimal = reading.pe_header.get("rounding_amount", ZERO)
    try:
        return basis.reckoned(rows, [advance.amounts for advance in used], rounding)
    except FormatError as error:
        refuse_sum(reading, error, told)
        return basis.reckoned()


def refuse_sum(reading: Reading, error: FormatError, told: Sequence[Told]) -> None:
    """Notes why sums cannot be, at the member that is to blame."""
    header = "/header/additional/pe_header"
    wanted = {"discount": ("02", "03"), "adjustment_base": ("02", "49")}.get(error.reason, ())
    pointers = [row.pointer for row in told if not wanted or row.adjustment.code in wanted]
    places = {
        "advance": ADVANCES, "advance_tax": ADVANCES, "advance_rounding": ADVANCES, "kept": ADVANCES,
        "rounding": f"{header}/rounding_amount",
    }
    withheld = f"{header}/income_withholding" if reading.pe_header.get("income_withholding") else header
    pointer = places.get(error.reason) or (pointers[0] if pointers else withheld)
    text, hint = _ERRORS.get(error.reason, _ERRORS["adjustment"])
    reading.refuse("CHQ-WHOLE", pointer, text.es, text.en, hint)


_ERRORS: Final = {
    "adjustment": (
        Text("El descuento o cargo global no se puede calcular", "The discount or charge of the whole cannot be worked "
             "out"),
        Text("Revise su código, su monto y su base", "Check its code, its amount and its base"),
    ),
    "adjustment_base": (
        Text("Un descuento o cargo global que mueve la base necesita líneas gravadas de una sola tasa",
             "A discount or charge of the whole that moves the base needs taxed lines of one rate"),
        Text("Use el descuento por línea (00), o 03 o 50, que no mueven la base",
             "Use a line's discount (00), or 03 or 50, which leave the base alone"),
    ),
    "discount": (
        Text("El descuento global es mayor que la venta", "The discount of the whole is larger than the sale"),
        Text("Reduzca el descuento", "Reduce the discount"),
    ),
    "advance": (
        Text("El anticipo es mayor que lo que queda de la venta",
             "The advance is larger than what is left of the sale"),
        Text("Use del anticipo solo lo que la venta necesita, en su misma afectación",
             "Use of the advance only what the sale needs, of the same affectation"),
    ),
    "advance_tax": (
        Text("El IGV de los anticipos no es el de la venta", "The IGV of the advances is not the sale's"),
        Text("Revise base_amount y total_amount de los anticipos",
             "Check base_amount and total_amount of the advances"),
    ),
    "advance_rounding": (
        Text("Los anticipos pasan de la venta por menos de una unidad",
             "The advances are above the sale by less than one unit"),
        Text("Diga la diferencia en rounding_amount", "Say the difference in rounding_amount"),
    ),
    "kept": (
        Text("La retención de renta de los anticipos es mayor que la de las líneas",
             "The income tax of the advances is larger than that of the lines"),
        Text("Revise income_tax_amount de los anticipos y la tasa de la retención",
             "Check income_tax_amount of the advances and the rate of the income tax"),
    ),
    "note_adjustment": (
        Text("Una nota no tiene lugar para ese cargo o descuento", "A note has no place for that charge or discount"),
        Text("Use 02, 03, 45, 46, 49 o 50", "Use 02, 03, 45, 46, 49 or 50"),
    ),
    "rounding": (
        Text("El redondeo es de una unidad de la moneda como máximo",
             "The rounding is one unit of the currency at most"),
        Text("Revise rounding_amount", "Check rounding_amount"),
    ),
}
