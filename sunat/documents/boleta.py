"""Boleta de venta electrónica (03): the sale to a consumer, who may stay unnamed up to S/ 700.00."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.sale import OriginalSale


@dataclass(frozen=True, slots=True, kw_only=True)
class Boleta(OriginalSale):
    """A boleta."""

    TYPE_CODE: ClassVar[str] = "03"
    STATES_PAYMENT: ClassVar[bool] = False
    """SUNAT asks boletas for no form of payment, and older validators refuse one (3128, 3033, 3035)."""
