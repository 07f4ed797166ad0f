"""What the four stems share when a request becomes content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypedDict

from app.documents.schemas.exchange import exchange_rate_of
from app.documents.schemas.lines import lines_of
from app.documents.schemas.parties import customer_of, issuer_of
from app.documents.schemas.reading import Reading
from app.documents.schemas.unsupported import refuse_unsupported
from app.problems import Text
from app.wire.currencies import CURRENCIES
from sunat.documents import Line, Party, RelatedDocument
from sunat.errors import FormatError
from sunat.taxes import Mismatch, PriceMode, Totals, balance, compare, compare_lines, compute_totals
from sunat.wording import Legend, LegendFacts, legends_for


class Shared(TypedDict):
    """The members of ``sunat.documents.Sale`` that every stem fills alike."""

    issue_date: Any
    issue_time: Any
    currency: str
    issuer: Party
    customer: Party
    lines: tuple[Line, ...]
    totals: Totals
    legends: tuple[Legend, ...]
    remark: str
    signature_id: str
    related: tuple[RelatedDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReading:
    """The shared members, and the amounts of the caller that differ."""

    members: Shared
    mismatches: tuple[Mismatch, ...]
    exchange_rate: Decimal | None


def read_shared(reading: Reading, *, may_be_anonymous: bool, fold_allowances: bool = False) -> SharedReading:
    """Reads everything the stems share; what is wrong is noted in ``reading``."""
    header, extra = reading.header, reading.pe_header
    refuse_unsupported(reading)
    currency = currency_of(reading)
    rounded, line_taxes = lines_of(reading, fold_allowances=fold_allowances)
    amounts = balance(
        [line.amounts for line in rounded], [line.quantity for line in rounded],
        PriceMode(extra.get("price_mode", "net")),
    )
    lines = tuple(replace(line, amounts=worked) for line, worked in zip(rounded, amounts, strict=True))
    totals = compute_totals(amounts)
    claim = reading.body.get("totals", {})
    mismatches: tuple[Mismatch, ...] = ()
    if len(lines) == len(reading.details):
        mismatches = (
            *compare_lines([line.amounts for line in rounded], line_taxes),
            *compare(
                totals, amounts, value=claim.get("net_amount"), tax_total=claim.get("taxes_amount"),
                payable=claim.get("total_amount"),
            ),
        )
    members = Shared(
        issue_date=header["issue_date"], issue_time=extra.get("issue_time", reading.now), currency=currency,
        issuer=issuer_of(reading), customer=customer_of(reading, may_be_anonymous=may_be_anonymous), lines=lines,
        totals=totals, legends=_legends(reading, totals, currency),
        remark=_remark(reading), signature_id=extra.get("signature_id", ""), related=_related(reading),
    )
    return SharedReading(members=members, mismatches=mismatches, exchange_rate=exchange_rate_of(reading, currency))


def _legends(reading: Reading, totals: Totals, currency: str) -> tuple[Legend, ...]:
    try:
        return legends_for(LegendFacts(total=totals.payable, currency=currency))
    except FormatError:  # beyond twelve digits no amount has words, nor a place in SUNAT's form
        reading.refuse(
            "2062", "/totals/total_amount", f"El importe total {totals.payable} pasa de 12 enteros",
            f"The total amount {totals.payable} has more than 12 integer digits",
            Text("Revise cantidades y precios", "Check quantities and prices"),
        )
        return ()


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


def _remark(reading: Reading) -> str:
    """The caller's remark where he wants it in the XML: deployment_observations 1 (the default) and 3."""
    remark: str = reading.header.get("observations", "")
    return remark if reading.header.get("deployment_observations", 1) in {1, 3} else ""


def _related(reading: Reading) -> tuple[RelatedDocument, ...]:
    return tuple(
        RelatedDocument(kind=row["kind"], number=row["number"], type_code=row.get("type", ""))
        for row in reading.pe_header.get("references", ())
    )
