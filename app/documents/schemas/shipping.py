"""What both despatch guides share when a request becomes content: stops, drivers, vehicles, papers and goods.

The contract has one of each under UBL's names, its extensions have lists; the extension counts where both are there.
Codes that the caller leaves out and only one value can stand for are filled in; nothing else is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from app.documents.schemas.line_extras import gtin_of, properties_of
from app.documents.schemas.lines import description_of
from app.documents.schemas.note import FindTarget, type_code_of
from app.documents.schemas.parties import customer_of, issuer_of
from app.documents.schemas.reading import Reading
from app.documents.schemas.sale import remark_of
from app.problems import Text
from app.wire.identities import identity_code
from sunat.catalogues import catalogue
from sunat.documents import Authorization, CitedPaper, Driver, Goods, Party, RoadVehicle, Stop
from sunat.documents.despatch import SMALL_VEHICLE
from sunat.errors import FormatError
from sunat.identity import DNI
from sunat.money import ZERO
from sunat.numbering import parse_number

BASE: Final = "/header/additional/pe_shipping"
ISSUED: Final = frozenset({"01", "03", "04", "09", "12", "31", "48"})
"""Papers that somebody with a RUC issued, who has to be named (3380)."""

_EMPTY: Final[Mapping[str, Any]] = {}
_DNI_DIGITS: Final = 8
_FOREIGNER: Final = "4"


class Shared(TypedDict):
    """The members of ``sunat.documents.Despatch`` that both guides fill alike."""

    issue_date: Any
    issue_time: Any
    currency: str
    issuer: Party
    customer: Party
    remark: str
    signature_id: str
    origin: Stop
    destination: Stop | None
    gross_weight: Any
    weight_unit: str
    start_date: Any
    indicators: tuple[str, ...]
    drivers: tuple[Driver, ...]
    vehicles: tuple[RoadVehicle, ...]


def told(reading: Reading) -> Mapping[str, Any]:
    """The body's part about the journey, empty where there is none."""
    found: Mapping[str, Any] = (reading.header.get("additional") or _EMPTY).get("pe_shipping") or _EMPTY
    return found


