"""The neutral factura: n taxed lines, every one different, in soles, paid in cash; as the contract writes it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sunat.money import cents, share

RUC: Final = "20123456786"
"""The RUC of the committed test certificate."""
CUSTOMER_RUC: Final = "20987654326"
_RATE: Final = Decimal(18)


def request(lines: int, *, series: str, issue_date: date) -> dict[str, Any]:
    """The body of ``POST /V1/documents``; amounts are text, so that they stay exact."""
    details = [_line(index) for index in range(lines)]
    net = sum((Decimal(row["quantity"] * Decimal(row["unit_price"])) for row in details), Decimal(0))
    taxes = sum((Decimal(row["total_taxes"]) for row in details), Decimal(0))
    return {
        "header": {
            "document_type_id": "96", "document_sequence_code": series, "issue_date": issue_date.isoformat(),
            "issuer_tax_id_code": RUC, "issuer_tax_id_type": "PE-RUC", "issuer_legal_name": "EMPRESA EMISORA S.A.C.",
            "issuer_address": "AV. EJEMPLO 123", "issuer_district": "LIMA", "issuer_city": "LIMA",
            "issuer_department": "LIMA", "issuer_country_id": "83", "receiver_tax_id_code": CUSTOMER_RUC,
            "receiver_tax_id_type": "PE-RUC", "receiver_legal_name": "CLIENTE DE PRUEBA S.A.",
            "receiver_address": "CALLE CLIENTE 456", "receiver_district": "MIRAFLORES", "receiver_city": "LIMA",
            "receiver_department": "LIMA", "receiver_country_id": "83", "payment_conditions": "0", "currency_id": 7,
            "additional": {"pe_header": {"operation_type": "0101"}},
        },
        "details": details,
        "totals": {"net_amount": str(net), "taxes_amount": str(taxes), "total_amount": str(net + taxes)},
    }


def encoded(body: dict[str, Any]) -> bytes:
    """The bytes a caller would send."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _line(index: int) -> dict[str, Any]:
    quantity, price = 1 + index % 7, Decimal(1050 + 137 * index).scaleb(-2)
    value = cents(quantity * price)
    tax = share(value, _RATE)
    return {
        "quantity": quantity, "sku": f"SKU-{index + 1:04d}", "unit_measure": "NIU", "unit_price": str(price),
        "line_description": f"PRODUCTO DE PRUEBA N.º {index + 1}", "total_taxes": str(tax),
        "total_amount_line": str(value + tax),
        "taxes": [{"tax_type_id": "413", "tax_percentage": 18, "tax_amount": str(tax)}],
    }
