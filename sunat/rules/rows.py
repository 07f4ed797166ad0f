"""Conditions and small constructors that the tables of sales share."""

from __future__ import annotations

from typing import Any, Final

from sunat.rules.conditions import is_, like, no, over
from sunat.rules.engine import Rule, Severity
from sunat.rules.shapes import Check

EXPORTS: Final = ("0200", "0201", "0202", "0203", "0204", "0205", "0206", "0207", "0208")
DETRACTIONS: Final = ("1001", "1002", "1003", "1004")
NRUS: Final = "0113"
"""The operation of issuers in the simplified regime, whose boletas show no IGV."""
IGV_AFFECTED: Final = ("10", "11", "12", "13", "14", "15", "16", "17")
FREE_TAXED: Final = ("11", "12", "13", "14", "15", "16", "17")
FREE_UNTAXED: Final = ("21", "31", "32", "33", "34", "35", "36", "37", "40")
MAIN_TRIBUTES: Final = ("1000", "1016", "9995", "9996", "9997", "9998")
"""The tributes of catalogue 05 of which every line has one."""

ELECTRONIC: Final = like("cbc:ID", "[^0-9][\\s\\S]*")
"""The series does not start with a digit: no contingency paper."""
CONTINGENCY: Final = like("cbc:ID", "[0-9][\\s\\S]*")
CUSTOMER_HAS_RUC: Final = is_("customer/identity/@schemeID", "6")
EXPORT: Final = is_("operation", *EXPORTS)
DETRACTION: Final = is_("operation", *DETRACTIONS)
IN_SOLES: Final = is_("currency", "PEN")

WITH_BASE: Final = over("line/taxes/cbc:TaxableAmount")
FREE: Final = is_("line/taxes/tribute", "9996") & WITH_BASE
"""A free-of-charge subtotal; asked of a line: the line has one."""
NOT_FREE: Final = no(FREE)
ISC: Final = is_("line/taxes/tribute", "2000") & WITH_BASE

MODIFIES_INVOICE: Final = is_("modified/cbc:DocumentTypeCode", "01")
"""Asked of a note: its first reference is a factura."""
MODIFIES_OTHER: Final = no(MODIFIES_INVOICE)
SERIES_F: Final = like("cbc:ID", "F[\\s\\S]*")


def observation(code: str, path: str, check: Check, **columns: Any) -> Rule:
    """A row that SUNAT answers with an observation."""
    return Rule(code, path, check, severity=Severity.OBSERVATION, **columns)


def turning(observed: str, rejected: str, path: str, check: Check, **columns: Any) -> Rule:
    """An observation for which SUNAT has published a rejection code with the same text (3504, 3508 to 3514).

    The workbook still observes, and so does the row; which rejection waits is told with every finding.
    """
    return observation(observed, path, check, becomes=rejected, **columns)
