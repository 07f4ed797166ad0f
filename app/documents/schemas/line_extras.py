"""What a line says besides its amounts: GTIN, properties of catalogue 55, a stay, a carriage of goods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from sunat.catalogues import catalogue
from sunat.documents import Address, CargoTransport, Leg, Property, Vehicle

_GTIN: Final = {8: "GTIN-8", 12: "GTIN-12", 13: "GTIN-13", 14: "GTIN-14"}
STAY: Final = (
    ("4000", "passport_country", "value"), ("4001", "residence_country", "value"),
    ("4002", "country_entry_date", "start_date"), ("4003", "check_in", "start_date"),
    ("4004", "check_out", "start_date"), ("4005", "days", "days"), ("4006", "consumption_date", "start_date"),
    ("4007", "guest_name", "value"), ("4008", "guest_document_type", "value"),
    ("4009", "guest_document_number", "value"),
)
"""Catalogue 55, the member of ``lodging`` that says it, and the part of a property it goes into."""


def gtin_of(reading: Reading, index: int) -> tuple[str, str]:
    """GTIN and its structure, both empty without one; the structure follows from the length unless it is told."""
    told = reading.pe_detail(index).get("gtin")
    if told is None:
        return "", ""
    code = told["code"]
    structure = told.get("type") or _GTIN.get(len(code), "")
    if not structure:
        lengths = ", ".join(str(length) for length in _GTIN)
        reading.refuse(
            "CHQ-GTIN", f"/details/{index}/additional/pe_detail/gtin/code",
            f"Un GTIN tiene {lengths} dígitos y este {len(code)}", f"A GTIN has {lengths} digits, this one {len(code)}",
            Text("Corrija el código o quite gtin", "Correct the code or remove gtin"),
        )
    return code, structure


def properties_of(reading: Reading, index: int) -> tuple[Property, ...]:
    """The properties of a line: those written one by one, then those that its stay makes."""
    extra = reading.pe_detail(index)
    told = [
        Property(
            code=row["code"], name=row.get("name") or _name(row["code"]), value=row.get("value", ""),
            quantity=row.get("quantity"), unit=row.get("unit", ""), start_date=row.get("start_date"),
            start_time=row.get("start_time"), end_date=row.get("end_date"), days=row.get("days"),
        )
        for row in extra.get("properties") or ()
    ]
    told += _stay(extra.get("lodging") or {})
    seen: set[str] = set()
    for position, row in enumerate(told):
        if row.code in seen and position >= len(extra.get("properties") or ()):
            reading.refuse(
                "CHQ-PROPERTY", f"/details/{index}/additional/pe_detail/lodging",
                f"La propiedad {row.code} está en properties y en lodging",
                f"Property {row.code} is in properties and in lodging",
                Text("Deje una de las dos", "Leave one of the two"),
            )
        seen.add(row.code)
    return tuple(told)


def _stay(told: Mapping[str, Any]) -> Iterator[Property]:
    nights = {}
    if told.get("check_in") and told.get("check_out") and told.get("days") is None:
        nights = {"days": max((told["check_out"] - told["check_in"]).days, 0)}
    for code, member, part in STAY:
        value = {**nights, **told}.get(member)
        if value is not None:
            yield Property(code=code, name=_name(code), **{part: value})


def stay_codes(told: Mapping[str, Any]) -> list[str]:
    """The members of a ``lodging`` that become properties, in their order; ``days`` may be worked out."""
    return [
        member for _, member, _ in STAY
        if told.get(member) is not None or (member == "days" and told.get("check_in") and told.get("check_out"))
    ]


def _name(code: str) -> str:
    table = catalogue("55")
    return table[code].description if code in table else code


def cargo_of(reading: Reading, index: int) -> CargoTransport | None:
    """The carriage of goods that a line is for; amounts in soles, loads in tonnes."""
    told = reading.pe_detail(index).get("cargo_transport")
    if told is None:
        return None
    values = told.get("reference_values") or {}
    return CargoTransport(
        origin=_place(told.get("origin") or {}), destination=_place(told.get("destination") or {}),
        trip=told.get("trip_detail", ""), service_value=values.get("service"),
        effective_value=values.get("effective_load"), nominal_value=values.get("nominal_load"),
        legs=tuple(_leg(row) for row in told.get("legs") or ()),
    )


def _place(told: Mapping[str, Any]) -> Address:
    return Address(line=told.get("address_line", ""), ubigeo=told.get("ubigeo", ""))


def _leg(told: Mapping[str, Any]) -> Leg:
    return Leg(
        origin_ubigeo=told["origin_ubigeo"], destination_ubigeo=told["destination_ubigeo"],
        description=told.get("description", ""), preliminary_value=told.get("preliminary_value"),
        nominal_value=told.get("nominal_value"),
        vehicles=tuple(
            Vehicle(
                configuration=row["configuration"], useful_load=row.get("useful_load"),
                effective_load=row.get("effective_load"),
            )
            for row in told.get("vehicles") or ()
        ),
    )
