"""Members of the contract whose arithmetic is not built yet: named to the caller, never passed over in silence.

A voucher issued without the detraction or the advance that its sender wrote would be a wrong tax paper.
"""

from __future__ import annotations

from typing import Any, Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from sunat.catalogues import catalogue

LATER: Final = Text(
    "Quite este dato o emita el comprobante por otro medio: sin él diría otra cosa",
    "Remove this member or issue the voucher by other means: without it, it would say something else",
)
"""What to do about a member whose turn has not come."""

_OPERATIONS: Final = frozenset({"0101", "0112", "0113", "0200", "0203", "0204", "0206", "0207", "0401"})
"""Operations of catalogue 51 that need nothing of what is missing."""

_HEADER: Final = (
    "charges_discounts", "is_advance", "advances", "detraction", "perception", "retention", "income_withholding",
    "legends", "rounding_amount", "service_use_country", "incoterm", "delivery_address",
)
_DETAIL: Final = (
    "gtin", "reference_price", "isc", "icbper", "other_tax", "charges_discounts", "properties", "cargo_transport",
    "lodging",
)


def refuse_unsupported(reading: Reading) -> None:
    """Notes every member that says something this version cannot put into the voucher."""
    operation = reading.pe_header.get("operation_type", "")
    if operation in catalogue("51") and operation not in _OPERATIONS:
        _refuse(reading, "/header/additional/pe_header/operation_type")
    if reading.body.get("globals_discounts_surcharges"):
        _refuse(reading, "/globals_discounts_surcharges")
    for name in _HEADER:
        if _says_something(reading.pe_header.get(name)):
            _refuse(reading, f"/header/additional/pe_header/{name}")
    for index in range(len(reading.details)):
        for name in _DETAIL:
            if _says_something(reading.pe_detail(index).get(name)):
                _refuse(reading, f"/details/{index}/additional/pe_detail/{name}")


def _says_something(value: Any) -> bool:
    return value not in (None, False, 0, "0", "", [], {})


def _refuse(reading: Reading, pointer: str) -> None:
    reading.refuse(
        "CHQ-UNSUPPORTED", pointer, "Este dato todavía no se puede emitir con esta versión",
        "This member cannot be issued with this version yet", LATER,
    )
