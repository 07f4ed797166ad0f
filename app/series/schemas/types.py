"""What ``/V1/document_types`` reads (contract/v1.md 2.2; decision 5)."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from app.http import OpenSchema
from app.series.models import CHRONOLOGICAL

_ID = validate.Range(min=1, max=2**63 - 1)
_CODE = validate.Length(min=1, max=4)


class TypeQuery(Schema):
    """Which account and which series."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=_ID)
    document_sequence_code = fields.String(validate=_CODE)


class TypeChange(Schema):
    """``PATCH``: the counter, and what else a series has."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=_ID)
    document_sequence_code = fields.String(validate=_CODE, metadata={
        "description": "The series; by default the default one of the type. An unknown one that fits is registered."
    })
    last_sequence_number = fields.Integer(validate=validate.Range(min=-1, max=10**9), metadata={
        "description": "The last number already used: issuing goes on at the next one. Free before the first voucher, "
                       "afterwards forward only and with a reason."
    })
    reason = fields.String(validate=validate.Length(max=500))
    company_branch_id = fields.Integer(validate=_ID, metadata={"description": "Where a new series belongs"})
    active = fields.Boolean()
    is_default = fields.Boolean(validate=validate.Equal(True))
    chronological = fields.String(validate=validate.OneOf(CHRONOLOGICAL))


class Sequence(Schema):
    """One series of a type."""

    document_sequence_code = fields.String(required=True)
    last_sequence_number = fields.Integer(required=True)
    next_sequence_number = fields.Integer(required=True, allow_none=True)
    remaining = fields.Integer(required=True)
    near_end = fields.Boolean(required=True)
    active = fields.Boolean(required=True)
    is_default = fields.Boolean(required=True)
    company_branch_id = fields.Integer(required=True)
    chronological = fields.String(required=True)


class TypeAnswer(Schema):
    """A document type; the counter shown is that of the series asked for, else of the default one."""

    document_type_id = fields.Integer(required=True)
    name = fields.String(required=True)
    document_type_taxbureau = fields.String(required=True)
    document_sequence_code = fields.String(required=True, allow_none=True)
    last_sequence_number = fields.Integer(required=True)
    active_user = fields.Integer(required=True)
    active_system = fields.Integer(required=True)
    received_issued_flag = fields.Integer(required=True)
    charge_credit_flag = fields.Integer(required=True)
    charged_credit_flag = fields.Integer(required=True)
    sequences = fields.List(fields.Nested(Sequence), required=True)


class TypeList(OpenSchema):
    """All types, in both forms of a list."""

    document_types = fields.List(fields.Nested(TypeAnswer), required=True)
    page = fields.Integer(required=True)
    page_count = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total_items = fields.Integer(required=True)
