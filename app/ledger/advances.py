"""Payments in advance: what each voucher for one amounts to, and which later vouchers use it up.

A use names the advance by its number, not by our row: history that is imported later finds its uses waiting. What is
left is worked out from the uses that stand, so a use is free again the moment its voucher is rejected, voided or
lapses; whoever adds one locks the advance's row first, so that two at once cannot both take the last of it.
Rows are only added to: of a voucher with several editions those of its current one count. Amounts are céntimos of
the advance's currency. Source: issue of advances, RS 007-99/SUNAT art. 5 num. 4; rules 3218,
2509.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, exists, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from app.db import Base, BigKey, Cents
from app.ledger.lifecycle import DEAD, Status
from app.ledger.models import IMPORTED, DeliveryRecord, DocumentRecord

AFFECTATIONS: Final = ("taxed", "exempt", "unaffected")
ANY: Final = "any"
"""A use whose affectation nobody told: of a voucher of another system."""

_ONE_OF: Final = f"affectation IN ({', '.join(repr(each) for each in (*AFFECTATIONS, ANY))})"


class AdvanceRecord(Base):
    """What a voucher issued for a payment in advance amounts to, by affectation."""

    __tablename__ = "advances"
    __table_args__ = (CheckConstraint(_ONE_OF, name="affectation"), CheckConstraint("total >= 0", name="total"))

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True, autoincrement=False)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    affectation: Mapped[str] = mapped_column(String(10), primary_key=True)
    total: Mapped[int] = mapped_column(Cents)


class AdvanceUseRecord(Base):
    """An advance used in a voucher (``document_id``): which, by its number, and how much of it."""

    __tablename__ = "advance_uses"
    __table_args__ = (
        CheckConstraint(_ONE_OF, name="affectation"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_advance_uses_document_id", "document_id"),
        Index("ix_advance_uses_advance", "account_id", "sunat_code", "series", "number"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    edition: Mapped[int] = mapped_column(default=1)
    sunat_code: Mapped[str] = mapped_column(String(2))
    series: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    affectation: Mapped[str] = mapped_column(String(10))
    amount: Mapped[int] = mapped_column(Cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A use about to be stored; ``sunat_code`` is the advance's (01 or 03)."""

    sunat_code: str
    series: str
    number: int
    affectation: str
    amount: int

    @property
    def key(self) -> tuple[str, str, int]:
        """What identifies the advance among the account's vouchers."""
        return self.sunat_code, self.series, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedBy:
    """A voucher that stands and uses the advance."""

    document_id: int
    number: str
    status: str
    affectation: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How an advance stands.

    ``totals`` are by affectation, empty where it was not issued as an advance; ``total`` is the whole, with its debit
    notes and without what credit notes took back.
    """

    total: int
    totals: Mapping[str, int] = field(default_factory=dict)
    uses: tuple[UsedBy, ...] = ()

    @property
    def used(self) -> int:
        """What is used of it."""
        return sum(use.amount for use in self.uses)

    @property
    def left(self) -> int:
        """What is left of it, over all affectations."""
        return self.total - self.used

    def left_of(self, affectation: str) -> int:
        """What may still be used under an affectation."""
        if not self.totals or affectation == ANY:
            return self.left
        used = sum(use.amount for use in self.uses if use.affectation == affectation)
        return min(self.left, self.totals.get(affectation, 0) - used)


def add(session: Session, document: DocumentRecord, totals: Mapping[str, int], uses: Iterable[Use]) -> None:
    """Adds what a stored voucher is and uses, into the caller's transaction."""
    session.add_all(
        AdvanceRecord(document_id=document.id, edition=document.edition, affectation=affectation, total=total)
        for affectation, total in totals.items()
    )
    session.add_all(
        AdvanceUseRecord(
            account_id=document.account_id, document_id=document.id, edition=document.edition,
            sunat_code=use.sunat_code, series=use.series, number=use.number, affectation=use.affectation,
            amount=use.amount,
        )
        for use in uses
    )


def balance_of(session: Session, advance: DocumentRecord, *, besides: int | None = None) -> Balance:
    """How a voucher stands as an advance; the uses of the voucher ``besides`` are left out."""
    totals = session.execute(
        select(AdvanceRecord.affectation, AdvanceRecord.total)
        .where(AdvanceRecord.document_id == advance.id, AdvanceRecord.edition == advance.edition)
    )
    rows = session.execute(
        select(AdvanceUseRecord, DocumentRecord)
        .join(DocumentRecord, DocumentRecord.id == AdvanceUseRecord.document_id)
        .where(
            AdvanceUseRecord.account_id == advance.account_id, AdvanceUseRecord.sunat_code == advance.sunat_code,
            AdvanceUseRecord.series == advance.series, AdvanceUseRecord.number == advance.number,
            AdvanceUseRecord.edition == DocumentRecord.edition, DocumentRecord.currency == advance.currency,
            DocumentRecord.status.not_in([str(each) for each in DEAD]),
        )
        .order_by(AdvanceUseRecord.id)
    ).all()
    notes = notes_of(session, advance, besides=besides)
    return Balance(
        total=notes.balance, totals={row.affectation: row.total for row in totals},
        uses=tuple(
            UsedBy(
                document_id=user.id, number=user.full_number, status=user.status, affectation=use.affectation,
                amount=use.amount,
            )
            for use, user in rows if user.id != besides
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What notes have changed of a voucher, in céntimos of its currency; those that do not stand count for nothing."""

    total: int
    credited: int
    debited: int

    @property
    def balance(self) -> int:
        """What is left of it: credit notes less, debit notes more."""
        return self.total + self.debited - self.credited


_CREDIT: Final = "07"


def notes_of(session: Session, target: DocumentRecord, *, besides: int | None = None) -> Notes:
    """The sum of the notes on a voucher, imported ones among them; the note ``besides`` is left out."""
    rows = session.execute(
        select(DocumentRecord.sunat_code, DocumentRecord.total).where(
            DocumentRecord.id != (besides or 0),
            DocumentRecord.account_id == target.account_id, DocumentRecord.target_document_id == target.id,
            DocumentRecord.currency == target.currency, DocumentRecord.status.not_in([str(each) for each in DEAD]),
        )
    ).all()
    credited = sum(total for code, total in rows if code == _CREDIT)
    return Notes(total=target.total, credited=credited, debited=sum(total for _, total in rows) - credited)


def ahead_of_advance() -> ColumnElement[bool]:
    """Whether a delivery's voucher uses an advance of ours that is not accepted: SUNAT would reject it (3218)."""
    return _uses_advance((Status.ACCEPTED, Status.OBSERVED), among=False)


def on_dead_advance() -> ColumnElement[bool]:
    """Whether a delivery's voucher uses an advance of ours that is not valid any more, and so waits in vain."""
    return _uses_advance(DEAD, among=True)


def _uses_advance(states: Iterable[Status], *, among: bool) -> ColumnElement[bool]:
    """Whether a delivery's voucher uses an advance of ours whose state is (not) ``among`` these."""
    use, user, advance = aliased(AdvanceUseRecord), aliased(DocumentRecord), aliased(DocumentRecord)
    state = advance.status.in_([str(each) for each in states])
    return exists(
        select(use.id)
        .join(user, (user.id == use.document_id) & (user.edition == use.edition))
        .join(advance, (
            (advance.account_id == use.account_id) & (advance.sunat_code == use.sunat_code)
            & (advance.series == use.series) & (advance.number == use.number)
        ))
        .where(
            use.document_id == DeliveryRecord.document_id, state if among else ~state, advance.origin != IMPORTED,
        )
        .correlate(DeliveryRecord)
    )
