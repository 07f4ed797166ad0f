"""Guides have no voiding by web service: SUNAT's portal does it, and it is recorded here with its evidence.

Source: RS 123-2022/SUNAT; the guides' web services know no voiding.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from datetime import date
from typing import Any, Final

from flask.views import MethodView
from marshmallow import ValidationError, fields, validate
from sqlalchemy.orm import Session

from app.accounts.auth import principal, requires
from app.accounts.once import once, writing
from app.clock import lima
from app.documents.schemas.body import Body, told
from app.documents.schemas.fields import Day
from app.documents.views import blueprint, caller_of, own
from app.http import ID, office
from app.ledger import store
from app.ledger.lifecycle import Status, move
from app.ledger.models import DocumentRecord
from app.problems import Conflict, Refused, Text
from sunat.kinds import kind
from sunat.transport import Service

EVIDENCE: Final = "external_void"
_MOST_BYTES: Final = 512 * 1024
_VALID: Final = frozenset({Status.ACCEPTED, Status.OBSERVED})
class _Receipt(fields.Field[bytes]):
    """A file in base64, of a bounded size."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        try:
            found = b64decode("".join(str(value).split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValidationError("Debe ser base64. / Must be base64.") from error
        if not 0 < len(found) <= _MOST_BYTES:
            raise ValidationError(f"De 1 a {_MOST_BYTES} bytes. / 1 to {_MOST_BYTES} bytes.")
        return found


class ExternalVoidRequest(Body):
    """What was done in SUNAT's portal."""

    voided_on = Day(required=True, metadata=told("The day (Lima) on which the portal voided it", "2026-11-20"))
    reason = fields.String(required=True, validate=validate.Length(3, 100), metadata=told("Why", "Error en el destino"))
    reference = fields.String(required=True, validate=validate.Length(1, 60), metadata=told(
        "Number of the portal's receipt or operation", "0123456789"))
    receipt = _Receipt(metadata=told("The portal's receipt (PDF or image), base64, 512 KiB at most", type="string"))


class ExternalVoidAnswer(Body):
    """A guide that does not stand any more."""

    document_id = fields.Integer()
    status = fields.String(metadata=told("voided"))
    voided_on = fields.String(metadata=told("YYYY-MM-DD"))
    evidence_id = fields.Integer(metadata=told("Where the receipt is kept"))


@blueprint.route(f"/<{ID}:document_id>/external-void")
class ExternalVoid(MethodView):
    """A voiding that happened in SUNAT's portal."""

    @requires("documents:write")
    @once
    @blueprint.arguments(ExternalVoidRequest)
    @blueprint.response(201, ExternalVoidAnswer)
    def post(self, body: dict[str, Any], document_id: int) -> dict[str, Any]:
        """Record that SUNAT's portal voided a despatch guide, with the evidence.

        Only guides are voided there; for other documents use `PUT /V1/documents/{document_id}`.
        """
        services, caller = office(), caller_of(principal())
        now = services.clock.now()
        with writing() as session:
            row = own(session, caller, document_id)
            session.refresh(row, with_for_update=True)
            _look(row, body["voided_on"], lima(now).date())
            kept = _keep(session, row, body, now=now, actor=caller.actor)
            return {
                "document_id": row.id, "status": row.status, "voided_on": body["voided_on"].isoformat(),
                "evidence_id": kept,
            }


def _look(row: DocumentRecord, voided_on: date, today: date) -> None:
    """Raises Refused or Conflict for what the portal cannot have done."""
    if kind(row.sunat_code).service is not Service.GUIDES:
        raise Refused("NOT_A_GUIDE", Text(
            "Solo las guías de remisión se dan de baja en el portal", "Only despatch guides are voided in the portal"
        ), hint=Text(f"Use PUT /V1/documents/{row.id}", f"Use PUT /V1/documents/{row.id}"))
    if Status(row.status) not in _VALID:
        raise Conflict("NOT_VOIDABLE", Text(
            f"La guía está {row.status}: no hay qué dar de baja", f"The guide is {row.status}: nothing is to be voided"
        ), extra={"status": row.status})
    if not row.issue_date <= voided_on <= today:
        raise Refused("CHQ-VOID-DATE", Text(
            "La baja es de un día entre la emisión y hoy", "The voiding is of a day between the issue date and today"
        ), pointer="/voided_on")


def _keep(session: Session, row: DocumentRecord, body: dict[str, Any], *, now: Any, actor: str) -> int:
    told_so = {"voided_on": body["voided_on"].isoformat(), "reason": body["reason"], "reference": body["reference"]}
    content = body.get("receipt") or json.dumps(told_so, ensure_ascii=False, sort_keys=True).encode()
    kept = store.add_evidence(session, row, EVIDENCE, content, now=now, text=body["reason"])
    row.status = str(move(row.status, Status.VOIDED))
    store.add_event(
        session, row, "document.voided", now=now, actor=actor, number=row.full_number, source="portal",
        evidence_id=kept.id, **told_so,
    )
    session.flush()
    return kept.id
