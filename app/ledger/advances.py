"""Payments in advance: what each voucher for one amounts to, and which later vouchers use it up.

A use names the advance by its number, not by our row: history that is imported later finds its uses waiting. What is
left is worked out from the uses that stand, so a use is free again the moment its voucher is rejected, voided or
lapses; whoever adds one locks the advance's row first, so that two at once cannot both take the last of it.
Rows are only added to: of a voucher with several editions those of its current one count.

A sale in another currency takes from an advance what its amount is worth in the advance's currency, by the sale's own
exchange rate or the one that ruled on its day (`converted`); that is stored with the use, so that a rate published anew
changes no balance. Amounts are céntimos of the advance's currency unless told.
Source: issue of advances, RS 007-99/SUNAT art. 5 num. 4; rules 3218, 2509.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.almanac.rates import SOLES, ruling
from app.db import Base, BigKey, Cents
from app.ledger.lifecycle import DEAD
from app.ledger.models import DocumentRecord
from sunat.money import EXACT, cents, from_cents, to_cents

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
    """An advance used in a voucher (``document_id``): which, by its number, and how much of it.

    ``amount`` is in the sale's currency. ``counted`` is what that takes from an advance in another one, in the
    advance's; None where both have the same, or the advance was not in the ledger yet.
    """

    __tablename__ = "advance_uses"
    __table_args__ = (
        CheckConstraint(_ONE_OF, name="affectation"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("counted >= 0", name="counted"),
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
    counted: Mapped[int | None] = mapped_column(Cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A use about to be stored; ``sunat_code`` is the advance's (01 or 03), ``amount`` in the sale's currency.

    ``rate`` is the sale's own exchange rate, soles for one unit of what is not soles; None where it says none.
    """

    sunat_code: str
    series: str
    number: int
    affectation: str
    amount: int
    rate: Decimal | None = None

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
    notes and without what credit notes took back. ``uncounted`` are the vouchers that use it in another currency
    without any exchange rate known for their day.
    """

    total: int
    totals: Mapping[str, int] = field(default_factory=dict)
    uses: tuple[UsedBy, ...] = ()
    uncounted: tuple[str, ...] = ()

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
    for use in uses:
        session.add(AdvanceUseRecord(
            account_id=document.account_id, document_id=document.id, edition=document.edition,
            sunat_code=use.sunat_code, series=use.series, number=use.number, affectation=use.affectation,
            amount=use.amount, counted=_counted(session, document, use),
        ))


def converted(session: Session, use: Use, advance: str, sale: str, day: date) -> int | None:
    """What a use takes from an advance of another currency; None where no rate is known.

    ``advance`` and ``sale`` are currencies, ``day`` is the sale's.
    """
    def soles(currency: str, told: Decimal | None) -> Decimal | None:
        if currency == SOLES or told is not None:
            return Decimal(1) if currency == SOLES else told
        published = ruling(session, currency, day)
        return published.sell if published is not None else None

    own, theirs = soles(sale, use.rate), soles(advance, use.rate if sale == SOLES else None)
    if own is None or theirs is None:
        return None
    return to_cents(cents(EXACT.divide(EXACT.multiply(from_cents(use.amount), own), theirs)))


def slack(session: Session, use: Use, advance: str, sale: str, day: date) -> int:
    """How far above what is left a converted use may come by rounding: one céntimo of the larger of both currencies."""
    return max(1, converted(session, replace(use, amount=1), advance, sale, day) or 0)


def _counted(session: Session, document: DocumentRecord, use: Use) -> int | None:
    """What is stored of a use in another currency; a difference of rounding takes no more than there is."""
    advance = session.scalar(select(DocumentRecord).where(
        DocumentRecord.account_id == document.account_id, DocumentRecord.sunat_code == use.sunat_code,
        DocumentRecord.series == use.series, DocumentRecord.number == use.number,
    ))
    if advance is None or advance.currency == document.currency:
        return None
    between = advance.currency, document.currency, document.issue_date
    worth = converted(session, use, *between)
    if worth is None:
        return None
    left = balance_of(session, advance).left_of(use.affectation)
    return left if 0 < left < worth <= left + slack(session, use, *between) else worth


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
            AdvanceUseRecord.edition == DocumentRecord.edition,
            DocumentRecord.status.not_in([str(each) for each in DEAD]),
        )
        .order_by(AdvanceUseRecord.id)
    ).all()
    taken = [(user, use.affectation, _taken(session, use, user, advance)) for use, user in rows if user.id != besides]
    return Balance(
        total=notes_of(session, advance, besides=besides).balance,
        totals={row.affectation: row.total for row in totals},
        uses=tuple(
            UsedBy(
                document_id=user.id, number=user.full_number, status=user.status, affectation=affectation,
                amount=amount,
            )
            for user, affectation, amount in taken if amount is not None
        ),
        uncounted=tuple(user.full_number for user, _, amount in taken if amount is None),
    )


def _taken(session: Session, row: AdvanceUseRecord, user: DocumentRecord, advance: DocumentRecord) -> int | None:
    """What a stored use takes; one stored before its advance was there counts by the rate of its day."""
    if row.counted is not None or user.currency == advance.currency:
        return row.amount if row.counted is None else row.counted
    use = Use(
        sunat_code=row.sunat_code, series=row.series, number=row.number, affectation=row.affectation, amount=row.amount
    )
    return converted(session, use, advance.currency, user.currency, user.issue_date)


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
