"""A request that becomes a credit note."""

from __future__ import annotations

from typing import Final

from app.documents.schemas.note import FindTarget, read_note
from app.documents.schemas.payment import payment_of
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.sale import read_shared
from sunat.documents import CreditNote

_NEW_TERMS: Final = "13"
"""Catalogue 09: the note corrects the amounts or due dates of a credit sale; only then does it carry payment terms."""


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a credit note; what is wrong with the request is noted in ``reading``."""
    note = read_note(reading, find_target)
    shared = read_shared(reading, may_be_anonymous=note.target.type_code == "03", fold_allowances=True)
    payable = shared.members["totals"].payable
    content = CreditNote(
        **shared.members, reason_code=note.reason_code, reason_text=note.reason_text, target=note.target,
        payment=payment_of(reading, payable) if note.reason_code == _NEW_TERMS else None,
    )
    return Drafted(content=content, mismatches=shared.mismatches, exchange_rate=shared.exchange_rate)
