"""A request that becomes a carrier's despatch guide."""

from __future__ import annotations

from typing import Final

from app.documents.schemas.note import FindTarget
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.shipping import (
    BASE,
    Issuers,
    authorization_of,
    goods_of,
    papers_of,
    part,
    person_of,
    shared_of,
    told,
)
from app.problems import Text
from sunat.documents import CarrierGuide, CitedPaper, Party
from sunat.documents.despatch import PAID_BY_OTHER, PAID_BY_SENDER, PAID_BY_SUBCONTRACTOR, SUBCONTRACTED, WHOLE_LOAD

_PAYERS: Final = {"sender": PAID_BY_SENDER, "subcontractor": PAID_BY_SUBCONTRACTOR, "third_party": PAID_BY_OTHER}
_REMOVAL: Final = "82"
_PRINTED: Final = ("09", "01", "04")
_TICKETS: Final = ("03", "12", "48")


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a carrier's guide; what is wrong with the request is noted in ``reading``."""
    body, sender = told(reading), person_of(reading, "sender")
    payer, subcontractor = body.get("freight_payer") or {}, person_of(reading, "subcontractor")
    extra = [_PAYERS[payer["kind"]]] if payer else []
    shared = shared_of(reading, extra=[*extra, *([SUBCONTRACTED] if subcontractor else [])])
    if sender is None:
        reading.refuse(
            "3383", f"{BASE}/sender", "Falta el remitente de los bienes", "The sender of the goods is missing",
            Text("Envíe sender con tipo, número y nombre", "Send sender with type, number and name"),
        )
        sender = Party(identity_code="", identity_number="", name="")
    issuers = Issuers(usual=sender.identity_number, by_type={"31": reading.issuer.ruc})
    papers = papers_of(reading, issuers, find_target)
    carrier, older = body.get("carrier") or {}, part(body, "shipment_stage", "carrier_party")
    content = CarrierGuide(
        **shared, sender=sender, subcontractor=subcontractor,
        payer=person_of(reading, "freight_payer") if payer.get("kind") == "third_party" else None,
        registration=carrier.get("mtc_registration") or older.get("party_legal_entity_id", ""),
        authorization=authorization_of(carrier.get("authorization"), older.get("agent_party_id", "")),
        papers=papers, goods=goods_of(reading, noted=_noted(papers, shared["indicators"])),
    )
    return Drafted(content=content, mismatches=(), exchange_rate=None)


def _noted(papers: tuple[CitedPaper, ...], indicators: tuple[str, ...]) -> bool:
    """Whether papers that are no electronic vouchers tell the goods, so that a note about them may stand instead."""
    whole = WHOLE_LOAD in indicators
    return any(
        paper.type_code == _REMOVAL or (whole and paper.type_code in _TICKETS)
        or (paper.type_code in _PRINTED and paper.number[:1].isdigit() and (whole or paper.type_code == "09"))
        for paper in papers
    )
