"""What an attempt needs, read in the transaction that takes it: a voucher's parcel, or a summary's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol, cast

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from app.accounts.channels import as_it_was, register_of
from app.accounts.models import AccountRecord, FormerChannelRecord
from app.delivery.matching import readable
from app.delivery.parcels import Parcel, Witness
from app.delivery.protocol import SENDING
from app.ledger import store, summaries
from app.ledger.lifecycle import Phase
from app.ledger.models import DeliveryRecord, DocumentRecord, EditionRecord, SummaryLineRecord, SummaryRecord
from sunat.documents.summary import ADD, MODIFY
from sunat.kinds import kind
from sunat.money import from_cents
from sunat.numbering import SummaryId, VoucherId
from sunat.numbering.identifiers import SummaryKind
from sunat.outcomes import Finding
from sunat.transport import Criteria, Service, pack

_HASHED: Final = frozenset({Service.GUIDES})
"""Services that are told the hash of the zip they get."""
_ZIP: Final = "zip-"
_SENT_BY: Final = (
    (FormerChannelRecord.account_id == AccountRecord.id) & (FormerChannelRecord.version == bindparam("sent_by"))
)
"""The channel that the bytes went by last, where the account has left it."""

_VOUCHER: Final = (
    select(DocumentRecord, AccountRecord, EditionRecord.xml, FormerChannelRecord)
    .join(AccountRecord, AccountRecord.id == DocumentRecord.account_id)
    .outerjoin(FormerChannelRecord, _SENT_BY)
    .join(EditionRecord, EditionRecord.document_id == DocumentRecord.id)
    .where(DocumentRecord.id == bindparam("document"), EditionRecord.edition == bindparam("edition"))
)
_SUMMARY: Final = (
    select(SummaryRecord, AccountRecord, FormerChannelRecord)
    .join(AccountRecord, AccountRecord.id == SummaryRecord.account_id)
    .outerjoin(FormerChannelRecord, _SENT_BY)
    .where(SummaryRecord.id == bindparam("summary"))
)
_SENDING_BY: Final = (
    update(DeliveryRecord).where(DeliveryRecord.id == bindparam("delivery"))
    .values(sent_by=bindparam("version")).execution_options(synchronize_session=False)
)


class Taken(Protocol):
    """The row of a delivery that was taken."""

    attempt: int
    tries: int
    edition: int
    document_id: int | None
    summary_id: int | None
    phase: str
    ticket: str | None
    reason: str
    sent_by: int


@dataclass(frozen=True, slots=True)
class _Way:
    """The account as it is, or as it was where another register has to be asked; and the phase that this makes."""

    account: AccountRecord
    phase: Phase
    left: bool


def _way(
    session: Session, delivery_id: int, taken: Taken, account: AccountRecord, former: FormerChannelRecord | None
) -> _Way:
    """By which channel the attempt goes; notes the account's own where bytes are about to go by it."""
    phase = Phase(taken.phase)
    if former is not None and phase is not Phase.FRESH and register_of(former) != register_of(account):
        phase = Phase.DOUBT if phase is Phase.RESEND else phase
        return _Way(as_it_was(account, former), phase, True)
    if phase in SENDING and taken.sent_by != account.channel_version:
        session.execute(_SENDING_BY, {"delivery": delivery_id, "version": account.channel_version})
    return _Way(account, phase, False)


def load(session: Session, delivery_id: int, taken: Taken, *, now: datetime, lease_until: datetime) -> Parcel:
    """The parcel of a delivery that is ours until ``lease_until``."""
    if taken.document_id is None:
        return _summary(session, delivery_id, taken, now=now, lease_until=lease_until)
    document, account, xml, former = session.execute(
        _VOUCHER, {"document": taken.document_id, "edition": taken.edition, "sent_by": taken.sent_by}
    ).one()
    hashed = kind(document.sunat_code).service in _HASHED
    way = _way(session, delivery_id, taken, account, None if hashed else former)  # those have one register, SUNAT's
    kept = store.evidence_of(session, document) if taken.attempt > 1 else None
    stored = _zip(session, document, taken.edition, xml, now) if hashed else b""
    return _with_kept(Parcel(
        delivery_id=delivery_id, attempt=taken.attempt, tries=taken.tries, edition=taken.edition, zip=stored,
        document_id=document.id, phase=way.phase, account=way.account, left=way.left, reason=taken.reason, xml=xml,
        digest=document.digest,
        identity=VoucherId(
            ruc=document.ruc, type_code=document.sunat_code, series=document.series, number=document.number
        ),
        criteria=criteria_of(document), ticket=taken.ticket or "", issued_at=document.created_at, started_at=now,
        lease_until=lease_until,
    ), kept.content if kept is not None else None)


