"""What the addresses of the delivery read and answer."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from app.ledger.lifecycle import DeliveryState

_MAX_ID = 2**63 - 1


class DeliveriesQuery(Schema):
    """Which deliveries are listed."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=validate.Range(min=1, max=_MAX_ID), metadata={
        "description": "An operator's key sees every account of its mode without it",
    })
    state = fields.String(validate=validate.OneOf([str(one) for one in DeliveryState if one != DeliveryState.DONE]))
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1_000_000))
    per_page = fields.Integer(load_default=50, validate=validate.Range(min=1, max=500))


class DeliveriesAnswer(Schema):
    """The queue: what is not done yet, and what stands in the way."""

    states = fields.Dict(required=True, metadata={"description": "How many deliveries in each state"})
    phases = fields.Dict(required=True, metadata={"description": "What is known at SUNAT of those not done"})
    oldest_seconds = fields.Integer(required=True)
    nearest_deadline = fields.String(required=True, allow_none=True)
    overdue = fields.Integer(required=True)
    held_issuers = fields.List(fields.Dict(), required=True)
    frozen_series = fields.List(fields.Dict(), required=True)
    breakers = fields.List(fields.Dict(), required=True, metadata={"description": "Addresses left alone for a while"})
    deliveries = fields.List(fields.Dict(), required=True)
    page = fields.Integer(required=True)
    page_count = fields.Integer(required=True)
    page_size = fields.Integer(required=True)
    total_items = fields.Integer(required=True)


class HoldRequest(Schema):
    """Why a delivery, or an issuer's sending, is stopped."""

    class Meta:
        unknown = EXCLUDE

    text = fields.String(load_default="", validate=validate.Length(max=200))


class IssuerHoldRequest(HoldRequest):
    """Whose sending is stopped."""

    account_id = fields.Integer(validate=validate.Range(min=1, max=_MAX_ID))


class IssuerRequest(Schema):
    """Whose sending goes on."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=validate.Range(min=1, max=_MAX_ID))


class IssuerHoldAnswer(Schema):
    """How an issuer's sending stands."""

    account_id = fields.Integer(required=True)
    held = fields.Boolean(required=True)


class StandingAnswer(Schema):
    """How a delivery stands after an order about it."""

    delivery_id = fields.Integer(required=True)
    document_id = fields.Integer(metadata={"description": "Where the delivery is a voucher's"})
    summary_id = fields.Integer(metadata={"description": "Where the delivery is a summary's"})
    number = fields.String(required=True)
    status = fields.String(required=True)
    delivery = fields.Dict(required=True)


class AttemptsAnswer(Schema):
    """The attempt ledger of a voucher or a summary: what was done, when, and what came back, by hashes."""

    delivery_id = fields.Integer(required=True)
    document_id = fields.Integer(metadata={"description": "Where the delivery is a voucher's"})
    summary_id = fields.Integer(metadata={"description": "Where the delivery is a summary's"})
    number = fields.String(required=True)
    status = fields.String(required=True)
    attempts = fields.List(fields.Dict(), required=True)
