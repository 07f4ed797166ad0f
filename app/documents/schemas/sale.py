"""What the four stems share when a request becomes content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, TypedDict, TypeVar

from app.documents.schemas.exchange import exchange_rate_of
from app.documents.schemas.lines import Manner, ReadLine, lines_of
from app.documents.schemas.parties import customer_of, issuer_of
from app.documents.schemas.reading import Reading
from app.problems import Text
from app.wire.currencies import CURRENCIES
from sunat.catalogues import catalogue
from sunat.documents import Line, Party, RelatedDocument, Sale, legends_of
from sunat.errors import FormatError
from sunat.money import ZERO, cents
from sunat.taxes import Adjustment, AdvanceInput, Mismatch, Reckoning, Totals, compare, likely_cause, reckon
from sunat.wording import Legend

_SOLES: Final = "PEN"
_Content = TypeVar("_Content", bound=Sale)


class Shared(TypedDict):
    """The members of ``sunat.documents.Sale`` that every stem fills alike."""

    issue_date: Any
    issue_time: Any
    currency: str
    issuer: Party
    customer: Party
    lines: tuple[Line, ...]
    totals: Totals
    remark: str
    signature_id: str
    related: tuple[RelatedDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The lines of a body, each worked out by itself: all that its sums are made of.

    ``exchange_rate`` is what the office judges another currency by, None for soles; ``soles`` are those for one unit
    of the voucher's currency, None where nobody knows. ``note``: what moves a value goes into the lines.
    """

    currency: str
    exchange_rate: Decimal | None
    soles: Decimal | None
    rows: tuple[ReadLine, ...]
    note: bool = False

    def reckoned(
        self, adjustments: Sequence[Adjustment] = (), advances: Sequence[AdvanceInput] = (), rounding: Decimal = ZERO
    ) -> Reckoning:
        """The sale worked out whole. Raises FormatError as ``sunat.taxes.reckon``."""
        return reckon(
            [row.asked for row in self.rows], adjustments=adjustments, advances=advances, rounding=rounding,
            note=self.note, rounded=[row.line.amounts for row in self.rows],
        )

    def lines(self, reckoning: Reckoning) -> tuple[Line, ...]:
        """The lines with the amounts that the voucher says."""
        return tuple(
            replace(row.line, amounts=amounts) for row, amounts in zip(self.rows, reckoning.lines, strict=True)
        )


def read_basis(reading: Reading, *, note: bool = False, may_be_zero: bool = False) -> Basis:
    """Reads currency and lines; what is wrong is noted in ``reading``."""
    currency = currency_of(reading)
    rate = exchange_rate_of(reading, currency)
    soles = Decimal(1) if currency == _SOLES else rate
    manner = Manner(currency=currency, soles=soles, folds=note, may_be_zero=may_be_zero)
    return Basis(
        currency=currency, exchange_rate=rate, soles=soles, rows=lines_of(reading, manner), note=note,
    )


def claims_of(reading: Reading, basis: Basis, reckoning: Reckoning) -> tuple[Mismatch, ...]:
    """The caller's amounts that differ, of lines and of the whole; none while a line could not be read."""
    if len(basis.rows) != len(reading.details):
        return ()
    claim = reading.body.get("totals", {})
    lines = (_with_cause(row, mismatch, index, reckoning) for index, row in enumerate(basis.rows)
             for mismatch in row.mismatches)
    return (
        *lines,
        *compare(
            reckoning.totals, reckoning.lines, value=claim.get("net_amount"), tax_total=claim.get("taxes_amount"),
            payable=claim.get("total_amount"), reckoning=reckoning,
        ),
    )


def _with_cause(row: ReadLine, mismatch: Mismatch, index: int, reckoning: Reckoning) -> Mismatch:
    """The cause is looked for where the claim is of the line's only tax."""
    if len(row.line.amounts.taxes) > 1:
        return mismatch
    return replace(mismatch, cause=likely_cause(f"lines.{index}.tax", mismatch.given, reckoning))


def shared_of(reading: Reading, basis: Basis, reckoning: Reckoning, *, may_be_anonymous: bool) -> Shared:
    """The members that every stem fills alike; what is wrong is noted in ``reading``."""
    header, extra = reading.header, reading.pe_header
    return Shared(
        issue_date=header["issue_date"], issue_time=extra.get("issue_time", reading.now), currency=basis.currency,
        issuer=issuer_of(reading), customer=customer_of(reading, may_be_anonymous=may_be_anonymous),
        lines=basis.lines(reckoning), totals=reckoning.totals, remark=remark_of(reading),
        signature_id=extra.get("signature_id", ""), related=_related(reading),
    )


def with_legends(reading: Reading, content: _Content) -> _Content:
    """The content with the legends that follow from it and those that the caller adds."""
    told = []
    for index, code in enumerate(reading.pe_header.get("legends") or ()):
        if code in catalogue("52"):
            told.append(Legend(code=code, text=""))
        else:
            reading.refuse(
                "3027", f"/header/additional/pe_header/legends/{index}", f"El catálogo 52 no tiene la leyenda {code}",
                f"Catalogue 52 has no legend {code}",
                Text("Por ejemplo 2001 bienes de la Amazonía, 2004 paquete turístico",
                     "For example 2001 goods of the Amazonía, 2004 package tour"),
            )
    try:
        return replace(content, legends=legends_of(content, told))
    except FormatError:  # beyond twelve digits and two decimals no amount has words, nor a place in SUNAT's form
        payable = content.totals.payable
        if payable == cents(payable):
            reading.refuse(
                "2062", "/totals/total_amount", f"El importe total {payable} pasa de 12 enteros",
                f"The total amount {payable} has more than 12 integer digits",
                Text("Revise cantidades y precios", "Check quantities and prices"),
            )
        else:
            reading.refuse(
                "2062", "/totals/total_amount", f"El importe total {payable} tiene más de dos decimales",
                f"The total amount {payable} has more than two decimals",
                Text("Anticipos y rounding_amount van en céntimos", "Advances and rounding_amount are in céntimos"),
            )
        return content


def currency_of(reading: Reading) -> str:
    """The currency of the whole body (ISO 4217); PEN stands in where what is wrong is noted."""
    number = reading.header.get("currency_id", "7")
    if number not in CURRENCIES:
        reading.refuse(
            "UNKNOWN_CURRENCY", "/header/currency_id", f"No existe la moneda {number}",
            f"There is no currency {number}", Text("7 PEN, 5 USD o 38 EUR", "7 PEN, 5 USD or 38 EUR"),
        )
    others = [(f"/details/{index}/currency_id", row.get("currency_id")) for index, row in enumerate(reading.details)]
    others.append(("/totals/currency_id", reading.body.get("totals", {}).get("currency_id")))
    for pointer, given in others:
        if given is not None and given != number:
            reading.refuse(
                "2071", pointer, "Todos los montos de un comprobante van en la misma moneda",
                "All amounts of a voucher are in the same currency",
                Text("Emita un comprobante por moneda", "Issue one voucher for each currency"),
            )
    return CURRENCIES.get(number, "PEN")


def remark_of(reading: Reading) -> str:
    """The caller's remark where he wants it in the XML: deployment_observations 1 (the default) and 3."""
    remark: str = reading.header.get("observations", "")
    return remark if reading.header.get("deployment_observations", 1) in {1, 3} else ""


def _related(reading: Reading) -> tuple[RelatedDocument, ...]:
    return tuple(
        RelatedDocument(kind=row["kind"], number=row["number"], type_code=row.get("type", ""))
        for row in reading.pe_header.get("references", ())
    )
