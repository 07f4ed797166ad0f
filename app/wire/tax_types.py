"""The contract's tax ids and what they mean to SUNAT.

Source: contract v1, 4.2 (ids, names, rates); catalogues 05 and 07 (tributes, affectations). A tax that SUNAT reports
under the IGV family names its affectation; 426 (free transfer) names none, because several affectations share it and
a guess would be a statement of the taxpayer's that he never made.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxType:
    """One tax id: SUNAT's tribute, the affectation it stands for, and its percentage where it is fixed."""

    id: str
    name: str
    tribute: str
    affectation: str | None = None
    percent: Decimal | None = None


TAX_TYPES: Final = {
    row.id: row
    for row in (
        TaxType(id="412", name="IGV 16%", tribute="1000", affectation="10", percent=Decimal(16)),
        TaxType(id="413", name="IGV 18%", tribute="1000", affectation="10", percent=Decimal(18)),
        TaxType(id="414", name="IGV 0%", tribute="9997", affectation="20", percent=Decimal(0)),
        TaxType(id="415", name="ISC alcohol 20%", tribute="2000", percent=Decimal(20)),
        TaxType(id="416", name="ISC alcohol 50%", tribute="2000", percent=Decimal(50)),
        TaxType(id="417", name="ISC bebidas azucaradas 17%", tribute="2000", percent=Decimal(17)),
        TaxType(id="418", name="ISC cigarrillos", tribute="2000"),
        TaxType(id="419", name="ISC combustibles", tribute="2000"),
        TaxType(id="420", name="ISC vehículos 10%", tribute="2000", percent=Decimal(10)),
        TaxType(id="421", name="ISC vehículos 20%", tribute="2000", percent=Decimal(20)),
        TaxType(id="422", name="ISC vehículos otros", tribute="2000"),
        TaxType(id="423", name="ISC bebidas azucaradas 25%", tribute="2000", percent=Decimal(25)),
        TaxType(id="424", name="ISC alcohol", tribute="2000"),
        TaxType(id="425", name="Exportación", tribute="9995", affectation="40", percent=Decimal(0)),
        TaxType(id="426", name="Transferencia gratuita", tribute="9996", percent=Decimal(0)),
        TaxType(id="427", name="Exonerado", tribute="9997", affectation="20", percent=Decimal(0)),
        TaxType(id="428", name="Inafecto", tribute="9998", affectation="30", percent=Decimal(0)),
        TaxType(id="429", name="Otros conceptos de pago", tribute="9999"),
    )
}
