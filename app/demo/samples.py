"""What the demo issues, and for whom: neutral data, a RUC with a right check digit that is nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

RUC: Final = "20123456786"
NAME: Final = "EMPRESA DEMO S.A.C."
RATE: Final = 18
"""The general rate of IGV with IPM, in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A voucher the demo issues: the contract's type id, what people call it, its series, customer and price."""

    type_id: str
    name: str
    series: str
    customer: dict[str, str]
    product: str
    price: float


SAMPLES: Final = (
    Sample(
        type_id="96", name="factura", series="F001", product="SERVICIO DE REPARTO", price=1000,
        customer={
            "receiver_tax_id_code": "20987654326", "receiver_tax_id_type": "PE-RUC",
            "receiver_legal_name": "CLIENTE DEMO S.A.", "receiver_address": "CALLE CLIENTE 456",
        },
    ),
    Sample(
        type_id="97", name="boleta", series="B001", product="CHULLO DE ALPACA", price=50,
        customer={
            "receiver_tax_id_code": "12345678", "receiver_tax_id_type": "PE-DNI",
            "receiver_legal_name": "PERSONA DE PRUEBA",
        },
    ),
)


def request_of(sample: Sample, account_id: int, today: date) -> dict[str, Any]:
    """The body of ``POST /V1/documents`` for a sample of one line with IGV."""
    tax = round(sample.price * RATE / 100, 2)
    return {
        "header": {
            "account_id": account_id, "document_type_id": sample.type_id, "document_sequence_code": sample.series,
            "issue_date": today.isoformat(), "issuer_tax_id_code": RUC, "issuer_tax_id_type": "PE-RUC",
            "issuer_legal_name": NAME, **sample.customer, "payment_conditions": "0", "currency_id": 7,
            "additional": {"pe_header": {"operation_type": "0101"}},
        },
        "details": [
            {
                "quantity": 1, "sku": "DEMO-1", "line_description": sample.product, "unit_measure": "NIU",
                "unit_price": sample.price, "total_taxes": tax, "total_amount_line": sample.price + tax,
                "taxes": [{"tax_type_id": "413", "tax_percentage": RATE, "tax_amount": tax}],
            }
        ],
        "totals": {"net_amount": sample.price, "taxes_amount": tax, "total_amount": sample.price + tax},
    }
