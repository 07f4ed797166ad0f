"""SUNAT's codes in the contract's words, for texts that tell a caller what to write into a field of his.

The law says "Use '6'"; the field ``receiver_tax_id_type`` wants ``PE-RUC``. A code that the contract's field cannot
carry is told with the member that can.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from app.wire.currencies import CURRENCY_IDS

_QUOTED: Final = re.compile(r"'([0-9A-Z-]{1,4})'")

_IDENTITIES: Final = {
    "0": "US-EIN (u otro país / or another country)", "1": "PE-DNI", "4": "PE-CE", "6": "PE-RUC", "7": "PE-PAS",
    "A": "PE-CDI",
}
_TARGETS: Final = {"01": "96", "03": "97"}
_TAXES: Final = {"10": "413", "20": "427", "30": "428", "40": "425"}


def _identity(code: str) -> str:
    return _IDENTITIES.get(code, f'receiver_identity_code "{code}"')


def _target(code: str) -> str:
    return _TARGETS.get(code, f'document_type_taxbureau "{code}"')


def _tax(code: str) -> str:
    return _TAXES.get(code, f'igv_affectation "{code}"')


def _currency(code: str) -> str:
    number = CURRENCY_IDS.get(code)
    return str(number) if number is not None else code


_WORDS: Final[dict[str, Callable[[str], str]]] = {
    "customer.identity_code": _identity,
    "target.type_code": _target,
    "affectation": _tax,
    "currency": _currency,
}
"""The last part of a content field -> how its codes are written in the contract."""


def in_contract_words(field: str, text: str) -> str:
    """A hint about a content field with its quoted codes in the contract's words.

    >>> in_contract_words("customer.identity_code", "Use '6'.")
    'Use PE-RUC.'
    >>> in_contract_words("lines.0.affectation", "Use '10', '31'.")
    'Use 413, igv_affectation "31".'
    """
    words = _WORDS.get(field) or _WORDS.get(field.rpartition(".")[2])
    return _QUOTED.sub(lambda match: words(match[1]), text) if words else text
