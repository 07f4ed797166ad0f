"""Certificates of retention and perception on the wire: two headers and two sorts of references that mean the same.

The names are the contract's and its extensions'; ``FORMS`` says which of them holds what. Amounts withheld, net and
total are in soles; what was paid is in the currency of the voucher that it paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from marshmallow import fields

from app.documents.schemas.body import Body, told
from app.documents.schemas.fields import Amount, Day, LooseBool, LooseText
from app.wire.document_types import type_of

_SOLES: Final = "Soles; worked out where it is left out, used as it is where it is given"


class _Payment(Body):
    """What the rows of both say of the voucher that was paid."""

    reference_total_invoice_amount = Amount(metadata=told("The voucher's own total, in its currency", "1180.00"))
    calculation_rate = Amount(metadata=told(
        "Soles for one unit of the voucher's currency; without it, the rate published for the day", "3.750"
    ))
    calculation_rate_date = Day(metadata=told("The rate's day; the payment's unless told"))
    currency_id = LooseText(metadata=told("The voucher's and the payment's: 7 PEN (unless told), 5 USD, 38 EUR"))


class RetentionHeader(Body):
    """What a certificate of retention says as a whole."""

    pe_sunat_retention_system_code = LooseText(metadata=told("Catalogue 23: 01 is 3 %", "01"))
    pe_sunat_retention_percent = Amount(metadata=told("The regime's rate unless told", "3.00"))
    pe_sunat_total_paid = Amount(metadata=told(f"What was paid net of the retention. {_SOLES}", "1144.60"))
    rounding_amount = Amount(metadata=told("Within the total paid, one sol at most", "0.40"))


class PerceptionHeader(Body):
    """What a certificate of perception says as a whole."""

    pe_sunat_perception_system_code = LooseText(metadata=told(
        "Catalogue 22: 01 domestic sale 2 %, 02 fuels 1 %, 03 special rate 0.5 %", "01"
    ))
    pe_sunat_perception_percent = Amount(metadata=told("The regime's rate unless told", "2.00"))
    pe_sunat_total_collected = Amount(metadata=told(f"What was collected with the perception. {_SOLES}", "1203.60"))
    exceptional_indicator = LooseBool(metadata=told(
        "The certificate is for one factura paid in cash that did not carry its perception itself"
    ))
    rounding_amount = Amount(metadata=told("Within the total collected, one sol at most", "-0.10"))


class RetentionDetails(_Payment):
    """One payment to a supplier and what was kept back of it."""

    reference_paid_amount = Amount(metadata=told("What was to be paid, with the part kept back", "1180.00"))
    reference_paid_date = Day()
    reference_payment_id = LooseText(metadata=told("1, 2, 3 among the payments of one voucher unless told", "1"))
    pe_reference_sunat_retention_amount = Amount(metadata=told(_SOLES, "35.40"))
    pe_reference_sunat_retention_date = Day(metadata=told("The payment's day unless told"))
    reference_net_paid_amount = Amount(metadata=told(_SOLES, "1144.60"))


class PerceptionDetails(_Payment):
    """One payment of a customer and what was collected on top of it."""

    reference_collected_amount = Amount(metadata=told("What was collected, without the perception", "1180.00"))
    reference_collected_date = Day()
    reference_collection_id = LooseText(metadata=told("1, 2, 3 among the payments of one voucher unless told", "1"))
    pe_reference_sunat_perception_amount = Amount(metadata=told(_SOLES, "23.60"))
    pe_reference_sunat_perception_date = Day(metadata=told("The payment's day unless told"))
    reference_net_collected_amount = Amount(metadata=told(_SOLES, "1203.60"))


class ReferenceAdditional(Body):
    """What Peru's certificates say beside a reference."""

    pe_retention_details = fields.Nested(RetentionDetails)
    pe_perception_details = fields.Nested(PerceptionDetails)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How one of the two kinds writes itself: where its header and its rows stand, and which member holds what.

    ``whole`` and ``row`` go from a field of the content to a member. ``codes`` are SUNAT's for what is missing before
    there is a voucher that its rules could look at: regime, currency, payment (absent, not positive), its day.
    """

    header: str
    details: str
    whole: Mapping[str, str]
    row: Mapping[str, str]
    codes: Mapping[str, str]

    def told(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The header's part of a body, empty where there is none."""
        found: Mapping[str, Any] = ((body.get("header") or {}).get("additional") or {}).get(self.header) or {}
        return found

    def told_of(self, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        """The part of a reference, empty where there is none."""
        found: Mapping[str, Any] = (reference.get("additional") or {}).get(self.details) or {}
        return found

    def pointer(self, field: str = "", index: int | None = None) -> str:
        """Where a body says a field of the whole, or of one of its rows."""
        if index is None:
            base, member = f"/header/additional/{self.header}", self.whole.get(field, "")
        elif field in _REFERENCE:
            return f"/references/{index}{_REFERENCE[field]}"
        else:
            base, member = f"/references/{index}/additional/{self.details}", self.row.get(field, "")
        return f"{base}/{member}" if member else base


_REFERENCE: Final = {
    "": "", "number": "/reference_number", "type_code": "/document_type_id", "issue_date": "/reference_date",
}
_SHARED: Final = {
    "total": "reference_total_invoice_amount", "currency": "currency_id", "rate.rate": "calculation_rate",
    "rate.day": "calculation_rate_date",
}

RETENTION: Final = Form(
    header="pe_retention_header", details="pe_retention_details",
    whole={
        "system": "pe_sunat_retention_system_code", "percent": "pe_sunat_retention_percent",
        "net": "pe_sunat_total_paid", "rounding": "rounding_amount",
    },
    row={
        "paid": "reference_paid_amount", "paid_on": "reference_paid_date", "payment_id": "reference_payment_id",
        "amount": "pe_reference_sunat_retention_amount", "withheld_on": "pe_reference_sunat_retention_date",
        "net": "reference_net_paid_amount", **_SHARED,
    },
    codes={"regime": "2618", "currency": "2728", "paid": "2735", "positive": "2736", "paid_on": "2737"},
)
PERCEPTION: Final = Form(
    header="pe_perception_header", details="pe_perception_details",
    whole={
        "system": "pe_sunat_perception_system_code", "percent": "pe_sunat_perception_percent",
        "net": "pe_sunat_total_collected", "exceptional": "exceptional_indicator", "rounding": "rounding_amount",
    },
    row={
        "paid": "reference_collected_amount", "paid_on": "reference_collected_date",
        "payment_id": "reference_collection_id", "amount": "pe_reference_sunat_perception_amount",
        "withheld_on": "pe_reference_sunat_perception_date", "net": "reference_net_collected_amount", **_SHARED,
    },
    codes={"regime": "2602", "currency": "2685", "paid": "2699", "positive": "2700", "paid_on": "2702"},
)


_FORMS: Final[Mapping[str, Form]] = {"20": RETENTION, "40": PERCEPTION}


def form_of(body: Mapping[str, Any]) -> Form:
    """The form of the certificate that a body asks for, that of a retention where it asks for neither."""
    header = body.get("header") or {}
    asked = type_of(str(header.get("document_type_id") or ""))
    code = asked.sunat_code if asked is not None else str(header.get("document_type_taxbureau") or "")
    return _FORMS.get(code, RETENTION)
