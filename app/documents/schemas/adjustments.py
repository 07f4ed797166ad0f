"""Discounts and charges: the contract's two ways of writing them, and where each stands in the body.

v1 has one modifier a line and ``globals_discounts_surcharges`` (contract v1, 2.1.1); the extensions have
``charges_discounts`` with codes of catalogue 53. Both may be used together, v1's come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from sunat.money import ZERO
from sunat.taxes import LINE_CHARGE, LINE_CHARGE_APART, LINE_DISCOUNT, LINE_DISCOUNT_APART, Adjustment

OF_LINE: Final = (LINE_DISCOUNT, LINE_DISCOUNT_APART, LINE_CHARGE, LINE_CHARGE_APART)
"""Catalogue 53: what one line may carry."""
OF_WHOLE: Final = ("02", "03", "45", "46", "49", "50")
"""Catalogue 53: what a caller may give to the whole voucher; the others have members of their own."""

_FIRST_VERSION: Final = {"DA": "02", "RA": "49", "DE": "03", "RE": "50"}
_GLOBALS: Final = "/globals_discounts_surcharges"
_WHOLE: Final = "/header/additional/pe_header/charges_discounts"
_ELSEWHERE: Final = {
    "51": "perception", "52": "perception", "53": "perception", "62": "retention", "63": "income_withholding",
    "04": "advances", "05": "advances", "06": "advances", "20": "advances",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A discount or charge with the JSON pointer of the row that says it."""

    pointer: str
    adjustment: Adjustment


def of_whole(reading: Reading) -> tuple[Told, ...]:
    """The discounts and charges of the whole voucher; what cannot be read is noted in ``reading``."""
    found = []
    for index, row in enumerate(reading.body.get("globals_discounts_surcharges") or ()):
        value: Decimal = row["discount_surcharge_value"]
        code = _FIRST_VERSION[row["discount_surcharge_code"]]
        in_percent = row["discount_surcharge_type"] == "%"
        found.append(Told(
            pointer=f"{_GLOBALS}/{index}",
            adjustment=Adjustment(code=code, percent=value) if in_percent else Adjustment(code=code, amount=value),
        ))
    found += _rows(reading, reading.pe_header.get("charges_discounts") or (), _WHOLE, OF_WHOLE)
    return _numbered(found)


def of_line(reading: Reading, index: int) -> tuple[Told, ...]:
    """The discounts and charges of a line, its modifier first; what cannot be read is noted in ``reading``."""
    detail = reading.details[index]
    found = []
    amount, percent = detail.get("modifier_amount", ZERO), detail.get("modifier_percentage", ZERO)
    if amount and percent:
        reading.refuse(
            "CHQ-LINE", f"/details/{index}/modifier_amount",
            "El descuento o recargo de la línea es un monto o un porcentaje, no ambos",
            "A line's discount or surcharge is an amount or a percentage, not both",
            Text("Deje modifier_amount o modifier_percentage", "Leave modifier_amount or modifier_percentage"),
        )
    elif amount or percent:
        code = LINE_CHARGE if amount + percent > 0 else LINE_DISCOUNT
        found.append(Told(
            pointer=f"/details/{index}/{'modifier_amount' if amount else 'modifier_percentage'}",
            adjustment=Adjustment(code=code, amount=abs(amount)) if amount else
            Adjustment(code=code, percent=abs(percent)),
        ))
    pointer = f"/details/{index}/additional/pe_detail/charges_discounts"
    found += _rows(reading, reading.pe_detail(index).get("charges_discounts") or (), pointer, OF_LINE)
    return _numbered(found)


def _rows(reading: Reading, rows: Any, base: str, codes: tuple[str, ...]) -> Iterator[Told]:
    for index, row in enumerate(rows):
        pointer = f"{base}/{index}"
        if row["code"] not in codes:
            _refuse_code(reading, f"{pointer}/code", row["code"], codes)
        elif (row.get("amount") is None) is (row.get("rate") is None):
            reading.refuse(
                "CHQ-CHARGE", pointer, "Un descuento o cargo es un monto o un porcentaje, uno de los dos",
                "A discount or charge is an amount or a percentage, one of the two",
                Text("Deje amount o rate", "Leave amount or rate"),
            )
        else:
            yield Told(pointer=pointer, adjustment=Adjustment(
                code=row["code"], amount=row.get("amount"), percent=row.get("rate"), base=row.get("base"),
            ))


def _refuse_code(reading: Reading, pointer: str, code: str, codes: tuple[str, ...]) -> None:
    member = _ELSEWHERE.get(code)
    hint = Text(f"Use pe_header.{member}", f"Use pe_header.{member}") if member else Text(
        f"Use {', '.join(codes)}", f"Use {', '.join(codes)}"
    )
    reading.refuse(
        "CHQ-CHARGE", pointer, f"El código {code} del catálogo 53 no va aquí",
        f"Code {code} of catalogue 53 does not belong here", hint,
    )


def _numbered(found: Iterable[Told]) -> tuple[Told, ...]:
    """Those that say something, each with its place among them: `whole_pointers` and `line_pointers` go by it."""
    said = (row for row in found if row.adjustment.amount or row.adjustment.percent)
    return tuple(
        replace(row, adjustment=replace(row.adjustment, position=position)) for position, row in enumerate(said)
    )


# Where a discount or charge that stands in the voucher was said.

def whole_pointers(body: Mapping[str, Any]) -> list[str]:
    """The pointers of a body's discounts and charges of the whole, by their position."""
    extra = _extra(body.get("header") or {}, "pe_header")
    rows = [
        f"{_GLOBALS}/{index}" for index, row in enumerate(body.get("globals_discounts_surcharges") or ())
        if row.get("discount_surcharge_value")
    ]
    return rows + [f"{_WHOLE}/{index}" for index in _speaking(extra)]


def line_pointers(body: Mapping[str, Any], index: int) -> list[str]:
    """The pointers of a line's discounts and charges, by their position."""
    details = body.get("details") or ()
    detail = details[index] if index < len(details) else {}
    extra = _extra(detail, "pe_detail")
    rows = [f"/details/{index}/{name}" for name in ("modifier_amount", "modifier_percentage") if detail.get(name)]
    return rows + [f"/details/{index}/additional/pe_detail/charges_discounts/{each}" for each in _speaking(extra)]


def _extra(part: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (part.get("additional") or {}).get(name) or {}
    return found


def _speaking(extra: Mapping[str, Any]) -> list[int]:
    rows = extra.get("charges_discounts") or ()
    return [index for index, row in enumerate(rows) if row.get("amount") or row.get("rate")]
