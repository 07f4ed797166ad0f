"""The contract's numeric document types and what SUNAT calls them (contract/v1.md 4.1).

Nothing below this table and the schemas learns that 96 means factura. Ids from 900 on are our own: the contract has
none for a certificate of perception. Both credit-note types count on one SUNAT
sequence (decision 5); 98 and 99 also take B series, for notes that modify a boleta.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """One type of the contract.

    ``targets`` are the letters of what a note of this type may modify, the usual one first; empty for every other
    kind. ``available`` says whether this gateway issues it. ``charge`` is false for what credits the customer.
    ``lines`` says whether it has lines of its own: a certificate lists other vouchers in ``references`` instead, and
    a carrier's guide may leave them to the sender's. ``priced`` says whether lines have prices and taxes: goods that
    only move have none.
    """

    id: int
    name: str
    sunat_code: str
    targets: str = ""
    issued: bool = True
    available: bool = False
    charge: bool = True
    lines: bool = True
    priced: bool = True

    @property
    def target(self) -> str:
        """The usual target of a note, empty for every other kind."""
        return self.targets[:1]


DOCUMENT_TYPES: Final[Mapping[int, DocumentType]] = MappingProxyType({
    row.id: row
    for row in (
        DocumentType(id=96, name="Factura emitida", sunat_code="01", available=True),
        DocumentType(id=97, name="Boleta de venta emitida", sunat_code="03", available=True),
        DocumentType(
            id=98, name="Nota de crédito de factura emitida", sunat_code="07", targets="FB", available=True,
            charge=False,
        ),
        DocumentType(id=99, name="Nota de débito emitida", sunat_code="08", targets="FB", available=True),
        DocumentType(
            id=100, name="Guía de remisión remitente emitida", sunat_code="09", available=True, priced=False
        ),
        DocumentType(
            id=101, name="Guía de remisión transportista emitida", sunat_code="31", available=True, priced=False,
            lines=False,
        ),
        DocumentType(id=102, name="Factura recibida", sunat_code="01", issued=False),
        DocumentType(id=103, name="Boleta de venta recibida", sunat_code="03", issued=False),
        DocumentType(id=104, name="Nota de crédito recibida", sunat_code="07", issued=False, charge=False),
        DocumentType(id=105, name="Nota de débito recibida", sunat_code="08", issued=False),
        DocumentType(id=107, name="Guía de remisión remitente recibida", sunat_code="09", issued=False),
        DocumentType(id=108, name="Guía de remisión transportista recibida", sunat_code="31", issued=False),
        DocumentType(id=109, name="Comprobante de retención emitido", sunat_code="20", available=True, lines=False),
        DocumentType(id=110, name="Comprobante de retención recibido", sunat_code="20", issued=False),
        DocumentType(
            id=155, name="Nota de crédito de boleta emitida", sunat_code="07", targets="B", available=True, charge=False
        ),
        DocumentType(
            id=904, name="Liquidación de compra emitida", sunat_code="04", available=True,
        ),
        DocumentType(
            id=940, name="Comprobante de percepción emitido", sunat_code="40", available=True, lines=False
        ),
    )
})
"""Every type by its id."""


def type_of(text: str) -> DocumentType | None:
    """The type that an id in text stands for, or None.

    >>> [row and row.sunat_code for row in map(type_of, ("96", "x", "9" * 5000))]
    ['01', None, None]
    """
    return DOCUMENT_TYPES.get(int(text)) if len(text) <= _LONGEST_ID and text.isdecimal() else None


def has_lines(type_id: str, sunat_code: str) -> bool:
    """Whether what a body asks for, by id or by SUNAT's code, has lines; True for what is not known.

    >>> has_lines("96", ""), has_lines("", "20")
    (True, False)
    """
    found = type_of(type_id) or _ISSUED_AS.get((sunat_code, ""))
    return found is None or found.lines


def has_prices(type_id: str, sunat_code: str) -> bool:
    """Whether the lines of what a body asks for have prices and taxes; True for what is not known.

    >>> has_prices("96", ""), has_prices("100", "")
    (True, False)
    """
    found = type_of(type_id) or _ISSUED_AS.get((sunat_code, ""))
    return found is None or found.priced


_LONGEST_ID: Final = 9
_ISSUED_AS: Final[Mapping[tuple[str, str], DocumentType]] = MappingProxyType({
    ("01", ""): DOCUMENT_TYPES[96],
    ("03", ""): DOCUMENT_TYPES[97],
    ("07", "F"): DOCUMENT_TYPES[98],
    ("07", "B"): DOCUMENT_TYPES[155],
    ("08", "F"): DOCUMENT_TYPES[99],
    ("08", "B"): DOCUMENT_TYPES[99],
    ("09", ""): DOCUMENT_TYPES[100],
    ("31", ""): DOCUMENT_TYPES[101],
    ("20", ""): DOCUMENT_TYPES[109],
    ("40", ""): DOCUMENT_TYPES[940],
    ("04", ""): DOCUMENT_TYPES[904],
})


def type_for(sunat_code: str, target: str = "") -> DocumentType | None:
    """The type under which a kind that we issue is known, by SUNAT code and the target's letter of a note."""
    return _ISSUED_AS.get((sunat_code, target))
