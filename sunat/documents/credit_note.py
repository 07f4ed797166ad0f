"""Nota de crédito electrónica (07): takes back all or part of a factura or boleta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.sale import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNote(Note):
    """A credit note; its reasons are catalogue 09."""

    TYPE_CODE: ClassVar[str] = "07"
