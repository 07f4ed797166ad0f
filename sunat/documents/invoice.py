"""Factura electrónica (01): the sale to someone with a RUC, or an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.sale import OriginalSale


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice(OriginalSale):
    """A factura."""

    TYPE_CODE: ClassVar[str] = "01"
