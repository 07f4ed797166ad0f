"""A request that becomes a debit note."""

from __future__ import annotations

from app.documents.schemas.note import FindTarget, read_note
from app.documents.schemas.note_amounts import note_sums, refuse_foreign
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.sale import claims_of, read_basis, shared_of, with_legends
from app.documents.schemas.withholdings import detraction_of
from sunat.documents import DebitNote
from sunat.documents.note_reasons import DEBIT_REASONS


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a debit note; what is wrong with the request is noted in ``reading``."""
    note = read_note(reading, find_target, DEBIT_REASONS)
    refuse_foreign(reading, detraction=True)
    basis = read_basis(reading, note=True)
    reckoning = note_sums(reading, basis)
    content = DebitNote(
        **shared_of(reading, basis, reckoning, may_be_anonymous=note.may_be_anonymous(reading)),
        reason_code=note.reason_code, reason_text=note.reason_text, target=note.target,
        detraction=detraction_of(reading, reckoning.totals, basis.currency, basis.soles),
    )
    return Drafted(
        content=with_legends(reading, content), mismatches=claims_of(reading, basis, reckoning),
        exchange_rate=basis.exchange_rate,
    )
