"""Despatch guides of anybody's making, of the sender (09) and of the carrier (31), read back into facts.

A guide has goods and a journey but no amounts: what stands for them is zero, in soles. Source: RS 123-2022/SUNAT, its
annexes on the electronic guides (UBL 2.1, customization 2.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sunat import xml
from sunat.documents import Party
from sunat.errors import FormatError
from sunat.money import ZERO
from sunat.numbering import VoucherId, parse_number
from sunat.taxes import LineAmounts, Totals
from sunat.ubl.nodes import amount, attribute, day, hour, needed, text
from sunat.ubl.reading import ReadLine, VoucherFacts

_SOLES: Final = "PEN"
_TYPE: Final = "cbc:DespatchAdviceTypeCode"


def read_guide(root: xml.Element) -> VoucherFacts:
    """The facts of a guide; its lines are the goods. Raises FormatError naming the first field that is not there."""
    written = text(root, "cbc:ID")
    series, number = parse_number(written)
    issuer = _party(root, "cac:DespatchSupplierParty")
    return VoucherFacts(
        voucher=VoucherId(ruc=issuer.identity_number, type_code=needed(root, _TYPE), series=series, number=number),
        written=written, issue_date=day(needed(root, "cbc:IssueDate"), "cbc:IssueDate"),
        issue_time=hour(text(root, "cbc:IssueTime")), currency=_SOLES, operation_type="", issuer=issuer,
        customer=_party(root, "cac:DeliveryCustomerParty"), lines=tuple(_goods(root)), value=ZERO, tax_total=ZERO,
        igv=ZERO, payable=ZERO, on_credit_days=None, adjustments=(), target=None, reason_code="", reason_text="",
        totals=Totals(value=ZERO, tax_total=ZERO, price=ZERO, payable=ZERO, taxes=()),
    )


def _party(root: xml.Element, side: str) -> Party:
    """A party: newer systems name it inside cac:Party, the first ones beside it."""
    outer, party = xml.find(root, side), xml.find(root, f"{side}/cac:Party")
    if outer is None or party is None:
        raise FormatError(f"There is no {side}")
    identity, beside = "cac:PartyIdentification/cbc:ID", "cbc:CustomerAssignedAccountID"
    return Party(
        identity_code=attribute(party, identity, "schemeID") or attribute(outer, beside, "schemeID"),
        identity_number=text(party, identity) or text(outer, beside),
        name=text(party, "cac:PartyLegalEntity/cbc:RegistrationName"),
        trade_name=text(party, "cac:PartyName/cbc:Name"),
    )


def _goods(root: xml.Element) -> Iterator[ReadLine]:
    for line in xml.find_all(root, "cac:DespatchLine"):
        if not text(line, "cac:Item/cbc:Description"):
            continue  # a carrier's guide that leaves the goods to the sender's still has to have a line
        yield ReadLine(
            description=text(line, "cac:Item/cbc:Description"),
            quantity=amount(line, "cbc:DeliveredQuantity") or Decimal(0),
            unit=attribute(line, "cbc:DeliveredQuantity", "unitCode"),
            seller_code=text(line, "cac:Item/cac:SellersItemIdentification/cbc:ID"), value=ZERO, unit_value=ZERO,
            unit_price=None, affectation="", rate=ZERO, tax_total=ZERO, tributes=(),
            amounts=LineAmounts(unit_value=ZERO, unit_price=ZERO, value=ZERO, taxes=()),
        )
