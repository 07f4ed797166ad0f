"""The addresses of vouchers. A view translates and answers; what happens stands in `operations`."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from flask import Response, current_app, g, json, jsonify, request
from flask.views import MethodView
from flask_smorest import Api
from sqlalchemy.orm import Session

from app import idempotency
from app.accounts.auth import Principal, principal, requires
from app.accounts.keys import NUMBERS_FORCE
from app.accounts.once import once, writing
from app.clock import lima
from app.documents import answers, papers, queries
from app.documents.batch import Manner, issue_batch
from app.documents.books import books_of
from app.documents.explaining import explanation_of, explanation_of_stored
from app.documents.fingerprint import fingerprint
from app.documents.mailing import mailed
from app.documents.numbering import Issued
from app.documents.operations import Desk, issue
from app.documents.orders import Caller, Order, Plan, plan
from app.documents.portal import refuse_in_portal
from app.documents.schemas.answer import BatchAnswer, DocumentAnswer, DocumentList, DryRunAnswer
from app.documents.schemas.query import CancelRequest, IssueQuery, ListQuery
from app.documents.schemas.request import BatchRequest, DocumentRequest
from app.documents.voiding import DEFAULT_REASON, carriage_of, request_void, voiding_of
from app.http import ID, IDEMPOTENCY_KEY, ApiBlueprint, Office, office, takes_key
from app.http.answers import language
from app.imprint.papers import encoded, printable
from app.ledger import store
from app.ledger.models import DocumentRecord
from app.printing import stamp
from app.problems import Conflict, NotFound, Problem, Text
from app.series.answers import PAPERS_FROM
from app.wire.numbers import number, two_decimals
from app.wire.pages import page_body
from app.wire.paper_types import PAPER_TYPES, PaperType, paper_type_of
from sunat.taxes import as_data, explain
from sunat.transport.zipping import unpack_cdr

_LOOK_EVERY: Final = 0.1
_DESK: Final = "chasqui.desk"

blueprint = ApiBlueprint(
    "documents", __name__, url_prefix="/V1/documents",
    description="Vouchers: issue them, find them, fetch their XML and CDR",
)


def register(api: Api) -> None:
    """Adds the room's views to the API."""
    api.register_blueprint(blueprint)


@blueprint.route("")
class Documents(MethodView):
    """Issuing and listing."""

    @requires("documents:write")
    @takes_key
    @blueprint.arguments(DocumentRequest)
    @blueprint.arguments(IssueQuery, location="query")
    @blueprint.response(201, DocumentAnswer)
    @blueprint.alt_response(200, schema=DryRunAnswer, description="dry_run=1: it would be issued")
    def post(self, body: dict[str, Any], query: dict[str, Any]) -> Response:
        """Issue a voucher.

        The number is taken only when every rule that can be checked here is kept; otherwise the answer is 422 with a
        pointer to each field at fault. Send an Idempotency-Key: repeating the request then repeats the answer.
        """
        return issued_answer(body, query)

    @requires("documents:read")
    @blueprint.arguments(ListQuery, location="query")
    @blueprint.response(200, DocumentList)
    def get(self, filters: dict[str, Any]) -> Response:
        """Find vouchers. Unknown parameters are passed over."""
        services, who = office(), principal()
        paper_type = PAPER_TYPES.get(filters.get("document_type_id", 0))
        if paper_type is not None:
            return _papers(paper_type, filters)
        with services.database.read() as session:
            page = queries.find(session, who.account, filters, branch_id=who.branch_id)
            items = [answers.list_item(row, delivery) for row, delivery in page.rows]
        given = {name: value for name, value in request.args.items() if name != "page"}
        return jsonify(page_body(
            "documents", items, address=f"{services.settings.public_url}/V1/documents", filters=given,
            page=page.number, size=page.size, total=page.total,
        ))


