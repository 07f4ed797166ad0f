"""``/V1/series`` on the wire. Source: `domain/numbering.md` 1 (fields and bounds) and 2 (names and their meaning)."""

from __future__ import annotations

import re
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from app.accounts.schemas.shapes import Branding
from app.problems import NotFound, Text
from app.series.models import CHRONOLOGICAL, OVERFLOWS, PAPER_KINDS, RESETS
from app.series.template import ALPHABET, LONGEST_TEMPLATE, MOST_DIGITS
from sunat.numbering import MAX_NUMBER, SERIES_FORMATS

KINDS: Final = (*SERIES_FORMATS, *PAPER_KINDS)

_ID = validate.Range(min=1, max=2**63 - 1)
_PRINTABLE = validate.Regexp(r"[^\x00-\x1f\x7f]*\Z")
_AFFIX = (validate.Length(max=50), validate.Regexp(rf"[{ALPHABET}]*\Z"))
_PUBLIC_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_ROWS: Final = 5000
_ALIASES: Final = {"default_series": "default", "template": "format", "last_sequence_number": "last_number"}


def check_public_id(text: str) -> None:
    """Lets no id into an address that no row could have. Raises NotFound."""
    if _PUBLIC_ID.fullmatch(text) is None:
        raise NotFound("ID_FORM", Text(
            "Un id propio tiene de 1 a 64 letras, dígitos, puntos o guiones",
            "An id of your own has 1 to 64 letters, digits, dots or dashes",
        ))


class Loose(Schema):
    """A body in which members we do not know are passed over."""

    class Meta:
        unknown = EXCLUDE


class Range(Loose):
    """Pre-printed numbers, both ends inclusive."""

    from_number = fields.Integer(required=True, validate=validate.Range(min=1, max=MAX_NUMBER))
    to_number = fields.Integer(required=True, validate=validate.Range(min=1, max=MAX_NUMBER))
    note = fields.String(validate=validate.Length(max=500))


class Configuration(Loose):
    """What a series may be told; ``initial_number`` is ``start_number`` within 1 to 999,999."""

    account_id = fields.Integer(validate=_ID, metadata={"description": "For operators; others have one account"})
    name = fields.String(validate=(validate.Length(min=1, max=100), _PRINTABLE), metadata={"example": "Cotizaciones"})
    description = fields.String(allow_none=True, validate=validate.Length(max=1000))
    prefix = fields.String(validate=_AFFIX, metadata={"example": "COT-"})
    suffix = fields.String(validate=_AFFIX, metadata={"example": "-2026"})
    padding = fields.Integer(validate=validate.Range(min=0, max=MOST_DIGITS), metadata={
        "description": "Digits of the number at least, filled with zeros on the left; {NUM:n} in the format wins",
    })
    overflow = fields.String(validate=validate.OneOf(OVERFLOWS), metadata={
        "description": "At the last number that the padding holds: stop, or grow by a digit",
    })
    format = fields.String(validate=validate.Length(min=1, max=LONGEST_TEMPLATE), metadata={
        "description": "Literals and {CODE} {PREFIX} {SUFFIX} {YEAR} {YY} {MONTH} {DAY} {NUM} {NUM:n}; aliases "
                       "{CODIGO} {YYYY} {MM} {SEQ3} {SEQ4} {SEQ5}. Without it: prefix, reset date, number, suffix",
        "example": "{PREFIX}{YEAR}-{NUM:6}",
    })
    counter_reset = fields.String(validate=validate.OneOf(RESETS), metadata={
        "description": "When the counter starts anew, by issue date in Lima; ANNUAL if the format has a year",
    })
    start_number = fields.Integer(validate=validate.Range(min=1, max=MAX_NUMBER), metadata={
        "description": "The first number to be issued; set before the first use only",
    })
    chronological = fields.String(validate=validate.OneOf(CHRONOLOGICAL))
    branding = fields.Nested(Branding, allow_none=True)
    active = fields.Boolean()
    default = fields.Boolean(validate=validate.Equal(True), metadata={
        "description": "true makes it the default of its branch and kind; another default is moved, never just dropped",
    })
    branch = fields.Integer(validate=_ID, metadata={"description": "company_branch_id; by default the head office"})
    last_number = fields.Integer(validate=validate.Range(min=0, max=MAX_NUMBER), metadata={
        "description": "The last number used: issuing goes on at the next one. Free before the first use, afterwards "
                       "forward only and with a reason, leaving a declared gap",
    })
    reason = fields.String(validate=validate.Length(max=500))
    contingency_ranges = fields.List(fields.Nested(Range), validate=validate.Length(max=100))

    @pre_load
    def by_other_names(self, data: Any, **_: Any) -> Any:
        """The references' own names for the same things."""
        if not isinstance(data, dict):
            return data
        named = {_ALIASES.get(name, name): value for name, value in data.items()}
        if named.get("default") is False:
            del named["default"]  # said of a new series it means: not at once
        if "initial_number" in named:
            first = named.pop("initial_number")
            if not isinstance(first, int) or isinstance(first, bool) or not 1 <= first <= 999_999:
                raise ValidationError(
                    {"initial_number": ["Debe ser un entero de 1 a 999999. / Must be a whole number from 1 to 999999."]}
                )
            named["start_number"] = first
        return named


