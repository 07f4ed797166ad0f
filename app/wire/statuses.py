"""Our two axes, told in the contract's three numbers (contract v1, 2.1.3).

``document_status``: 1 issued, 2 cancelled. Sending: 0 sending, 1 received, 2 closed without sending, 3 imported from
another system, 1XX retrying, 2XX refused at sending. Validation: 0 and 1 in process, 2 sending refused, 3 accepted, 4
with observations, 5 content rejected.
"""

from __future__ import annotations

from typing import Final, NamedTuple

ISSUED: Final = 1
CANCELLED: Final = 2
IMPORTED: Final = 3
RETRYING: Final = 100
REFUSED: Final = 200


class WireStatus(NamedTuple):
    """The three numbers of one voucher."""

    document: int
    sending: int
    validation: int


_BY_STATUS: Final = {
    "accepted": WireStatus(ISSUED, 1, 3),
    "observed": WireStatus(ISSUED, 1, 4),
    "rejected": WireStatus(ISSUED, 1, 5),
    "voided": WireStatus(CANCELLED, 1, 3),
    "lapsed": WireStatus(ISSUED, 2, 2),
}
_BY_DELIVERY: Final = {
    "awaiting_ticket": WireStatus(ISSUED, 1, 1),
    "held": WireStatus(ISSUED, REFUSED, 2),
    "done": WireStatus(ISSUED, 1, 1),
}


def wire_status(status: str, delivery: str, tries: int, *, imported: bool = False) -> WireStatus:
    """The contract's numbers for a legal status, a delivery state and the tries so far.

    An imported voucher is nobody's to send, whatever is known of its outcome.
    """
    if imported:
        return wire_status(status, delivery, tries)._replace(sending=IMPORTED)
    settled = _BY_STATUS.get(status) or _BY_DELIVERY.get(delivery)
    if settled:
        return settled
    return WireStatus(ISSUED, RETRYING + min(tries, 99) if tries and delivery != "sending" else 0, 0)
