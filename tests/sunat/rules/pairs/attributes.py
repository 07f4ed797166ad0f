"""Pairs of the descriptive attributes: any text but SUNAT's is observed. One row of each code that each kind has."""

from __future__ import annotations

from typing import Final

from sunat.rules.engine import Severity
from tests.sunat.rules.pairs.edits import TABLES, Pair, pair, to

_CODES: Final = tuple(str(code) for code in range(4251, 4262))
_SHOWN: Final = {
    "cbc:CustomizationID", "cbc:InvoiceTypeCode", "currency", "supplier/identity", "supplier/registered/cbc:ID",
    "customer/identity", "guide/cbc:DocumentTypeCode", "related/cbc:DocumentTypeCode", "line/quantity", "line/product",
    "line/price/cbc:PriceTypeCode", "line/taxes/affectation", "line/taxes/tribute", "taxes/tribute", "motive",
    "modified/cbc:DocumentTypeCode",
}
"""Nodes that the plain shape has in every kind that has the row."""


def _rows() -> tuple[Pair, ...]:
    made = []
    for kind, table in TABLES.items():
        for rule in table:
            node = rule.path.partition("/@")[0]
            if rule.code in _CODES and rule.severity is Severity.OBSERVATION and node in _SHOWN:
                made.append(pair(rule.code, to(rule.path, "otro texto"), kinds=kind))
    return tuple(made)


PAIRS: Final = _rows()
