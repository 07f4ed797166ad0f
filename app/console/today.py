"""What happened today and what to do about it, in a few bounded questions to the database.

The vouchers of the last fortnight are counted in one walk along an index (``ix_documents_account_days``) and
everything that is drawn comes out of those counts. What is open is counted by its state, up to `MOST`. Whoever looks at
one branch sees the branch's vouchers only; what concerns the account as a whole (certificate, SUNAT's user) is shown
to all, because nobody can issue without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.certificates import active_certificate
from app.accounts.models import AccountRecord
from app.console.sessions import Visit
from app.console.words import t
from app.delivery.holds import held_issuer
from app.delivery.models import BreakerRecord, IssuerHoldRecord
from app.ledger import pulses
from app.ledger.lifecycle import DeliveryState, Status
from app.ledger.models import DeliveryRecord, DocumentRecord
from app.mail.models import MailDoorRecord
from app.series.models import SeriesRecord
from app.webhooks.models import DISABLED, REMOVED, WebhookRecord
from sunat.numbering import near_end, remaining

DAYS: Final = 14
MOST: Final = 10_000
"""So many open deliveries are counted; beyond that there are "more than"."""

WARNED: Final = timedelta(days=30)
_NEAR: Final = timedelta(hours=24)
_SILENT: Final = timedelta(seconds=60)
_FEW: Final = 5
_OPEN: Final = tuple(str(state) for state in DeliveryState if state is not DeliveryState.DONE)
_IN_LINE: Final = (str(DeliveryState.WAITING), str(DeliveryState.UNKNOWN), str(DeliveryState.AWAITING_TICKET))
_LINE: Final = DeliveryRecord.state.in_(_IN_LINE) & (DeliveryRecord.channel != "carried")
"""The condition of the index that deliveries stand in line by (``ix_deliveries_line``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent:
    """The voucher or summary in line whose term ends first."""

    number: str
    document_id: int | None
    issued_at: datetime
    deadline_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """Something to do: how grave (bad or mind), one sentence, and the page it is done at (endpoint and query)."""

    tone: str
    text: str
    endpoint: str = ""
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Vouchers of the last `DAYS` days: by (day, branch id, kind, status)."""

    rows: Mapping[tuple[date, int, str, str], int]

    def by(self, place: int, *, day: date | None = None) -> Counter[Any]:
        """Summed by one part of the key: 0 day, 1 branch, 2 kind, 3 status; of one day, if told."""
        found: Counter[Any] = Counter()
        for key, number in self.rows.items():
            if day is None or key[0] == day:
                found[key[place]] += number
        return found

    def of_day(self, day: date) -> Mapping[str, int]:
        """A day's vouchers by status."""
        return self.by(3, day=day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Everything the first page says. ``open`` are deliveries by state; ``certificate_days`` is None without one."""

    day: date
    counts: Counts
    open: Mapping[str, int]
    urgent: Urgent | None
    overdue: int
    certificate_days: int | None
    hold: IssuerHoldRecord | None
    doors: Sequence[BreakerRecord]
    delivering: bool
    webhooks: int
    mail_stopped: bool
    ending: Sequence[SeriesRecord]
    frozen: Sequence[SeriesRecord]

    @property
    def waiting(self) -> int:
        """What is on its way, whatever its state, without what was stopped."""
        return sum(number for state, number in self.open.items() if state != DeliveryState.HELD)

    @property
    def held(self) -> int:
        """What was stopped."""
        return self.open.get(str(DeliveryState.HELD), 0)


def ask(session: Session, visit: Visit, *, now: datetime, day: date) -> Today:
    """What is to be said to somebody at this moment; ``day`` is today in Lima."""
    account = session.get_one(AccountRecord, visit.account_id)
    certificate = active_certificate(session, account.id)
    pulse = pulses.latest(session, pulses.ROUND)
    series = session.scalars(_series(visit)).all()
    return Today(
        day=day, counts=_counts(session, visit, day), open=_open(session, visit), urgent=_urgent(session, visit),
        overdue=_overdue(session, visit, now),
        certificate_days=(certificate.valid_to - now).days if certificate is not None else None,
        hold=held_issuer(session, account.id), doors=session.scalars(_doors(account)).all(),
        delivering=pulse is not None and now - pulse.at <= _SILENT,
        webhooks=session.scalar(_troubled(account)) or 0,
        mail_stopped=session.scalar(select(MailDoorRecord.id).limit(1)) is not None,
        ending=[row for row in series if not row.frozen and near_end(row.last_number)],
        frozen=[row for row in series if row.frozen],
    )


def to_do(today: Today, *, now: datetime) -> Iterator[ToDo]:
    """What to do, the gravest first; nothing when all is well."""
    if today.certificate_days is None:
        yield _do("bad", "certificate_none", "setup_certificates")
    elif today.certificate_days < 0:
        yield _do("bad", "certificate_over", "setup_certificates")
    if today.hold is not None:
        why = f"{today.hold.code} {today.hold.text}".strip()[:160]
        yield _do("bad", "stopped", "setup_credentials", why=why or t(f"today.hold_{today.hold.reason}"))
    if today.overdue:
        yield _do("bad", "overdue", "vouchers", {"state": "open"}, n=f"{today.overdue:,}")
    for row in today.frozen[:_FEW]:
        yield _do("bad", "frozen", "series", series=row.code, why=row.frozen)
    rejected = today.counts.of_day(today.day).get(str(Status.REJECTED), 0)
    if rejected:
        since = today.day.isoformat()
        yield _do("bad", "rejected", "vouchers", {"state": "rejected", "since": since}, n=f"{rejected:,}")
    if today.held:
        yield _do("mind", "held", "vouchers", {"state": "held"}, n=f"{today.held:,}")
    if not today.delivering and today.waiting:
        yield _do("bad", "nobody_sends", "doctor", n=f"{today.waiting:,}")
    if today.urgent is not None and now <= today.urgent.deadline_at < now + _NEAR:
        yield _do("mind", "near", "vouchers", {"state": "open"}, number=today.urgent.number)
    if today.certificate_days is not None and 0 <= today.certificate_days < WARNED.days:
        yield _do("mind", "certificate_soon", "setup_certificates", n=today.certificate_days)
    if today.webhooks:
        yield _do("mind", "webhooks", "setup_webhooks", n=today.webhooks)
    if today.mail_stopped:
        yield _do("mind", "mail", "setup_mail")
    for row in today.ending[:_FEW]:
        yield _do("mind", "ending", "series", series=row.code, n=f"{remaining(row.last_number):,}")


def _do(tone: str, name: str, endpoint: str, query: Mapping[str, str] | None = None, **values: object) -> ToDo:
    return ToDo(tone=tone, text=t(f"today.do_{name}", **values), endpoint=endpoint, query=query or {})


def _counts(session: Session, visit: Visit, day: date) -> Counts:
    chosen = (
        select(
            DocumentRecord.issue_date, DocumentRecord.branch_id, DocumentRecord.sunat_code, DocumentRecord.status,
            func.count(),
        )
        .where(
            DocumentRecord.account_id == visit.account_id, DocumentRecord.issue_date > day - timedelta(days=DAYS),
            DocumentRecord.issue_date <= day,
        )
        .group_by(
            DocumentRecord.issue_date, DocumentRecord.branch_id, DocumentRecord.sunat_code, DocumentRecord.status
        )
    )
    if visit.branch_id is not None:
        chosen = chosen.where(DocumentRecord.branch_id == visit.branch_id)
    return Counts(rows={
        (issued, branch, kind, status): number
        for issued, branch, kind, status, number in session.execute(chosen)
    })


def _open(session: Session, visit: Visit) -> Mapping[str, int]:
    some = select(DeliveryRecord.state).where(
        DeliveryRecord.account_id == visit.account_id, DeliveryRecord.state.in_(_OPEN)
    )
    if visit.branch_id is not None:
        some = some.join(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id).where(
            DocumentRecord.branch_id == visit.branch_id
        )
    counted = some.limit(MOST + 1).subquery()
    return dict(session.execute(
        select(counted.c.state, func.count()).group_by(counted.c.state)
    ).all())


def _urgent(session: Session, visit: Visit) -> Urgent | None:
    first = (
        select(DeliveryRecord, DocumentRecord)
        .outerjoin(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id)
        .where(DeliveryRecord.account_id == visit.account_id, _LINE, DeliveryRecord.deadline_at.is_not(None))
        .order_by(DeliveryRecord.deadline_at, DeliveryRecord.id).limit(1)
    )
    if visit.branch_id is not None:
        first = first.where(DocumentRecord.branch_id == visit.branch_id)
    found = session.execute(first).first()
    if found is None:
        return None
    delivery, document = found
    deadline = delivery.deadline_at
    if deadline is None:
        return None
    return Urgent(
        number=document.full_number if document is not None else t("today.summary"), issued_at=delivery.created_at,
        document_id=document.id if document is not None else None, deadline_at=deadline,
    )


def _overdue(session: Session, visit: Visit, now: datetime) -> int:
    """Those in line whose term has ended, counted up to `MOST`."""
    some = select(DeliveryRecord.id).where(
        DeliveryRecord.account_id == visit.account_id, _LINE, DeliveryRecord.deadline_at < now
    )
    if visit.branch_id is not None:
        some = some.join(DocumentRecord, DocumentRecord.id == DeliveryRecord.document_id).where(
            DocumentRecord.branch_id == visit.branch_id
        )
    return session.scalar(select(func.count()).select_from(some.limit(MOST + 1).subquery())) or 0


def _doors(account: AccountRecord) -> Select[BreakerRecord]:
    """The addresses of this account's environment and channel that are left alone."""
    mine = or_(BreakerRecord.door.startswith(f"{account.environment}:"), BreakerRecord.door == account.ose_url)
    return select(BreakerRecord).where(mine).order_by(BreakerRecord.opened_at).limit(_FEW)


def _troubled(account: AccountRecord) -> Select[int]:
    """How many subscriptions are not told at this moment: disabled by their address, or failing."""
    return select(func.count()).select_from(WebhookRecord).where(
        WebhookRecord.account_id == account.id, WebhookRecord.state != REMOVED,
        or_(WebhookRecord.troubled, WebhookRecord.state == DISABLED),
    )


def _series(visit: Visit) -> Select[SeriesRecord]:
    """The series in use that are stopped or have come far: few, whatever the account has."""
    chosen = select(SeriesRecord).where(
        SeriesRecord.account_id == visit.account_id, SeriesRecord.active, SeriesRecord.profile == "sunat",
        or_(SeriesRecord.frozen != "", SeriesRecord.last_number >= 98_000_000),
    )
    if visit.branch_id is not None:
        chosen = chosen.where(SeriesRecord.branch_id == visit.branch_id)
    return chosen.order_by(SeriesRecord.id).limit(100)
