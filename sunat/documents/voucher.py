"""What everything sent to SUNAT says (when, by whom), and what every voucher adds: to whom, and its sums."""

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
class Content:
    """What a file for SUNAT says, without its number. Dates are Lima's."""

    TYPE_CODE: ClassVar[str]
    """SUNAT's code of the kind (catalogue 01, or RC, RA, RR)."""

    issue_date: date
    issuer: Party
    signature_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher(Content, ABC):
    """The content common to all vouchers. The time is Lima's too; ``currency`` is ISO 4217 (catalogue 02).

    ``customer`` is whoever stands on the other side: who buys, who receives the goods, from whom is retained.
    """

    issue_time: time
    currency: str
    customer: Party
    remark: str = ""

    @property
    @abstractmethod
    def sums(self) -> Sums:
        """What a list, the books and the QR code show of it."""
