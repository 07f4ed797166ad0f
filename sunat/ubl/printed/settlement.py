"""The printed form of a purchase settlement: a sale's, with who bought first and what the seller is left with.

Source: RS 317-2017/SUNAT (what a purchase settlement says when it is printed); the XML is sheet 04 of the workbook.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sunat import xml
from sunat.money import ZERO, total
from sunat.taxes import IGV, INCOME_TAX, OTHER
from sunat.ubl.nodes import text
from sunat.ubl.printed.form import Figure, PrintedForm, Section
from sunat.ubl.printed.sale import BASES, sale_form, with_rate
from sunat.ubl.printed.words import address, described, facts, figure, money, party
from sunat.ubl.reading import VoucherFacts, place_at, read_voucher

_PLACE = "cac:DeliveryTerms/cac:DeliveryLocation"
_SELLER_SORT = (
    "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cac:RegistrationAddress/cbc:AddressTypeCode"
)


def settlement_form(root: xml.Element) -> PrintedForm:
    """The printed form of a purchase settlement. Raises FormatError naming the first field that is not there."""
    told = read_voucher(root)
    form = sale_form(root)
    return replace(
        form, receiver=party(told.customer, "Vendedor"), figures=tuple(_figures(told)),
        sections=(*_place(root), *form.sections),
    )


def _figures(told: VoucherFacts) -> Iterator[Figure]:
    totals = told.totals
    bases = {tax.tribute: tax for tax in totals.taxes}
    sold = {tribute: total(tax.amount for line in told.lines for tax in line.amounts.taxes if tax.tribute == tribute)
            for tribute in (IGV, OTHER, INCOME_TAX)}
    yield from (
        Figure(label=label, value=figure(total(
            line.amounts.value for line in told.lines if line.amounts.taxes[0].tribute == tribute
        )))
        for tribute, label in BASES.items() if tribute in bases
    )
    yield Figure(label=with_rate("IGV", IGV, told), value=figure(sold[IGV]))
    if sold[OTHER]:
        yield Figure(label="Otros tributos", value=figure(sold[OTHER]))
    yield Figure(label="Precio de compra", value=figure(totals.price))
    yield from (
        Figure(label=label, value=figure(-amount)) for label, amount in (
            ("Tributos que paga el comprador", sold[IGV] + sold[OTHER]),
            (with_rate("Retención de renta", INCOME_TAX, told), sold[INCOME_TAX]),
            ("Anticipos pagados", totals.prepaid), ("Redondeo", -totals.rounding),
        ) if amount != ZERO
    )
    yield Figure(label="Importe por pagar", value=money(totals.payable, told.currency), strong=True)


def _place(root: xml.Element) -> Iterator[Section]:
    """Where it was bought, and what sort of address each one is."""
    place = xml.find(root, f"{_PLACE}/cac:Address")
    if place is None:
        return
    yield Section(title="Lugar de la operación", facts=facts(
        ("Dirección", address(place_at(place))),
        ("Tipo de lugar", described("60", text(root, f"{_PLACE}/cbc:LocationTypeCode"))),
        ("Domicilio del vendedor", described("60", text(root, _SELLER_SORT))),
    ))
