"""Every node that the templates write leads back to the member of the content that it shows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

import pytest
from lxml import etree

from sunat.documents import Sale
from sunat.ubl.pointers import field_of
from tests.support.cases import CASES, KEYS
from tests.support.written import nodes, written

OURS: Final = ("ext:UBLExtensions", "cbc:UBLVersionID", "cbc:CustomizationID")
"""What is the same in every voucher."""

SHOWN_BY_PARENT: Final = {
    "series": "the number is not in the content",
    "kind": "the type code goes with the class of the content",
    "signature_id": "the name of the signature and where it is",
    "issuer.identity_number": "who signs, and the letter 6 before an agent's RUC",
    "issuer.agent_ruc": "the letter 6 before it",
    "target.number": "series and number together",
    "lines.#": "the line's position",
    "lines.#.unit_amount": "values and prices worked out of it",
    "lines.#.taxes": "bases and names of tributes",
    "lines.#.excise": "names of tributes",
    "lines.#.bags": "names of tributes",
    "lines.#.bags.units": "that bags are counted by the piece",
    "lines.#.other_tax": "names of tributes",
    "lines.#.allowances.#": "discount or charge goes with its code",
    "lines.#.cargo.legs": "the shipment's position",
    "lines.#.cargo.legs.#": "the leg's position",
    "lines.#.cargo.legs.#.vehicles.#.useful_load": "its name and unit",
    "lines.#.cargo.legs.#.vehicles.#.effective_load": "its name and unit",
    "lines.#.properties.#.days": "its unit",
    "payment": "cash, credit and the numbers of instalments",
    "payment.instalments.#": "its number",
    "detraction": "its mark",
    "perception": "its mark, and that it is a charge",
    "retention": "that it is a deduction",
    "income_withholding": "that it is a deduction",
    "advances.#": "that it is a deduction",
    "advances.#.amounts.affectation": "the code that goes with it",
    "totals.allowances.#": "discount or charge goes with its code",
    "totals.taxes.#": "names of tributes",
    "lines.#.cargo.service_value": "its name",
    "lines.#.cargo.effective_value": "its name",
    "lines.#.cargo.nominal_value": "its name",
    "advances.#.amounts.isc": "that it is a deduction, and its code",
}
"""Fields that stand for nodes which do not show them literally, and why."""

_TRIBUTES: Final = {"excise": "2000", "bags": "7152", "other_tax": "9999"}
_REASONS: Final = {"perception": ("51", "52", "53"), "retention": ("62",), "income_withholding": ("63",)}


def member(content: Sale, field: str) -> Any:
    """What the content has under a field; names that are not members stand for rows of amounts."""
    here: Any = content
    parts = field.split(".")
    while parts:
        part = parts.pop(0)
        if part in _REASONS and (parts[:1] != ["total"]):
            here = next(row for row in content.totals.allowances if row.code in _REASONS[part])
        elif part in _TRIBUTES:
            here = next(tax for tax in here.amounts.taxes if tax.tribute == _TRIBUTES[part])
        elif part in ("taxes", "affectation") and here in content.lines:
            here = here.amounts.taxes[0]
            if part == "affectation":
                return here.affectation
        elif part == "allowances" and here in content.lines:
            here = here.amounts.allowances
        elif part.isdigit():
            here = here[int(part)]
        else:
            here = getattr(here, part)
    return here


def shown(value: Any) -> set[str]:
    """The texts that may stand for a value."""
    if isinstance(value, Decimal):
        return {f"{value:f}", f"{value:.2f}", f"{value:.10f}".rstrip("0")}
    if isinstance(value, time):
        return {value.isoformat("seconds")}
    if isinstance(value, date | str | int):
        return {str(value)}
    return set()


@pytest.mark.parametrize("key", KEYS, ids="-".join)
def test_a_node_leads_to_the_member_it_shows(key: tuple[str, str]) -> None:
    content = CASES[key]
    strangers = []
    for path, text in nodes(etree.fromstring(written(content))):
        if path.split("/")[2] in OURS:
            continue
        field = field_of(path, content)
        generic = re.sub(r"\.\d+", ".#", field)
        if generic in SHOWN_BY_PARENT:
            continue
        if text not in shown(member(content, field)):
            strangers.append((path, text, field))
    assert strangers == []


def test_every_parent_is_needed() -> None:
    """The list of what is not shown literally holds nothing that no voucher needs."""
    needed = set()
    for key in KEYS:
        content = CASES[key]
        for path, _ in nodes(etree.fromstring(written(content))):
            needed.add(re.sub(r"\.\d+", ".#", field_of(path, content)))
    assert set(SHOWN_BY_PARENT) - needed == set()


@pytest.mark.parametrize(
    ("key", "path", "field"),
    [
        (("invoice", "detraction"), "/Invoice/cac:PaymentTerms[2]/cbc:Amount", "detraction.amount"),
        (("boleta", "detraction"), "/Invoice/cac:PaymentTerms[1]/cbc:Amount", "detraction.amount"),
        (("invoice", "net_of_detraction"), "/Invoice/cac:PaymentTerms[3]/cbc:Amount", "detraction.amount"),
        (("invoice", "net_of_detraction"), "/Invoice/cac:PaymentTerms[2]/cbc:Amount", "payment.instalments.0.amount"),
        (("invoice", "net_of_detraction"), "/Invoice/cac:PaymentMeans[2]/cbc:PaymentMeansCode", "means.0.code"),
        (("invoice", "several_advances"), "/Invoice/cac:AdditionalDocumentReference[1]/cbc:ID", "related.0.number"),
        (("invoice", "several_advances"), "/Invoice/cac:AdditionalDocumentReference[3]/cbc:ID", "advances.1.number"),
        (("invoice", "several_advances"), "/Invoice/cac:AllowanceCharge[2]/cbc:Amount", "advances.1.amounts.base"),
        (("invoice", "advance_excise"), "/Invoice/cac:AllowanceCharge[2]/cbc:Amount", "advances.0.amounts.isc"),
        (("invoice", "excise_by_value"),
         "/Invoice/cac:InvoiceLine[1]/cac:TaxTotal/cac:TaxSubtotal[2]/cac:TaxCategory/cbc:TierRange",
         "lines.0.excise.system"),
        (("invoice", "export_0201"), "/Invoice/cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country",
         "service_country"),
        (("invoice", "delivered"), "/Invoice/cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country",
         "delivery.country"),
        (("invoice", "taxed"), "/Invoice/cbc:Note/@languageLocaleID", "legends"),
        (("invoice", "taxed"), "/Invoice/cac:InvoiceLine[1]/cac:Item/cac:AdditionalItemProperty/cbc:NameCode",
         "lines.0.properties"),
        (("invoice", "taxed"), "/Invoice/cac:InvoiceLine[1]/cac:Delivery/cac:DeliveryTerms/cbc:ID", "lines.0.cargo"),
        (("invoice", "taxed"), "/Invoice/cac:PrepaidPayment[1]/cbc:PaidAmount", "advances"),
        (("invoice", "taxed"), "/Invoice/cac:PaymentTerms/cbc:ID", "payment"),
    ],
)
def test_nodes_that_repeat_are_told_apart(key: tuple[str, str], path: str, field: str) -> None:
    assert field_of(path, CASES[key]) == field


@pytest.mark.parametrize(
    ("operation", "path", "field"),
    [
        ("1001", "cac:PaymentTerms/cbc:ID", "detraction"), ("1004", "cac:PaymentMeans/cbc:ID", "detraction"),
        ("2001", "cac:PaymentTerms/cbc:ID", "perception"),
        ("2001", "cac:AllowanceCharge/cbc:AllowanceChargeReasonCode", "perception"),
        ("2002", "cac:AllowanceCharge/cbc:AllowanceChargeReasonCode", "income_withholding"),
        ("0302", "cac:PaymentMeans/cbc:PaymentMeansCode", "means"),
        ("0201", "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode",
         "service_country"),
        ("0302", "cac:AccountingSupplierParty/cac:Party/cac:AgentParty/cac:PartyIdentification/cbc:ID",
         "issuer.agent_ruc"),
    ],
)
def test_what_an_operation_lacks_points_at_the_member_that_would_bring_it(
    operation: str, path: str, field: str
) -> None:
    content = replace(CASES["invoice", "taxed"], operation_type=operation)
    assert field_of(f"/Invoice/{path}", content) == field
