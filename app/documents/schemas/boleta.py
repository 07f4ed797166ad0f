"""A request that becomes a boleta."""

from __future__ import annotations

from app.documents.schemas.note import FindTarget
from app.documents.schemas.original import read_original
from app.documents.schemas.reading import Drafted, Reading
from sunat.documents import Boleta


def translate(reading: Reading, _: FindTarget) -> Drafted:
    """The content of a boleta; what is wrong with the request is noted in ``reading``."""
    return read_original(reading, Boleta, may_be_anonymous=True)
