"""What both despatch guides share: who receives, from where to where, on what wheels, with which papers and goods.

Sources: RS 123-2022/SUNAT (electronic guides) and SUNAT's validation workbook of guides of 2022-10-20. Weights are in
kilograms or tonnes; a guide has no amounts of money.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from sunat.documents.sale import Property
from sunat.documents.voucher import Sums, Voucher
from sunat.money import ZERO

PREFIX: Final = "SUNAT_Envio_Indicador"
TRANSSHIPMENT: Final = f"{PREFIX}TransbordoProgramado"
SMALL_VEHICLE: Final = f"{PREFIX}TrasladoVehiculoM1L"
"""Goods travel in a vehicle of category M1 or L: neither driver nor plate is told."""
EMPTY_PACKAGES: Final = f"{PREFIX}RetornoVehiculoEnvaseVacio"
EMPTY_VEHICLE: Final = f"{PREFIX}RetornoVehiculoVacio"
WHOLE_DECLARATION: Final = f"{PREFIX}TrasladoTotalDAMoDS"
"""All goods of a customs declaration travel at once: lines may go without detail."""
CARRIERS_OWN: Final = f"{PREFIX}VehiculoConductoresTransp"
"""The sender tells the carrier's vehicles and drivers, so that the carrier needs no guide of its own."""
WHOLE_LOAD: Final = f"{PREFIX}TrasladoTotal"
SUBCONTRACTED: Final = f"{PREFIX}TrasporteSubcontratado"
PAYER: Final = f"{PREFIX}PagadorFlete_"
PAID_BY_SENDER: Final = f"{PAYER}Remitente"
PAID_BY_SUBCONTRACTOR: Final = f"{PAYER}Subcontratador"
PAID_BY_OTHER: Final = f"{PAYER}Tercero"

PUBLIC: Final = "01"
PRIVATE: Final = "02"
"""Modes of transport (catalogue 18): by a carrier, or with vehicles of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """A special authorisation and who gave it (``entity``, catalogue D-37; "" where nobody said)."""

    number: str
    entity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where the goods start or arrive. ``establishment_code`` is the four-digit annex of ``establishment_ruc``.

    Latitude and longitude are degrees with up to eight decimals.
    """

    ubigeo: str = ""
    line: str = ""
    establishment_code: str = ""
    establishment_ruc: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """Who drives; the first one of a guide is the main driver."""

    identity_code: str = ""
    identity_number: str = ""
    first_name: str = ""
    family_name: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadVehicle:
    """A vehicle on the road; the first one of a guide is the main one, the others (two at most) go with it.

    ``card`` is its circulation card or vehicle permit number (TUC), as the ministry of transport gives it.
    """

    plate: str
    card: str = ""
    authorization: Authorization | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPaper:
    """A paper that goes with the goods (``type_code`` of catalogue 61, ``name`` what it is called there)."""

    type_code: str
    name: str
    number: str
    issuer_ruc: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One line of goods. ``position`` is its number; 0 is an optional note about all of them (guides 31)."""

    position: int
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    seller_code: str = ""
    sunat_code: str = ""
    gtin: str = ""
    gtin_type: str = ""
    properties: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Despatch(Voucher):
    """The content common to the guides. ``customer`` is the addressee, who receives the goods.

    ``start_date`` is the day on which the journey starts or the carrier gets the goods. ``weight_unit`` is KGM or TNE.
    """

    origin: Stop
    destination: Stop | None
    gross_weight: Decimal
    weight_unit: str = "KGM"
    start_date: date | None = None
    indicators: tuple[str, ...] = ()
    drivers: tuple[Driver, ...] = ()
    vehicles: tuple[RoadVehicle, ...] = ()
    papers: tuple[CitedPaper, ...] = ()
    goods: tuple[Goods, ...] = ()

    @property
    def main_vehicle(self) -> RoadVehicle | None:
        """The vehicle that pulls the others, None where none is told."""
        return self.vehicles[0] if self.vehicles else None

    @property
    def secondary_vehicles(self) -> tuple[RoadVehicle, ...]:
        """The vehicles that go with the main one."""
        return self.vehicles[1:]

    @property
    def sums(self) -> Sums:
        """A guide moves goods and no money."""
        return Sums(net=ZERO, taxes=ZERO, payable=ZERO, igv=ZERO)
