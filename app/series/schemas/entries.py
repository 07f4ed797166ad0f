"""``/V1/series/{id}/entries`` on the wire. Source: `domain/numbering.md` INV-10 to INV-13."""

from __future__ import annotations

import json
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

from app.series.schemas.series import Loose

_LONGEST_METADATA: Final = 8192


def _small(data: Any) -> None:
    if len(json.dumps(data, default=str)) > _LONGEST_METADATA:
        raise ValidationError(
            f"Como máximo {_LONGEST_METADATA} caracteres. / At most {_LONGEST_METADATA} characters of JSON."
        )


class EntryRequest(Loose):
    """A number to take; the caller says for which day and what for, never which."""

    issue_date = fields.Date(metadata={"description": "Today in Lima unless told; a period turns by it"})
    metadata = fields.Dict(keys=fields.String(), validate=_small, metadata={"description": "Whatever the caller keeps"})


class EntryQuery(Loose):
    """Paging."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    per_page = fields.Integer(load_default=50, validate=validate.Range(min=1, max=500))


EXAMPLE: Final = {"issue_date": "2026-11-20", "metadata": {"order": "1234"}}
"""A request, for the description of the API."""


class EntryAnswer(Schema):
    """A number that was given out."""

    id = fields.String(required=True)
    series_id = fields.String(required=True)
    code = fields.String(required=True, metadata={"example": "COT-2026-000001"})
    number = fields.Integer(required=True)
    index = fields.Integer(required=True, metadata={"description": "Its place among all entries of the series"})
    period = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    issue_date = fields.String(required=True, metadata={"format": "date"})
    metadata = fields.Dict(required=True)
    document_id = fields.Integer(required=True, allow_none=True, metadata={"description": "The internal paper, if any"})
    file_name = fields.String(required=True)
    previous = fields.String(required=True, allow_none=True, metadata={"description": "The entry before it"})
    chain_hash = fields.String(required=True)
    observations = fields.List(fields.Dict())
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    links = fields.Dict(data_key="_links")


class EntryList(Schema):
    """A page of entries, the newest first."""

    entries = fields.List(fields.Nested(EntryAnswer))
    embedded = fields.Dict(data_key="_embedded")
    links = fields.Dict(data_key="_links")
    page = fields.Integer()
    page_count = fields.Integer()
    page_size = fields.Integer()
    total_items = fields.Integer()