class SeriesRequest(Configuration):
    """``POST`` and ``PUT``: a new series."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={
        "description": "SUNAT's code of a voucher, or an internal paper: quotation, order, sale_note, other (any of "
                       "them; one series for each kind is better)", "example": "quotation",
    })
    code = fields.String(validate=(validate.Length(min=1, max=50), validate.Regexp(r"[A-Z0-9_-]+\Z")), metadata={
        "description": "Fixed for ever. SUNAT's series have four characters that fit the kind; an internal one without "
                       "a code is given one from its name", "example": "COT",
    })


class SeriesChange(Configuration):
    """``PATCH``: members that are not sent stay."""

    kind = fields.String()
    code = fields.String()


class CloneRequest(SeriesChange):
    """``POST .../clone``: what differs from the original."""

    code = fields.String(validate=(validate.Length(min=1, max=50), validate.Regexp(r"[A-Z0-9_-]+\Z")))
    year = fields.Integer(validate=validate.Range(min=1990, max=2099), metadata={
        "description": "Replaces the year in name, code, prefix, suffix and format",
    })


class PreviewRequest(SeriesRequest):
    """A draft configuration: nothing of it is stored."""

    date = fields.Date(metadata={"description": "Issue date; today in Lima unless told"})
    count = fields.Integer(load_default=5, validate=validate.Range(min=1, max=20))


class SeriesQuery(Loose):
    """Filters and paging."""

    account_id = fields.Integer(validate=_ID)
    kind = fields.String(validate=validate.OneOf(KINDS))
    code = fields.String(validate=validate.Length(max=50))
    branch = fields.Integer(validate=_ID)
    active = fields.Boolean()
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    per_page = fields.Integer(load_default=50, validate=validate.Range(min=1, max=500))


class ImportRow(Loose):
    """One series of the former system."""

    type = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"example": "01"})
    code = fields.String(required=True, validate=(validate.Length(min=1, max=50), validate.Regexp(r"[A-Z0-9_-]+\Z")))
    last_number = fields.Integer(required=True, validate=validate.Range(min=0, max=MAX_NUMBER))
    branch = fields.String(validate=validate.Length(max=50), metadata={"description": "Branch code; head office"})
    name = fields.String(validate=(validate.Length(min=1, max=100), _PRINTABLE))
    prefix = fields.String(validate=_AFFIX)
    suffix = fields.String(validate=_AFFIX)
    padding = fields.Integer(validate=validate.Range(min=0, max=MOST_DIGITS))
    overflow = fields.String(validate=validate.OneOf(OVERFLOWS))
    format = fields.String(validate=validate.Length(min=1, max=LONGEST_TEMPLATE))
    counter_reset = fields.String(validate=validate.OneOf(RESETS))
    reason = fields.String(validate=validate.Length(max=500))

    @pre_load
    def without_blanks(self, data: Any, **_: Any) -> Any:
        """An empty cell is an absent member; spaces around do not count."""
        if not isinstance(data, dict):
            return data
        stripped = {
            str(name).strip(): value.strip() if isinstance(value, str) else value for name, value in data.items()
        }
        return {name: value for name, value in stripped.items() if value not in ("", None)}


class SeriesImportRequest(Loose):
    """Rows to import; the alternative to a CSV file."""

    account_id = fields.Integer(validate=_ID)
    rows = fields.List(fields.Dict(), required=True, validate=validate.Length(min=1, max=_MOST_ROWS))


class SeriesImportQuery(Loose):
    """How to import."""

    account_id = fields.Integer(validate=_ID)
    dry_run = fields.Integer(load_default=0, validate=validate.OneOf((0, 1)))


class ImportOutcome(Schema):
    """What becomes of one row."""

    row = fields.Integer(required=True)
    type = fields.String(required=True)
    code = fields.String(required=True)
    action = fields.String(required=True, metadata={"enum": ["create", "set", "declare_gap", "unchanged"]})
    last_number_before = fields.Integer(required=True, allow_none=True)
    last_number = fields.Integer(required=True)


class SeriesImportAnswer(Schema):
    """What an import did, or would do."""

    dry_run = fields.Boolean(required=True)
    changes = fields.Integer(required=True)
    rows = fields.List(fields.Nested(ImportOutcome), required=True)


class PreviewAnswer(Schema):
    """The numbers that would come."""

    format = fields.String(required=True)
    counter_reset = fields.String(required=True)
    last_possible_number = fields.Integer(required=True)
    codes = fields.List(fields.String(), required=True)
    numbers = fields.List(fields.Integer(), required=True)


EXAMPLE: Final = {
    "name": "Cotizaciones", "kind": "quotation", "code": "COT", "prefix": "COT-", "format": "{PREFIX}{YEAR}-{NUM:6}",
    "counter_reset": "ANNUAL", "start_number": 1,
}
"""A request, for the description of the API."""


class SeriesAnswer(Schema):
    """A series."""

    id = fields.String(required=True, metadata={"example": "cotizaciones-tienda-1"})
    account_id = fields.Integer(required=True)
    name = fields.String(required=True)
    code = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True)
    profile = fields.String(required=True, metadata={"enum": ["sunat", "contingency", "internal"]})
    prefix = fields.String(required=True)
    suffix = fields.String(required=True)
    padding = fields.Integer(required=True)
    overflow = fields.String(required=True)
    format = fields.String(required=True)
    counter_reset = fields.String(required=True)
    start_number = fields.Integer(required=True)
    last_number = fields.Integer(required=True, metadata={"description": "The last number of the running period"})
    next_number = fields.Integer(required=True, allow_none=True, metadata={"description": "Today's; null at the end"})
    next_code = fields.String(required=True, allow_none=True)
    remaining = fields.Integer(required=True)
    near_end = fields.Boolean(required=True, metadata={"description": "99 % is used up"})
    active = fields.Boolean(required=True)
    frozen = fields.String(required=True, allow_none=True, metadata={"description": "Why it is stopped; null if not"})
    default = fields.Boolean(required=True)
    used = fields.Boolean(required=True)
    chronological = fields.String(required=True)
    branch = fields.Integer(required=True)
    last_index = fields.Integer(required=True, metadata={"description": "How many numbers were given out in all"})
    last_entry = fields.Dict(required=True, allow_none=True)
    branding = fields.Dict(required=True, metadata={"description": "own, effective, and whether there is an own one"})
    contingency_ranges = fields.List(fields.Dict())
    declared_gaps = fields.List(fields.Dict())
    version = fields.Integer(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    updated_at = fields.String(required=True, metadata={"format": "date-time"})
    links = fields.Dict(data_key="_links")


class SeriesList(Schema):
    """A page of series, in HAL and as a plain array."""

    series = fields.List(fields.Nested(SeriesAnswer))
    embedded = fields.Dict(data_key="_embedded")
    links = fields.Dict(data_key="_links")
    page = fields.Integer()
    page_count = fields.Integer()
    page_size = fields.Integer()
    total_items = fields.Integer()
