"""What ``POST /V1/validate`` reads and answers."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.http.api import OpenSchema


def _positive(value: Decimal) -> None:
    if not value.is_finite() or value <= 0:
        raise ValidationError("Debe ser mayor que cero. / Must be greater than zero.")


class ValidateQuery(Schema):
    """How the files are judged."""

    class Meta:
        unknown = EXCLUDE

    name = fields.String(load_default="", validate=validate.Length(max=200), metadata={
        "description": "The file's name, for a raw body; one of the form RUC-TT-SERIES-NUMBER is held against it",
        "example": "20123456786-01-F001-123.xml",
    })
    date = fields.Date(metadata={"description": "Day of reception in Lima; else each voucher's issue date"})
    exchange_rate = fields.Decimal(validate=_positive, metadata={
        "description": "Soles for one unit of the vouchers' currency"
    })
    signed = fields.Boolean(load_default=True, metadata={"description": "Ask for the signature and verify it"})
    strict = fields.Boolean(metadata={
        "description": "What SUNAT is turning into errors counts as one; else the account's own setting"
    })


class FindingAnswer(OpenSchema):
    """One place where a rule does not hold."""

    code = fields.String(required=True, metadata={"description": "SUNAT's code, or a word of ours (CHQ-...)"})
    severity = fields.String(required=True, metadata={"enum": ["error", "observation"]})
    turning = fields.Boolean(required=True, metadata={"description": "SUNAT is turning it into an error"})
    becomes = fields.String(required=True, allow_none=True, metadata={"description": "The code of that error"})
    xpath = fields.String(required=True)
    line = fields.Integer(required=True, allow_none=True)
    value = fields.String(required=True)
    message = fields.String(required=True)
    hint = fields.String(required=True)
    norm = fields.String(required=True, allow_none=True)


class FileAnswer(OpenSchema):
    """What came of one file."""

    file = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True, metadata={"description": "01, 03, 07 or 08"})
    unjudged = fields.String(required=True, allow_none=True, metadata={
        "description": "Why nothing could be said of it: it is no voucher known here"
    })
    findings = fields.List(fields.Nested(FindingAnswer), required=True)
    findings_not_shown = fields.Integer(required=True, metadata={
        "description": "How many there are beyond the thousand that are told"
    })


class ValidateAnswer(OpenSchema):
    """Every file's findings; ``valid`` when none of them has an error and all could be judged."""

    valid = fields.Boolean(required=True)
    files = fields.List(fields.Nested(FileAnswer), required=True)
