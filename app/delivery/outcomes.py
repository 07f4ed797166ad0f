"""What each class of answers means for the delivery: its sign in the protocol, when to go on, who stops.

The classes and their codes are the law's (`sunat.outcomes`); the moves are the protocol's (`app.delivery.protocol`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from app.delivery.protocol import Sign
from app.ledger.lifecycle import Phase
from sunat.outcomes import Class, Comparison, Finding, class_of_code, row_of

Wait = Literal["unreached", "unanswered", "in_process", "slow", "soon", "fetch", "spaced", "ticket"]
"""Which policy of `app.delivery.backoff.Retries` says when the next try is due."""

Blame = Literal["", "credentials", "permission", "route"]
"""What the issuer is held for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a delivery goes on.

    ``name`` is a stable word for logs and events. After ``most`` answers of its class it is held, or its issuer where
    one is to ``blame``; without ``most`` the issuer is held at once. ``counts`` is false for what is no fault of this
    voucher and must not use up its tries. ``wait`` is None where the phase says it (`WAITS`).
    """

    name: str
    sign: Sign
    wait: Wait | None = None
    most: int | None = None
    blame: Blame = ""
    counts: bool = True

    def over(self, answers: int) -> bool:
        """Whether waiting has an end now that an answer of this class came so many times."""
        return answers >= (self.most if self.most is not None else 1 if self.blame else answers + 1)


_MOST: Final = 6


def _course(name: Class | Finding | Comparison, sign: Sign, wait: Wait | None = None, **more: object) -> Course:
    return Course(name=str(name), sign=sign, wait=wait, **more)  # type: ignore[arg-type]


COURSES: Final[Mapping[Class, Course]] = MappingProxyType({
    Class.NOT_SENT: _course(Class.NOT_SENT, Sign.UNSENT, "unreached"),
    Class.UNANSWERED: _course(Class.UNANSWERED, Sign.UNANSWERED, "unanswered"),
    Class.UNREADABLE: _course(Class.UNREADABLE, Sign.UNANSWERED, "unanswered"),
    Class.BUSY: _course(Class.BUSY, Sign.UNANSWERED, "unanswered"),
    Class.IN_PROCESS: _course(Class.IN_PROCESS, Sign.IN_PROCESS, "in_process"),
    Class.CREDENTIALS: _course(
        Class.CREDENTIALS, Sign.TURNED_AWAY, "slow", blame="credentials", counts=False
    ),
    Class.CHANNEL: _course(Class.CHANNEL, Sign.TURNED_AWAY, "slow", blame="route", counts=False),
    Class.PERMISSION: _course(
        Class.PERMISSION, Sign.TURNED_AWAY, "slow", blame="permission", most=_MOST, counts=False
    ),
    Class.REFERENCE: _course(Class.REFERENCE, Sign.TARGET, "slow", most=_MOST),
    Class.STANDING: _course(Class.STANDING, Sign.UNREAD),
    Class.PACKAGING: _course(Class.PACKAGING, Sign.UNREAD),
    Class.SUMMARY: _course(Class.SUMMARY, Sign.UNREAD),
    Class.LATE: _course(Class.LATE, Sign.REFUSED),
    Class.CONTENT: _course(Class.CONTENT, Sign.REFUSED),
    Class.ALREADY_THERE: _course(Class.ALREADY_THERE, Sign.CLAIM),
})
"""After a sending that brought no CDR."""

FINDINGS: Final[Mapping[Finding, Course]] = MappingProxyType({
    Finding.ACCEPTED: _course(Finding.ACCEPTED, Sign.ACCEPTED),
    Finding.PRESENT: _course(Finding.PRESENT, Sign.PRESENT),
    Finding.ABSENT: _course(Finding.ABSENT, Sign.MISSING),
    Finding.NOTHING: _course(Finding.NOTHING, Sign.NOTHING, "unanswered"),
    Finding.REJECTED: _course(Finding.REJECTED, Sign.VERDICT),
    Finding.VOIDED: _course(Finding.VOIDED, Sign.VERDICT),
})
"""After a query."""

COMPARISONS: Final[Mapping[Comparison, Course]] = MappingProxyType({
    Comparison.SAME: _course(Comparison.SAME, Sign.SAME),
    Comparison.ABSENT: _course(Comparison.ABSENT, Sign.MISSING),
    Comparison.NOTHING: _course(Comparison.NOTHING, Sign.NOTHING, "unanswered"),
})
"""After a comparison of the file."""

TICKET: Final = Course(name="ticket", sign=Sign.TICKET)
PENDING: Final = Course(name="pending", sign=Sign.PENDING, counts=True)
"""After a sending that a ticket answered, and after polling it."""

SETTLED: Final = Course(name="settled", sign=Sign.VERDICT)
FOREIGN: Final = Course(name="foreign", sign=Sign.OTHER)
NOBODY_TO_ASK: Final = Course(name="nobody_to_ask", sign=Sign.NOBODY)
UNROUTABLE: Final = Course(name="route", sign=Sign.TURNED_AWAY, wait="slow", counts=False)

WAITS: Final[Mapping[Phase, Wait]] = MappingProxyType({
    Phase.FRESH: "unreached", Phase.RESEND: "soon", Phase.DOUBT: "unanswered", Phase.CLAIMED: "fetch",
    Phase.SUSPECT: "soon", Phase.STRANGE: "soon", Phase.KNOWN: "fetch", Phase.REFUSED: "soon", Phase.MISSED: "spaced",
    Phase.TICKET: "ticket",
})
"""How long is waited before the attempt of a phase, where the answer says nothing of it."""


def course_of(code: str) -> Course:
    """The course after an exception with this code; one that is missing or unknown proves nothing.

    >>> course_of("1033").name, course_of("0102").name, course_of("").name
    ('already_there', 'credentials', 'unanswered')
    """
    return COURSES[class_of_code(code)]


def said(name: Class) -> str:
    """What the taxpayer reads where the authority said nothing itself."""
    return row_of(name).es
