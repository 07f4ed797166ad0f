"""``/replacement`` and ``/correction``: what takes the place of a voucher that SUNAT refused (decision 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response
from flask.views import MethodView

from app import idempotency
from app.accounts.auth import principal, requires
from app.documents.correcting import correct
from app.documents.numbering import Issued
from app.documents.operations import make_ready
from app.documents.schemas.answer import DocumentAnswer
from app.documents.schemas.query import IssueQuery
from app.documents.schemas.request import DocumentRequest
from app.documents.views import (
    answering,
    as_json,
    blueprint,
    caller_of,
    claimed,
    desk,
    given_key,
    issued_answer,
    order_of,
    own,
)
from app.http import ID, office, takes_key
from app.ledger import store
from app.problems import Conflict, Problem, Text


@blueprint.route(f"/<{ID}:document_id>/replacement")
class Replacement(MethodView):
    """A new number for what was rejected."""

    @requires("documents:write")
    @takes_key
    @blueprint.arguments(DocumentRequest)
    @blueprint.arguments(IssueQuery, location="query")
    @blueprint.response(201, DocumentAnswer)
    def post(self, body: dict[str, Any], query: dict[str, Any], document_id: int) -> Response:
        """Issue the corrected voucher in place of one that SUNAT rejected by CDR, or that lapsed.

        Its number is spent: this one takes the next, and the two are linked (`replaces`, `replaced_by`). A certificate
        whose number a rejection does not spend is corrected instead.
        """
        with office().database.read() as session:
            row = own(session, caller_of(principal()), document_id)
            if row.status not in store.REPLACEABLE and given_key() is None:
                raise Conflict("NOT_REPLACEABLE", Text(
                    f"El comprobante está {row.status}: no se reemplaza", f"The document is {row.status}: it is not "
                    "replaced",
                ), extra={"status": row.status})
        return issued_answer(body, query, replaces=document_id)


@blueprint.route(f"/<{ID}:document_id>/correction")
class Correction(MethodView):
    """A new edition of what was refused by exception."""

    @requires("documents:write")
    @takes_key
    @blueprint.arguments(DocumentRequest)
    @blueprint.response(201, DocumentAnswer)
    def post(self, body: dict[str, Any], document_id: int) -> Response:
        """Correct a voucher that SUNAT refused, under its own number.

        Only where SUNAT surely does not hold it: it refused it without a CDR, or rejected by CDR a certificate of
        retention or of perception, whose number that does not spend. The former edition is kept; the new one is signed
        and sent.
        """
        services, caller = office(), caller_of(principal())
        with services.database.read() as session:
            row = own(session, caller, document_id)
        header = {
            **body["header"], "document_sequence_code": body["header"].get("document_sequence_code") or row.series,
        }
        if header.get("external_id") == row.external_id:
            header.pop("external_id", None)  # it is this voucher's own
        order = replace(order_of({**body, "header": header}, document_id), keyed=True, corrects=document_id)
        key = given_key()
        held = claimed(services, caller, key, order) if key is not None else None
        if isinstance(held, idempotency.Replay):
            return as_json(held.status, held.body)
        fresh = answering()

        def answer(made: Issued) -> tuple[int, bytes]:
            return 201, fresh(made)

        try:
            now = services.clock.now()
            ready = make_ready(desk(), caller, order, now=now, held=held, answer=answer)
            with services.database.write() as session:
                made = correct(session, document_id, ready)
                status, content = answer(made)
                if held is not None:
                    idempotency.seal(session, held, status=status, body=content, document_id=document_id, now=now)
        except Problem:
            if held is not None:
                idempotency.release(services.database, held)
            raise
        return as_json(status, content)
