"""The contract's identity types and the codes of catalogue 06 they stand for. Source: contract v1, 4.4.

Types are two letters of a country, a dash and the paper's name. Peru's own have codes; whatever another country
issues is a tax document of someone not domiciled here (code 0).
"""

from __future__ import annotations

import re
from typing import Final

_PERUVIAN: Final = {"PE-RUC": "6", "PE-DNI": "1", "PE-CE": "4", "PE-PAS": "7", "PE-CDI": "A"}
_TYPES: Final = {code: name for name, code in _PERUVIAN.items()}
_FOREIGN: Final = re.compile(r"(?!PE-)[A-Z]{2}-[A-Z0-9]{1,15}")

NOT_DOMICILED: Final = "0"


def identity_code(tax_id_type: str) -> str | None:
    """The code of catalogue 06 for a contract's identity type; None when it is no such type.

    >>> identity_code("PE-RUC"), identity_code("US-EIN"), identity_code("PE-XYZ")
    ('6', '0', None)
    """
    known = _PERUVIAN.get(tax_id_type)
    if known is not None:
        return known
    return NOT_DOMICILED if _FOREIGN.fullmatch(tax_id_type) else None


def tax_id_type(code: str) -> str:
    """The contract's identity type for a code of catalogue 06; "" where the contract has none.

    >>> tax_id_type("6"), tax_id_type("-")
    ('PE-RUC', '')
    """
    return _TYPES.get(code, "")


def country_of(tax_id_type: str) -> str:
    """The two letters that an identity type begins with."""
    return tax_id_type[:2]
