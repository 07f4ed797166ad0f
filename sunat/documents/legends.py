"""Which legends of catalogue 52 a content carries: those that follow from it, and those of its issuer.

Source: RS 318-2017/SUNAT, annexes 1 to 4 (when each legend is due); validation workbook of 2026-02-12, rows 3014, 4264,
4265 and 4266.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sunat.documents.debit_note import DebitNote
from sunat.documents.sale import OriginalSale, Sale
from sunat.taxes import IVAP
from sunat.wording import Legend, LegendFacts, legends_for

DETRACTIONS: Final = frozenset({"1001", "1002", "1003", "1004"})
"""Operations of catalogue 51 that are subject to detraction."""


def legends_of(content: Sale, extra: Iterable[Legend] = ()) -> tuple[Legend, ...]:
    """The legends of a content, whatever its ``legends`` are so far; ``extra`` is what the issuer adds by code.

    Raises FormatError as ``sunat.wording.legends_for``.
    """
    lines = content.lines
    sold = content if isinstance(content, OriginalSale) else None
    subject = content if isinstance(content, OriginalSale | DebitNote) else None
    facts = LegendFacts(
        total=content.totals.payable, currency=content.currency,
        free=bool(lines) and all(line.amounts.free for line in lines),
        ivap=any(tax.tribute == IVAP or tax.affectation == "17" for line in lines for tax in line.amounts.taxes),
        perception=sold is not None and sold.perception is not None,
        itinerant=sold is not None and sold.delivery is not None and bool(sold.delivery.line),
        detraction=(subject is not None and subject.detraction is not None)
        or (sold is not None and sold.operation_type in DETRACTIONS),
    )
    return legends_for(facts, extra)