@blueprint.route("/batch")
class Batch(MethodView):
    """Issuing many at once."""

    @requires("documents:write")
    @takes_key
    @blueprint.arguments(BatchRequest)
    @blueprint.response(200, BatchAnswer)
    def post(self, body: dict[str, Any]) -> Response:
        """Issue up to 500 vouchers. Each stands for itself: its status and its document or its error come back.

        An item is the body of a single request; with an ``idempotency_key`` in it, repeating the batch repeats that
        item's first answer. An Idempotency-Key for the batch stands for the items without one, each by its place.
        """
        services = office()
        manner = Manner(
            caller=caller_of(principal()), now=services.clock.now(), lease_seconds=services.settings.lease_seconds,
            answer=answering(), language=language(), request_id=g.get("request_id", ""),
            key=request.headers.get(IDEMPOTENCY_KEY),
        )
        return jsonify({"results": issue_batch(desk(), body["documents"], manner)})


@blueprint.route(f"/<{ID}:document_id>")
class Document(MethodView):
    """One voucher."""

    @requires("documents:read")
    @blueprint.arguments(IssueQuery, location="query")
    @blueprint.response(200, DocumentAnswer)
    def get(self, query: dict[str, Any], document_id: int) -> Response:
        """A voucher with its files, its state and how far its delivery is."""
        services, caller = office(), caller_of(principal())
        if document_id >= PAPERS_FROM:
            with services.database.read() as session:
                return as_json(200, _paper_answer(papers.paper_of(session, caller, document_id)))
        if query.get("wait"):
            _wait(services, caller, document_id, query["wait"])
        return as_json(200, _current(services, caller, document_id, query, prints=query.get("pdf") != 0))

    @requires("documents:write")
    @once
    @blueprint.arguments(CancelRequest)
    @blueprint.response(200, DocumentAnswer)
    def put(self, body: dict[str, Any], document_id: int) -> Response:
        """Void a voucher (``document_status`` 2). An issued voucher is never edited.

        The wish is recorded and goes to SUNAT by the channel of its kind; the status stays until SUNAT has answered,
        and `voiding` says how far that is. 422 says why no channel takes it any more, and what to do instead.
        """
        caller = caller_of(principal())
        with writing() as session:
            if document_id >= PAPERS_FROM:
                papers.paper_of(session, caller, document_id)
                raise _signed()
            row = own(session, caller, document_id)
            if body.get("document_status") != "2":
                raise _signed()
            refuse_in_portal(row)
            session.refresh(row, with_for_update=True)
            request_void(
                session, row, reason=body.get("cancellation_reason") or DEFAULT_REASON, now=office().clock.now(),
                actor=caller.actor,
            )
            return as_json(200, json.dumps(_whole(session, row)).encode())

    @requires("documents:write")
    @blueprint.response(204)
    def delete(self, document_id: int) -> Response:
        """Always refused: there are no drafts, and a number that was issued stays."""
        with office().database.read() as session:
            if document_id >= PAPERS_FROM:
                papers.paper_of(session, caller_of(principal()), document_id)
                raise _signed()
            own(session, caller_of(principal()), document_id)
        raise _signed()


