"""The lines of a factura, a boleta or a note: columns, cells, and what is said below a description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sunat import xml
from sunat.catalogues import catalogue
from sunat.money import ZERO
from sunat.taxes import BAGS, EXEMPT, EXPORT, FREE, ISC, IVAP, OTHER, UNAFFECTED, AllowanceCharge, Tax
from sunat.ubl.nodes import amount, attribute, text
from sunat.ubl.printed.form import Column, Row
from sunat.ubl.printed.words import address, clean, figure, money, percent, quantity, unit, unit_amount
from sunat.ubl.reading import ReadLine, place_at

COLUMNS: Final = (
    Column(title="Cant.", figures=True),
    Column(title="Unidad"),
    Column(title="Código", where="sheet"),
    Column(title="Descripción", wide=True),
    Column(title="Valor unit.", figures=True, where="sheet"),
    Column(title="Precio unit.", figures=True),
    Column(title="Valor de venta", figures=True, where="sheet"),
    Column(title="Importe", figures=True, where="ticket"),
)
"""On a sheet the values of sale add up to the sums below; a ticket shows what the customer pays for each line."""

_NOT_TAXED: Final = {EXEMPT: "Exonerado", UNAFFECTED: "Inafecto", EXPORT: "Exportación"}
_LOADS: Final = {
    "01": "Valor referencial del servicio", "02": "Valor referencial de la carga efectiva",
    "03": "Valor referencial de la carga útil nominal",
}


def row(node: xml.Element, line: ReadLine, currency: str) -> Row:
    """A line of the table."""
    free = line.amounts.free
    return Row(
        cells=(
            quantity(line.quantity), unit(line.unit), clean(line.seller_code), clean(line.description),
            unit_amount(line.unit_value),
            unit_amount(line.amounts.unit_price if free else line.unit_price),
            figure(ZERO if free else line.value),
            figure(line.tax_total if free else line.value + line.tax_total),
        ),
        remarks=tuple(clean(remark) for remark in _remarks(node, line, currency)),
    )


def _remarks(node: xml.Element, line: ReadLine, currency: str) -> Iterator[str]:
    codes = (
        ("Cód. SUNAT", text(node, "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode")),
        (attribute(node, "cac:Item/cac:StandardItemIdentification/cbc:ID", "schemeID") or "GTIN",
         text(node, "cac:Item/cac:StandardItemIdentification/cbc:ID")),
    )
    if any(code for _, code in codes):
        yield " · ".join(f"{label} {code}" for label, code in codes if code)
    if line.amounts.free:
        entry = catalogue("07").get(line.affectation)
        yield f"Transferencia gratuita, valor referencial {money(line.value, currency)}" + (
            f" ({entry.description})" if entry else ""
        )
    for tax in line.amounts.taxes:
        yield from _tax(tax, currency)
    for change in line.amounts.allowances:
        yield _change(change, currency)
    for property_ in xml.find_all(node, "cac:Item/cac:AdditionalItemProperty"):
        yield _property(property_)
    yield from _cargo(node)


def _tax(tax: Tax, currency: str) -> Iterator[str]:
    if tax.tribute in _NOT_TAXED:
        yield _NOT_TAXED[tax.tribute]
    elif tax.tribute == ISC and tax.amount:
        yield f"ISC {money(tax.amount, currency)}"
    elif tax.tribute == BAGS:
        yield f"ICBPER, {tax.units} bolsas: {money(tax.amount, currency)}"
    elif tax.tribute == OTHER and tax.amount:
        yield f"Otros tributos {money(tax.amount, currency)}"
    elif tax.tribute == IVAP:
        yield f"IVAP {percent(tax.rate)}"
    elif tax.tribute == FREE and tax.amount:
        yield f"IGV de la transferencia, no se cobra: {money(tax.amount, currency)}"


def _change(change: AllowanceCharge, currency: str) -> str:
    word = "Cargo" if change.is_charge else "Descuento"
    share = f" ({percent(change.factor * 100)})" if change.factor else ""
    return f"{word}{share}: {money(change.amount, currency)}"


def _property(node: xml.Element) -> str:
    """What catalogue 55 wants said: a value, a quantity, or when and how long."""
    said = [text(node, "cbc:Value"), " ".join(filter(None, (
        text(node, "cbc:ValueQuantity"), unit(attribute(node, "cbc:ValueQuantity", "unitCode")),
    )))]
    said += [text(node, f"cac:UsabilityPeriod/cbc:{part}") for part in ("StartDate", "StartTime", "EndDate")]
    days = text(node, "cac:UsabilityPeriod/cbc:DurationMeasure")
    said.append(f"{days} días" if days else "")
    return f"{text(node, 'cbc:Name')}: {' '.join(filter(None, said))}"


def _cargo(node: xml.Element) -> Iterator[str]:
    """The carriage of goods of operation 1004: from where, to where, and its reference values in soles."""
    carriage = xml.find(node, "cac:Delivery")
    if carriage is None:
        return
    places = (
        ("Origen", "cac:Despatch/cac:DespatchAddress"), ("Destino", "cac:DeliveryLocation/cac:Address"),
    )
    for label, path in places:
        place = xml.find(carriage, path)
        if place is not None:
            yield f"{label}: {address(place_at(place))}"
    trip = text(carriage, "cac:Despatch/cbc:Instructions")
    if trip:
        yield f"Viaje: {trip}"
    for term in xml.find_all(carriage, "cac:DeliveryTerms"):
        label = _LOADS.get(text(term, "cbc:ID"), "Valor referencial")
        yield f"{label}: {money(amount(term, 'cbc:Amount') or ZERO, 'PEN')}"
