"""From a field of a despatch guide to the JSON pointer of the body that its caller sent (see ``pointers``).

The contract says much of it under UBL's names, the extensions under plainer ones; the pointer is to the one in use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

BASE: Final = "/header/additional/pe_shipping"
_STAGE: Final = f"{BASE}/shipment_stage"
_PE_LINE: Final = "/details/#/additional/pe_detail"
_PERSON: Final = (
    ("", ""), ("identity_code", "/tax_id_type"), ("identity_number", "/tax_id_code"), ("name", "/legal_name"),
)
_PARTIES: Final = {
    "supplier": "supplier", "buyer": "buyer", "sender": "sender", "subcontractor": "subcontractor",
    "payer": "freight_payer",
}

TABLE: Final = {
    "reason": f"{BASE}/handling_code",
    "reason_note": f"{BASE}/handling_instructions",
    "mode": f"{_STAGE}/transport_mode_code",
    "gross_weight": f"{BASE}/gross_weight_measure",
    "weight_unit": f"{BASE}/gross_weight_measure_id",
    "net_weight": f"{BASE}/net_weight_measure",
    "weight_note": f"{BASE}/weight_difference_reason",
    "packages": f"{BASE}/packages_quantity",
    "containers": f"{BASE}/containers",
    "containers.#": f"{BASE}/containers/#",
    "containers.#.number": f"{BASE}/containers/#/number",
    "containers.#.seal": f"{BASE}/containers/#/seal",
    "port": f"{BASE}/port",
    "port.code": f"{BASE}/port/code",
    "port.type_code": f"{BASE}/port/type",
    "port.name": f"{BASE}/port/name",
    **{f"{field}{'.' if part else ''}{part}": f"{BASE}/{member}{end}" for field, member in _PARTIES.items()
       for part, end in _PERSON},
    "goods": "/details",
    "goods.#": "/details/#",
    "goods.#.quantity": "/details/#/quantity",
    "goods.#.unit": "/details/#/unit_measure",
    "goods.#.description": "/details/#/line_description",
    "goods.#.seller_code": "/details/#/sku",
    "goods.#.sunat_code": f"{_PE_LINE}/sunat_product_code",
    "goods.#.gtin": f"{_PE_LINE}/gtin/code",
    "goods.#.gtin_type": f"{_PE_LINE}/gtin/type",
    "goods.#.properties": f"{_PE_LINE}/properties",
    "goods.#.properties.#": f"{_PE_LINE}/properties/#",
    **{f"goods.#.properties.#.{name}": f"{_PE_LINE}/properties/#/{name}" for name in ("code", "name", "value")},
}
"""Content field -> pointer; a # stands for a position, filled from the left."""

Find = Callable[[Mapping[str, Any], Sequence[int]], str]