def issued_answer(body: dict[str, Any], query: dict[str, Any], *, replaces: int | None = None) -> Response:
    """The answer to a request that issues a voucher, or tries to; ``replaces`` is the one it takes the place of."""
    services, who = office(), principal()
    key = given_key()
    order = order_of(body, replaces)
    caller = caller_of(who)
    paper_type = paper_type_of(body["header"].get("document_type_id") or "")
    if query.get("dry_run"):
        now = services.clock.now()
        with services.database.read() as session:
            explains = bool(query.get("explain"))
            if paper_type is not None:
                computed = papers.compute(session, caller, order, now=now)
                return jsonify(_dry_paper(paper_type, computed, explains=explains))
            planned = plan(session, caller, order, now=now, schemas=services.schemas)
            return jsonify(_dry(planned, body["header"].get("document_number"), explains=explains))
    held = claimed(services, caller, key, order) if key is not None else None
    if isinstance(held, idempotency.Replay):
        return as_json(held.status, held.body)
    sent: list[bytes] = []

    fresh = answering()

    def answer(made: Issued) -> tuple[int, bytes]:
        sent[:] = [fresh(made)]  # asked again when its group had to be repeated
        return 201, sent[0]

    try:
        if paper_type is not None:
            return as_json(201, papers.issue_paper(
                services.database, caller, order, paper_type, limit=services.settings.series_limit,
                now=services.clock.now(), held=held, answer=_paper_answer,
            ))
        made = issue(
            desk(), caller, order, now=services.clock.now(), held=held, answer=answer, replaces=replaces
        )
    except Problem:
        if held is not None:
            idempotency.release(services.database, held)
        raise
    if query.get("wait"):
        _wait(services, caller, made.document.id, query["wait"])
    if any(query.get(name) for name in ("wait", "explain", "pdf", "generate_stamp")):
        return as_json(201, _current(services, caller, made.document.id, query, prints=bool(query.get("pdf"))))
    return as_json(201, sent[0] if sent else fresh(made))


def order_of(body: dict[str, Any], about: int | None = None) -> Order:
    """The request as an order; ``about`` is the voucher it concerns, which makes it another request."""
    print_ = fingerprint(body) if about is None else fingerprint({**body, "about": about})
    return Order(body=body, raw=request.get_json(force=True), fingerprint=print_, keyed=given_key() is not None)


def given_key() -> str | None:
    """The request's Idempotency-Key."""
    return request.headers.get(IDEMPOTENCY_KEY)


def caller_of(who: Principal) -> Caller:
    """Who asks, as issuing wants to know it."""
    force = who.may(NUMBERS_FORCE)
    return Caller(
        account_id=who.account, branch_id=who.branch_id, may_force_numbers=force, may_leave_gaps=force,
        actor=who.actor,
    )


def desk() -> Desk:
    """The issuing desk of this application, made on first use."""
    services = office()
    desk: Desk = current_app.extensions.setdefault(_DESK, Desk.of(services.database, services.vault, services.schemas))
    return desk


def claimed(
    services: Office, caller: Caller, key: str, order: Order
) -> idempotency.Claim | idempotency.Replay:
    """The request's key, claimed, or what it was answered before. Raises as `idempotency.claim`."""
    return idempotency.claim(
        services.database, idempotency.Owner(account_id=caller.account_id), key=key, fingerprints=(order.fingerprint,),
        now=services.clock.now(), lease_seconds=services.settings.lease_seconds,
    )


def own(session: Session, caller: Caller, document_id: int) -> DocumentRecord:
    """A voucher the caller may see: of his account, and of his branch if his key is bound to one."""
    row = store.document_of(session, caller.account_id, document_id)
    if caller.branch_id not in (None, row.branch_id):
        raise NotFound("DOCUMENT_NOT_FOUND", Text("El comprobante no existe", "The document does not exist"))
    return row


def _whole(session: Session, row: DocumentRecord) -> dict[str, Any]:
    evidence = store.evidence_of(session, row)
    xml = unpack_cdr(evidence.content, row.file_name) if evidence else None
    sent = {}
    if evidence:
        sent = {
            "id": evidence.code and str(evidence.id), "date": lima(evidence.received_at).strftime("%Y-%m-%d %H:%M:%S"),
            "comments": evidence.text,
        }
    answer = answers.document_answer(
        row, store.delivery_of(session, row), answers.Files(xml=store.edition_of(session, row).xml, cdr=xml),
        base_url=office().settings.public_url, language=language(), sent=sent,
    )
    return {
        **answer, **books_of(session, row), "voiding": voiding_of(session, row),
        "summary": carriage_of(session, row), **mailed(session, row),
    }


def answering() -> Callable[[Issued], bytes]:
    """What makes this request's answer about a voucher just issued, whichever request's thread it is called from."""
    base_url, tongue, to_json = office().settings.public_url, language(), current_app.json

    def answer(made: Issued) -> bytes:
        return to_json.dumps(answers.document_answer(
            made.document, made.delivery, answers.Files(xml=made.xml), base_url=base_url, language=tongue,
        )).encode()

    return answer


