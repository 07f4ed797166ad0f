"""The unknown protocol: what is known of a voucher at the authority, and what each sign makes of it.

::

                 ┌──A── fresh ◄───────────────────────────── correction
                 │       │ ▲ B
    send ◄───────┤       │ └─┘
                 └──A── resend ◄──D── doubt ◄─C─ fresh, resend        settled ◄──V── any phase
                          │            ▲ │ G
                          │            └─┘
                          └──E──► claimed ◄──S── suspect ◄──F── fresh
                                                 │  ▲ P
    ask  ◄── doubt, claimed, known, refused,     └M─┴─► strange ──M──► fresh
             missed, strange
    claimed ──L──► resend
    doubt ──X──► missed ──X──► fresh
    known ◄──H── doubt, claimed, refused, missed;  strange, and all that ask ──O──► foreign (held, series frozen)
    refused ◄──R── fresh, resend ; refused ──M──► missed ──M──► absent (held, the number is still ours)

    fresh, resend ──T──► ticket ──N──► doubt          ticket ──W──► ticket: polled until it answers
    ticket ──X──► absent, ticket ──O──► foreign (guides: the ticket says so without a CDR)

    A  the stored bytes are sent          B  not sent, or turned away at the door: nothing was read
    C  no answer, or one that proves nothing; SUNAT is busy or at it
    D  asked: not there (or nobody to ask): the same bytes go again, which SUNAT takes once only
    E  SUNAT says it has one (1033, 1032) after a sending of ours that may have been read
    F  SUNAT says it has one though we never sent it: somebody else's, or a restored backup
    L  SUNAT said it has one, and for a while now no query finds it: the same bytes again, which is safe
    G  asked in vain                      H  a query says accepted; the CDR is still to come
    R  refused by an exception            M  asked: not there, or not our file; twice, spaced, to be believed
    X  the same at a register that the issuer has left since: nothing goes there again, the new one gets the bytes
    S  SUNAT's copy is our file           P  there is one of that number; is it our file after all?
    O  SUNAT's copy is another's, or nobody can tell
    V  a CDR of ours, or a query's verdict, is stored
    T  the answer is a ticket: what was sent waits to be looked at
    X  looked at and not taken: the number is still ours
    W  the authority is still at it        N  nobody knows the ticket, or it answers for something else

No sign says "accepted" but a CDR of ours or a query's state. What SUNAT holds under our number is ours only if we
sent it or the file compares equal. Source: `domain/sunat_operations.md` 1.9 and 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.ledger.lifecycle import DeliveryState, Phase


class Action(StrEnum):
    """What an attempt does."""

    SEND = "send"
    ASK = "ask"
    COMPARE = "compare"
    POLL = "poll"


class Sign(StrEnum):
    """What an attempt found out."""

    VERDICT = "verdict"
    UNSENT = "unsent"
    TURNED_AWAY = "turned_away"
    TARGET = "target"
    UNANSWERED = "unanswered"
    IN_PROCESS = "in_process"
    UNREAD = "unread"
    REFUSED = "refused"
    CLAIM = "claim"
    ACCEPTED = "accepted"
    PRESENT = "present"
    MISSING = "missing"
    LOST = "lost"
    LEFT = "left"
    NOTHING = "nothing"
    NOBODY = "nobody"
    SAME = "same"
    OTHER = "other"
    TICKET = "ticket"
    PENDING = "pending"
    GONE = "gone"


ACTIONS: Final[Mapping[Phase, Action]] = MappingProxyType({
    Phase.FRESH: Action.SEND, Phase.RESEND: Action.SEND,
    Phase.DOUBT: Action.ASK, Phase.CLAIMED: Action.ASK, Phase.KNOWN: Action.ASK, Phase.REFUSED: Action.ASK,
    Phase.MISSED: Action.ASK, Phase.SUSPECT: Action.COMPARE, Phase.STRANGE: Action.ASK,
    Phase.TICKET: Action.POLL,
    Phase.ABSENT: Action.ASK, Phase.FOREIGN: Action.COMPARE,
})
"""What the next attempt does; the last two are held, and only a person lets them go."""

STATES: Final[Mapping[Phase, DeliveryState]] = MappingProxyType({
    Phase.FRESH: DeliveryState.WAITING, Phase.RESEND: DeliveryState.UNKNOWN, Phase.DOUBT: DeliveryState.UNKNOWN,
    Phase.CLAIMED: DeliveryState.UNKNOWN, Phase.SUSPECT: DeliveryState.UNKNOWN, Phase.KNOWN: DeliveryState.UNKNOWN,
    Phase.REFUSED: DeliveryState.UNKNOWN, Phase.MISSED: DeliveryState.UNKNOWN, Phase.STRANGE: DeliveryState.UNKNOWN,
    Phase.TICKET: DeliveryState.AWAITING_TICKET,
    Phase.ABSENT: DeliveryState.HELD, Phase.FOREIGN: DeliveryState.HELD, Phase.SETTLED: DeliveryState.DONE,
})
"""Where the delivery stands in each phase."""

_SENT: Final = {
    (phase, sign): target
    for phase, claimed, refused in (
        (Phase.FRESH, Phase.SUSPECT, Phase.ABSENT), (Phase.RESEND, Phase.CLAIMED, Phase.REFUSED),
    )
    for sign, target in (
        (Sign.UNSENT, phase), (Sign.TURNED_AWAY, phase), (Sign.TARGET, phase),
        (Sign.UNANSWERED, Phase.DOUBT), (Sign.IN_PROCESS, Phase.DOUBT),
        (Sign.UNREAD, refused), (Sign.REFUSED, Phase.REFUSED), (Sign.CLAIM, claimed), (Sign.TICKET, Phase.TICKET),
    )
}
_POLLED: Final = {
    (Phase.TICKET, sign): target
    for sign, target in (
        (Sign.PENDING, Phase.TICKET), (Sign.NOTHING, Phase.TICKET), (Sign.TURNED_AWAY, Phase.TICKET),
        (Sign.GONE, Phase.DOUBT), (Sign.UNREAD, Phase.ABSENT), (Sign.OTHER, Phase.FOREIGN),
    )
}
_ASKED: Final = {
    (phase, sign): target
    for phase, missing, nobody in (
        (Phase.DOUBT, Phase.RESEND, Phase.RESEND), (Phase.CLAIMED, Phase.CLAIMED, Phase.CLAIMED),
        (Phase.KNOWN, Phase.KNOWN, Phase.KNOWN), (Phase.REFUSED, Phase.MISSED, Phase.ABSENT),
        (Phase.MISSED, Phase.ABSENT, Phase.ABSENT), (Phase.ABSENT, Phase.ABSENT, Phase.ABSENT),
    )
    for sign, target in (
        (Sign.ACCEPTED, Phase.KNOWN), (Sign.PRESENT, Phase.KNOWN if phase is Phase.KNOWN else Phase.CLAIMED),
        (Sign.MISSING, missing), (Sign.NOTHING, phase), (Sign.TURNED_AWAY, phase), (Sign.NOBODY, nobody),
        (Sign.OTHER, Phase.FOREIGN),
    )
}
_DOUBTED: Final = {
    (phase, sign): target
    for phase, missing in (
        (Phase.SUSPECT, Phase.STRANGE), (Phase.STRANGE, Phase.FRESH), (Phase.FOREIGN, Phase.FOREIGN),
    )
    for sign, target in (
        (Sign.SAME, Phase.CLAIMED), (Sign.OTHER, Phase.FOREIGN), (Sign.NOBODY, Phase.FOREIGN),
        (Sign.MISSING, missing), (Sign.NOTHING, phase), (Sign.TURNED_AWAY, phase),
        (Sign.PRESENT, Phase.SUSPECT if phase is Phase.STRANGE else phase), (Sign.ACCEPTED, phase),
    )
}

TRANSITIONS: Final[Mapping[tuple[Phase, Sign], Phase]] = MappingProxyType({
    (Phase.CLAIMED, Sign.LOST): Phase.RESEND, (Phase.DOUBT, Sign.LEFT): Phase.MISSED,
    (Phase.MISSED, Sign.LEFT): Phase.FRESH,
    **_SENT, **_POLLED, **_ASKED, **_DOUBTED, **{(phase, Sign.VERDICT): Phase.SETTLED for phase in ACTIONS},
})
"""Every move there is; a sign that is not here in a phase cannot be found by that phase's action."""

SENDING: Final = frozenset(phase for phase, action in ACTIONS.items() if action is Action.SEND)
"""Phases whose attempt sends: left behind in one of them, the voucher may have been read."""

SPACED: Final = frozenset({Phase.MISSED})
"""Phases in which "not there" counts only some time after the one before."""


class Impossible(Exception):
    """No action of this phase finds this sign; a fault of ours."""


def step(phase: Phase | str, sign: Sign) -> Phase:
    """The phase after a sign. Raises Impossible for one that the phase's action cannot find.

    >>> str(step("doubt", Sign.MISSING)), str(step("fresh", Sign.CLAIM)), str(step("refused", Sign.MISSING))
    ('resend', 'suspect', 'missed')
    """
    try:
        return TRANSITIONS[Phase(phase), sign]
    except KeyError as error:
        raise Impossible(f"{sign} in {phase}") from error
