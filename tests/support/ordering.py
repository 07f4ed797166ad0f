"""Requests for every tax case, made of a plain one by what is changed in it, and what becomes of them offline."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.documents.drafting import draft_offline
from app.documents.schemas.reading import IssuerCard
from app.documents.schemas.request import DocumentRequest
from app.problems import Item, Refused
from sunat.documents import Address
from sunat.kinds import kind

FIXTURES = Path(__file__).parents[2] / "fixtures"
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
"""Friday 2026-11-20, 10:30 in Lima."""
ISSUER = IssuerCard(
    ruc="20123456786", legal_name="EMPRESA EMISORA S.A.C.", trade_name="", address=Address(),
    establishment_code="0000", detraction_account="00-011-123456",
)
FOREIGNER = {"receiver_tax_id_type": "US-EIN", "receiver_tax_id_code": "123456789", "receiver_country_id": "89"}
STAY = {
    "guest_name": "JANE DOE", "guest_document_type": "7", "guest_document_number": "X1234567",
    "passport_country": "US", "residence_country": "US", "country_entry_date": "2026-11-01",
    "check_in": "2026-11-10", "check_out": "2026-11-13", "consumption_date": "2026-11-10",
}
FISH = [
    {"code": "3001", "value": "CO-12345"}, {"code": "3002", "value": "NAVE UNO"}, {"code": "3003", "value": "ATUN"},
    {"code": "3004", "value": "PAITA"}, {"code": "3005", "start_date": "2026-11-18"},
    {"code": "3006", "quantity": "10", "unit": "TNE"},
]
CARGO = {
    "origin": {"ubigeo": "150101", "address_line": "AV. ORIGEN 1"},
    "destination": {"ubigeo": "040101", "address_line": "AV. DESTINO 2"}, "trip_detail": "CARGA LIMA - AREQUIPA",
    "reference_values": {"service": "1000", "effective_load": "900", "nominal_load": "950"},
    "legs": [{
        "origin_ubigeo": "150101", "destination_ubigeo": "040101", "description": "TRAMO UNICO",
        "preliminary_value": "900",
        "vehicles": [{"configuration": "C2", "useful_load": "20", "effective_load": "15"}],
    }],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a request: its XML (empty when it could not be read) and everything noted about it."""

    xml: str
    items: tuple[Item, ...]

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Code and pointer of each error."""
        return [(item.code, item.pointer) for item in self.items if item.severity == "error"]

    @property
    def remarks(self) -> set[str]:
        """The codes of the observations."""
        return {item.code for item in self.items if item.severity == "observation"}


def tax(number: str, percent: Any, amount: Any) -> dict[str, Any]:
    """A row of ``taxes[]``."""
    return {"tax_type_id": number, "tax_percentage": percent, "tax_amount": amount}


def request(base: str = "invoice/cash") -> dict[str, Any]:
    """The request of a golden, to be changed at will."""
    return copy.deepcopy(_stored(base))


@cache
def _stored(base: str) -> dict[str, Any]:
    text = (FIXTURES / base / "request.json").read_text(encoding="utf-8")
    body: dict[str, Any] = json.loads(text, parse_float=Decimal)
    return body


def asked(base: str = "invoice/cash", **changes: Any) -> dict[str, Any]:
    """A golden's request without claimed sums, changed: ``header``, ``pe``, ``detail``, ``pe_detail`` merge into their
    parts, ``taxes`` replaces the line's, ``top`` merges into the body. ``operation`` is the type of operation.

    A ``pe`` of detraction, perception or withholding gets its operation by itself.
    """
    body = request(base)
    body.pop("totals", None)
    header, detail = body["header"], body["details"][0]
    extra = header.setdefault("additional", {}).setdefault("pe_header", {})
    extra.pop("operation_type", None)
    for name in ("total_taxes", "total_amount_line"):
        detail.pop(name, None)
    header.update(changes.get("header", {}))
    extra.update(changes.get("pe", {}))
    if "operation" in changes:
        extra["operation_type"] = changes["operation"]
    detail.update(changes.get("detail", {}))
    if "taxes" in changes:
        detail["taxes"] = list(changes["taxes"])
    if "pe_detail" in changes:
        detail.setdefault("additional", {}).setdefault("pe_detail", {}).update(changes["pe_detail"])
    body.update(changes.get("top", {}))
    return body


def answered(
    body: dict[str, Any], code: str = "01", series: str = "F001", issuer: IssuerCard = ISSUER
) -> Outcome:
    """What becomes of a request offline."""
    try:
        voucher, items = draft_offline(
            DocumentRequest().load(body), kind(code), issuer, series=series, number=1, now=NOW
        )
    except Refused as problem:
        return Outcome(xml="", items=tuple(problem.items))
    return Outcome(xml=voucher.numbered(1).decode(), items=items)
