"""A line of the form as a line of the request, with the amounts of tax that the law works out of it, and back.

The API compares the tax that a caller claims with its own; a form claims nothing, so the same arithmetic is asked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from app.console.issuing.sale import number
from app.problems import Text
from sunat.errors import FormatError
from sunat.money import ZERO, plain
from sunat.taxes import IGV, LINE_DISCOUNT, Adjustment, LineAmounts, LineInput, PriceMode, compute_line, rates_in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTax:
    """A choice of the field "tax": the contract's id, SUNAT's affectation (catalogue 07), and what it is called.

    ``told`` says that the request names the affectation; ``reduced`` takes the reduced rate of the IGV.
    """

    type_id: str
    affectation: str
    name: Text
    taxed: bool = False
    reduced: bool = False
    free: bool = False
    told: bool = False


TAXES: Final[Mapping[str, LineTax]] = {
    "igv": LineTax(type_id="413", affectation="10", taxed=True, name=Text("Con IGV", "With IGV")),
    "reduced": LineTax(type_id="413", affectation="10", taxed=True, reduced=True, told=True,
                       name=Text("IGV reducido", "Reduced IGV")),
    "exempt": LineTax(type_id="427", affectation="20", name=Text("Exonerado", "Exempt")),
    "unaffected": LineTax(type_id="428", affectation="30", name=Text("Inafecto", "Unaffected")),
    "bonus": LineTax(type_id="426", affectation="15", taxed=True, free=True, told=True,
                     name=Text("Bonificación", "Bonus, free")),
}
"""What may be chosen for a line, the usual one first."""

UNITS: Final[Mapping[str, Text]] = {
    "NIU": Text("Unidad", "Unit"), "ZZ": Text("Servicio", "Service"), "KGM": Text("Kilo", "Kilogram"),
    "GRM": Text("Gramo", "Gram"), "TNE": Text("Tonelada", "Tonne"), "LTR": Text("Litro", "Litre"),
    "GLL": Text("Galón", "Gallon"), "MTR": Text("Metro", "Metre"), "MTK": Text("Metro cuadrado", "Square metre"),
    "MTQ": Text("Metro cúbico", "Cubic metre"), "BX": Text("Caja", "Box"), "BG": Text("Bolsa", "Bag"),
    "BO": Text("Botella", "Bottle"), "PK": Text("Paquete", "Pack"), "DZN": Text("Docena", "Dozen"),
    "MIL": Text("Millar", "Thousand"), "SET": Text("Juego", "Set"), "HUR": Text("Hora", "Hour"),
    "DAY": Text("Día", "Day"), "MON": Text("Mes", "Month"),
}
"""Units of measure of everyday (catalogue 03)."""

_KNOWN: Final = frozenset({
    "quantity", "line_description", "unit_measure", "unit_price", "taxes", "modifier_percentage", "sku",
    "total_taxes", "total_amount_line", "currency_id", "long_description",
})
"""Members of a line that the form has a field for, or that say nothing more."""
_KNOWN_OF_PERU: Final = frozenset({"igv_affectation", "igv_rate", "reference_price"})


def line_body(line: Mapping[str, str], *, day: date, gross: bool, folds: bool) -> dict[str, Any]:
    """The line as the API takes it; what is no number goes as it was typed, for the API to point at it."""
    tax = TAXES.get(line.get("tax", ""), TAXES["igv"])
    worked = worked_line(line, day=day, gross=gross, folds=folds)
    rate = rate_of(tax, day)
    found: dict[str, Any] = {
        "quantity": line.get("quantity", ""), "line_description": line.get("description", ""),
        "unit_measure": line.get("unit") or "NIU", "unit_price": line.get("price", ""),
        "taxes": [{
            "tax_type_id": tax.type_id, "tax_percentage": plain(rate, 0),
            "tax_amount": plain(worked.taxes[0].amount) if worked is not None and not tax.free else "0",
        }],
    }
    if line.get("sku"):
        found["sku"] = line["sku"]
    discount = line.get("discount", "")
    if discount and number(discount) != 0:
        found["modifier_percentage"] = f"-{discount}"
    if tax.told:
        peru = {"igv_affectation": tax.affectation, **({"igv_rate": plain(rate, 0)} if tax.reduced else {})}
        found["additional"] = {"pe_detail": peru}
    return found


def worked_line(line: Mapping[str, str], *, day: date, gross: bool, folds: bool) -> LineAmounts | None:
    """The line worked out, None where it cannot be yet. ``folds``: a note has no place for a line's discount."""
    quantity, price = number(line.get("quantity", "")), number(line.get("price", ""))
    discount = number(line.get("discount") or "0")
    tax = TAXES.get(line.get("tax", ""), TAXES["igv"])
    if quantity is None or price is None or discount is None or price < 0 or discount < 0:
        return None
    adjustments = (Adjustment(code=LINE_DISCOUNT, percent=discount),) if discount else ()
    try:
        return compute_line(LineInput(
            quantity=quantity, unit_amount=price, affectation=tax.affectation, rate=rate_of(tax, day), free=tax.free,
            price_mode=PriceMode.GROSS if gross else PriceMode.NET, adjustments=adjustments,
        ), fold_allowance=folds)
    except FormatError:
        return None


