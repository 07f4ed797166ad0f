"""SUNAT's codes in the contract's words, for texts that tell a caller what to write into a field of his.

The law says "Use '6'" or "Agregue «4000»"; the field ``receiver_tax_id_type`` wants ``PE-RUC``, and concept 4000 is
written as ``lodging.passport_country``. A code that the contract's field cannot carry is told with the member that can.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from app.documents.schemas.line_extras import STAY
from app.wire.currencies import CURRENCY_IDS

_QUOTED: Final = re.compile(r"'([0-9A-Za-z-]{1,10})'|«([0-9A-Za-z-]{1,10})»")

_IDENTITIES: Final = {
    "0": "US-EIN (u otro país / or another country)", "1": "PE-DNI", "4": "PE-CE", "6": "PE-RUC", "7": "PE-PAS",
    "A": "PE-CDI",
}
_TARGETS: Final = {"01": "96", "03": "97"}
_TAXES: Final = {"10": "413", "20": "427", "30": "428", "40": "425"}
_PAYMENT: Final = {
    "FormaPago": "payment_conditions (o / or pe_header.payment)", "Contado": 'pe_header.payment.kind "cash"',
    "Credito": 'pe_header.payment.kind "credit"', "Detraccion": "pe_header.detraction",
    "Percepcion": "pe_header.perception",
}
_STAYS: Final = {code: member for code, member, _ in STAY}
_CARGO: Final = {
    "01": "reference_values.service", "02": "reference_values.effective_load", "03": "reference_values.nominal_load",
}
_ALLOWANCES: Final = {
    "51": "pe_header.perception", "52": "pe_header.perception", "53": "pe_header.perception",
    "62": "pe_header.retention", "63": "pe_header.income_withholding", "04": "pe_header.advances",
    "05": "pe_header.advances", "06": "pe_header.advances", "20": "pe_header.advances",
}


def _identity(code: str) -> str:
    return _IDENTITIES.get(code, f'receiver_identity_code "{code}"')


def _target(code: str) -> str:
    return _TARGETS.get(code, f'document_type_taxbureau "{code}"')


def _tax(code: str) -> str:
    return _TAXES.get(code, f'igv_affectation "{code}"')


def _currency(code: str) -> str:
    number = CURRENCY_IDS.get(code)
    return str(number) if number is not None else code


def _payment(code: str) -> str:
    return _PAYMENT.get(code, code)


def _property(code: str) -> str:
    written = f'pe_detail.properties "{code}"'
    return f"pe_detail.lodging.{_STAYS[code]} (o / or {written})" if code in _STAYS else written


def _cargo(code: str) -> str:
    return _CARGO.get(code, code)


def _allowance(code: str) -> str:
    return _ALLOWANCES.get(code, f'pe_header.charges_discounts "{code}"')


def _price_type(code: str) -> str:
    return f'price_type "{code}"'


def _legend(code: str) -> str:
    return f'pe_header.legends "{code}"'


_WORDS: Final[dict[str, Callable[[str], str]]] = {
    "customer.identity_code": _identity,
    "target.type_code": _target,
    "vouchers.type_code": _target,
    "affectation": _tax,
    "currency": _currency,
    "payment": _payment,
    "detraction": _payment,
    "perception": _payment,
    "properties": _property,
    "cargo": _cargo,
    "totals.allowances": _allowance,
    "income_withholding": _allowance,
    "unit_amount": _price_type,
    "legends": _legend,
}
"""A content field without positions, or its last part -> how its codes are written in the contract."""


def in_contract_words(field: str, text: str) -> str:
    """A hint about a content field with its quoted codes in the contract's words.

    >>> in_contract_words("customer.identity_code", "Use '6'.")
    'Use PE-RUC.'
    >>> in_contract_words("lines.0.affectation", "Use '10', '31'.")
    'Use 413, igv_affectation "31".'
    >>> in_contract_words("lines.0.properties", "Agregue «3001».")
    'Agregue pe_detail.properties "3001".'
    """
    named = ".".join(part for part in field.split(".") if not part.isdigit())
    words = _WORDS.get(named) or _WORDS.get(field.rpartition(".")[2])
    return _QUOTED.sub(lambda match: words(match[1] or match[2]), text) if words else text
