"""The queue as it stands: deliveries by state and age, issuers whose sending is stopped, addresses left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord
from app.clock import lima
from app.delivery.models import BreakerRecord, IssuerHoldRecord
from app.ledger.lifecycle import DeliveryState
from app.ledger.models import AttemptRecord, DeliveryRecord, DocumentRecord, SummaryRecord
from app.series.models import SeriesRecord
from sunat.outcomes import Class, class_of_code, row_of

_OPEN: Final = tuple(str(state) for state in DeliveryState if state is not DeliveryState.DONE)


def summary(session: Session, accounts: ColumnElement[bool], *, now: datetime) -> dict[str, Any]:
    """Counts, ages and what stands in the way, of the accounts of a condition over AccountRecord."""
    mine = DeliveryRecord.account_id.in_(select(AccountRecord.id).where(accounts))
    by_state = select(DeliveryRecord.state, func.count()).where(mine).group_by(DeliveryRecord.state)
    by_phase = (
        select(DeliveryRecord.phase, func.count()).where(mine, DeliveryRecord.state.in_(_OPEN))
        .group_by(DeliveryRecord.phase)
    )
    states = {row[0]: row[1] for row in session.execute(by_state)}
    phases = {row[0]: row[1] for row in session.execute(by_phase)}
    oldest, nearest = session.execute(
        select(func.min(DeliveryRecord.created_at), func.min(DeliveryRecord.deadline_at))
        .where(mine, DeliveryRecord.state.in_(_OPEN))
    ).one()
    overdue = session.scalar(
        select(func.count()).select_from(DeliveryRecord)
        .where(mine, DeliveryRecord.state.in_(_OPEN), DeliveryRecord.deadline_at < now)
    )
    return {
        "states": {str(state): states.get(str(state), 0) for state in DeliveryState}, "phases": phases,
        "oldest_seconds": int((now - oldest).total_seconds()) if oldest else 0,
        "nearest_deadline": lima(nearest).isoformat() if nearest else None, "overdue": overdue or 0,
        "held_issuers": _held_issuers(session, accounts), "frozen_series": _frozen(session, accounts),
        "breakers": [
            {
                "door": row.door, "failures": row.failures, "opened_at": lima(row.opened_at).isoformat(),
                "open_until": lima(row.open_until).isoformat(), "text": row.text,
            }
            for row in session.scalars(select(BreakerRecord).order_by(BreakerRecord.door))
        ],
    }


def open_deliveries(
    session: Session, accounts: ColumnElement[bool], filters: Mapping[str, Any], *, page: int, size: int, now: datetime,
    branch_id: int | None,
) -> tuple[list[dict[str, Any]], int]:
    """Deliveries that are not done, nearest deadline first, and how many there are."""
    query = (
        select(DeliveryRecord, DocumentRecord, SummaryRecord)
        .outerjoin(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
        .outerjoin(SummaryRecord, SummaryRecord.id == DeliveryRecord.summary_id)
        .where(
            DeliveryRecord.account_id.in_(select(AccountRecord.id).where(accounts)), DeliveryRecord.state.in_(_OPEN)
        )
    )
    if filters.get("state"):
        query = query.where(DeliveryRecord.state == filters["state"])
    if branch_id is not None:
        query = query.where(DocumentRecord.branch_id == branch_id)
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(DeliveryRecord.id).subquery()))
    rows = session.execute(
        query.order_by(DeliveryRecord.deadline_at.is_(None), DeliveryRecord.deadline_at, DeliveryRecord.id)
        .limit(size).offset((page - 1) * size)
    )
    return [_row(delivery, document or told_of, now) for delivery, document, told_of in rows], total or 0


def ledger_of(session: Session, delivery: DeliveryRecord) -> Sequence[dict[str, Any]]:
    """Every attempt at a delivery, the first one first."""
    rows = session.scalars(
        select(AttemptRecord).where(AttemptRecord.delivery_id == delivery.id).order_by(AttemptRecord.number)
    )
    return [
        {
            "number": row.number, "edition": row.edition, "action": row.action, "operation": row.operation,
            "endpoint": row.endpoint, "result": row.result, "code": row.code, "text": row.text,
            "http_status": row.http_status, "request_sha256": row.request_sha256,
            "response_sha256": row.response_sha256, "evidence_id": row.evidence_id,
            "started_at": lima(row.started_at).isoformat(), "finished_at": lima(row.finished_at).isoformat(),
        }
        for row in rows
    ]


def standing(delivery: DeliveryRecord, about: DocumentRecord | SummaryRecord) -> dict[str, Any]:
    """A delivery in few words, for the answer to an order about it."""
    single = isinstance(about, DocumentRecord)
    waits = delivery.state not in {DeliveryState.DONE, DeliveryState.HELD}
    return {
        "delivery_id": delivery.id, **({"document_id": about.id} if single else {"summary_id": about.id}),
        "number": about.full_number, "status": about.status if isinstance(about, DocumentRecord) else about.state,
        "delivery": {
            "state": delivery.state, "phase": delivery.phase, "reason": delivery.reason, "tries": delivery.tries,
            "next_attempt": lima(delivery.next_at).isoformat() if waits else None,
            "deadline": lima(delivery.deadline_at).isoformat() if delivery.deadline_at else None,
            "ticket": delivery.ticket, "last_code": delivery.last_code, "last_text": delivery.last_text,
        },
    }


def _row(delivery: DeliveryRecord, about: DocumentRecord | SummaryRecord, now: datetime) -> dict[str, Any]:
    said = standing(delivery, about)
    return {
        **{name: value for name, value in said.items() if name != "delivery"}, **said["delivery"],
        "account_id": delivery.account_id,
        "document_type_taxbureau": about.sunat_code if isinstance(about, DocumentRecord) else about.kind,
        "age_seconds": int((now - delivery.created_at).total_seconds()),
    }


def _held_issuers(session: Session, accounts: ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = session.execute(
        select(IssuerHoldRecord, AccountRecord)
        .join(AccountRecord, AccountRecord.id == IssuerHoldRecord.account_id)
        .where(accounts, AccountRecord.updated_at <= IssuerHoldRecord.since)
        .order_by(IssuerHoldRecord.account_id)
    )
    return [
        {
            "account_id": account.id, "tax_id_code": account.ruc, "reason": hold.reason, "code": hold.code,
            "text": hold.text, "hint": _hint(hold), "since": lima(hold.since).isoformat(),
        }
        for hold, account in rows
    ]


def _hint(hold: IssuerHoldRecord) -> str:
    """What the authority's code means for the issuer, in Spanish; empty where it gave none."""
    name = class_of_code(hold.code)
    return row_of(name).es if name is not Class.UNANSWERED else ""


def _frozen(session: Session, accounts: ColumnElement[bool]) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(SeriesRecord)
        .where(SeriesRecord.account_id.in_(select(AccountRecord.id).where(accounts)), SeriesRecord.frozen != "")
        .order_by(SeriesRecord.id)
    )
    return [
        {"account_id": row.account_id, "document_sequence_code": row.code, "document_type_taxbureau": row.sunat_code,
         "cause": row.frozen_by, "text": row.frozen}
        for row in rows
    ]
