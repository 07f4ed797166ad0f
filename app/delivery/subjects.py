"""What a delivery is about: a voucher by itself, or a summary of many. Settling asks either the same things.

A subject is locked for the transaction that settles its attempt. What a verdict does to a voucher stands in
`app.delivery.verdicts`, what it does to a summary and the vouchers in it in `app.ledger.summaries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy.orm import Session

from app.delivery.parcels import Parcel, Report
from app.delivery.verdicts import lapse, pronounce
from app.ledger import store, summaries
from app.ledger.lifecycle import Status, SummaryState
from app.ledger.models import DeliveryRecord, DocumentRecord, EvidenceRecord, SummaryRecord
from app.series.stopping import foreign_number, freeze
from sunat.cdr import Outcome
from sunat.outcomes import Class

_NO_FREEZE: Final = "beta"
"""Beta's numbers are everybody's and worth nothing: a foreign one there stops no series."""

_FOR_GOOD: Final = frozenset({Class.LATE, Class.CONTENT, Class.REFERENCE})
"""Refusals without a CDR that are as good as a rejection for a summary: its vouchers lose nothing by them."""


class Subject(Protocol):
    """What settling has to know and do."""

    @property
    def account_id(self) -> int: ...

    @property
    def undecided(self) -> bool:
        """Whether it has no verdict yet."""
        ...

    def tell(self, session: Session, kind: str, *, now: datetime, **data: Any) -> None:
        """Adds an event about it."""
        ...

    def last(self, session: Session, kind: str) -> EvidenceRecord | None:
        """The newest evidence of a kind about it."""
        ...

    def keep(self, session: Session, kind: str, content: bytes, *, now: datetime, code: str, text: str
             ) -> EvidenceRecord:
        """Adds evidence about it."""
        ...

    def pronounce(self, session: Session, report: Report, now: datetime) -> bool:
        """Gives it the verdict that the report proves; False where that contradicts the one it has."""
        ...

    def give_up(self, session: Session, reason: str, now: datetime, *, code: str, text: str) -> bool:
        """Ends it where the authority surely does not hold it and never will; False where that is a person's to say."""
        ...

    def foreign(self, session: Session, now: datetime, *, code: str, text: str) -> bool:
        """Does what its number being somebody else's asks for; True where that ends the delivery."""
        ...


@dataclass(frozen=True, slots=True)
class VoucherSubject:
    """A voucher that is sent by itself."""

    document: DocumentRecord

    @property
    def account_id(self) -> int:
        return self.document.account_id

    @property
    def undecided(self) -> bool:
        return self.document.status == Status.ISSUED

    def tell(self, session: Session, kind: str, *, now: datetime, **data: Any) -> None:
        store.add_event(session, self.document, kind, now=now, **{"number": self.document.full_number, **data})

    def last(self, session: Session, kind: str) -> EvidenceRecord | None:
        return store.evidence_of(session, self.document, kind)

    def keep(self, session: Session, kind: str, content: bytes, *, now: datetime, code: str, text: str
             ) -> EvidenceRecord:
        return store.add_evidence(session, self.document, kind, content, now=now, code=code, text=text)

    def pronounce(self, session: Session, report: Report, now: datetime) -> bool:
        return pronounce(session, self.document, report, now)

    def give_up(self, session: Session, reason: str, now: datetime, *, code: str, text: str) -> bool:
        """A voucher that came too late is none; all else is a person's to correct."""
        if reason != Class.LATE:
            return False
        lapse(session, self.document, now, code=code, text=text)
        return True

    def foreign(self, session: Session, now: datetime, *, code: str, text: str) -> bool:
        """Another voucher has its number: the series stops until somebody knows whose."""
        document = self.document
        if document.environment != _NO_FREEZE:
            freeze(session, document.series_id, foreign_number(document.full_number), now=now)
            self.tell(session, "series.frozen", now=now, series=document.series, code=code)
        return False


@dataclass(frozen=True, slots=True)
class SummarySubject:
    """A summary, with the vouchers it tells of."""

    summary: SummaryRecord

    @property
    def account_id(self) -> int:
        return self.summary.account_id

    @property
    def undecided(self) -> bool:
        return self.summary.state == SummaryState.PENDING

    def tell(self, session: Session, kind: str, *, now: datetime, **data: Any) -> None:
        summaries.add_event(session, self.summary, kind, now=now, **data)

    def last(self, session: Session, kind: str) -> EvidenceRecord | None:
        return summaries.evidence_of(session, self.summary, kind)

    def keep(self, session: Session, kind: str, content: bytes, *, now: datetime, code: str, text: str
             ) -> EvidenceRecord:
        return summaries.add_evidence(session, self.summary, kind, content, now=now, code=code, text=text)

    def pronounce(self, session: Session, report: Report, now: datetime) -> bool:
        rejected = report.cdr is not None and report.cdr.outcome is Outcome.REJECTED
        state = SummaryState.REJECTED if rejected else SummaryState.ACCEPTED
        if not self.undecided:
            return self.summary.state == state
        observations = report.cdr.observations if report.cdr is not None else ()
        summaries.settle(
            session, self.summary, state, now=now, code=report.code, text=report.text,
            source="cdr" if report.cdr is not None else report.operation, observations=observations,
        )
        return True

    def give_up(self, session: Session, reason: str, now: datetime, *, code: str, text: str) -> bool:
        """A summary that is surely not there is one whose vouchers are free to go in another."""
        if reason not in _FOR_GOOD or not self.undecided:
            return False
        summaries.settle(session, self.summary, SummaryState.REJECTED, now=now, code=code, text=text, source="fault")
        return True

    def foreign(self, session: Session, now: datetime, *, code: str, text: str) -> bool:
        """Its id is another system's: the same lines take the next one (decision 13)."""
        if self.undecided:
            told = text or "El identificador del resumen ya lo usó otro sistema de este RUC"
            summaries.settle(session, self.summary, SummaryState.TAKEN, now=now, code=code, text=told, source="fault")
        return True


def subject_of(session: Session, about: Parcel | DeliveryRecord) -> Subject:
    """What a parcel or a delivery is about, locked until the transaction ends."""
    if about.document_id is not None:
        return VoucherSubject(session.get_one(DocumentRecord, about.document_id, with_for_update=True))
    return SummarySubject(session.get_one(SummaryRecord, about.summary_id, with_for_update=True))
