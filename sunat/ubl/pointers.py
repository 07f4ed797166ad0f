"""From a node of the XML back to the field of the content that filled it.

SUNAT names nodes; the caller sent fields. A rule's finding carries a concrete path
(``/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity``); this module gives the content's field (``lines.1.quantity``),
and the office turns that into a pointer of the body it received. A node without a row of its own belongs to its
nearest ancestor that has one.

What a repeated node is for depends on the voucher: the third PaymentTerms is an instalment of one and the detraction
of another. Given the content, the nodes are told apart in the order in which the templates write them; without it, by
what they are most often. ``sunat.ubl.places`` has the tables.
"""

from __future__ import annotations

import re
from typing import Any, Final

from sunat.documents import Despatch, Sale, Voucher, Withholding
from sunat.ubl.certificate_places import CERTIFICATES
from sunat.ubl.despatch_places import GUIDES
from sunat.ubl.places import VOUCHER, Place
from sunat.ubl.settlement_places import SETTLEMENT

_OTHERS: Final = {**CERTIFICATES, **GUIDES, "SelfBilledInvoice": SETTLEMENT}
_STEP: Final = re.compile(r"([^/\[]+)(?:\[(\d+)\])?")


def field_of(path: str, content: Voucher | None = None) -> str:
    """The dotted content field behind a node; "" when the node belongs to the voucher as a whole.

    >>> field_of("/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity/@unitCode")
    'lines.1.unit'
    >>> field_of("/Invoice/cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID")
    'customer.identity_number'
    """
    steps = [(name, index) for name, index in _STEP.findall(path.lstrip("/"))]
    root = steps[0][0] if steps else ""
    told = content if isinstance(content, Sale | Withholding | Despatch) else None
    return _resolved(_OTHERS.get(root, VOUCHER), told, steps[1:])


def _resolved(place: Place, told: Any, steps: list[tuple[str, str]]) -> str:
    """Goes down as far as nodes repeat, then looks up the rest."""
    below = ""
    for depth, (name, index) in enumerate(steps, start=1):
        below = f"{below}/{name}" if below else name
        find = place.repeated.get(below)
        rest = steps[depth:]
        if find is None or _missing(place, below, [(name, index), *rest]):
            continue
        found = find(told, int(index or 1) - 1)
        if found is None:
            break
        field, inner, inside = found
        return ".".join(part for part in (field, _resolved(inner, inside, rest)) if part)
    names = [name for name, _ in steps]
    missing = place.missing.get("/".join(names))
    if missing is not None and not any(index for _, index in steps):
        return missing(told)
    while names:
        known = place.fields.get("/".join(names))
        if known is not None:
            return known
        names.pop()
    return place.fields.get("", "")


def _missing(place: Place, above: str, steps: list[tuple[str, str]]) -> bool:
    """Whether a finding names a node that is not there: then it carries no index where existing ones always do."""
    path = "/".join((above, *(name for name, _ in steps[1:])))
    return path in place.missing and not any(index for _, index in steps)