def rate_of(tax: LineTax, day: date) -> Decimal:
    """The percentage of a choice on a day; the general one where no reduced one is in force."""
    if not tax.taxed:
        return ZERO
    rates = rates_in_force(IGV, day)
    wanted = [rate.percent for rate in rates if rate.reduced is tax.reduced]
    return (wanted or [rate.percent for rate in rates] or [ZERO])[0]


def line_of(detail: Mapping[str, Any], position: int) -> dict[str, str]:
    """A line of a request as the form shows it; ``from`` is its place there. See `tellable`."""
    description, more = str(detail.get("line_description", "")), str(detail.get("long_description") or "")
    taxes = detail.get("taxes") or [{}]
    return {
        "description": f"{description} - {more}" if more and more != description else description,
        "quantity": _written(detail.get("quantity")), "unit": str(detail.get("unit_measure") or "NIU"),
        "price": _written(detail.get("unit_price")), "tax": _choice(detail, taxes[0]) or "igv",
        "discount": _written(detail.get("modifier_percentage")).removeprefix("-"), "sku": str(detail.get("sku") or ""),
        "from": str(position),
    }


def tellable(detail: Mapping[str, Any]) -> bool:
    """Whether the form can say all that a line of a request says."""
    peru = (detail.get("additional") or {}).get("pe_detail") or {}
    taxes: Sequence[Mapping[str, Any]] = detail.get("taxes") or []
    others = {name for name, value in detail.items() if value not in (None, "", [], {})} - _KNOWN - {"additional"}
    surcharge = number(_written(detail.get("modifier_percentage")) or "0")
    return (
        not others and set(detail.get("additional") or {}) <= {"pe_detail"} and set(peru) <= _KNOWN_OF_PERU
        and len(taxes) == 1 and bool(_choice(detail, taxes[0])) and surcharge is not None and surcharge <= 0
    )


def _choice(detail: Mapping[str, Any], tax: Mapping[str, Any]) -> str:
    """The choice that a line's tax is, "" where it is none of them."""
    peru = (detail.get("additional") or {}).get("pe_detail") or {}
    type_id, affectation = str(tax.get("tax_type_id", "")), str(peru.get("igv_affectation") or "")
    if peru.get("reference_price") and _written(peru["reference_price"]) != _written(detail.get("unit_price")):
        return ""
    percent = number(_written(peru.get("igv_rate") or tax.get("tax_percentage")) or "0") or ZERO
    for name, row in TAXES.items():
        fits = type_id == row.type_id and affectation in ("", row.affectation) and (affectation or not row.free)
        if fits and not (row.taxed and not row.free and not _is_rate(percent, reduced=row.reduced)):
            return name
    return ""


def _is_rate(percent: Decimal, *, reduced: bool) -> bool:
    return (percent < _LEAST_GENERAL) is reduced and percent > 0


_LEAST_GENERAL: Final = Decimal(16)
"""No general rate of the IGV has been below it, and no reduced one above."""


def _written(value: Any) -> str:
    """A number of a request as people write it: without zeros that say nothing."""
    if value is None or value == "":
        return ""
    found = number(str(value))
    return plain(found, 0) if found is not None else str(value)
