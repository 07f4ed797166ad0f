"""From the contract's body to content, one module per stem.

``request`` is the shape on the wire; a stem's ``translate`` reads it into ``sunat.documents`` and notes, in a
``Reading``, whatever cannot be read. No number, no database and no clock here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from app.documents.schemas import (
    boleta,
    carrier_guide,
    credit_note,
    debit_note,
    guide,
    invoice,
    perception,
    retention,
    settlement,
)
from app.documents.schemas.note import FindTarget
from app.documents.schemas.reading import Drafted, Reading

__all__ = ["TRANSLATORS", "Drafted", "FindTarget", "Reading"]

TRANSLATORS: Final[dict[str, Callable[[Reading, FindTarget], Drafted]]] = {
    "invoice": invoice.translate,
    "boleta": boleta.translate,
    "credit_note": credit_note.translate,
    "debit_note": debit_note.translate,
    "retention": retention.translate,
    "perception": perception.translate,
    "guide": guide.translate,
    "carrier_guide": carrier_guide.translate,
    "settlement": settlement.translate,
}
"""Stem -> the function that reads a request of that kind."""
