"""What factura, boleta, credit note and debit note share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import ClassVar, Literal

from sunat.documents.party import Party
from sunat.taxes import LineAmounts, Totals
from sunat.wording import Legend


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing sold. ``unit`` is a code of catalogue 03, ``seller_code`` the shop's own product code."""

    description: str
    quantity: Decimal
    unit: str
    amounts: LineAmounts
    seller_code: str = ""
    sunat_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One payment still to come, in the voucher's currency."""

    amount: Decimal
    due_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """How it is paid; ``pending`` is the net amount still owed when it is on credit."""

    kind: Literal["cash", "credit"]
    pending: Decimal | None = None
    instalments: tuple[Instalment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedDocument:
    """A purchase order, a guide (catalogue 01: 09, 31) or another paper (catalogue 12) that goes with the sale."""

    kind: Literal["order", "guide", "other"]
    number: str
    type_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The voucher that a note changes; the number is kept as an integer, so F001-87 is F001-00000087."""

    type_code: str
    series: str
    number: int
    issue_date: date | None = None

    @property
    def text(self) -> str:
        """Series and number as they stand in the XML, without padding."""
        return f"{self.series}-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """The common content. Dates and the time are Lima's; ``currency`` is ISO 4217 (catalogue 02).

    ``remark`` is a free note of the issuer's; unlike a legend it has no code.
    """

    TYPE_CODE: ClassVar[str]
    """SUNAT's code of the kind (catalogue 01)."""

    issue_date: date
    issue_time: time
    currency: str
    issuer: Party
    customer: Party
    lines: tuple[Line, ...]
    totals: Totals
    legends: tuple[Legend, ...] = ()
    remark: str = ""
    signature_id: str = ""
    payment: PaymentTerms | None = None
    related: tuple[RelatedDocument, ...] = ()

    def related_of(self, kind: str) -> tuple[RelatedDocument, ...]:
        """The related papers of one kind."""
        return tuple(paper for paper in self.related if paper.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalSale(Sale):
    """A sale in its own right; ``operation_type`` is a code of catalogue 51."""

    operation_type: str
    due_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Sale):
    """A change to an earlier voucher; ``reason_code`` is a code of the kind's own catalogue."""

    reason_code: str
    reason_text: str
    target: Target
