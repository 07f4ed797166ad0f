"""The tributes of a sale and how a line stands towards them.

Sources: catalogue 05 (tributes), catalogue 07 (affectations), catalogue 53 (charges and discounts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

IGV: Final = "1000"
IVAP: Final = "1016"
ISC: Final = "2000"
BAGS: Final = "7152"
"""ICBPER, the tax on plastic bags (Ley 30884)."""
INCOME_TAX: Final = "3000"
"""The income tax that the buyer of a purchase settlement keeps back."""
EXPORT: Final = "9995"
FREE: Final = "9996"
EXEMPT: Final = "9997"
UNAFFECTED: Final = "9998"
OTHER: Final = "9999"

PAID: Final = (IGV, IVAP, ISC, BAGS, OTHER)
"""The tributes whose amounts the customer pays; that of a free transfer (9996) is only shown."""
ON_TOP: Final = (BAGS, OTHER)
"""The tributes that come on top of a price, and are paid even for what is given away."""

LINE_DISCOUNT: Final = "00"
"""Catalogue 53: a line's discount that lowers the tax base."""
LINE_DISCOUNT_APART: Final = "01"
"""Catalogue 53: a line's discount that leaves the tax base alone."""
LINE_CHARGE: Final = "47"
"""Catalogue 53: a line's surcharge that raises the tax base."""
LINE_CHARGE_APART: Final = "48"
"""Catalogue 53: a line's surcharge that leaves the tax base alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affectation:
    """How a line stands towards the IGV (a code of catalogue 07).

    ``tribute`` is what an onerous line is reported under, ``""`` where the affectation is never onerous; ``free`` says
    that it may be given away (17 and 40 may be either). ``taxed`` lines work out IGV or IVAP, free ones only to show
    it.
    """

    code: str
    tribute: str
    taxed: bool
    free: bool = False

    @property
    def always_free(self) -> bool:
        """Whether nothing under this code is ever charged."""
        return self.free and not self.tribute


def _free(*codes: str, taxed: bool) -> tuple[Affectation, ...]:
    return tuple(Affectation(code=code, tribute="", taxed=taxed, free=True) for code in codes)


AFFECTATIONS: Final = {
    row.code: row
    for row in (
        Affectation(code="10", tribute=IGV, taxed=True),
        *_free("11", "12", "13", "14", "15", "16", taxed=True),
        Affectation(code="17", tribute=IVAP, taxed=True, free=True),
        Affectation(code="20", tribute=EXEMPT, taxed=False),
        *_free("21", taxed=False),
        Affectation(code="30", tribute=UNAFFECTED, taxed=False),
        *_free("31", "32", "33", "34", "35", "36", "37", taxed=False),
        Affectation(code="40", tribute=EXPORT, taxed=False, free=True),
    )
}
"""Every code of catalogue 07. Free transfers of taxed goods show their IGV, the others show zero."""
