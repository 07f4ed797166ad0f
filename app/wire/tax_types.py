"""The contract's tax ids and what they mean to SUNAT.

Source: contract v1, 4.2 (ids, names, rates); catalogues 05, 07 and 08 (tributes, affectations, systems of the ISC).
A tax that SUNAT reports under the IGV family names its affectation; 426 (free transfer) names none, because several
affectations share it and a guess would be a statement of the taxpayer's that he never made. The reduced rate, the
IVAP and the tax on bags have no id: they are said by ``igv_rate``, ``igv_affectation`` and ``icbper``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

FREE_TRANSFER: Final = "426"
"""The id of what is given away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxType:
    """One tax id: SUNAT's tribute, the affectation it stands for, its percentage where it is fixed.

    ``system`` is how an ISC is worked out (catalogue 08) when the line says nothing else: a percentage is of the
    value (01), an amount is fixed (02). It is empty where the id leaves both open.
    """

    id: str
    name: str
    tribute: str
    affectation: str | None = None
    percent: Decimal | None = None
    system: str = ""


def _isc(number: str, name: str, percent: int | None = None, *, system: str = "01") -> TaxType:
    return TaxType(
        id=number, name=f"ISC {name}", tribute="2000", percent=None if percent is None else Decimal(percent),
        system=system,
    )


TAX_TYPES: Final = {
    row.id: row
    for row in (
        TaxType(id="412", name="IGV 16%", tribute="1000", affectation="10", percent=Decimal(16)),
        TaxType(id="413", name="IGV 18%", tribute="1000", affectation="10", percent=Decimal(18)),
        TaxType(id="414", name="IGV 0%", tribute="9997", affectation="20", percent=Decimal(0)),
        _isc("415", "alcohol 20%", 20),
        _isc("416", "alcohol 50%", 50),
        _isc("417", "bebidas azucaradas 17%", 17),
        _isc("418", "cigarrillos", system="02"),
        _isc("419", "combustibles", system="02"),
        _isc("420", "vehículos 10%", 10),
        _isc("421", "vehículos 20%", 20),
        _isc("422", "vehículos otros", system=""),
        _isc("423", "bebidas azucaradas 25%", 25),
        _isc("424", "alcohol", system="02"),
        TaxType(id="425", name="Exportación", tribute="9995", affectation="40", percent=Decimal(0)),
        TaxType(id=FREE_TRANSFER, name="Transferencia gratuita", tribute="9996", percent=Decimal(0)),
        TaxType(id="427", name="Exonerado", tribute="9997", affectation="20", percent=Decimal(0)),
        TaxType(id="428", name="Inafecto", tribute="9998", affectation="30", percent=Decimal(0)),
        TaxType(id="429", name="Otros conceptos de pago", tribute="9999"),
    )
}
