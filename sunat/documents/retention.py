"""What a certificate of retention says (*comprobante de retención electrónico*, SUNAT code 20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.withholding import Withholding


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Withholding):
    """What the issuer, an agent of retention, kept back from the payments to a supplier in one month."""

    TYPE_CODE: ClassVar[str] = "20"
    ADDED: ClassVar[bool] = False
