"""What goes on its way in one attempt, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.models import AccountRecord
from app.delivery.outcomes import Course
from sunat.cdr import Cdr
from sunat.numbering import VoucherId


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An attempt that is ours: its number (the fence), until when, and what is to be sent for whom."""

    delivery_id: int
    attempt: int
    tries: int
    edition: int
    document_id: int
    account: AccountRecord
    voucher: VoucherId
    xml: bytes = field(repr=False)
    started_at: datetime
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What came of an attempt.

    ``result`` is the attempt row's word (answered, fault, not_sent, unknown); ``code`` and ``text`` are the
    authority's own where it spoke; ``evidence`` is its kind and the bytes as they came.
    """

    course: Course
    result: str
    address: str
    code: str = ""
    text: str = ""
    http_status: int | None = None
    request_sha256: str = ""
    response_sha256: str = ""
    evidence: tuple[str, bytes] | None = None
    cdr: Cdr | None = None