def _shipping(body: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = ((body.get("header") or {}).get("additional") or {}).get("pe_shipping") or {}
    return found


def _either(member: str, newer: str, older: str) -> Find:
    """The extension's member where the body has it, else the contract's."""
    def find(body: Mapping[str, Any], _: Sequence[int]) -> str:
        return f"{BASE}/{newer}" if _shipping(body).get(member) else f"{BASE}/{older}"
    return find


def _stop(name: str, older: str, part: str, old_part: str) -> Find:
    address = f"delivery/{older}"
    return _either(name, f"{name}{part}", f"{address}{old_part}")


_STOP: Final = (
    ("", "", ""), ("ubigeo", "/ubigeo", "/id"), ("line", "/address_line", "/address_line"),
    ("establishment_code", "/establishment_code", ""), ("establishment_ruc", "/establishment_tax_id_code", ""),
    ("latitude", "/latitude", ""), ("longitude", "/longitude", ""),
)
_DRIVER: Final = {
    "": ("", ""), "identity_code": ("/document_type", "/driver_id"),
    "identity_number": ("/document_number", "/driver_id"),
    "first_name": ("/first_name", "/first_name"), "family_name": ("/family_name", "/family_name"),
    "licence": ("/licence", "/identity_document_reference"),
}
_VEHICLE: Final = {
    "": "", "plate": "/plate", "card": "/circulation_card", "authorization": "/authorization",
    "authorization.number": "/authorization/number", "authorization.entity": "/authorization/entity",
}


def _driver(part: str) -> Find:
    newer, older = _DRIVER[part]

    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        if _shipping(body).get("drivers") and numbers:
            return f"{BASE}/drivers/{numbers[0]}{newer}"
        return f"{BASE}/drivers" if not _older(body, "driver_person") else f"{_STAGE}/driver_person{older}"
    return find


def _older(body: Mapping[str, Any], member: str) -> Any:
    return (_shipping(body).get("shipment_stage") or {}).get(member)


def _vehicle(part: str) -> Find:
    """The n-th vehicle of the guide: in the body trailers follow the vehicle that pulls them."""
    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        places = [
            place for index, row in enumerate(_shipping(body).get("vehicles") or ())
            for place in (f"{index}", *(f"{index}/trailers/{n}" for n in range(len(row.get("trailers") or ()))))
        ]
        if numbers and numbers[0] < len(places):
            return f"{BASE}/vehicles/{places[numbers[0]]}{_VEHICLE[part]}"
        older = (_shipping(body).get("transport_handling_unit") or {}).get("transport_equipment_id")
        return f"{BASE}/transport_handling_unit/transport_equipment_id" if older else f"{BASE}/vehicles"
    return find


_PAPER: Final = {
    "": ("", ""), "type_code": ("/type", "/document_type_id"), "number": ("/number", "/reference_number"),
    "name": ("/description", ""), "issuer_ruc": ("/issuer_tax_id_code", ""),
}


def _paper(part: str) -> Find:
    """The n-th paper: the contract's references follow the extension's list."""
    newer, older = _PAPER[part]

    def find(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
        listed = len(_shipping(body).get("related_documents") or ())
        if not numbers:
            return f"{BASE}/related_documents"
        if numbers[0] < listed:
            return f"{BASE}/related_documents/{numbers[0]}{newer}"
        return f"/references/{numbers[0] - listed}{older}"
    return find


def _indicator(body: Mapping[str, Any], numbers: Sequence[int]) -> str:
    listed = len(_shipping(body).get("indicators") or ())
    if numbers and numbers[0] < listed:
        return f"{BASE}/indicators/{numbers[0]}"
    return f"{BASE}/special_instructions" if _shipping(body).get("special_instructions") else f"{BASE}/indicators"


_CARRIER: Final = {
    "": ("", ""), "identity_number": ("/tax_id_code", "/party_identification"),
    "identity_code": ("/tax_id_code", "/party_identification"), "name": ("/legal_name", "/party_legal_entity_name"),
    "registration": ("/mtc_registration", "/party_legal_entity_id"),
    "authorization": ("/authorization", "/agent_party_id"),
    "authorization.number": ("/authorization/number", "/agent_party_id"),
    "authorization.entity": ("/authorization/entity", "/agent_party_id"),
}


def _carrier(part: str) -> Find:
    newer, older = _CARRIER[part]

    def find(body: Mapping[str, Any], _: Sequence[int]) -> str:
        return f"{_STAGE}/carrier_party{older}" if _older(body, "carrier_party") else f"{BASE}/carrier{newer}"
    return find


def _sender_permit(part: str) -> Find:
    return _either("sender_authorization", f"sender_authorization{part}", "delivery/dispatch/dispatch_party_company_id")


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)


BY_BODY: Final[dict[str, Find]] = {
    **{
        _joined(name, field): _stop(name, older, part, old_part)
        for name, older in (("origin", "dispatch"), ("destination", "delivery_address"))
        for field, part, old_part in _STOP
    },
    "start_date": _either("carrier_handover_date", "carrier_handover_date", "shipment_stage/transit_period"),
    "drivers": _driver(""),
    **{_joined("drivers.#", part): _driver(part) for part in _DRIVER},
    "vehicles": _vehicle(""),
    **{_joined("vehicles.#", part): _vehicle(part) for part in _VEHICLE},
    "papers": _paper(""),
    **{_joined("papers.#", part): _paper(part) for part in _PAPER},
    "indicators": _indicator,
    "indicators.#": _indicator,
    **{_joined("carrier", part): _carrier(part) for part in _CARRIER},
    "registration": _carrier("registration"),
    "authorization": _carrier("authorization"),
    "authorization.number": _carrier("authorization.number"),
    "authorization.entity": _carrier("authorization.entity"),
    "sender_authorization": _sender_permit(""),
    "sender_authorization.number": _sender_permit("/number"),
    "sender_authorization.entity": _sender_permit("/entity"),
}
"""Content field -> how its pointer follows from the body."""
