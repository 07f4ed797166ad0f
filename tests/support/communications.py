"""Small summaries, voidings and reversals, for tests that need one and care about one thing in it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sunat.documents import Party
from sunat.documents.communication import Reversal, Voided, VoidedLine
from sunat.documents.summary import (
    ADD,
    Summary,
    SummaryLine,
    SummaryPerception,
    SummaryTax,
    SummaryValue,
)

D = Decimal
MADE = date(2026, 11, 21)
OF = date(2026, 11, 20)
ISSUER = Party(identity_code="6", identity_number="20123456786", name="EMPRESA EMISORA S.A.C.")


def told(number: str = "B001-1", **changes: Any) -> SummaryLine:
    """A taxed boleta of 118.00 to a person with a DNI."""
    members: dict[str, Any] = {
        "type_code": "03", "number": number, "condition": ADD, "currency": "PEN", "total": D("118.00"),
        "values": (SummaryValue(code="01", amount=D("100.00")),),
        "taxes": (SummaryTax(tribute="1000", amount=D("18.00")),),
        "identity_code": "1", "identity_number": "41234567",
    }
    return SummaryLine(**{**members, **changes})


def perceived() -> SummaryLine:
    """A boleta with its perception of 2 %."""
    return told(perception=SummaryPerception(
        system="01", percent=D(2), base=D("118.00"), amount=D("2.36"), total=D("120.36"),
    ))


def note(**changes: Any) -> SummaryLine:
    """A credit note of a boleta."""
    return told("BC01-1", type_code="07", **{"target_type": "03", "target_number": "B001-1", **changes})


def rich() -> SummaryLine:
    """A boleta with everything: all values, ISC, bags, other tributes and charges."""
    values = tuple(SummaryValue(code=code, amount=D("100.00")) for code in ("01", "02", "03", "05"))
    taxes = tuple(
        SummaryTax(tribute=tribute, amount=D(amount))
        for tribute, amount in (("1000", "19.80"), ("2000", "10.00"), ("7152", "0.50"), ("9999", "5.00"))
    )
    return told("B001-9", values=values, taxes=taxes, charges=D("4.00"), total=D("339.30"))


def rice() -> SummaryLine:
    """A boleta under IVAP."""
    return told("B001-7", taxes=(SummaryTax(tribute="1016", amount=D("4.00")),), total=D("104.00"))


def summary(*lines: SummaryLine, **changes: Any) -> Summary:
    """A summary of yesterday's boletas."""
    return Summary(**{
        "issue_date": MADE, "reference_date": OF, "issuer": ISSUER, "lines": lines or (told(), told("B001-2")),
        **changes,
    })


def voided(*pairs: tuple[str, str], reversal: bool = False) -> Voided | Reversal:
    """A voiding (or reversal) of vouchers given by type and series."""
    usual = (("20", "R001"), ("40", "P001"), ("04", "L001")) if reversal else (("01", "F001"), ("07", "FC01"))
    lines = tuple(
        VoidedLine(type_code=code, series=series, number=12 + index, reason="ERROR EN EL CLIENTE")
        for index, (code, series) in enumerate(pairs or usual)
    )
    model = Reversal if reversal else Voided
    return model(issue_date=MADE, reference_date=OF, issuer=ISSUER, lines=lines)
