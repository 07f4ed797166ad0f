"""What ``/V1/audit`` reads and answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from app.audit.reading import Scope
from app.wire.periods import month_of


class AuditQuery(Schema):
    """Which numbers are audited."""

    class Meta:
        unknown = EXCLUDE

    account_id = fields.Integer(validate=validate.Range(min=1, max=2**63 - 1))
    series = fields.String(validate=validate.Length(min=1, max=50), metadata={
        "description": "One series' code, for example F001; all without it", "example": "F001",
    })
    period = fields.String(metadata={
        "description": "One month of issue dates, AAAA-MM; the chain is verified whole all the same",
        "example": "2026-11",
    })


class AuditAnswer(Schema):
    """What was found. ``series`` has a summary each; the signed report has the numbers one by one."""

    report = fields.String(required=True, metadata={"example": "chasqui-audit/1"})
    made_at = fields.String(required=True)
    account = fields.Dict(required=True)
    scope = fields.Dict(required=True)
    clean = fields.Boolean(required=True, metadata={"description": "Nothing was found"})
    findings = fields.Integer(required=True)
    holes = fields.Integer(required=True, metadata={"description": "Numbers that nobody used and nobody declared"})
    series_count = fields.Integer(required=True)
    vouchers = fields.Integer(required=True)
    editions = fields.Integer(required=True)
    series = fields.List(fields.Dict(), required=True, metadata={
        "description": "Of each series: first, last, count, states, classes (used_valid, used_not_valid, voided, "
                       "declared_gap, unused_paper), holes, declared_gaps, chain_head, findings",
    })


class AuditReportKeys(Schema):
    """The installation's public keys, base64 of 32 bytes; the first signs today's reports."""

    algorithm = fields.String(required=True)
    public_keys = fields.List(fields.String(), required=True)


def scope_of(given: dict[str, Any], *, branch_id: int | None = None) -> Scope:
    """The scope of ``series`` and ``period``. Raises Malformed for a period that is no month."""
    period = given.get("period") or None
    first, last = (date.min, date.max) if period is None else month_of(period)
    return Scope(
        series=given.get("series") or None, period=period, first_day=first, last_day=last, branch_id=branch_id
    )
