"""What a certificate of perception says (*comprobante de percepción electrónico*, SUNAT code 40)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.withholding import Withholding


@dataclass(frozen=True, slots=True, kw_only=True)
class PerceptionCertificate(Withholding):
    """What the issuer, an agent of perception, collected with the payments of a customer in one month.

    ``exceptional`` is the indicator 01 of a certificate for a single factura paid in cash whose perception it did not
    carry itself.
    """

    TYPE_CODE: ClassVar[str] = "40"
    ADDED: ClassVar[bool] = True

    exceptional: bool = False
