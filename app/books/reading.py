"""A month's vouchers by issue date and order of arrival, in pages of a few hundred, over one consistent picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.models import AccountRecord, BranchRecord
from app.ledger.lifecycle import VoidingState
from app.ledger.models import DeliveryRecord, DocumentRecord, EditionRecord, VoidingRecord
from app.problems import Forbidden, Text

PAGE: Final = 500
"""Vouchers read at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose vouchers, and of which days (both included, Lima); a branch's only, or all. ``period`` is ``AAAA-MM``."""

    account: AccountRecord
    period: str
    first_day: date
    last_day: date
    branch_id: int | None = None


_COLUMNS: Final = (
    DocumentRecord.id, DocumentRecord.sunat_code, DocumentRecord.series, DocumentRecord.number, DocumentRecord.status,
    DocumentRecord.origin, DocumentRecord.edition, DocumentRecord.issue_date, DocumentRecord.issue_time,
    DocumentRecord.currency, DocumentRecord.receiver_code, DocumentRecord.receiver_number,
    DocumentRecord.receiver_name, DocumentRecord.net, DocumentRecord.taxes, DocumentRecord.total,
    DocumentRecord.target_sunat_code, DocumentRecord.target_series, DocumentRecord.target_number,
    DocumentRecord.target_document_id, DocumentRecord.external_id, DocumentRecord.replaces_id,
    DocumentRecord.replaced_by_id,
)


def whole(scope: Scope) -> None:
    """Refuses a scope of one branch where the RUC's whole month is meant. Raises Forbidden."""
    if scope.branch_id is not None:
        raise Forbidden("BOOK_OF_ALL_BRANCHES", Text(
            "El registro de ventas y la propuesta de SUNAT son de todo el RUC; esta clave es de una sola sucursal",
            "The register of sales and SUNAT's proposal are the whole RUC's; this key is of one branch only",
        ), hint=Text("Use una clave de la cuenta, sin sucursal", "Use a key of the account, of no branch"))


def count(session: Session, scope: Scope) -> int:
    """How many vouchers the scope has."""
    return session.scalar(select(func.count()).select_from(_within(select(DocumentRecord.id), scope).subquery())) or 0


def vouchers(session: Session, scope: Scope) -> Iterator[Sequence[Any]]:
    """Pages of rows: the voucher's columns, its branch's name, its delivery's state and answer, why it was voided."""
    query = (
        select(
            *_COLUMNS, BranchRecord.name.label("branch"), DeliveryRecord.state.label("delivery"),
            DeliveryRecord.last_code, DeliveryRecord.last_text, VoidingRecord.reason.label("voided_for"),
        )
        .join(BranchRecord, BranchRecord.id == DocumentRecord.branch_id)
        .join(DeliveryRecord, DeliveryRecord.document_id == DocumentRecord.id, isouter=True)
        .join(VoidingRecord, and_(
            VoidingRecord.document_id == DocumentRecord.id, VoidingRecord.state == VoidingState.ACCEPTED
        ), isouter=True)
    )
    yield from _pages(session, query, scope)


def signed(
    session: Session, scope: Scope, kinds: Sequence[str], statuses: Sequence[str]
) -> Iterator[Sequence[Any]]:
    """Pages of rows with the signed bytes of the current edition (``xml``), of some kinds and statuses."""
    query = (
        select(*_COLUMNS, DocumentRecord.request, EditionRecord.xml)
        .join(EditionRecord, and_(
            EditionRecord.document_id == DocumentRecord.id, EditionRecord.edition == DocumentRecord.edition
        ))
        .where(DocumentRecord.sunat_code.in_(kinds), DocumentRecord.status.in_(statuses))
    )
    yield from _pages(session, query, scope)


def named(
    session: Session, scope: Scope, kind: str, series: str, numbers: Sequence[int]
) -> dict[int, Any]:
    """Vouchers of one series by their numbers, of any day: what a list of SUNAT's names."""
    query = select(*_COLUMNS).where(
        DocumentRecord.account_id == scope.account.id, DocumentRecord.sunat_code == kind,
        DocumentRecord.series == series, DocumentRecord.number.in_(numbers),
    )
    if scope.branch_id is not None:
        query = query.where(DocumentRecord.branch_id == scope.branch_id)
    return {row.number: row for row in session.execute(query)}


def _within(query: Select[*tuple[Any, ...]], scope: Scope) -> Select[*tuple[Any, ...]]:
    query = query.where(
        DocumentRecord.account_id == scope.account.id,
        DocumentRecord.issue_date.between(scope.first_day, scope.last_day),
    )
    return query if scope.branch_id is None else query.where(DocumentRecord.branch_id == scope.branch_id)


def _pages(session: Session, query: Select[*tuple[Any, ...]], scope: Scope) -> Iterator[Sequence[Any]]:
    query = _within(query, scope).order_by(DocumentRecord.issue_date, DocumentRecord.id).limit(PAGE)
    place = tuple_(DocumentRecord.issue_date, DocumentRecord.id)
    page = session.execute(query).all()
    while page:
        yield page
        if len(page) < PAGE:
            return
        page = session.execute(query.where(place > tuple_(page[-1].issue_date, page[-1].id))).all()
