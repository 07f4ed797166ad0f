"""What factura, boleta, credit note and debit note share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time
from decimal import Decimal
from typing import ClassVar, Literal

from sunat.documents.party import Address
from sunat.documents.voucher import Sums, Voucher
from sunat.money import ZERO, total
from sunat.taxes import IGV, AdvanceInput, LineAmounts, Totals
from sunat.wording import Legend


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """Something that catalogue 55 wants said of a line: a value, a quantity with its unit, a date, an hour or days."""

    code: str
    name: str
    value: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    start_date: date | None = None
    start_time: time | None = None
    end_date: date | None = None
    days: int | None = None

    @property
    def has_period(self) -> bool:
        """Whether it says when or how long."""
        return (self.start_date or self.start_time or self.end_date or self.days) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A vehicle of a leg: its configuration (DS 058-2003-MTC), useful and effective load in tonnes."""

    configuration: str
    useful_load: Decimal | None = None
    effective_load: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg of a carriage between two ubigeos; the values are in soles.

    ``preliminary_value`` is for the effective load over the leg, ``nominal_value`` for the nominal useful load where
    there is more than one vehicle.
    """

    origin_ubigeo: str
    destination_ubigeo: str
    description: str = ""
    preliminary_value: Decimal | None = None
    nominal_value: Decimal | None = None
    vehicles: tuple[Vehicle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoTransport:
    """A carriage of goods under detraction 027 (operation 1004); the reference values are in soles.

    ``service_value`` is for the service (01), ``effective_value`` for the effective load (02), ``nominal_value`` for
    the nominal useful load (03).
    """

    origin: Address
    destination: Address
    trip: str = ""
    service_value: Decimal | None = None
    effective_value: Decimal | None = None
    nominal_value: Decimal | None = None
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing sold.

    ``unit`` is a code of catalogue 03, ``seller_code`` the shop's own product code, ``sunat_code`` one of catalogue
    25, ``gtin_type`` the structure of ``gtin`` (GTIN-8, GTIN-12, GTIN-13, GTIN-14). ``regulated``: the price is a
    regulated tariff (03 of catalogue 16).
    """

    description: str
    quantity: Decimal
    unit: str
    amounts: LineAmounts
    seller_code: str = ""
    sunat_code: str = ""
    gtin: str = ""
    gtin_type: str = ""
    properties: tuple[Property, ...] = ()
    cargo: CargoTransport | None = None
    regulated: bool = False


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
class PaymentMeans:
    """By what means it is paid (``code`` of catalogue 59) and the number of that payment."""

    code: str
    payment_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detraction:
    """What the customer pays into the issuer's account at the Banco de la Nación, in soles whatever the currency.

    ``code`` is of catalogue 54, ``means`` of catalogue 59; ``percent`` is not judged by SUNAT.
    """

    code: str
    percent: Decimal | None
    amount: Decimal
    account: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Perception:
    """A perception of the IGV; ``total`` is what is to be paid with it, in soles.

    Base, percentage and amount stand in ``Totals.allowances`` under their code (51, 52 or 53).
    """

    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """A payment in advance that the sale uses up, by the voucher issued for it.

    ``payment_id`` ties payment and voucher together within this sale; ``document_type`` is a code of catalogue 12 (02
    factura, 03 boleta, 10 a customs paper). ``amounts`` are in the sale's currency. An advance for things taxed
    differently is used in several parts, one for each affectation, and told as one payment (``Prepayment``).
    """

    payment_id: str
    document_type: str
    number: str
    issuer_code: str
    issuer_number: str
    amounts: AdvanceInput
    paid_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepayment:
    """A voucher issued for a payment in advance and all that a sale uses of it: SUNAT wants it named once (2365).

    ``advance`` is its first part, ``index`` the place of that among the sale's advances.
    """

    advance: Advance
    index: int
    total: Decimal


def prepayments_of(advances: tuple[Advance, ...]) -> tuple[Prepayment, ...]:
    """The vouchers of some advances, each once, in the order in which they are first named."""
    found: dict[tuple[str, str, str], Prepayment] = {}
    for index, advance in enumerate(advances):
        key = advance.document_type, advance.number, advance.issuer_number
        known = found.get(key) or Prepayment(advance=advance, index=index, total=ZERO)
        found[key] = replace(known, total=known.total + advance.amounts.total)
    return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedDocument:
    """A purchase order, a guide (catalogue 01: 09, 31) or another paper (catalogue 12) that goes with the sale."""

    kind: Literal["order", "guide", "other"]
    number: str
    type_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The voucher that a note changes; the number is kept as an integer, so F001-87 is F001-00000087.

    ``written`` is series and number as they are printed on what is no voucher of ours in form: a ticket of a cash
    register (12), a bank's paper (13), a stub (16, 55).
    """

    type_code: str
    series: str
    number: int
    issue_date: date | None = None
    written: str = ""

    @property
    def text(self) -> str:
        """Series and number as they stand in the XML, without padding unless they were ``written`` so."""
        return self.written or f"{self.series}-{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale(Voucher):
    """The common content of a sale.

    ``remark`` is a free note of the issuer's; unlike a legend it has no code. The discounts and charges of the whole
    voucher, deductions of advances, perception and retention stand in ``totals.allowances``.
    """

    STATES_PAYMENT: ClassVar[bool] = True
    """Whether the XML tells cash or credit (FormaPago) where ``payment`` does."""

    lines: tuple[Line, ...]
    totals: Totals
    legends: tuple[Legend, ...] = ()
    payment: PaymentTerms | None = None
    related: tuple[RelatedDocument, ...] = ()

    @property
    def sums(self) -> Sums:
        """The totals, and the IGV alone for the QR code."""
        totals = self.totals
        return Sums(
            net=totals.value, taxes=totals.tax_total, payable=totals.payable,
            igv=total(tax.amount for tax in totals.taxes if tax.tribute == IGV),
        )

    def related_of(self, kind: str) -> tuple[RelatedDocument, ...]:
        """The related papers of one kind."""
        return tuple(paper for paper in self.related if paper.kind == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalSale(Sale):
    """A sale in its own right; ``operation_type`` is a code of catalogue 51.

    ``is_advance`` says that it was issued for a payment in advance. ``service_country`` is where an exported service is
    used (catalogue 04; operations 0201 and 0208), ``delivery`` where the goods are handed over.
    """

    operation_type: str
    due_date: date | None = None
    is_advance: bool = False
    advances: tuple[Advance, ...] = ()
    detraction: Detraction | None = None
    perception: Perception | None = None
    means: tuple[PaymentMeans, ...] = ()
    delivery: Address | None = None
    incoterm: str = ""
    service_country: str = ""

    @property
    def prepayments(self) -> tuple[Prepayment, ...]:
        """The vouchers of the advances, each once, in the order in which they are first named."""
        return prepayments_of(self.advances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Sale):
    """A change to an earlier voucher; ``reason_code`` is a code of the kind's own catalogue.

    ``target`` is None where the reason needs none (2524: 10 of catalogue 09, 03 of catalogue 10).
    """

    reason_code: str
    reason_text: str
    target: Target | None
