"""Gathering: boletas and wishes to void, put into summaries by issuer, channel and issue date.

Nothing here talks to the authority: a summary is made, signed and stored with its delivery, which the engine sends as
it sends a voucher. What a refused summary was about goes on in smaller ones until the guilty line stands alone; what
has been settled meanwhile is not told again. Sources: `domain/sunat_operations.md` 1.9 and 3, decisions 13 and 39.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, func, literal, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import AccountRecord
from app.accounts.signers import SignerDesk
from app.clock import LIMA, lima
from app.delivery import holds
from app.delivery.deadlines import from_before
from app.delivery.dispatch import guarded
from app.http import Office
from app.ledger import store, summaries
from app.ledger.awaiting import ahead_of_advance
from app.ledger.lifecycle import DeliveryState, Phase, Status, SummaryState, VoidingState, move_delivery
from app.ledger.models import (
    BILL,
    CARRIED,
    IMPORTED,
    DeliveryRecord,
    DocumentRecord,
    EventRecord,
    SummaryLineRecord,
    SummaryRecord,
    VoidingRecord,
)
from app.ledger.summaries import Line
from app.problems import Refused
from app.series.operations import serialise
from app.series.summaries import summary_id
from sunat import xml
from sunat.documents import Party
from sunat.documents.communication import Communication, VoidedLine
from sunat.documents.summary import ADD, MOST_LINES, SummaryLine
from sunat.kinds import SummaryForm, summary_form
from sunat.moves import VOID_DAYS
from sunat.outcomes import Class
from sunat.terms import TERMS
from sunat.ubl.render import render
from sunat.ubl.summing import summary_line

LEAD: Final = timedelta(hours=24)
"""How long before its deadline a boleta goes into a summary, for issuers who want that."""

AFTER_MIDNIGHT: Final = time(0, 30)
"""SUNAT's day begins some minutes after ours: what is dated today waits until then (2301, 2236)."""

_LONGEST_PAUSE: Final = 3600.0
"""Seconds before a summary goes: it doubles with every id in a row that was taken, so that no day's ids are burnt."""

_MOST_TAKEN: Final = 16
_INDIVIDUALLY_LATE: Final = "1079"
_LETTERS: Final = sorted({row.letter for row in TERMS if row.late_code == _INDIVIDUALLY_LATE})
_VALID: Final = (str(Status.ACCEPTED), str(Status.OBSERVED))
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What goes together: an issuer's vouchers of one issue date by one channel."""

    account_id: int
    kind: str
    reference_date: date


