"""What ``/V1/exchange_rates`` reads and answers. Rates are soles for one unit of the currency."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

_CURRENCY = validate.Regexp(r"[A-Z]{3}\Z")
MOST_RATES = 1000


class RatesQuery(Schema):
    """Which rates."""

    class Meta:
        unknown = EXCLUDE

    currency = fields.String(validate=_CURRENCY, metadata={"example": "USD"})
    day = fields.Date(metadata={"description": "The rate that rules on this day, published then or last before it"})
    first = fields.Date(data_key="from", metadata={"description": "First day; without it, 31 days before the last"})
    last = fields.Date(data_key="to", metadata={"description": "Last day; without it, tomorrow"})


class RateGiven(Schema):
    """One rate to keep."""

    class Meta:
        unknown = EXCLUDE

    currency = fields.String(required=True, validate=_CURRENCY, metadata={"example": "USD"})
    day = fields.Date(required=True)
    buy = fields.Decimal(required=True, allow_nan=False, metadata={"example": "3.745"})
    sell = fields.Decimal(required=True, allow_nan=False, metadata={"example": "3.752"})
    source = fields.String(load_default="", validate=validate.Length(max=60), metadata={"example": "SBS"})


class RatesRequest(Schema):
    """Rates to keep, all of them or none."""

    class Meta:
        unknown = EXCLUDE

    rates = fields.List(
        fields.Nested(RateGiven), required=True, validate=validate.Length(min=1, max=MOST_RATES)
    )


class RatesChange(Schema):
    """How to keep them."""

    class Meta:
        unknown = EXCLUDE

    dry_run = fields.Integer(load_default=0, validate=validate.OneOf((0, 1)))


class RateAnswer(Schema):
    """One rate as published."""

    currency = fields.String(required=True)
    day = fields.String(required=True, metadata={"description": "The day for which it was published"})
    buy = fields.String(required=True)
    sell = fields.String(required=True)
    source = fields.String(required=True)
    outcome = fields.String(metadata={"enum": ["added", "changed", "unchanged"]})
    former_sell = fields.String(allow_none=True)


class RatesAnswer(Schema):
    """Rates, newest first; of a PUT in the order given, each with its outcome."""

    rates = fields.List(fields.Nested(RateAnswer), required=True)
    dry_run = fields.Boolean()
    changes = fields.Integer()


def body_of(rate: Any, **more: Any) -> dict[str, Any]:
    """A rate as the API tells it."""
    return {
        "currency": rate.currency, "day": rate.day.isoformat(), "buy": f"{rate.buy:f}", "sell": f"{rate.sell:f}",
        "source": rate.source, **more,
    }
