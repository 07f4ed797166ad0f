"""SUNAT's XML schemas, compiled once.

The published folder lacks the one of purchase settlements. A UBL 2.1 SelfBilledInvoice is an Invoice under another name
and without three of its members (DueDate, BuyerReference, ProjectReference), so the Invoice's schema, renamed, stands
in for it: order, types and cardinalities of everything that we write are the same.
"""

from __future__ import annotations

import io
from functools import cache

from lxml import etree

from tests.support.shared import shared_path

_SUNATS = frozenset({"Retention", "Perception", "SummaryDocuments", "VoidedDocuments"})
_SETTLEMENT = "SelfBilledInvoice"
_NOT_THERE = ("cbc:DueDate", "cbc:BuyerReference", "cac:ProjectReference")
_XSD = "{http://www.w3.org/2001/XMLSchema}"


@cache
def schema_of(root: str) -> etree.XMLSchema:
    """The schema of a root element, without its prefix."""
    if root in _SUNATS:
        return etree.XMLSchema(etree.parse(shared_path("sunat", "xsd", "2.0", "maindoc", f"UBLPE-{root}-1.0.xsd")))
    if root == _SETTLEMENT:
        return _renamed()
    return etree.XMLSchema(etree.parse(shared_path("sunat", "xsd", "2.1", "maindoc", f"UBL-{root}-2.1.xsd")))


def _renamed() -> etree.XMLSchema:
    path = shared_path("sunat", "xsd", "2.1", "maindoc", "UBL-Invoice-2.1.xsd")
    text = path.read_text(encoding="utf-8").replace("xsd:Invoice-2", f"xsd:{_SETTLEMENT}-2")
    text = text.replace('name="Invoice" type="InvoiceType"', f'name="{_SETTLEMENT}" type="InvoiceType"')
    tree = etree.parse(io.BytesIO(text.encode()), base_url=str(path))
    for element in tree.getroot().iter(f"{_XSD}element"):
        parent = element.getparent()
        if parent is not None and element.get("ref") in _NOT_THERE:
            parent.remove(element)
    return etree.XMLSchema(tree)
