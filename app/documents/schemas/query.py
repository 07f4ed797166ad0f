"""The query parameters of the documents' addresses; unknown ones never fail (contract v1, 2.1.4)."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from app.documents.schemas.fields import Amount, Day, LooseInt, LooseText
from app.wire.formats import FORMATS

_FLAG = validate.OneOf((0, 1))


class Query(Schema):
    """Query parameters: unknown ones are passed over, empty ones count as absent."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def without_blanks(self, data: Any, **_: Any) -> Any:
        """Forms send empty parameters for filters that are not set."""
        return {name: value for name, value in data.items() if value != ""}


class IssueQuery(Query):
    """How to issue."""

    dry_run = LooseInt(validate=_FLAG, metadata={"description": "1: everything but taking a number, storing, sending"})
    wait = LooseInt(
        validate=validate.Range(0, 30), metadata={"description": "seconds to hold the answer until the verdict"}
    )
    explain = LooseInt(validate=_FLAG, metadata={
        "description": "1: totals carry an explanation, each total with its lines, discounts and roundings"
    })
    generate_stamp = LooseInt(validate=_FLAG, metadata={"description": "1: with the QR code as a PNG in stamp_img"})
    pdf = LooseInt(validate=_FLAG, metadata={
        "description": "1: with document_pdf, as reading one has it anyway; 0: without. Issuing never waits for it"
    })


class PdfQuery(Query):
    """On what paper."""

    format = fields.String(validate=validate.OneOf(FORMATS), metadata={
        "description": "By default the format that series, branch or account are set to (branding), else a4"
    })


class ListQuery(Query):
    """Filters and paging of the list."""

    page = LooseInt(validate=validate.Range(1, 1_000_000))
    per_page = LooseInt(validate=validate.Range(1, 500))
    limit = LooseInt(validate=validate.Range(1, 500))
    issue_date_from = Day()
    issue_date_to = Day()
    taxbureau_sending_status = LooseInt()
    taxbureau_validation_status = LooseInt()
    document_number = LooseText(validate=validate.Length(max=20))
    document_type_id = LooseInt(validate=validate.Range(0, 2_147_483_647))
    document_type_taxbureau = LooseText(validate=validate.Length(max=2))
    document_sequence_code = LooseText(validate=validate.Length(max=4))
    received_issued_flag = LooseInt()
    receiver_tax_id_code = LooseText(validate=validate.Length(max=20))
    receiver_legal_name = LooseText(validate=validate.Length(max=200))
    min_total_amount = Amount()
    max_total_amount = Amount()
    external_id = LooseText(validate=validate.Length(max=120))
    status = fields.String(
        validate=validate.OneOf(("issued", "accepted", "observed", "rejected", "voided", "lapsed"))
    )
    order_by = fields.String(validate=validate.OneOf(("asc", "desc")))
    account_id = LooseInt()


class CancelRequest(Schema):
    """The contract's cancel call, and the reason that SUNAT is told."""

    class Meta:
        unknown = EXCLUDE

    document_status = LooseText(metadata={"example": "2"})
    cancellation_reason = fields.String(
        validate=validate.Length(3, 100), metadata={"example": "ERROR EN EL CLIENTE"}
    )
