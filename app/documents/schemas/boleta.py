"""A request that becomes a boleta."""

from __future__ import annotations

from app.documents.schemas.note import FindTarget
from app.documents.schemas.payment import payment_of
from app.documents.schemas.reading import Drafted, Reading
from app.documents.schemas.sale import read_shared
from sunat.documents import Boleta


def translate(reading: Reading, _: FindTarget) -> Drafted:
    """The content of a boleta; what is wrong with the request is noted in ``reading``."""
    shared = read_shared(reading, may_be_anonymous=True)
    members = shared.members
    content = Boleta(
        **members, operation_type=reading.pe_header.get("operation_type", "0101"),
        due_date=reading.pe_header.get("due_date"), payment=payment_of(reading, members["totals"].payable),
    )
    return Drafted(content=content, mismatches=shared.mismatches, exchange_rate=shared.exchange_rate)
