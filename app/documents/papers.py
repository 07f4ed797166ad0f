"""Internal papers: quotations, orders and sale notes, numbered by a series of ours and never sent to SUNAT.

A paper is an entry of its series that keeps the request and the totals: one row, one transaction, unchangeable. Its
lines are computed as a voucher's are; no rule of SUNAT's is asked beyond that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from app import idempotency
from app.accounts.models import AccountRecord, BranchRecord
from app.accounts.operations import branch_of, head_office
from app.clock import lima
from app.db import Database
from app.documents.drafting import issuer_card
from app.documents.judging import mismatch_items
from app.documents.orders import NUMBER, Caller, Order, branch_named, check_account
from app.documents.schemas import Reading
from app.documents.schemas.sale import claims_of, read_basis
from app.documents.schemas.whole import whole_of
from app.problems import Conflict, Language, NotFound, Text, refusal
from app.series.answers import PAPERS_FROM
from app.series.entries import Taken, Wish, entries_of, take
from app.series.models import EntryRecord, SeriesRecord
from app.series.papers import series_for_paper
from app.wire.currencies import CURRENCY_IDS
from app.wire.numbers import number, two_decimals
from app.wire.paper_types import PaperType, paper_type_for
from sunat.taxes import Reckoning, Totals

MOST_PER_PAGE: Final = 500
_FILTERS: Final[dict[str, Callable[[Any], ColumnElement[bool]]]] = {
    "issue_date_from": lambda value: EntryRecord.issue_date >= value,
    "issue_date_to": lambda value: EntryRecord.issue_date <= value,
    "external_id": lambda value: EntryRecord.external_id == value,
    "document_number": lambda value: EntryRecord.code == value,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What a paper adds up to, and how."""

    reckoning: Reckoning
    currency: str

    @property
    def totals(self) -> Totals:
        """Its sums."""
        return self.reckoning.totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A numbered paper: its entry (with request and totals) and its series."""

    taken: Taken
    series: SeriesRecord

    @property
    def entry(self) -> EntryRecord:
        """The entry that is the paper."""
        return self.taken.entry


def compute(session: Session, caller: Caller, order: Order, *, now: datetime) -> Computed:
    """Reads and adds up the lines. Raises Refused with everything that is wrong."""
    account = session.get_one(AccountRecord, caller.account_id)
    check_account(order.body["header"], account)
    moment = lima(now)
    reading = Reading(
        body=order.body, issuer=issuer_card(account, _branch(session, caller, order)), today=moment.date(),
        now=moment.time().replace(microsecond=0),
    )
    if reading.header.get("document_number") is not None:
        reading.refuse(
            "NUMBER_FORCED", NUMBER, "El número de un papel interno lo da su serie",
            "The number of an internal paper is given by its series",
            Text("Omita document_number", "Leave document_number out"),
        )
    basis = read_basis(reading)
    whole = whole_of(reading, basis)
    if reading.refused:
        raise refusal(reading.items)
    wrong = mismatch_items((*claims_of(reading, basis, whole.reckoning), *whole.mismatches), order.body)
    if wrong:
        raise refusal(wrong)
    return Computed(reckoning=whole.reckoning, currency=basis.currency)


def issue_paper(
    database: Database, caller: Caller, order: Order, paper_type: PaperType, *, limit: int, now: datetime,
    held: idempotency.Claim | None, answer: Callable[[Paper], bytes],
) -> bytes:
    """Numbers and stores a paper and gives the answer about it, sealed under the held key in the same transaction.

    Raises the Problems of ``compute``, of the choice of the series and of taking its next number.
    """
    with database.read() as session:
        computed = compute(session, caller, order, now=now)
    try:
        return _stored(database, caller, order, paper_type, computed, limit=limit, now=now, held=held, answer=answer)
    except IntegrityError as error:  # another series took the same external id at this moment
        raise Conflict("ALREADY_ISSUED", Text(
            "El external_id ya está en uso", "The external_id is already in use"
        ), pointer="/header/external_id") from error


def _stored(
    database: Database, caller: Caller, order: Order, paper_type: PaperType, computed: Computed, *, limit: int,
    now: datetime, held: idempotency.Claim | None, answer: Callable[[Paper], bytes],
) -> bytes:
    header = order.body["header"]
    with database.write() as session:
        account = session.get_one(AccountRecord, caller.account_id)
        series = series_for_paper(
            session, account, _branch(session, caller, order), paper_type.kind,
            code=header.get("document_sequence_code") or None, mode=header.get("sequence_mode"),
            bound_branch_id=caller.branch_id, limit=limit, author=caller.actor, now=now,
        )
        totals = computed.totals
        taken = take(session, series.id, Wish(
            issue_date=header["issue_date"], actor=caller.actor, kind=paper_type.kind,
            external_id=header.get("external_id"), date_pointer="/header/issue_date",
            paper={
                "request": order.raw, "currency": computed.currency, "net": str(totals.value),
                "taxes": str(totals.tax_total), "total": str(totals.payable),
            },
        ), now=now)
        body = answer(Paper(taken=taken, series=series))
        if held is not None:
            idempotency.seal(session, held, status=201, body=body, now=now)
    return body


def paper_of(session: Session, caller: Caller, document_id: int) -> Paper:
    """A paper of the caller's account, and of his branch if his key is bound to one. Raises NotFound."""
    found = session.scalar(
        entries_of(caller.account_id)
        .where(EntryRecord.id == document_id - PAPERS_FROM, EntryRecord.paper.is_not(None))
        .options(undefer(EntryRecord.paper))
    )
    if found is None or caller.branch_id not in (None, found.branch_id):
        raise NotFound("DOCUMENT_NOT_FOUND", Text("El comprobante no existe", "The document does not exist"))
    return Paper(
        taken=Taken(entry=found, created=False), series=session.get_one(SeriesRecord, found.series_id)
    )


