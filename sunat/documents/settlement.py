"""What a purchase settlement says (*liquidación de compra electrónica*, SUNAT code 04).

It is a sale that its buyer issues, because the seller is a person without a RUC: a farmer, a fisherman, a miner, a
collector of scrap. ``issuer`` is the buyer and ``customer`` the seller; in the XML they stand in each other's places.
The buyer pays the IGV to SUNAT himself and may keep back income tax, so what is to be paid is less than the price.
Source: Reglamento de Comprobantes de Pago (RS 007-99/SUNAT), art. 6 num. 1.3; RS 234-2005/SUNAT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sunat.documents.party import Address
from sunat.documents.sale import Advance, Prepayment, Sale, prepayments_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseSettlement(Sale):
    """A purchase from a person without a RUC.

    ``operation_type`` is 0501, 0502 (an advance) or 0503 (gold) of catalogue 51. ``place`` is where the operation was
    made; ``seller_address_type`` and ``place_type`` are codes of catalogue 60. What ``advances`` say they paid is
    what the seller got.
    """

    TYPE_CODE: ClassVar[str] = "04"
    STATES_PAYMENT: ClassVar[bool] = False

    operation_type: str
    seller_address_type: str
    place: Address
    place_type: str
    advances: tuple[Advance, ...] = ()

    @property
    def prepayments(self) -> tuple[Prepayment, ...]:
        """The settlements of the advances, each once."""
        return prepayments_of(self.advances)
