"""What a voucher's printed form must say, taken from its signed XML alone.

=================  ==================================================================================
``form``           the shapes: parties, facts, a table of lines, figures, sections, legends
``words``          amounts, dates, identities, addresses and units as a Peruvian reader writes them
``qr``             the text of the QR code
``sale``           factura, boleta and notes               ``sale_lines``  their lines
``payment``        how a sale is paid: instalments, detraction, perception, advances
``certificate``    certificates of retention and of perception
``despatch``       despatch guides
``settlement``     purchase settlements
=================  ==================================================================================

A form says what to print and not how: the office sets it on paper. What the reader sees is Spanish. Sources: RS
097-2012/SUNAT, articles 17 and following, and RS 113-2018/SUNAT, annexes 1 to 6 (printed representation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sunat import xml
from sunat.errors import FormatError
from sunat.ubl.printed.certificate import perception_form, retention_form
from sunat.ubl.printed.despatch import despatch_form
from sunat.ubl.printed.form import Column, Fact, Figure, PrintedForm, PrintedParty, Row, Section
from sunat.ubl.printed.qr import qr_line, qr_text
from sunat.ubl.printed.sale import sale_form
from sunat.ubl.printed.settlement import settlement_form
from sunat.ubl.printed.words import clean

__all__ = [
    "Column", "Fact", "Figure", "PrintedForm", "PrintedParty", "Row", "Section", "clean", "printed_form", "qr_line",
    "qr_text",
]

_FORMS: Final[Mapping[str, Callable[[xml.Element], PrintedForm]]] = {
    "Invoice": sale_form,
    "CreditNote": sale_form,
    "DebitNote": sale_form,
    "SelfBilledInvoice": settlement_form,
    "Retention": retention_form,
    "Perception": perception_form,
    "DespatchAdvice": despatch_form,
}


def printed_form(root: xml.Element) -> PrintedForm:
    """What to print of a voucher, by the root of its XML.

    Raises FormatError for a root without a printed form and, naming the field, for a voucher that lacks what its form
    must say.
    """
    local = xml.name(root).rpartition(":")[2]
    if local not in _FORMS:
        raise FormatError(f"{local[:60]} has no printed form")
    return _FORMS[local](root)
