"""Small purchase settlements, for tests that need one and care about one thing in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

from sunat.documents import (
    Address,
    Advance,
    Line,
    Party,
    Property,
    PurchaseSettlement,
    RelatedDocument,
    legends_of,
)
from sunat.money import ZERO
from sunat.taxes import AdvanceInput, LineInput, reckon, settle

D = Decimal
ISSUED = date(2026, 11, 20)
SELLER = ("1", "40123456")
GOLD = tuple(
    Property(code=code, name=name, value=value) for code, name, value in (
        ("6000", "Derecho minero", "010000123"), ("6004", "Ley mineral", "85.50"), ("6005", "Naturaleza", "01"),
        ("6006", "Mineral", "ORO"),
    )
)


def bought(value: str = "1000.00", affectation: str = "10", **more: Any) -> LineInput:
    """A line: one unit of a value, taxed unless told."""
    rate = D(18) if affectation in ("10", "11") else ZERO
    return LineInput(quantity=D(1), unit_amount=D(value), affectation=affectation, rate=rate, **more)


def settlement(
    *rows: tuple[LineInput, str | None], advances: tuple[tuple[str, str], ...] = (), rounding: str = "0",
    properties: tuple[Property, ...] = (), **changes: Any,
) -> PurchaseSettlement:
    """A settlement of lines with their percentage of income tax, a taxed and an exempt one unless told.

    ``advances`` are taxed ones: what the seller got, and the income tax kept back of it.
    """
    lines = rows or ((bought(), "1.5"), (bought("200.00", "20"), None))
    paid = [(D(amount), D(kept)) for amount, kept in advances]
    counted = [
        AdvanceInput(affectation="taxed", base=amount + kept, total=(amount + kept) * D("1.18"))
        for amount, kept in paid
    ]
    settled = settle(
        reckon([line for line, _ in lines], advances=counted), [None if rate is None else D(rate) for _, rate in lines],
        advances=[kept for _, kept in paid], rounding=D(rounding),
    )
    members: dict[str, Any] = {
        "issue_date": ISSUED, "issue_time": time(10, 30), "currency": "PEN", "operation_type": "0501",
        "issuer": Party(
            identity_code="6", identity_number="20123456786", name="EMPRESA EMISORA S.A.C.", trade_name="EMISORA",
            address=Address(line="AV. EJEMPLO 123", ubigeo="150101", urbanization="CERCADO", district="LIMA",
                            province="LIMA", department="LIMA"),
        ),
        "customer": Party(
            identity_code=SELLER[0], identity_number=SELLER[1], name="QUISPE MAMANI, ROSA",
            address=Address(line="CASERIO EL PORVENIR S/N", ubigeo="220901", urbanization="EL PORVENIR",
                            district="TARAPOTO", province="SAN MARTIN", department="SAN MARTIN"),
        ),
        "seller_address_type": "02", "place_type": "01",
        "place": Address(line="JR. LAMAS 250", ubigeo="220901", urbanization="CENTRO", district="TARAPOTO",
                         province="SAN MARTIN", department="SAN MARTIN"),
        "lines": tuple(
            Line(description="CACAO EN GRANO", quantity=asked.quantity, unit="KGM", amounts=amounts, seller_code="C-1",
                 sunat_code="50201706", properties=properties)
            for asked, amounts in zip(settled.inputs, settled.lines, strict=True)
        ),
        "totals": settled.totals,
        "advances": tuple(
            Advance(payment_id=str(index + 1), document_type="10", number=f"L001-{index + 7}", issuer_code="6",
                    issuer_number="20123456786",
                    amounts=AdvanceInput(affectation="taxed", base=amount + kept, total=amount))
            for index, (amount, kept) in enumerate(paid)
        ),
        "related": (
            RelatedDocument(kind="guide", number="T001-44", type_code="09"),
            RelatedDocument(kind="other", number="ACTA-15", type_code="99"),
        ),
    }
    content = PurchaseSettlement(**{**members, **changes})
    return content if "legends" in changes else replace(content, legends=legends_of(content))
