"""A request that becomes a certificate of perception."""

from __future__ import annotations

from typing import Final

from app.documents.schemas.certificate import Regime, shared_of
from app.documents.schemas.certificate_body import PERCEPTION
from app.documents.schemas.note import FindTarget
from app.documents.schemas.reading import Drafted, Reading
from sunat.documents import PerceptionCertificate

_REGIME: Final = Regime(model=PerceptionCertificate, form=PERCEPTION, catalogue="22")


def translate(reading: Reading, find_target: FindTarget) -> Drafted:
    """The content of a certificate of perception; what is wrong with the request is noted in ``reading``."""
    exceptional = PERCEPTION.told(reading.body).get(PERCEPTION.whole["exceptional"], False)
    content = PerceptionCertificate(**shared_of(reading, _REGIME, find_target), exceptional=exceptional)
    return Drafted(content=content, mismatches=(), exchange_rate=None)
