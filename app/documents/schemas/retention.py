"""A request that becomes a certificate of retention."""

from __future__ import annotations

from typing import Final

from app.documents.schemas.certificate import Regime, shared_of
from app.documents.schemas.certificate_body import RETENTION
from app.documents.schemas.note import FindTarget
from app.documents.schemas.reading import Drafted, Reading
from sunat.documents import Retention

_REGIME: Final = Regime(model=Retention, form=RETENTION, catalogue="23")


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a certificate of retention; what is wrong with the request is noted in ``reading``."""
    content = Retention(**shared_of(reading, _REGIME, find_target))
    return Drafted(content=content, mismatches=(), exchange_rate=None)
