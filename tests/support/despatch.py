"""Small despatch guides, for tests that need one and care about one thing in it."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from sunat.documents import (
    Authorization,
    Carrier,
    CarrierGuide,
    CitedPaper,
    Container,
    Driver,
    Goods,
    Guide,
    Party,
    Port,
    Property,
    RoadVehicle,
    Stop,
)
from sunat.documents.despatch import PAID_BY_SENDER

D = Decimal
ISSUED: Final = date(2026, 11, 20)
ISSUER: Final = Party(identity_code="6", identity_number="20123456786", name="EMPRESA EMISORA S.A.C.")
ADDRESSEE: Final = Party(identity_code="6", identity_number="20987654326", name="CLIENTE DE PRUEBA S.A.")
FROM: Final = Stop(ubigeo="150112", line="AV. PARTIDA 100")
TO: Final = Stop(ubigeo="150110", line="CALLE LLEGADA 200")
DRIVER: Final = Driver(
    identity_code="1", identity_number="12345678", first_name="JUANA", family_name="QUISPE", licence="Q12345678",
)
SECOND_DRIVER: Final = Driver(
    identity_code="1", identity_number="87654321", first_name="PEDRO", family_name="MAMANI", licence="Q87654321",
)
CARRIER: Final = Carrier(
    identity_number="20555555556", name="TRANSPORTISTA DE PRUEBA S.A.C.", registration="MTC0000001",
    authorization=Authorization(number="AUT-0000001", entity="06"),
)
AT_PORT: Final = Stop(ubigeo="070101", line="PUERTO DEL CALLAO")
CALLAO: Final = Port(type_code="1", code="CLL", name="Callao")
TRUCK: Final = RoadVehicle(plate="ABC123")


def goods(position: int = 1, **changes: Any) -> Goods:
    """A line of coffee."""
    members: dict[str, Any] = {
        "position": position, "description": "CAFE ORGANICO 1 KG", "quantity": D(10), "unit": "NIU",
        "seller_code": "SKU-1", "sunat_code": "50201706", "gtin": "07501234567893", "gtin_type": "GTIN-14",
    }
    return Goods(**{**members, **changes})


def said(code: str, value: str) -> Property:
    """A property of catalogue 55."""
    return Property(code=code, name=f"Propiedad {code}", value=value)


def paper(type_code: str = "01", number: str = "F001-99", issuer_ruc: str = "20123456786") -> CitedPaper:
    """A paper that goes along."""
    return CitedPaper(type_code=type_code, name="Documento relacionado", number=number, issuer_ruc=issuer_ruc)


def guide(**changes: Any) -> Guide:
    """A sale that goes out in the sender's own lorry."""
    members: dict[str, Any] = {
        "issue_date": ISSUED, "issue_time": time(10, 30), "currency": "PEN", "issuer": ISSUER, "customer": ADDRESSEE,
        "reason": "01", "mode": "02", "origin": FROM, "destination": TO, "gross_weight": D("500.5"),
        "start_date": ISSUED, "drivers": (DRIVER,), "vehicles": (TRUCK,), "papers": (paper(),),
        "goods": (goods(), goods(2, description="TE VERDE")), "remark": "Frágil",
    }
    return Guide(**{**members, **changes})


def carried(**changes: Any) -> Guide:
    """The same sale, taken by a carrier."""
    return guide(**{"mode": "01", "carrier": CARRIER, "drivers": (), "vehicles": (), **changes})


def imported(**changes: Any) -> Guide:
    """Imported goods that leave the port of Callao with a customs declaration, some of its items."""
    members: dict[str, Any] = {
        "reason": "08", "customer": ADDRESSEE, "net_weight": D("300"), "weight_note": "Faltan ítems por trasladar",
        "papers": (CitedPaper(type_code="50", name="DAM", number="118-2026-10-123456"),),
        "origin": AT_PORT, "port": CALLAO,
        "containers": tuple(Container(number=f"MSCU123456{n}", seal=f"SEAL00{n}") for n in (1, 2)),
        "packages": 12,
        "goods": (goods(unit="12U", properties=(
            said("7021", "118-2026-10-123456"), said("7023", "1"), said("7022", "0"))),),
    }
    return guide(**{**members, **changes})


def exported(**changes: Any) -> Guide:
    """Goods on their way to the airport or port, to leave the country."""
    members: dict[str, Any] = {
        "reason": "09", "net_weight": D("300"), "weight_note": "Faltan ítems por trasladar",
        "papers": (CitedPaper(type_code="50", name="DAM", number="118-2026-40-123456"),), "packages": 3,
        "destination": AT_PORT, "port": CALLAO,
        "goods": (goods(unit="12U", properties=(said("7021", "118-2026-40-123456"), said("7023", "1"))),),
    }
    return guide(**{**members, **changes})


def carrier_guide(**changes: Any) -> CarrierGuide:
    """Goods of somebody that a carrier takes to somebody else."""
    members: dict[str, Any] = {
        "issue_date": ISSUED, "issue_time": time(10, 30), "currency": "PEN", "issuer": ISSUER, "customer": ADDRESSEE,
        "sender": Party(identity_code="6", identity_number="20555555556", name="REMITENTE DE PRUEBA S.A.C."),
        "registration": "MTC0000001", "authorization": Authorization(number="AUT-1", entity="06"),
        "origin": FROM, "destination": TO, "gross_weight": D("500.5"), "start_date": ISSUED, "drivers": (DRIVER,),
        "vehicles": (RoadVehicle(plate="ABC123", card="TUC0000001"),), "papers": (paper(issuer_ruc="20555555556"),),
        "indicators": (PAID_BY_SENDER,), "goods": (goods(),), "remark": "Frágil",
    }
    return CarrierGuide(**{**members, **changes})
