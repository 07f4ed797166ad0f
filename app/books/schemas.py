"""What ``/V1/books`` reads and answers. A period is a month of issue dates in Lima, ``AAAA-MM``."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from app.books.sales import ENCODINGS


class BookQuery(Schema):
    """Whose book, and of which month."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=validate.Range(min=1, max=2**63 - 1))
    period = fields.String(required=True, metadata={
        "description": "A month of issue dates, AAAA-MM", "example": "2026-11",
    })


class RegistryQuery(BookQuery):
    """The form of the book."""

    format = fields.String(load_default="json", validate=validate.OneOf(("json", "csv", "xlsx")), metadata={
        "description": "json has the sums only; csv and xlsx every voucher",
    })


class RegisterQuery(BookQuery):
    """The form of the register."""

    format = fields.String(load_default="zip", validate=validate.OneOf(("zip", "json")), metadata={
        "description": "zip is the file that replaces SUNAT's proposal; json has its sums",
    })
    encoding = fields.String(load_default=ENCODINGS[0], validate=validate.OneOf(ENCODINGS), metadata={
        "description": "How the file writes letters; SUNAT's papers name both",
    })


class SumsLine(Schema):
    """Vouchers of a kind, currency and state together; amounts are of that currency, as text."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    currency = fields.String(required=True)
    status = fields.String(required=True)
    count = fields.Integer(required=True)
    net = fields.String(required=True)
    taxes = fields.String(required=True)
    total = fields.String(required=True)


class RegistryAnswer(Schema):
    """The sums of a month's vouchers."""

    period = fields.String(required=True)
    vouchers = fields.Integer(required=True)
    sums = fields.List(fields.Nested(SumsLine), required=True)


class RegisterAnswer(Schema):
    """The sums of the register of sales, in soles, as text."""

    period = fields.String(required=True)
    entries = fields.Integer(required=True)
    sums = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    total = fields.String(required=True)
    left_out = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, metadata={
        "description": "Vouchers of the month that are in no register, by their status",
    })


class DifferencesAnswer(Schema):
    """What a comparison came to. ``differences`` names the first thousand, ``counts`` counts all by class."""

    clean = fields.Boolean(required=True)
    listed = fields.Integer(required=True)
    agree = fields.Integer(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    differences = fields.List(fields.Dict(), required=True, metadata={
        "description": "Of each: class, number, document_id, here, sunat, what_to_do",
    })
    listed_total = fields.String(required=True)
    our_total = fields.String(required=True)