def find_papers(
    session: Session, caller: Caller, paper_type: PaperType, filters: Mapping[str, Any]
) -> tuple[list[Paper], int, int, int]:
    """A page of papers of a kind, newest first: the papers, how many there are, the page's number and size."""
    size = min(filters.get("per_page") or filters.get("limit") or 10, MOST_PER_PAGE)
    page = filters.get("page") or 1
    query = entries_of(caller.account_id).where(
        EntryRecord.kind == paper_type.kind, EntryRecord.paper.is_not(None)
    )
    query = query.where(*(build(filters[name]) for name, build in _FILTERS.items() if filters.get(name) is not None))
    if caller.branch_id is not None:
        query = query.where(EntryRecord.branch_id == caller.branch_id)
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(EntryRecord.id).subquery())) or 0
    rows = session.scalars(
        query.options(undefer(EntryRecord.paper)).order_by(EntryRecord.id.desc()).offset((page - 1) * size).limit(size)
    ).all()
    wanted = {row.series_id for row in rows}
    series = {row.id: row for row in session.scalars(select(SeriesRecord).where(SeriesRecord.id.in_(wanted)))}
    papers = [Paper(taken=Taken(entry=row, created=False), series=series[row.series_id]) for row in rows]
    return papers, total, page, size


def paper_body(paper: Paper, *, base_url: str, language: Language) -> dict[str, Any]:
    """A paper in the form of a document's answer; what only a voucher has is null."""
    entry, series = paper.entry, paper.series
    kept = entry.paper or {}
    request = kept["request"]
    document_id = PAPERS_FROM + entry.id
    paper_type = paper_type_for(entry.kind)
    return {
        "document_id": document_id,
        "header": {
            **request["header"], "account_id": entry.account_id, "document_type_id": paper_type.id,
            "document_type_taxbureau": "", "document_sequence_code": series.code, "document_number": entry.number,
            "number": entry.code, "document_status": 1, "issue_date": entry.issue_date.isoformat(),
            "currency_id": CURRENCY_IDS[kept["currency"]], "received_issued_flag": 1,
        },
        "details": request.get("details", []), "references": request.get("references"), "global_modifiers": None,
        "totals": {
            "net_amount": number(Decimal(kept["net"])), "taxes_amount": number(Decimal(kept["taxes"])),
            "total_amount": two_decimals(Decimal(kept["total"])),
        },
        "electronic_document": None, "payment_link": request.get("payment_link"), "status": "issued",
        "delivery": None,
        "observations": [
            {"code": item.code, "pointer": item.pointer, "source": "chasqui", "message": item.message.said(language)}
            for item in paper.taken.remarks
        ],
        "external_id": entry.external_id,
        "entry": {
            "id": entry.public_id, "series_id": series.public_id, "index": entry.position, "code": entry.code,
            "chain_hash": entry.chain_hash,
        },
        "result": {"status": 0, "error_message": ""},
        "_links": {
            "self": {"href": f"{base_url}/V1/documents/{document_id}"},
            "entry": {"href": f"{base_url}/V1/series/{series.public_id}/entries/{entry.public_id}"},
        },
    }


def _branch(session: Session, caller: Caller, order: Order) -> BranchRecord:
    wanted = branch_named(session, caller, order.body) or caller.branch_id
    if wanted is None:
        return head_office(session, caller.account_id)
    return branch_of(session, caller.account_id, wanted)
