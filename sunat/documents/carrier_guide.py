"""What a carrier's despatch guide says (*guía de remisión transportista*, SUNAT code 31)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.despatch import Authorization, Despatch
from sunat.documents.party import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierGuide(Despatch):
    """Goods of ``sender`` that the issuer carries to the addressee.

    ``registration`` is the issuer's number in the ministry's register (MTC). ``subcontractor`` is the carrier who
    passed the job on, ``payer`` the third party who pays the freight.
    """

    TYPE_CODE: ClassVar[str] = "31"

    sender: Party
    registration: str = ""
    authorization: Authorization | None = None
    subcontractor: Party | None = None
    payer: Party | None = None
