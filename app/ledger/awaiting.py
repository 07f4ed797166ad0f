"""Sales that wait for the advances they use: SUNAT takes them only once it has accepted those (3218).

A sale waits for an advance that is a voucher of ours and has no answer yet. Two that named each other's coming numbers
would wait for each other for ever, so the one that would close such a circle is not stored (`would_wait_for_itself`);
sales of one account that use advances are stored one after the other (`in_turn`), so that no two close it together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import AccountRecord
from app.ledger.advances import AdvanceUseRecord
from app.ledger.lifecycle import DEAD, Status
from app.ledger.models import IMPORTED, DeliveryRecord, DocumentRecord

_ACCEPTED: Final = (Status.ACCEPTED, Status.OBSERVED)


def ahead_of_advance() -> ColumnElement[bool]:
    """Whether a delivery's voucher uses an advance of ours that is not accepted: SUNAT would reject it (3218)."""
    return _uses_advance(_ACCEPTED, among=False)


def on_dead_advance() -> ColumnElement[bool]:
    """Whether a delivery's voucher uses an advance of ours that is not valid any more, and so waits in vain."""
    return _uses_advance(DEAD, among=True)


def in_turn(session: Session, account_id: int) -> None:
    """Lets one transaction at a time store sales that use advances of an account; call it before any series' lock."""
    session.execute(select(AccountRecord.id).where(AccountRecord.id == account_id).with_for_update(key_share=True))


def would_wait_for_itself(session: Session, document_id: int) -> DocumentRecord | None:
    """The voucher through which a stored sale would wait for its own acceptance, or None.

    It is the last of the way: the one that uses the sale as its advance.
    """
    seen: set[int] = set()
    wave = {document_id}
    while wave:
        use, user, advance = aliased(AdvanceUseRecord), aliased(DocumentRecord), aliased(DocumentRecord)
        rows = session.execute(
            select(user, advance.id)
            .join(use, (use.document_id == user.id) & (use.edition == user.edition))
            .join(advance, (
                (advance.account_id == use.account_id) & (advance.sunat_code == use.sunat_code)
                & (advance.series == use.series) & (advance.number == use.number)
            ))
            .where(
                user.id.in_(sorted(wave)), advance.status.not_in([str(each) for each in _ACCEPTED]),
                advance.origin != IMPORTED,
            )
        ).all()
        for waiting, awaited in rows:
            if awaited == document_id:
                return waiting
        seen |= wave
        wave = {awaited for _, awaited in rows} - seen
    return None


def _uses_advance(states: Iterable[Status], *, among: bool) -> ColumnElement[bool]:
    """Whether a delivery's voucher uses an advance of ours whose state is (not) ``among`` these."""
    use, user, advance = aliased(AdvanceUseRecord), aliased(DocumentRecord), aliased(DocumentRecord)
    state = advance.status.in_([str(each) for each in states])
    return exists(
        select(use.id)
        .join(user, (user.id == use.document_id) & (user.edition == use.edition))
        .join(advance, (
            (advance.account_id == use.account_id) & (advance.sunat_code == use.sunat_code)
            & (advance.series == use.series) & (advance.number == use.number)
        ))
        .where(
            use.document_id == DeliveryRecord.document_id, state if among else ~state, advance.origin != IMPORTED,
        )
        .correlate(DeliveryRecord)
    )
