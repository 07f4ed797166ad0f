"""The sums of a note, and the members of a request that no note has a place for.

SUNAT's arithmetic of notes knows no discount: a discount or charge that moves the base is folded into the lines, so
that a credit note may say what its invoice said. A charge outside the base rides along (ChargeTotalAmount).
"""

from __future__ import annotations

from typing import Final

from app.documents.schemas import adjustments
from app.documents.schemas.reading import Reading
from app.documents.schemas.sale import Basis
from app.documents.schemas.whole import added_up
from app.problems import Text
from sunat.taxes import Reckoning

_HEADER: Final = "/header/additional/pe_header"
_NEVER: Final = (
    "is_advance", "advances", "perception", "retention", "income_withholding", "incoterm", "delivery_address",
    "service_use_country",
)


def note_sums(reading: Reading, basis: Basis) -> Reckoning:
    """The sums of a note; what is wrong is noted in ``reading``."""
    told = adjustments.of_whole(reading)
    return added_up(reading, basis, told, [row.adjustment for row in told])


def refuse_foreign(reading: Reading, *, detraction: bool = False, terms: bool = False) -> None:
    """Notes every member that says something a note cannot say.

    ``detraction`` and ``terms`` of payment tell whether this note may have them.
    """
    names = _NEVER if detraction else (*_NEVER, "detraction")
    for name in names:
        if reading.pe_header.get(name) is not None and reading.pe_header.get(name) is not False:
            _refuse(reading, f"{_HEADER}/{name}")
    payment = reading.pe_header.get("payment") or {}
    if payment.get("means"):
        _refuse(reading, f"{_HEADER}/payment/means")
    if payment.get("kind") == "credit" and not terms:
        _refuse(reading, f"{_HEADER}/payment")
    for index in range(len(reading.details)):
        if reading.pe_detail(index).get("cargo_transport"):
            _refuse(reading, f"/details/{index}/additional/pe_detail/cargo_transport")


def _refuse(reading: Reading, pointer: str) -> None:
    reading.refuse(
        "CHQ-NOTE-MEMBER", pointer, "Este dato es de la venta: una nota no tiene lugar para él",
        "This member belongs to the sale: a note has no place for it",
        Text("Quítelo de la nota", "Remove it from the note"),
    )
