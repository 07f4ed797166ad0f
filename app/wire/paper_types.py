"""Internal papers: type ids of our own that never go to SUNAT.

Source: contract/extensions.md (Kinds without a type id).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperType:
    """One kind of internal paper; ``kind`` is its series' kind."""

    id: int
    kind: str
    name: str
    name_en: str


PAPER_TYPES: Final[Mapping[int, PaperType]] = MappingProxyType({
    row.id: row
    for row in (
        PaperType(id=901, kind="quotation", name="Cotización", name_en="Quotation"),
        PaperType(id=902, kind="order", name="Pedido", name_en="Order"),
        PaperType(id=903, kind="sale_note", name="Nota de venta", name_en="Sale note"),
    )
})
"""Every internal paper by its id."""

_BY_KIND: Final = {row.kind: row for row in PAPER_TYPES.values()}


def paper_type_of(text: str) -> PaperType | None:
    """The internal paper that an id in text stands for, or None.

    >>> [row and row.kind for row in map(paper_type_of, ("901", "96", ""))]
    ['quotation', None, None]
    """
    return PAPER_TYPES.get(int(text)) if len(text) <= 9 and text.isdecimal() else None


def paper_type_for(kind: str) -> PaperType:
    """The internal paper of a kind. Raises KeyError for one that is no paper by itself."""
    return _BY_KIND[kind]
