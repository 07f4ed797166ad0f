"""All pairs of the kinds' tables together."""

from __future__ import annotations

from typing import Final

from tests.sunat.rules.pairs import attributes, concepts, header, lines, notes, payment, structure, totals

PAIRS: Final = (
    *header.PAIRS, *lines.PAIRS, *totals.PAIRS, *payment.PAIRS, *concepts.PAIRS, *notes.PAIRS, *attributes.PAIRS,
    *structure.PAIRS,
)
