"""Small contents of each stem, for tests that need a voucher and care about one thing in it."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from sunat.documents import (
    Address,
    Boleta,
    CreditNote,
    DebitNote,
    Invoice,
    Line,
    Party,
    PaymentTerms,
    Sale,
    Target,
)
from sunat.taxes import LineInput, compute_line, compute_totals
from sunat.wording import LegendFacts, legends_for

ISSUER_RUC: Final = "20123456786"
CUSTOMER_RUC: Final = "20987654326"
TEMPLATES: Final = {
    "invoice": "invoice.xml", "boleta": "invoice.xml", "credit_note": "credit_note.xml", "debit_note": "debit_note.xml",
}


def sale(
    stem: str = "invoice", *, issue_date: date = date(2026, 11, 20), customer_name: str = "CLIENTE DE PRUEBA S.A.",
    description: str = "PRODUCTO DE PRUEBA", lines: int = 1, unit_amount: Decimal = Decimal(100), sunat_code: str = "",
    **changes: Any,
) -> Sale:
    """A taxed domestic sale in soles; ``changes`` replace members of the content."""
    amounts = compute_line(
        LineInput(quantity=Decimal(1), unit_amount=unit_amount, affectation="10", rate=Decimal(18)),
        fold_allowance=stem.endswith("note"),
    )
    rows = tuple(
        Line(description=description, quantity=Decimal(1), unit="NIU", amounts=amounts, seller_code="SKU-1",
             sunat_code=sunat_code)
        for _ in range(lines)
    )
    totals = compute_totals(row.amounts for row in rows)
    members: dict[str, Any] = {
        "issue_date": issue_date, "issue_time": time(10, 30), "currency": "PEN", "lines": rows, "totals": totals,
        "issuer": Party(
            identity_code="6", identity_number=ISSUER_RUC, name="EMPRESA EMISORA S.A.C.", establishment_code="0000",
            address=Address(
                line="AV. EJEMPLO 123", ubigeo="150101", district="LIMA", province="LIMA", department="LIMA"
            ),
        ),
        "customer": Party(identity_code="6", identity_number=CUSTOMER_RUC, name=customer_name),
        "legends": legends_for(LegendFacts(total=totals.payable, currency="PEN")),
    }
    if stem == "invoice":
        return Invoice(**{**members, "operation_type": "0101", "payment": PaymentTerms(kind="cash"), **changes})
    if stem == "boleta":
        return Boleta(**{**members, "operation_type": "0101", **changes})
    note = {"reason_text": "MOTIVO DE PRUEBA", "target": Target(type_code="01", series="F001", number=87)}
    if stem == "credit_note":
        return CreditNote(**{**members, **note, "reason_code": "01", **changes})
    return DebitNote(**{**members, **note, "reason_code": "02", **changes})