def _zip(session: Session, document: DocumentRecord, edition: int, xml: bytes, now: datetime) -> bytes:
    """The zip of an edition, stored before it is sent for the first time and never made again: its hash goes along."""
    found = store.evidence_of(session, document, f"{_ZIP}{edition}")
    if found is None:
        name = VoucherId(
            ruc=document.ruc, type_code=document.sunat_code, series=document.series, number=document.number
        ).file_name
        found = store.add_evidence(session, document, f"{_ZIP}{edition}", pack(name, xml), now=now)
    return found.content


def criteria_of(document: DocumentRecord) -> Criteria:
    """What a voucher tells of itself to whoever is asked about it."""
    return Criteria(
        receiver_code=document.receiver_code, receiver_number=document.receiver_number,
        issue_date=document.issue_date, total=from_cents(document.total),
    )


def _summary(session: Session, delivery_id: int, taken: Taken, *, now: datetime, lease_until: datetime) -> Parcel:
    summary, account, former = session.execute(
        _SUMMARY, {"summary": taken.summary_id, "sent_by": taken.sent_by}
    ).one()
    way = _way(session, delivery_id, taken, account, former)
    kept = summaries.evidence_of(session, summary) if taken.attempt > 1 else None
    return _with_kept(Parcel(
        delivery_id=delivery_id, attempt=taken.attempt, tries=taken.tries, edition=taken.edition,
        summary_id=summary.id, phase=way.phase, account=way.account, left=way.left, reason=taken.reason,
        xml=summary.xml, digest=summary.digest,
        identity=SummaryId(
            ruc=summary.ruc, kind=cast("SummaryKind", summary.kind), date=summary.day, number=summary.number
        ),
        criteria=Criteria(
            receiver_code="", receiver_number="", issue_date=summary.reference_date, total=Decimal(0)
        ),
        witnesses=_witnesses(session, summary), ticket=taken.ticket or "", issued_at=summary.created_at, started_at=now,
        lease_until=lease_until,
    ), kept.content if kept is not None else None)


def _witnesses(session: Session, summary: SummaryRecord) -> tuple[Witness, ...]:
    """The vouchers whose states together tell whether the summary was taken; one that is only changed tells nothing.

    First, last and middle: what SUNAT already held of one of them, or what was voided at its portal, proves nothing.
    """
    told = (SummaryLineRecord.summary_id == summary.id, SummaryLineRecord.condition != MODIFY)
    lines = session.scalars(select(SummaryLineRecord.line).where(*told).order_by(SummaryLineRecord.line)).all()
    chosen = {lines[place] for place in (0, len(lines) // 2, -1)} if lines else set[int]()
    rows = session.execute(
        select(SummaryLineRecord.condition, DocumentRecord)
        .join(DocumentRecord, DocumentRecord.id == SummaryLineRecord.document_id)
        .where(*told, SummaryLineRecord.line.in_(chosen)).order_by(SummaryLineRecord.line)
    )
    return tuple(
        Witness(
            voucher=VoucherId(
                ruc=document.ruc, type_code=document.sunat_code, series=document.series, number=document.number
            ),
            criteria=criteria_of(document), taken=Finding.ACCEPTED if condition == ADD else Finding.VOIDED,
            untaken=Finding.ABSENT if condition == ADD else Finding.ACCEPTED,
        )
        for condition, document in rows
    )


def _with_kept(parcel: Parcel, kept_cdr: bytes | None) -> Parcel:
    """The parcel with the CDR that an earlier attempt left, if it can be read."""
    if kept_cdr is None or not readable(parcel, kept_cdr):
        return parcel
    return replace(parcel, kept_cdr=kept_cdr)
