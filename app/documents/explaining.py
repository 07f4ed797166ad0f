"""Each total of a voucher told step by step: of a draft, and of what was issued before.

What was issued is explained from its signed XML alone, so that neither a later version nor another exchange rate tells
it otherwise; history from elsewhere is explained the same way, and where its totals are no sums a step says so.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.ledger import store
from app.ledger.models import DocumentRecord
from sunat import xml
from sunat.documents import Sale, Voucher
from sunat.errors import FormatError
from sunat.taxes import as_data, explain
from sunat.ubl.reading import nature_of, read_voucher


def explanation_of(content: Voucher) -> dict[str, Any] | None:
    """The totals of a content with the lines and roundings behind each; None for a kind without lines."""
    if not isinstance(content, Sale):
        return None
    return as_data(explain(
        [line.amounts for line in content.lines], content.totals,
        quantities=[line.quantity for line in content.lines],
    ))


def explanation_of_stored(session: Session, row: DocumentRecord) -> dict[str, Any] | None:
    """The explanation of an issued voucher's totals; None for a kind that has none, or a file that lacks them."""
    root = xml.parse(store.edition_of(session, row).xml)
    if nature_of(root).sort != "voucher":
        return None
    try:
        facts = read_voucher(root)
    except FormatError:  # somebody else's file, taken over as it was
        return None
    return as_data(explain(
        [line.amounts for line in facts.lines], facts.totals, quantities=[line.quantity for line in facts.lines],
    ))
