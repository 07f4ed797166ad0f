"""Nota de débito electrónica (08): adds interest, a higher value or a penalty to a factura or boleta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.sale import Detraction, Note


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitNote(Note):
    """A debit note; its reasons are catalogue 10."""

    TYPE_CODE: ClassVar[str] = "08"

    detraction: Detraction | None = None
