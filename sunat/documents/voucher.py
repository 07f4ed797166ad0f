"""What every voucher says, whatever its kind: when, by whom, to whom, and the sums that a list or a QR code shows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import ClassVar

from sunat.documents.party import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """A voucher in four figures, in its currency: without taxes, its taxes, what is to be paid; the IGV of its QR."""

    net: Decimal
    taxes: Decimal
    payable: Decimal
    igv: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher(ABC):
    """The content common to all kinds. Dates and the time are Lima's; ``currency`` is ISO 4217 (catalogue 02).

    ``customer`` is whoever stands on the other side: who buys, who receives the goods, from whom is retained.
    """

    TYPE_CODE: ClassVar[str]
    """SUNAT's code of the kind (catalogue 01)."""

    issue_date: date
    issue_time: time
    currency: str
    issuer: Party
    customer: Party
    signature_id: str = ""
    remark: str = ""

    @property
    @abstractmethod
    def sums(self) -> Sums:
        """What a list, the books and the QR code show of it."""
