"""Payments in advance that a sale uses up, and how they are taken out of it (04, 05, 06 and 20 of catalogue 53)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from sunat.documents import Advance, Line
from sunat.errors import FormatError
from sunat.identity import RUC
from sunat.money import EXACT, ZERO, cents
from sunat.numbering import parse_number
from sunat.taxes import IGV, IVAP, AdvanceInput, general_rate

ADVANCES: Final = "/header/additional/pe_header/advances"
_FACTURA: Final = "02"
_BOLETA: Final = "03"
_TYPES: Final = (_FACTURA, _BOLETA, "10")


def advances_of(reading: Reading, lines: Sequence[Line]) -> tuple[Advance, ...]:
    """The advances of a sale in their order; ``lines`` are the sale's, for the rate of what was paid in advance."""
    return tuple(
        _advance(reading, index, row, lines) for index, row in enumerate(reading.pe_header.get("advances") or ())
    )


def _advance(reading: Reading, index: int, row: Mapping[str, Any], lines: Sequence[Line]) -> Advance:
    pointer = f"{ADVANCES}/{index}"
    number = written_number(row["number"])
    document_type = row.get("document_type") or (_BOLETA if number.startswith(("B", "EB")) else _FACTURA)
    if document_type not in _TYPES:
        reading.refuse(
            "2505", f"{pointer}/document_type", f"Un anticipo no se documenta con {document_type}",
            f"An advance is not documented by {document_type}",
            Text("02 factura, 03 boleta o 10 documento aduanero", "02 factura, 03 boleta or 10 customs paper"),
        )
    isc: Decimal = row.get("isc_amount", ZERO)
    paid: Decimal = row["total_amount"]
    base: Decimal = row["base_amount"] if "base_amount" in row else _base(reading, row["affectation"], paid, isc, lines)
    if base <= 0 or base + isc > paid or (row["affectation"] != "taxed" and base + isc != paid):
        reading.refuse(
            "CHQ-ADVANCE", f"{pointer}/total_amount",
            f"El anticipo suma {paid}, y su base es {base} con un ISC de {isc}",
            f"The advance adds up to {paid}, and its base is {base} with an ISC of {isc}",
            Text("El total es la base más el ISC y el IGV; exonerado o inafecto no lleva IGV",
                 "The total is the base with ISC and IGV; what is exempt or unaffected bears no IGV"),
        )
    return Advance(
        payment_id=row.get("payment_id") or str(index + 1), document_type=document_type, number=number,
        issuer_code=RUC, issuer_number=row.get("issuer_tax_id_code") or reading.issuer.ruc,
        amounts=AdvanceInput(affectation=row["affectation"], base=base, total=paid, isc=isc), paid_on=row.get("date"),
    )


def written_number(number: str) -> str:
    """Series and number without padding; what is none stays as it is, for the law to speak of."""
    try:
        series, integer = parse_number(number)
    except FormatError:
        return number
    return f"{series}-{integer}"


def _base(
    reading: Reading, affectation: str, paid: Decimal, isc: Decimal, lines: Sequence[Line]
) -> Decimal:
    """The value of an advance without taxes, where only the whole of it is told."""
    if affectation != "taxed":
        return paid - isc
    rates = [
        tax.rate for line in lines for tax in line.amounts.taxes
        if tax.tribute in (IGV, IVAP) and tax.rate and not line.amounts.free
    ]
    rate = rates[0] if rates else general_rate(reading.today)
    return cents(EXACT.divide(paid, 1 + rate / 100)) - isc
