"""A request that becomes a sender's despatch guide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from app.documents.schemas.note import FindTarget
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.shipping import (
    Issuers,
    authorization_of,
    goods_of,
    papers_of,
    part,
    person_of,
    shared_of,
    told,
)
from sunat.catalogues import catalogue
from sunat.documents import Carrier, Container, Guide, Port
from sunat.identity import RUC

_SOLD: Final = ("01", "03", "12")
_BOUGHT: Final = "02"
_RETURNED: Final = "06"
_PLACES: Final = {"1": "63", "2": "64"}


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a sender's guide; what is wrong with the request is noted in ``reading``."""
    body, shared = told(reading), shared_of(reading)
    supplier = person_of(reading, "supplier")
    reason = body.get("handling_code", "")
    theirs = {
        _BOUGHT: supplier.identity_number if supplier else "", _RETURNED: shared["customer"].identity_number,
    }.get(reason, "")
    issuers = Issuers(usual=reading.issuer.ruc, by_type=dict.fromkeys(_SOLD, theirs) if theirs else {})
    content = Guide(
        **shared, reason=reason, mode=part(body, "shipment_stage").get("transport_mode_code", ""),
        reason_note=body.get("handling_instructions", ""), net_weight=body.get("net_weight_measure"),
        weight_note=body.get("weight_difference_reason", ""), packages=body.get("packages_quantity"),
        containers=tuple(
            Container(number=row["number"], seal=row.get("seal", "")) for row in body.get("containers") or ()
        ),
        carrier=_carrier(body), supplier=supplier, buyer=person_of(reading, "buyer"), port=_port(body),
        sender_authorization=authorization_of(
            body.get("sender_authorization"), part(body, "delivery", "dispatch").get("dispatch_party_company_id", "")),
        papers=papers_of(reading, issuers, find_target), goods=goods_of(reading),
    )
    return Drafted(content=content, mismatches=(), exchange_rate=None)


def _carrier(body: Mapping[str, Any]) -> Carrier | None:
    row, older = body.get("carrier"), part(body, "shipment_stage", "carrier_party")
    if row:
        return Carrier(
            identity_code=RUC, identity_number=row.get("tax_id_code", ""), name=row.get("legal_name", ""),
            registration=row.get("mtc_registration", ""), authorization=authorization_of(row.get("authorization")),
        )
    return Carrier(
        identity_code=RUC, identity_number=older.get("party_identification", ""),
        name=older.get("party_legal_entity_name", ""), registration=older.get("party_legal_entity_id", ""),
        authorization=authorization_of(None, older.get("agent_party_id", "")),
    ) if older else None


def _port(body: Mapping[str, Any]) -> Port | None:
    row = body.get("port")
    if not row:
        return None
    kind, code = row.get("type", ""), row.get("code", "")
    entry = catalogue(_PLACES[kind]).get(code) if kind in _PLACES else None
    return Port(type_code=kind, code=code, name=row.get("name") or (entry.description if entry else ""))
