"""What ``/V1/imports`` reads and answers."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

_ID = validate.Range(min=1, max=2**63 - 1)


class ImportRequest(Schema):
    """An upload in JSON; as ``multipart/form-data`` the same members are form fields and ``file`` is the file."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=_ID)
    file = fields.String(metadata={"description": "A zip (or one XML), base64", "format": "byte"})
    name = fields.String(validate=validate.Length(max=200), metadata={"example": "ventas-2025.zip"})
    create_branches = fields.Boolean(load_default=True, metadata={
        "description": "Add the establishments that vouchers name and the account lacks"
    })
    set_defaults = fields.Boolean(load_default=True, metadata={
        "description": "Make the latest series of each branch and kind its default where none is in use"
    })


class ConfirmRequest(Schema):
    """The plan whose report was read."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=_ID)
    plan = fields.String(required=True, validate=validate.Regexp("[0-9a-f]{64}$"), metadata={
        "description": "The digest in the report", "example": "3f" * 32,
    })


class ImportQuery(Schema):
    """Which account."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=_ID)


class ImportAnswer(Schema):
    """An import: its report, and once it is applied what was done."""

    import_id = fields.Integer(required=True)
    account_id = fields.Integer(required=True)
    plan = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": ["planned", "replaced", "applying", "applied"]})
    report = fields.Dict(required=True)
    result = fields.Dict(required=True, allow_none=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    confirmed_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    finished_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