class Gatherer:
    """Makes the summaries that are due, for one process. Several may work at once: rows are locked.

    ``most`` is how many lines one of them takes, where that is fewer than SUNAT takes.
    """

    def __init__(self, office: Office, *, most: int = MOST_LINES) -> None:
        self._office = office
        self._most = most
        self._signers = SignerDesk(office.vault)
        self._unsigned: dict[int, str] = {}

    def gather(self) -> int:
        """Makes what is due; says how many summaries that were. A fault of ours in one of them stops no other."""
        made: list[int] = []
        guarded(self._answer_wishes)
        guarded(self._rescue_boletas)
        for former in self._refused():
            guarded(lambda: made.append(self._carry_on(former)), summary=former)  # noqa: B023 - called now
        for found, lines_of in (
            (_wishes(), self._wished), (_boletas(self._office, self._office.clock.now()), self._carried),
        ):
            for batch in self._batches(found):
                guarded(
                    lambda: made.append(self._fill(batch, lines_of)),  # noqa: B023 - called now
                    account=batch.account_id, kind=batch.kind, day=batch.reference_date.isoformat(),
                )
        return sum(made)

    def _answer_wishes(self) -> None:
        """Wishes that waited for the voucher's own answer: it is there now, one way or the other."""
        answered = (VoidingRecord.state == str(VoidingState.QUEUED)) & (DocumentRecord.status != str(Status.ISSUED))
        ids = (
            select(VoidingRecord.id).join(DocumentRecord, DocumentRecord.id == VoidingRecord.document_id)
            .where(answered)
        )
        for voiding_id in self._ids(ids):
            now = self._office.clock.now()
            with self._office.database.write() as session:
                voiding = session.get_one(VoidingRecord, voiding_id, with_for_update=True)
                document = session.get_one(DocumentRecord, voiding.document_id)
                if voiding.state != VoidingState.QUEUED:
                    continue
                if document.status in _VALID:
                    voiding.state = str(VoidingState.REQUESTED)
                elif document.status == Status.VOIDED:
                    summaries.void(session, document, voiding, now=now, code="", text="")
                else:
                    summaries.refuse_voiding(
                        session, document, voiding, now=now, code="", text=f"El comprobante está {document.status}"
                    )

    def _rescue_boletas(self) -> None:
        """Boletas that can no longer go by themselves, or soon cannot, go in a summary from here on.

        What a database that was put back calls unread goes by itself first, for SUNAT may have it: in a summary it
        would have all of it refused.
        """
        now = self._office.clock.now()
        late = (
            (DeliveryRecord.state == str(DeliveryState.HELD)) & (DeliveryRecord.phase == str(Phase.ABSENT))
            & (DeliveryRecord.reason == str(Class.SUMMARY))
        )
        unread = (
            (DeliveryRecord.state == str(DeliveryState.WAITING)) & (DeliveryRecord.phase == str(Phase.FRESH))
            & ~from_before()
        )
        soon = (AccountRecord.boleta_channel == "individual_then_summary") & (DeliveryRecord.deadline_at <= now + LEAD)
        condition = late | (unread & (soon | (DeliveryRecord.deadline_at <= now)))
        ids = (
            select(DeliveryRecord.id)
            .join(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
            .join(AccountRecord, AccountRecord.id == DeliveryRecord.account_id)
            .where(
                DeliveryRecord.channel == BILL, func.substr(DocumentRecord.series, 1, 1).in_(_LETTERS), condition,
            )
        )
        for delivery_id in self._ids(ids):
            with self._office.database.write() as session:
                delivery = session.get_one(DeliveryRecord, delivery_id, with_for_update=True)
                if delivery.channel != BILL or (delivery.state, delivery.phase) not in _MOVABLE:
                    continue
                if delivery.state == DeliveryState.HELD:
                    delivery.state = str(move_delivery(delivery.state, DeliveryState.WAITING))
                delivery.channel, delivery.phase, delivery.reason = CARRIED, str(Phase.FRESH), ""
                delivery.updated_at = now
                document = session.get_one(DocumentRecord, delivery.document_id)
                store.add_event(session, document, "delivery.carried", now=now, number=document.full_number)

    def _refused(self) -> Iterator[int]:
        return self._ids(select(SummaryRecord.id).where(
            SummaryRecord.state.in_([str(SummaryState.REJECTED), str(SummaryState.TAKEN)]),
            SummaryRecord.followed.is_(False),
        ))

    def _carry_on(self, summary_id: int) -> bool:
        """What a refused summary was about, in the next ones: halved, or under the next id where its own was taken."""
        with self._office.database.write() as session:
            former = session.get_one(SummaryRecord, summary_id, with_for_update=True)
            account = session.get_one(AccountRecord, former.account_id)
            if former.followed or holds.held_issuer(session, account.id) is not None:
                return False
            lines = [
                Line(document=document, condition=line.condition, voiding=voiding)
                for line, document, voiding in summaries.lines_of(session, former) if _open(session, document, voiding)
            ]
            former.followed = True
            for part in ([lines] if former.state == SummaryState.TAKEN else _parts(lines, former.text)):
                if part and not self._make(session, account, former.kind, former.reference_date, part, former):
                    former.followed = False  # the account cannot sign: all of it, when it can
                    return False
            return True

    def _batches(self, found: Select[int, str, date]) -> list[Batch]:
        with self._office.database.read() as session:
            return [
                Batch(account_id=account_id, kind=kind, reference_date=issued)
                for account_id, kind, issued in session.execute(found)
            ]

    def _fill(self, batch: Batch, lines_of: Callable[[Session, Batch, int], list[Line]]) -> int:
        """Makes summaries until nothing of the batch is left; says how many."""
        made, most = 0, min(self._most, summary_form(batch.kind).lines)
        while True:
            with self._office.database.write() as session:
                serialise(session, batch.account_id)  # or another process puts the same lines into a summary too
                account = session.get_one(AccountRecord, batch.account_id)
                if not account.active or holds.held_issuer(session, account.id) is not None:
                    return made
                lines = lines_of(session, batch, most)
                if not lines or not self._make(session, account, batch.kind, batch.reference_date, lines, None):
                    return made
                made += 1
            if len(lines) < most:
                return made

    def _wished(self, session: Session, batch: Batch, most: int) -> list[Line]:
        rows = session.execute(
            select(VoidingRecord, DocumentRecord)
            .join(DocumentRecord, DocumentRecord.id == VoidingRecord.document_id)
            .where(
                VoidingRecord.account_id == batch.account_id, VoidingRecord.channel == batch.kind,
                VoidingRecord.state == str(VoidingState.REQUESTED), DocumentRecord.status.in_(_VALID),
                DocumentRecord.issue_date == batch.reference_date,
            )
            .order_by(VoidingRecord.id).limit(most).with_for_update(of=VoidingRecord)
        )
        condition = summary_form(batch.kind).voids
        return [Line(document=document, condition=condition, voiding=voiding) for voiding, document in rows]

    def _carried(self, session: Session, batch: Batch, most: int) -> list[Line]:
        rows = session.execute(
            select(DeliveryRecord, DocumentRecord)
            .join(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
            .where(
                DeliveryRecord.account_id == batch.account_id, DocumentRecord.issue_date == batch.reference_date,
                _loose(),
            )
            .order_by(DeliveryRecord.id).limit(most).with_for_update(of=DeliveryRecord)
        )
        return [Line(document=document, condition=ADD) for _, document in rows]

    def _make(
        self, session: Session, account: AccountRecord, kind: str, reference_date: date, lines: Sequence[Line],
        parent: SummaryRecord | None,
    ) -> bool:
        """Signs and stores one summary; False, told once, where the account cannot sign by now.

        Its vouchers are signed already: they go on being sent.
        """
        now, form = self._office.clock.now(), summary_form(kind)
        today = lima(now).date()
        try:
            signing = self._signers.for_account(session, account, now=now)
        except Refused as problem:
            if self._unsigned.get(account.id) != problem.code:
                self._unsigned[account.id] = problem.code
                session.add(EventRecord(
                    account_id=account.id, document_id=None, kind="summary.not_signed", at=now,
                    data={"kind": kind, "code": problem.code, "text": problem.text.es},
                ))
            return False
        self._unsigned.pop(account.id, None)
        identity = summary_id(session, account, form.code, today, now=now)
        content = _content(session, form, account, reference_date, lines, today)
        series = identity.text.rpartition("-")[0]
        unsigned = render(content, template=form.template, series=series).numbered(identity.number)
        signed = signing.signer.sign(unsigned)
        opens = datetime.combine(today, AFTER_MIDNIGHT, LIMA).astimezone(UTC)
        taken = _taken_before(session, parent)
        waits = timedelta(seconds=min(_LONGEST_PAUSE, 2.0**taken) if taken else 0)
        last = datetime.combine(reference_date + timedelta(days=VOID_DAYS), time(23, 59, 59), LIMA).astimezone(UTC)
        summaries.store_summary(
            session, SummaryRecord(
                account_id=account.id, environment=account.environment, ruc=account.ruc, kind=form.code, day=today,
                number=identity.number, reference_date=reference_date, parent_id=parent.id if parent else None,
                xml=signed.xml, digest=signed.digest, certificate_id=signing.certificate_id, created_at=now,
            ), lines, deadline=last, not_before=max(now + waits, opens), now=now,
        )
        return True

    def _ids(self, query: Select[int]) -> Iterator[int]:
        """So many of a query's ids as one look takes, the oldest first: none is overtaken for ever."""
        with self._office.database.read() as session:
            return iter(session.scalars(query.order_by(query.selected_columns[0]).limit(_AT_ONCE)).all())


_MOVABLE: Final = (
    (str(DeliveryState.HELD), str(Phase.ABSENT)), (str(DeliveryState.WAITING), str(Phase.FRESH)),
)


def _content(
    session: Session, form: SummaryForm, account: AccountRecord, reference_date: date, lines: Sequence[Line],
    today: date,
) -> Communication:
    issuer = Party(identity_code="6", identity_number=account.ruc, name=account.legal_name)
    told: tuple[SummaryLine | VoidedLine, ...] = tuple(
        summary_line(
            xml.parse(store.edition_of(session, line.document).xml), type_code=line.document.sunat_code,
            condition=line.condition,
        ) if line.condition else VoidedLine(
            type_code=line.document.sunat_code, series=line.document.series, number=line.document.number,
            reason=line.voiding.reason if line.voiding is not None else "",
        )
        for line in lines
    )
    return form.model(issue_date=today, reference_date=reference_date, issuer=issuer, lines=told)  # type: ignore[call-arg]


def _open(session: Session, document: DocumentRecord, voiding: VoidingRecord | None) -> bool:
    """Whether a voucher of a refused summary has still to be told of."""
    if voiding is not None:
        return voiding.state == VoidingState.SENT and document.status in _VALID
    delivery = store.delivery_of(session, document)
    return delivery.channel == CARRIED and delivery.state == DeliveryState.WAITING


def _taken_before(session: Session, parent: SummaryRecord | None) -> int:
    """How many ids in a row turned out to be another system's, up to sixteen."""
    count = 0
    while parent is not None and parent.state == SummaryState.TAKEN and count < _MOST_TAKEN:
        count += 1
        parent = session.get(SummaryRecord, parent.parent_id) if parent.parent_id is not None else None
    return count


def _parts(lines: list[Line], text: str) -> list[list[Line]]:
    """Lines in two: the one that a refusal names and the rest, or halves where it names none or several."""
    named = [
        line for line in lines
        if re.search(rf"(?<![A-Z0-9]){re.escape(line.document.full_number)}(?![0-9])", text)
    ]
    if len(named) == 1:
        return [named, [line for line in lines if line is not named[0]]]
    middle = (len(lines) + 1) // 2
    return [lines[:middle], lines[middle:]]


def _wishes() -> Select[int, str, date]:
    """Issuers, channels and dates with wishes to void that may go."""
    return (
        select(VoidingRecord.account_id, VoidingRecord.channel, DocumentRecord.issue_date)
        .join(DocumentRecord, DocumentRecord.id == VoidingRecord.document_id)
        .where(VoidingRecord.state == str(VoidingState.REQUESTED), DocumentRecord.status.in_(_VALID)).distinct()
    )


def _boletas(office: Office, now: datetime) -> Select[int, str, date]:
    """Issuers and dates with boletas that have waited long enough for others, or are enough for a summary."""
    oldest = now - timedelta(minutes=office.settings.summary_minutes)
    today = lima(now).date()
    return (
        select(DeliveryRecord.account_id, literal("RC"), DocumentRecord.issue_date)
        .join(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
        .where(_loose())
        .group_by(DeliveryRecord.account_id, DocumentRecord.issue_date)
        .having(
            (func.count() >= MOST_LINES) | (func.min(DeliveryRecord.updated_at) <= oldest)
            | (DocumentRecord.issue_date < today)
        )
    )


def _loose() -> ColumnElement[bool]:
    """Boletas that go in a summary and are in none that may still be accepted, their own targets being there."""
    note, target = aliased(DocumentRecord), aliased(DocumentRecord)
    waits = exists(
        select(note.id).join(target, target.id == note.target_document_id)
        .where(
            note.id == DeliveryRecord.document_id, target.origin != IMPORTED, target.status.not_in([*_VALID]),
        ).correlate(DeliveryRecord)
    )
    told = exists(
        select(SummaryLineRecord.id).join(SummaryRecord, SummaryRecord.id == SummaryLineRecord.summary_id)
        .where(
            SummaryLineRecord.document_id == DeliveryRecord.document_id, SummaryLineRecord.condition == ADD,
            (SummaryRecord.state == str(SummaryState.PENDING))
            | (SummaryRecord.state.in_([str(SummaryState.REJECTED), str(SummaryState.TAKEN)])
               & SummaryRecord.followed.is_(False)),
        ).correlate(DeliveryRecord)
    )
    return (
        (DeliveryRecord.channel == CARRIED) & (DeliveryRecord.state == str(DeliveryState.WAITING)) & ~waits & ~told
        & ~ahead_of_advance()
    )
