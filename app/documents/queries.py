"""Finding vouchers of one account by the contract's filters (contract v1, 2.1.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session

from app.ledger.lifecycle import DeliveryState, Status
from app.ledger.models import IMPORTED, DeliveryRecord, DocumentRecord
from app.ledger.names import folded
from app.wire import statuses
from sunat.money import to_cents

MOST_PER_PAGE: Final = 500
_MOST_TRIES_TOLD: Final = 99
"""The contract's 1XX has two digits for the tries; 199 is as many or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of vouchers, each with its delivery, and how many there are in all."""

    rows: list[tuple[DocumentRecord, DeliveryRecord]]
    total: int
    number: int
    size: int

    @property
    def count(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // self.size))


def find(session: Session, account_id: int, filters: Mapping[str, Any], *, branch_id: int | None) -> Page:
    """The vouchers of an account that pass every filter given, newest issue date first unless told.

    ``branch_id`` confines a key that is bound to a branch.
    """
    size = min(filters.get("per_page") or filters.get("limit") or 10, MOST_PER_PAGE)
    number = filters.get("page") or 1
    conditions = [build(filters[name]) for name, build in _CONDITIONS.items() if filters.get(name) is not None]
    if filters.get("account_id") not in (None, account_id):
        conditions.append(false())
    if branch_id is not None:
        conditions.append(DocumentRecord.branch_id == branch_id)
    query = _joined(account_id).where(*conditions)
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(DocumentRecord.id).subquery()))
    columns = (DocumentRecord.issue_date, DocumentRecord.id)
    order = columns if filters.get("order_by") == "asc" else tuple(column.desc() for column in columns)
    rows = session.execute(query.order_by(*order).offset((number - 1) * size).limit(size)).all()
    return Page(rows=list(rows), total=total or 0, number=number, size=size)


def _joined(account_id: int) -> Select[DocumentRecord, DeliveryRecord]:
    return (
        select(DocumentRecord, DeliveryRecord)
        .join(DeliveryRecord, DeliveryRecord.document_id == DocumentRecord.id)
        .where(DocumentRecord.account_id == account_id)
    )


def _number(text: str) -> ColumnElement[bool]:
    """A bare number, or series and number in any padding."""
    series, _, digits = text.rpartition("-")
    if not digits.isdecimal() or len(digits) > 8:
        return false()
    condition = DocumentRecord.number == int(digits)
    return and_(condition, DocumentRecord.series == series.upper()) if series else condition


def _name(text: str) -> ColumnElement[bool]:
    """A part of the name, whatever its accents and capitals."""
    return DocumentRecord.receiver_key.contains(folded(text), autoescape=True)


def _validation(value: int) -> ColumnElement[bool]:
    by_value = {
        0: and_(DocumentRecord.status == Status.ISSUED, DeliveryRecord.state.in_(
            (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
        )),
        1: and_(DocumentRecord.status == Status.ISSUED, DeliveryRecord.state.in_(
            (DeliveryState.AWAITING_TICKET, DeliveryState.DONE)
        )),
        2: or_(
            DocumentRecord.status == Status.LAPSED,
            and_(DocumentRecord.status == Status.ISSUED, DeliveryRecord.state == DeliveryState.HELD),
        ),
        3: DocumentRecord.status.in_((Status.ACCEPTED, Status.VOIDED)),
        4: DocumentRecord.status == Status.OBSERVED,
        5: DocumentRecord.status == Status.REJECTED,
    }
    return by_value.get(value, false())


def _sending(value: int) -> ColumnElement[bool]:
    imported = DocumentRecord.origin == IMPORTED
    return imported if value == statuses.IMPORTED else and_(~imported, _sent_here(value))


def _sent_here(value: int) -> ColumnElement[bool]:
    open_states = (DeliveryState.WAITING, DeliveryState.UNKNOWN)
    pending = DocumentRecord.status == Status.ISSUED
    if value == 0:
        return and_(pending, or_(
            DeliveryRecord.state == DeliveryState.SENDING,
            and_(DeliveryRecord.state.in_(open_states), DeliveryRecord.tries == 0),
        ))
    if value == 1:
        settled = (Status.ACCEPTED, Status.OBSERVED, Status.REJECTED, Status.VOIDED)
        return or_(DocumentRecord.status.in_(settled), and_(
            pending, DeliveryRecord.state.in_((DeliveryState.AWAITING_TICKET, DeliveryState.DONE))
        ))
    if value == 2:
        return DocumentRecord.status == Status.LAPSED
    if statuses.RETRYING <= value < statuses.REFUSED:
        tries = value - statuses.RETRYING
        return and_(
            pending, DeliveryRecord.state.in_(open_states),
            DeliveryRecord.tries >= tries if tries == _MOST_TRIES_TOLD else DeliveryRecord.tries == tries,
            DeliveryRecord.tries > 0,
        )
    if value == statuses.REFUSED:
        return and_(pending, DeliveryRecord.state == DeliveryState.HELD)
    return false()


_CONDITIONS: Final[dict[str, Callable[[Any], ColumnElement[bool]]]] = {
    "issue_date_from": lambda value: DocumentRecord.issue_date >= value,
    "issue_date_to": lambda value: DocumentRecord.issue_date <= value,
    "taxbureau_sending_status": _sending,
    "taxbureau_validation_status": _validation,
    "document_number": _number,
    "document_type_id": lambda value: DocumentRecord.document_type_id == value,
    "document_type_taxbureau": lambda value: DocumentRecord.sunat_code == value,
    "document_sequence_code": lambda value: DocumentRecord.series == value,
    "received_issued_flag": lambda value: DocumentRecord.id.is_not(None) if value == 1 else false(),
    "receiver_tax_id_code": lambda value: DocumentRecord.receiver_number == value,
    "receiver_legal_name": _name,
    "min_total_amount": lambda value: DocumentRecord.total >= to_cents(value),
    "max_total_amount": lambda value: DocumentRecord.total <= to_cents(value),
    "external_id": lambda value: DocumentRecord.external_id == value,
    "status": lambda value: DocumentRecord.status == value,
}
