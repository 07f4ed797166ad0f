"""A request that becomes a credit note."""

from __future__ import annotations

from app.documents.schemas.note import FindTarget, read_note
from app.documents.schemas.note_amounts import note_sums, refuse_foreign
from app.documents.schemas.payment import payment_of
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.sale import claims_of, read_basis, shared_of, with_legends
from app.problems import Text
from sunat.documents import CreditNote, PaymentTerms
from sunat.documents.note_reasons import CREDIT_REASONS
from sunat.money import ZERO


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a credit note; what is wrong with the request is noted in ``reading``."""
    note = read_note(reading, find_target, CREDIT_REASONS)
    reason = CREDIT_REASONS.get(note.reason_code)
    refuse_foreign(reading, terms=reason is not None and reason.terms)
    basis = read_basis(reading, note=True, may_be_zero=reason is not None and reason.amount != "some")
    reckoning = note_sums(reading, basis)
    content = CreditNote(
        **shared_of(reading, basis, reckoning, may_be_anonymous=note.may_be_anonymous(reading)),
        reason_code=note.reason_code, reason_text=note.reason_text, target=note.target,
        payment=_terms(reading) if reason is not None and reason.terms else None,
    )
    return Drafted(
        content=with_legends(reading, content), mismatches=claims_of(reading, basis, reckoning),
        exchange_rate=basis.exchange_rate,
    )


def _terms(reading: Reading) -> PaymentTerms | None:
    """The new terms that a note of reason 13 is issued for: it has no amount of its own to share out by days."""
    if not reading.pe_header.get("payment"):
        reading.refuse(
            "3257", "/header/additional/pe_header/payment",
            "Una nota de motivo 13 dice el monto pendiente y las cuotas nuevas",
            "A note of reason 13 tells the new amount pending and its instalments",
            Text("Envíe pe_header.payment con kind credit e instalments",
                 "Send pe_header.payment with kind credit and instalments"),
        )
        return None
    return payment_of(reading, reading.pe_header["payment"].get("pending_amount", ZERO), compares=False)
