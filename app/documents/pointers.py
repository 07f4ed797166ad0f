"""From a field of the content to the JSON pointer of the body that its caller sent.

``sunat.ubl.pointers`` brings a finding as far as ``lines.1.quantity``; this table ends in ``/details/1/quantity``.
A field without a row is pointed at through its nearest parent, and the voucher as a whole is ``/header``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_LINE: Final = re.compile(r"lines\.(\d+)(?:\.(.+))?")
_INSTALMENT: Final = re.compile(r"payment\.instalments\.(\d+)(?:\.(\w+))?")

_HEADER: Final = {
    "kind": "document_type_id",
    "series": "document_sequence_code",
    "issue_date": "issue_date",
    "issue_time": "additional/pe_header/issue_time",
    "due_date": "additional/pe_header/due_date",
    "operation_type": "additional/pe_header/operation_type",
    "signature_id": "additional/pe_header/signature_id",
    "related": "additional/pe_header/references",
    "currency": "currency_id",
    "legends": "observations",
    "remark": "observations",
    "payment": "payment_conditions",
    "issuer": "issuer_tax_id_code",
    "issuer.identity_number": "issuer_tax_id_code",
    "issuer.name": "issuer_legal_name",
    "issuer.trade_name": "additional/pe_header/issuer_trade_name",
    "issuer.establishment_code": "additional/pe_header/establishment_code",
    "issuer.address.line": "issuer_address",
    "issuer.address.ubigeo": "additional/pe_header/issuer_ubigeo",
    "issuer.address.district": "issuer_district",
    "issuer.address.province": "issuer_city",
    "issuer.address.department": "issuer_department",
    "customer": "receiver_tax_id_code",
    "customer.identity_number": "receiver_tax_id_code",
    "customer.identity_code": "receiver_tax_id_type",
    "customer.name": "receiver_legal_name",
    "customer.trade_name": "additional/pe_header/receiver_trade_name",
    "customer.address.line": "receiver_address",
    "customer.address.ubigeo": "additional/pe_header/receiver_ubigeo",
    "customer.address.district": "receiver_district",
    "customer.address.province": "receiver_city",
    "customer.address.department": "receiver_department",
    "customer.address.country": "receiver_country_id",
}

_ELSEWHERE: Final = {
    "target": "/references/0",
    "target.type_code": "/references/0/document_type_id",
    "target.number": "/references/0/reference_number",
    "reason_code": "/references/0/reference_code",
    "reason_text": "/references/0/description",
    "totals": "/totals",
    "totals.value": "/totals/net_amount",
    "totals.tax_total": "/totals/taxes_amount",
    "totals.taxes": "/totals/taxes_amount",
    "totals.price": "/totals/total_amount",
    "totals.payable": "/totals/total_amount",
    "value": "/totals/net_amount",
    "tax_total": "/totals/taxes_amount",
    "payable": "/totals/total_amount",
}

_DETAIL: Final = {
    "quantity": "quantity",
    "unit": "unit_measure",
    "unit_amount": "unit_price",
    "modifier": "modifier_amount",
    "allowances": "modifier_amount",
    "taxes": "taxes",
    "tax": "taxes/0/tax_amount",
    "taxes.amount": "taxes/0/tax_amount",
    "taxes.rate": "taxes/0/tax_percentage",
    "affectation": "taxes/0/tax_type_id",
    "description": "line_description",
    "seller_code": "sku",
    "sunat_code": "additional/pe_detail/sunat_product_code",
}


def pointer_of(field: str, body: Mapping[str, Any]) -> str:
    """The JSON pointer of a content field in this body.

    >>> pointer_of("lines.1.quantity", {})
    '/details/1/quantity'
    """
    line = _LINE.fullmatch(field)
    if line:
        index, member = line[1], line[2] or ""
        while member and member not in _DETAIL:
            member = member.rpartition(".")[0]
        return f"/details/{index}" + (f"/{_DETAIL[member]}" if member else "")
    instalment = _INSTALMENT.fullmatch(field)
    explicit = bool(body.get("header", {}).get("additional", {}).get("pe_header", {}).get("payment"))
    if explicit and field.startswith("payment"):
        base = "/header/additional/pe_header/payment"
        return "/".join((base, "instalments", *filter(None, instalment.groups()))) if instalment else base
    if field.startswith("payment"):
        field = "payment"
    while field:
        if field in _HEADER:
            return f"/header/{_HEADER[field]}"
        if field in _ELSEWHERE:
            return _ELSEWHERE[field]
        field = field.rpartition(".")[0]
    return "/header"
