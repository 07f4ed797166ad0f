"""What goes on its way in one attempt, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.accounts.models import AccountRecord
from app.delivery.outcomes import Course
from app.ledger.lifecycle import Phase, Status
from sunat.cdr import Cdr
from sunat.errors import TransportError
from sunat.kinds import kind, summary_form
from sunat.numbering import SummaryId, VoucherId
from sunat.outcomes import Finding
from sunat.transport import Criteria, Service

GUIDE_SENDING: Final = "sendGuide"
GUIDE_POLLING: Final = "guideTicket"
SENDINGS: Final = frozenset({"sendBill", "sendSummary", GUIDE_SENDING})
POLLINGS: Final = frozenset({"getStatus.ticket", GUIDE_POLLING})
"""The operations by which something is sent, and by which a ticket is polled; all others ask."""

MOST_KEPT: Final = 64 * 1024
"""Bytes kept of an answer that is no CDR; its hash is of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A voucher of a summary, and which states of it say that the summary was ``taken``, or was not."""

    voucher: VoucherId
    criteria: Criteria
    taken: Finding
    untaken: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An attempt that is ours: its number (the fence), until when, and what is to be sent or asked for whom.

    It is about one voucher or one summary: ``identity`` is what it is called, and one of the two ids is there.
    ``criteria`` are what it tells of itself. ``phase`` is what is known of it at the authority and ``reason`` what led
    there, ``issued_at`` when it came to exist here (UTC), ``kept_cdr`` the zip of a CDR of ours that an earlier attempt
    left, ``ticket`` what answered the last sending. ``witnesses`` are vouchers that together tell what became of a
    summary.
    ``left`` says that the account has gone over to another register since; ``account`` then is as it was, and
    nothing is sent. ``zip`` is the zip itself where it was stored, because its hash goes with it.
    """

    delivery_id: int
    attempt: int
    tries: int
    edition: int
    document_id: int | None = None
    summary_id: int | None = None
    phase: Phase
    account: AccountRecord
    left: bool = False
    reason: str = ""
    identity: VoucherId | SummaryId
    criteria: Criteria
    digest: str
    xml: bytes = field(repr=False)
    zip: bytes = field(default=b"", repr=False)
    witnesses: tuple[Witness, ...] = ()
    kept_cdr: bytes | None = field(default=None, repr=False)
    ticket: str = ""
    issued_at: datetime
    started_at: datetime
    lease_until: datetime

    @property
    def voucher(self) -> VoucherId:
        """The identity of a single voucher's parcel. Raises TypeError for a summary's, which is a fault of ours."""
        if not isinstance(self.identity, VoucherId):
            raise TypeError(f"{self.identity.text} is no voucher")
        return self.identity

    @property
    def corrected(self) -> bool:
        """Whether a former edition may have been rejected under the same number."""
        return (
            isinstance(self.identity, VoucherId) and self.edition > 1
            and not kind(self.identity.type_code).spent_by_rejection
        )

    @property
    def service(self) -> Service:
        """The service that takes it."""
        if isinstance(self.identity, VoucherId):
            return kind(self.identity.type_code).service
        return summary_form(self.identity.kind).service


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of an attempt.

    ``result`` is the attempt row's word (answered, fault, not_sent, unknown); ``code`` and ``text`` are the
    authority's own where it spoke; ``evidence`` is its kind and the bytes as they came. ``status`` is what a query's
    state says of the voucher where no CDR came with it. ``door`` is the address's name for the breakers. ``ticket`` is
    what the authority gave instead of a verdict: it is stored with the answer, in one transaction.
    """

    course: Course
    result: str
    operation: str
    address: str
    door: str = ""
    code: str = ""
    text: str = ""
    http_status: int | None = None
    request_sha256: str = ""
    response_sha256: str = ""
    evidence: tuple[str, bytes] | None = None
    cdr: Cdr | None = None
    status: Status | None = None
    ticket: str = ""

    @property
    def asked(self) -> bool:
        """Whether it was a question, and nothing was sent."""
        return self.operation not in SENDINGS

    @property
    def action(self) -> str:
        """The attempt row's word for it."""
        return "poll" if self.operation in POLLINGS else "query" if self.asked else "send"

    @property
    def answered(self) -> bool:
        """Whether somebody was there and spoke as the authority does, whatever it said."""
        spoke = self.result == "fault" and self.course.name not in {"busy", "unanswered", "nothing"}
        return self.result == "answered" or spoke


def failed(
    course: Course, error: TransportError, *, operation: str, address: str, door: str, text: str, code: str = "",
    result: str,
) -> Report:
    """The report of a call that brought no answer to it, with what was received instead."""
    kind = "fault" if result == "fault" else "answer"
    return Report(
        course=course, result=result, operation=operation, address=address, door=door, code=code, text=text[:4000],
        http_status=error.http_status, request_sha256=error.request_sha256, response_sha256=error.response_sha256,
        evidence=(kind, error.response[:MOST_KEPT]) if error.response else None,
    )