def _current(services: Office, caller: Caller, document_id: int, query: dict[str, Any], *, prints: bool) -> bytes:
    """The voucher as it is now, with what the query asks for; its paper is set once the database is let go."""
    with services.database.read() as session:
        row = own(session, caller, document_id)
        body = _whole(session, row)
        if query.get("explain"):
            body["totals"]["explanation"] = explanation_of_stored(session, row)
        paper = printable(session, row, public_url=services.settings.public_url) if prints else None
    files = body["electronic_document"]
    if paper is not None:
        files["document_pdf"] = encoded(paper)
    if query.get("generate_stamp"):
        files["stamp_img"] = b64encode(stamp(files["qr_text"])).decode() if files["qr_text"] else None
    return json.dumps(body).encode()


def _wait(services: Office, caller: Caller, document_id: int, seconds: int) -> None:
    """Holds until the verdict is there or the time is up, which the settings bound. Raises NotFound at once."""
    until = time.monotonic() + min(seconds, services.settings.wait_limit_seconds)
    while True:
        with services.database.read() as session:
            row = own(session, caller, document_id)
            if row.status != "issued" or store.delivery_of(session, row).state in {"done", "held"}:
                return
        if time.monotonic() >= until:
            return
        time.sleep(_LOOK_EVERY)


def _dry(planned: Plan, forced: int | None, *, explains: bool) -> dict[str, Any]:
    next_number, sums = forced or planned.series.next_number, planned.draft.content.sums
    totals = _totals(sums.net, sums.taxes, sums.payable)
    if explains:
        totals["explanation"] = explanation_of(planned.draft.content)
    return answers.dry_answer(
        {
            "document_type_id": planned.document_type.id, "document_type_taxbureau": planned.series.sunat_code,
            "document_sequence_code": planned.series.code, "document_number": next_number,
        },
        totals, [item.body(language()) for item in planned.draft.observations],
    )


def _paper_answer(paper: papers.Paper) -> bytes:
    return json.dumps(
        papers.paper_body(paper, base_url=office().settings.public_url, language=language())
    ).encode()


def _papers(paper_type: PaperType, filters: dict[str, Any]) -> Response:
    """A page of internal papers, each whole."""
    services = office()
    with services.database.read() as session:
        found, total, page, size = papers.find_papers(session, caller_of(principal()), paper_type, filters)
        items = [
            papers.paper_body(paper, base_url=services.settings.public_url, language=language()) for paper in found
        ]
    given = {name: value for name, value in request.args.items() if name != "page"}
    return jsonify(page_body(
        "documents", items, address=f"{services.settings.public_url}/V1/documents", filters=given, page=page,
        size=size, total=total,
    ))


def _dry_paper(paper_type: PaperType, computed: papers.Computed, *, explains: bool) -> dict[str, Any]:
    sums, reckoning = computed.totals, computed.reckoning
    totals = _totals(sums.value, sums.tax_total, sums.payable)
    if explains:
        totals["explanation"] = as_data(explain(reckoning.lines, sums, quantities=reckoning.quantities))
    return answers.dry_answer({"document_type_id": paper_type.id, "document_type_taxbureau": ""}, totals, [])


def _totals(net: Decimal, taxes: Decimal, payable: Decimal) -> dict[str, Any]:
    return {"net_amount": number(net), "taxes_amount": number(taxes), "total_amount": two_decimals(payable)}


def as_json(status: int, body: bytes) -> Response:
    """A body that is JSON already."""
    return Response(body, status=status, mimetype="application/json")


def _signed() -> Conflict:
    return Conflict("DOCUMENT_SIGNED", Text(
        "Un comprobante emitido no se edita ni se borra", "An issued voucher is neither edited nor deleted"
    ), hint=Text("Emita una nota de crédito o de débito", "Issue a credit or debit note"))
