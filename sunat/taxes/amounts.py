"""What goes into the working out of a sale and what comes out of it. All amounts are in the voucher's currency."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Literal

from sunat.money import ZERO, total
from sunat.taxes.tributes import ON_TOP, PAID


class PriceMode(Enum):
    """What a unit price means: ``NET`` is without taxes, ``GROSS`` is what the customer pays.

    A gross price holds IGV, IVAP and ISC. The tax on bags and other tributes come on top of it, as on a shelf's label.
    """

    NET = "net"
    GROSS = "gross"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A discount or charge as the caller gives it: a code of catalogue 53, and money or percent of ``base``.

    Exactly one of ``amount`` and ``percent`` is given. ``base`` is what it is counted on; None is the line's value, or
    the value of the lines it belongs to where it is of the whole voucher. ``position`` is its place among those that
    the caller gave of the line or of the whole.
    """

    code: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    base: Decimal | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Excise:
    """The ISC of a line, by a system of catalogue 08.

    01: ``percent`` of the line's value. 02: ``unit_tax``, money for each unit sold. 03: ``percent`` of the base that
    the suggested ``retail_price`` of a unit (IGV included) gives. ``base`` replaces the base worked out, for the whole
    line.
    """

    system: str
    percent: Decimal | None = None
    unit_tax: Decimal | None = None
    retail_price: Decimal | None = None
    base: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    """What the caller says of a line.

    ``unit_amount`` is a value or a price according to ``price_mode``; for a free line it is the reference value of a
    unit. ``free`` gives a line of affectation 17 or 40 away; the codes that are always free need not say it. ``rate``
    is the percentage of IGV or IVAP. ``bags`` is a number of plastic bags at ``bag_tax`` each; ``other_percent`` or
    ``other_amount`` is a tribute 9999 on the line's value.
    """

    quantity: Decimal
    unit_amount: Decimal
    affectation: str
    rate: Decimal
    price_mode: PriceMode = PriceMode.NET
    free: bool = False
    adjustments: tuple[Adjustment, ...] = ()
    excise: Excise | None = None
    bags: int = 0
    bag_tax: Decimal = ZERO
    other_percent: Decimal = ZERO
    other_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """A discount or surcharge in money: ``amount`` of ``base``, ``factor`` being their quotient where one was given.

    ``currency`` is empty for the voucher's own; perceptions are in soles whatever that is. ``tax`` is the IGV or IVAP
    that moves with the row where it is of the whole voucher (02, 49 and the deduction of an advance); it is not
    written in the XML. Neither is ``position``: that of the ``Adjustment`` it comes of, since one that rounds to
    nothing has no row.
    """

    code: str
    is_charge: bool
    amount: Decimal
    base: Decimal
    factor: Decimal | None = None
    currency: str = ""
    tax: Decimal = ZERO
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """One tribute of a line or of the whole voucher.

    ``system`` is the ISC's (catalogue 08); ``units`` and ``unit_tax`` are the bags and the tax on each.
    """

    tribute: str
    base: Decimal
    amount: Decimal
    rate: Decimal | None = None
    affectation: str | None = None
    system: str = ""
    units: int = 0
    unit_tax: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAmounts:
    """A line worked out. ``unit_value`` and ``unit_price`` have up to ten decimals, the rest are céntimo amounts.

    Of a free line ``value`` and ``unit_price`` are those of reference (price type 02) and ``unit_value`` is zero.
    """

    unit_value: Decimal
    unit_price: Decimal
    value: Decimal
    taxes: tuple[Tax, ...]
    allowances: tuple[AllowanceCharge, ...] = ()
    free: bool = False

    @property
    def charged(self) -> Decimal:
        """The value that the customer pays: none of a free line's."""
        return ZERO if self.free else self.value

    @property
    def tax_total(self) -> Decimal:
        """The line's taxes as SUNAT adds them up (3292): those a customer pays, and the ISC that a free line shows."""
        return total(tax.amount for tax in self.taxes if tax.tribute in PAID)

    @property
    def paid_taxes(self) -> Decimal:
        """The taxes of the line that the customer pays: of a free line the bags and other tributes only."""
        if self.free:
            return total(tax.amount for tax in self.taxes if tax.tribute in ON_TOP)
        return self.tax_total

    @property
    def price(self) -> Decimal:
        """What the customer pays for the line, before discounts and charges that leave the tax base alone."""
        return self.charged + self.paid_taxes


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceInput:
    """An advance that a sale uses up: what was paid before taxes, its ISC and the whole of it.

    ``affectation`` is how the advance was taxed; it decides between the deductions 04, 05 and 06 of catalogue 53.
    """

    affectation: Literal["taxed", "exempt", "unaffected"]
    base: Decimal
    total: Decimal
    isc: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of a voucher.

    ``value`` is without taxes and ``price`` with them, both before advances; ``payable`` is what is to be paid:
    price + ``charge_total`` - ``discount_total`` - ``prepaid`` - ``kept`` + ``rounding``. ``kept`` are the taxes that
    the buyer of a purchase settlement pays to SUNAT instead of the seller. ``taxes`` has one row a tribute.
    ``allowances`` are the discounts and charges of the whole voucher, deductions of advances among them.
    """

    value: Decimal
    tax_total: Decimal
    price: Decimal
    payable: Decimal
    taxes: tuple[Tax, ...]
    allowances: tuple[AllowanceCharge, ...] = ()
    discount_total: Decimal = ZERO
    charge_total: Decimal = ZERO
    prepaid: Decimal = ZERO
    rounding: Decimal = ZERO
    kept: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What most likely made somebody's amount differ: a stable ``code`` and a sentence in Spanish and English."""

    code: str
    es: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """An amount that the caller gave and that the law works out otherwise.

    ``field`` is value, tax_total, payable, or ``lines.<index>.tax``. ``steps`` are the amounts behind ``expected``,
    line by line, so that the caller can find the one that is off. ``cause`` is the way of counting that gives exactly
    what was given, None where no common one does.
    """

    field: str
    expected: Decimal
    given: Decimal
    steps: tuple[Decimal, ...]
    cause: Cause | None = None
