"""A request that becomes a debit note."""

from __future__ import annotations

from app.documents.schemas.note import FindTarget, read_note
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.sale import read_shared
from sunat.documents import DebitNote


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a debit note; what is wrong with the request is noted in ``reading``."""
    note = read_note(reading, find_target)
    shared = read_shared(reading, may_be_anonymous=note.target.type_code == "03", fold_allowances=True)
    content = DebitNote(
        **shared.members, reason_code=note.reason_code, reason_text=note.reason_text, target=note.target,
    )
    return Drafted(content=content, mismatches=shared.mismatches, exchange_rate=shared.exchange_rate)
