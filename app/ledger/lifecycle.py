"""What becomes of a voucher, and of its delivery: two diagrams, never mixed.

Legal status of a voucher::

              A ┌──────────► accepted ──E──► voided
                │
    issued ─────┤ B ───────► observed ──F──► voided
                │ C ───────► rejected ──H──► issued
                │ D ───────► lapsed
                └ G ───────► voided

    A  the authority accepted it (CDR code 0, or a query's answer)
    B  accepted with observations
    C  rejected by CDR: the voucher is not valid, and of most kinds the number is spent
    D  never accepted in time (2108)
    E, F  the authority accepted the voiding
    G  a query showed that it was voided where we could not see it
    H  corrected by the next edition under its own number, where a rejection leaves the number free

Delivery of what is to be told to the authority::

    waiting ──A──► sending ──B──► done
       ▲  │          │ ▲
       │  └──I──┐    │ └──H── unknown, awaiting_ticket
       │        ▼    │
       ├──J── held ◄─┤ F          waiting, unknown, held ──K──► done
       └────────C────┤
                     ├──D──► unknown ──────────L──► held
                     └──E──► awaiting_ticket ──L──► held

    A  an attempt takes it          B  evidence of the outcome is stored
    C  it was surely not read       D  it may have been read: only a query can tell
    E  a ticket was given           F  refused by an exception that trying again does not mend
    H  the next attempt asks or polls
    I  a person or a rule stops it  J  mended: it may go again
    K  evidence came after its attempt had been given up, or the voucher lapsed (from awaiting_ticket too)
    L  it took too long: a person must look
    M  the next edition of a rejected voucher: done ──► waiting

What is known of the voucher at the authority, and hence what the next attempt does, is the delivery's phase
(`app.delivery.protocol`).

Source: `domain/sunat_operations.md` 2.3 (what happens to the number), decisions 14, 39 and 41. The database repeats
both tables as triggers (`app.migrations`), and each list of states as a check.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """The legal status of a voucher."""

    ISSUED = "issued"
    ACCEPTED = "accepted"
    OBSERVED = "observed"
    REJECTED = "rejected"
    VOIDED = "voided"
    LAPSED = "lapsed"


class DeliveryState(StrEnum):
    """Where the delivery of a voucher stands."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    AWAITING_TICKET = "awaiting_ticket"
    DONE = "done"
    HELD = "held"


class Phase(StrEnum):
    """What is known of a voucher at the authority (`app.delivery.protocol` has the moves)."""

    FRESH = "fresh"
    RESEND = "resend"
    DOUBT = "doubt"
    CLAIMED = "claimed"
    SUSPECT = "suspect"
    STRANGE = "strange"
    KNOWN = "known"
    REFUSED = "refused"
    MISSED = "missed"
    ABSENT = "absent"
    TICKET = "ticket"
    FOREIGN = "foreign"
    SETTLED = "settled"


class SummaryState(StrEnum):
    """What the authority made of a summary (RC, RA, RR); ``taken``: its id was another system's already."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TAKEN = "taken"


class VoidingState(StrEnum):
    """Where the voiding of a voucher stands: wished for, waiting for the voucher's own answer, in a summary, decided.
    """

    REQUESTED = "requested"
    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"


DEAD: Final = (Status.REJECTED, Status.VOIDED, Status.LAPSED)
"""A voucher in one of these does not stand: it uses nothing, counts for nothing and cannot be referred to."""


class IllegalMove(Exception):
    """The tables above do not allow this move; it is a fault of ours, not of the caller."""


TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    Status.ISSUED: frozenset({Status.ACCEPTED, Status.OBSERVED, Status.REJECTED, Status.LAPSED, Status.VOIDED}),
    Status.ACCEPTED: frozenset({Status.VOIDED}),
    Status.OBSERVED: frozenset({Status.VOIDED}),
    Status.REJECTED: frozenset(),
    Status.VOIDED: frozenset(),
    Status.LAPSED: frozenset(),
}

DELIVERY_TRANSITIONS: Final[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
    DeliveryState.WAITING: frozenset({DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.DONE}),
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.DONE, DeliveryState.WAITING, DeliveryState.UNKNOWN, DeliveryState.AWAITING_TICKET,
            DeliveryState.HELD,
        }
    ),
    DeliveryState.UNKNOWN: frozenset({DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.DONE}),
    DeliveryState.AWAITING_TICKET: frozenset({DeliveryState.SENDING, DeliveryState.HELD, DeliveryState.DONE}),
    DeliveryState.HELD: frozenset({DeliveryState.WAITING, DeliveryState.DONE}),
    DeliveryState.DONE: frozenset(),
}


SUMMARY_TRANSITIONS: Final[Mapping[SummaryState, frozenset[SummaryState]]] = {
    SummaryState.PENDING: frozenset({SummaryState.ACCEPTED, SummaryState.REJECTED, SummaryState.TAKEN}),
    SummaryState.ACCEPTED: frozenset(), SummaryState.REJECTED: frozenset(), SummaryState.TAKEN: frozenset(),
}

VOIDING_TRANSITIONS: Final[Mapping[VoidingState, frozenset[VoidingState]]] = {
    VoidingState.QUEUED: frozenset({VoidingState.REQUESTED, VoidingState.ACCEPTED, VoidingState.REFUSED}),
    VoidingState.REQUESTED: frozenset({VoidingState.SENT, VoidingState.ACCEPTED, VoidingState.REFUSED}),
    VoidingState.SENT: frozenset({VoidingState.ACCEPTED, VoidingState.REFUSED}),
    VoidingState.ACCEPTED: frozenset(), VoidingState.REFUSED: frozenset(),
}


NUMBER_KEPT: Final = ("09", "20", "31", "40")
"""Kinds (catalogue 01) whose numbers a rejection by CDR does not spend; the database knows them by heart."""

CORRECTED: Final[tuple[Status, Status]] = (Status.REJECTED, Status.ISSUED)
"""What the next edition alone does to the status of one of those kinds."""

DELIVERED_AGAIN: Final[tuple[DeliveryState, DeliveryState]] = (DeliveryState.DONE, DeliveryState.WAITING)
"""What the next edition alone does to a delivery that had ended."""


def move(current: Status | str, target: Status) -> Status:
    """The status after the move. Raises IllegalMove when the table does not allow it."""
    if target not in TRANSITIONS[Status(current)]:
        raise IllegalMove(f"A voucher cannot go from {current} to {target}")
    return target


def move_delivery(current: DeliveryState | str, target: DeliveryState) -> DeliveryState:
    """The delivery's state after the move. Raises IllegalMove when the table does not allow it."""
    if target not in DELIVERY_TRANSITIONS[DeliveryState(current)]:
        raise IllegalMove(f"A delivery cannot go from {current} to {target}")
    return target
