"""The API's pointers and the fields of the form they mean; every star stands for the place of a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_PERU: Final = "/header/additional/pe_header"

FIELDS: Final[Mapping[str, str]] = {
    "/header/document_type_id": "kind",
    "/header/document_sequence_code": "series",
    "/header/issue_date": "issue_date",
    "/header/currency_id": "currency",
    "/header/exchange_rate_value": "exchange_rate",
    "/header/receiver_tax_id_type": "customer_type",
    "/header/receiver_tax_id_code": "customer_number",
    "/header/receiver_legal_name": "customer_name",
    "/header/receiver_address": "customer_address",
    "/header/receiver_email": "customer_email",
    "/header/observations": "remark",
    "/header/payment_conditions": "payment",
    f"{_PERU}/price_mode": "prices",
    f"{_PERU}/receiver_identity_code": "customer_type",
    f"{_PERU}/receiver_ubigeo": "customer_address",
    f"{_PERU}/payment": "payment",
    f"{_PERU}/payment/instalments": "payment",
    f"{_PERU}/payment/instalments/*": "instalments.*.amount",
    f"{_PERU}/payment/instalments/*/amount": "instalments.*.amount",
    f"{_PERU}/payment/instalments/*/due_date": "instalments.*.date",
    f"{_PERU}/detraction": "detraction_code",
    f"{_PERU}/detraction/rate": "detraction_rate",
    f"{_PERU}/detraction/amount": "detraction_rate",
    f"{_PERU}/detraction/account": "detraction_account",
    f"{_PERU}/operation_type": "detraction_code",
    f"{_PERU}/note/reason_code": "reason",
    f"{_PERU}/note/reason_text": "reason_text",
    "/details": "lines.0.description",
    "/details/*": "lines.*.description",
    "/details/*/line_description": "lines.*.description",
    "/details/*/long_description": "lines.*.description",
    "/details/*/quantity": "lines.*.quantity",
    "/details/*/unit_measure": "lines.*.unit",
    "/details/*/unit_price": "lines.*.price",
    "/details/*/sku": "lines.*.sku",
    "/details/*/modifier_percentage": "lines.*.discount",
    "/details/*/taxes": "lines.*.tax",
    "/details/*/additional": "lines.*.tax",
    "/details/*/additional/pe_detail/reference_price": "lines.*.price",
    "/references": "target",
    "/references/*": "target",
    "/references/*/reference_code": "reason",
    "/references/*/description": "reason_text",
}
"""Pointer -> field. A pointer into something of a row is that row's; one of none stands above the form."""