def part(holder: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A part within parts, empty where one of them is missing."""
    for name in names:
        holder = holder.get(name) or _EMPTY
    return holder


def shared_of(reading: Reading, *, extra: Sequence[str] = ()) -> Shared:
    """Reads all that both guides say; ``extra`` are indicators that follow from other members."""
    body = told(reading)
    if not body:
        reading.refuse(
            "REQUIRED", BASE, "Faltan los datos del traslado", "The data of the transport are missing",
            Text("Envíe header.additional.pe_shipping", "Send header.additional.pe_shipping"),
        )
    weight = body.get("gross_weight_measure")
    if body and weight is None:
        reading.refuse(
            "2880", f"{BASE}/gross_weight_measure", "Falta el peso bruto de la carga", "The gross weight is missing",
            Text("Envíe gross_weight_measure en KGM o TNE", "Send gross_weight_measure in KGM or TNE"),
        )
    indicators = tuple(dict.fromkeys((
        *body.get("indicators", ()), *filter(None, (body.get("special_instructions"),)), *extra,
    )))
    stage = part(body, "shipment_stage")
    return Shared(
        issue_date=reading.header["issue_date"], issue_time=reading.pe_header.get("issue_time", reading.now),
        currency="PEN", issuer=issuer_of(reading), customer=customer_of(reading, may_be_anonymous=False),
        remark=remark_of(reading), signature_id=reading.pe_header.get("signature_id", ""),
        origin=_stop(reading, body, "origin", "dispatch") or Stop(),
        destination=_stop(reading, body, "destination", "delivery_address"),
        gross_weight=ZERO if weight is None else weight, weight_unit=body.get("gross_weight_measure_id") or "KGM",
        start_date=body.get("carrier_handover_date") or stage.get("transit_period"), indicators=indicators,
        drivers=_drivers(reading, body, small=SMALL_VEHICLE in indicators), vehicles=_vehicles(body),
    )


def authorization_of(given: Mapping[str, Any] | None, number: str = "") -> Authorization | None:
    """A special authorisation: the extension's, else the contract's bare number; None for neither."""
    row = given or _EMPTY
    found = Authorization(number=row.get("number") or number, entity=row.get("entity", ""))
    return found if found.number or found.entity else None


def person_of(reading: Reading, member: str) -> Party | None:
    """A party of the journey, None where it is not told."""
    row = told(reading).get(member)
    if not row:
        return None
    return Party(
        identity_code=code_of(reading, row.get("tax_id_type", "PE-RUC"), f"{BASE}/{member}/tax_id_type"),
        identity_number=row.get("tax_id_code", ""), name=row.get("legal_name", ""),
    )


def code_of(reading: Reading, written: str, pointer: str) -> str:
    """A code of catalogue 06, given as such or as the contract's type."""
    if written in catalogue("06"):
        return written
    found = identity_code(written)
    if found is None:
        reading.refuse(
            "UNKNOWN_IDENTITY_TYPE", pointer, f"No se conoce el tipo de documento {written}",
            f"The identity type {written} is not known",
            Text("Por ejemplo PE-RUC o PE-DNI", "For example PE-RUC or PE-DNI"),
        )
    return found or ""


def _stop(reading: Reading, body: Mapping[str, Any], name: str, older: str) -> Stop | None:
    row = body.get(name)
    if row:
        owner = row.get("establishment_tax_id_code", "")
        code = row.get("establishment_code", "")
        return Stop(
            ubigeo=row.get("ubigeo", ""), line=row.get("address_line", ""), establishment_code=code,
            establishment_ruc=owner or (reading.issuer.ruc if code else ""),
            latitude=row.get("latitude"), longitude=row.get("longitude"),
        )
    row = part(body, "delivery", older)
    return Stop(ubigeo=row.get("id", ""), line=row.get("address_line", "")) if row else None


def _drivers(reading: Reading, body: Mapping[str, Any], *, small: bool) -> tuple[Driver, ...]:
    """The drivers, the main one first. A vehicle of category M1 or L has none: SUNAT refuses them (3455)."""
    listed, one = body.get("drivers") or (), part(body, "shipment_stage", "driver_person")
    pointer = f"{BASE}/drivers" if listed else f"{BASE}/shipment_stage/driver_person"
    if small and (listed or one):
        reading.remark(
            "3455", pointer, "Con vehículo M1 o L no se consigna conductor; se omite",
            "A vehicle of category M1 or L has no driver told; it is left out",
            Text("No envíe conductores con ese indicador", "Send no drivers with that indicator"),
        )
        return ()
    if not listed:
        return (Driver(
            identity_code=_kind_of(one.get("driver_id", "")), identity_number=one.get("driver_id", ""),
            first_name=one.get("first_name", ""), family_name=one.get("family_name", ""),
            licence=one.get("identity_document_reference", ""),
        ),) if one else ()
    return tuple(
        Driver(
            identity_code=code_of(reading, row["document_type"], f"{BASE}/drivers/{index}/document_type")
            if row.get("document_type") else _kind_of(row.get("document_number", "")),
            identity_number=row.get("document_number", ""), first_name=row.get("first_name", ""),
            family_name=row.get("family_name", ""), licence=row.get("licence", ""),
        ) for index, row in enumerate(listed)
    )


def _kind_of(number: str) -> str:
    """What kind of document a driver's number is, where he does not say: eight digits are a DNI."""
    if not number:
        return ""
    return DNI if len(number) == _DNI_DIGITS and number.isdigit() else _FOREIGNER


def _vehicles(body: Mapping[str, Any]) -> tuple[RoadVehicle, ...]:
    rows: list[Mapping[str, Any]] = []
    for row in body.get("vehicles") or ():
        rows += [row, *row.get("trailers", ())]
    plate = part(body, "transport_handling_unit").get("transport_equipment_id", "")
    if not rows and plate:
        rows = [{"plate": plate}]
    return tuple(
        RoadVehicle(
            plate=row.get("plate", ""), card=row.get("circulation_card", ""),
            authorization=authorization_of(row.get("authorization")),
        ) for row in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuers:
    """Who is taken to have issued a paper of a type that does not say: by type, else ``usual``."""

    usual: str
    by_type: Mapping[str, str]

    def of(self, type_code: str) -> str:
        """His RUC, "" for a paper that nobody issues."""
        return self.by_type.get(type_code, self.usual) if type_code in ISSUED else ""


def papers_of(reading: Reading, issuers: Issuers, find_target: FindTarget) -> tuple[CitedPaper, ...]:
    """The papers that go along: related_documents, then the contract's references."""
    found = [
        _paper(row["type"], row["number"], row.get("issuer_tax_id_code") or issuers.of(row["type"]),
               row.get("description", ""))
        for row in told(reading).get("related_documents") or ()
    ]
    for index, row in enumerate(reading.references):
        number, document_id = row.get("reference_number"), row.get("reference_document_id")
        if document_id is not None:
            target = find_target(document_id)
            if target is None:
                reading.refuse(
                    "DOCUMENT_NOT_FOUND", f"/references/{index}/reference_document_id",
                    "Ese comprobante no existe en la cuenta", "The account has no such document",
                    Text("Use reference_number", "Use reference_number"),
                )
                continue
            found.append(_paper(target.type_code, target.text, reading.issuer.ruc, ""))
            continue
        type_code = type_code_of(reading, row, index)
        written = f"{row['series']}-{number}" if row.get("series") else number or ""
        found.append(_paper(type_code, written, issuers.of(type_code), ""))
    return tuple(found)


def _paper(type_code: str, number: str, issuer: str, name: str) -> CitedPaper:
    entry = catalogue("61").get(type_code)
    return CitedPaper(
        type_code=type_code, name=name or (entry.description if entry else ""), number=_unpadded(number),
        issuer_ruc=issuer,
    )


def _unpadded(written: str) -> str:
    try:
        series, number = parse_number(written)
    except FormatError:
        return written
    return f"{series}-{number}"


def goods_of(reading: Reading, *, noted: bool = False) -> tuple[Goods, ...]:
    """The lines; with ``noted`` one without a quantity is a note about all goods (number 0)."""
    rows = []
    for index, detail in enumerate(reading.details):
        extra = reading.pe_detail(index)
        quantity = detail.get("quantity")
        note = noted and quantity is None
        gtin, gtin_type = gtin_of(reading, index)
        rows.append(Goods(
            position=0 if note else index + 1, description=description_of(detail), quantity=quantity,
            unit=detail["unit_measure"] if quantity is not None else "", seller_code=detail.get("sku", ""),
            sunat_code=extra.get("sunat_product_code", ""), gtin=gtin, gtin_type=gtin_type,
            properties=properties_of(reading, index),
        ))
    return tuple(rows) or (Goods(position=1),)


