"""The printed form of a factura, a boleta, a credit note or a debit note.

Other systems' vouchers, taken over when their issuer moved in, are printed from their own XML too, so everything is
read as forgivingly as ``sunat.ubl.reading`` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sunat import xml
from sunat.money import total
from sunat.taxes import BAGS, EXEMPT, EXPORT, FREE, IGV, INCOME_TAX, ISC, IVAP, OTHER, UNAFFECTED, AllowanceCharge
from sunat.ubl.nodes import text
from sunat.ubl.printed import payment
from sunat.ubl.printed.form import Fact, Figure, PrintedForm, Section
from sunat.ubl.printed.sale_lines import COLUMNS, row
from sunat.ubl.printed.words import (
    address,
    clean,
    currency_name,
    day,
    described,
    facts,
    figure,
    money,
    note,
    padded,
    party,
    percent,
    voucher_name,
    written_day,
)
from sunat.ubl.reading import VoucherFacts, line_nodes, place_at, read_voucher
from sunat.wording import AMOUNT_IN_WORDS

BASES: Final = {
    IGV: "Op. gravadas", IVAP: "Op. gravadas con IVAP", EXEMPT: "Op. exoneradas", UNAFFECTED: "Op. inafectas",
    EXPORT: "Op. de exportación", FREE: "Op. gratuitas",
}
_TAXES: Final = {ISC: "ISC", IGV: "IGV", IVAP: "IVAP", BAGS: "ICBPER", OTHER: "Otros tributos"}
_BEFORE_TAX: Final = {
    "02": "Descuento global", "49": "Cargo global", "04": "Anticipo gravado", "05": "Anticipo exonerado",
    "06": "Anticipo inafecto", "20": "Anticipo de ISC",
}
_AFTER_TAX: Final = {
    "03": "Descuento sin efecto en la base", "45": "FISE", "46": "Recargo al consumo o propina",
    "50": "Cargo sin efecto en la base", "61": "Retención de renta por anticipos",
    "63": "Retención de renta de 2.ª categoría",
}
_REASONS: Final = {"07": "09", "08": "10"}
"""The catalogue of reasons of each kind of note."""


def sale_form(root: xml.Element) -> PrintedForm:
    """The printed form of a sale or a note. Raises FormatError naming the first field that is not there."""
    told, legends = read_voucher(root), _legends(root)
    words = legends.pop(AMOUNT_IN_WORDS, "")
    return PrintedForm(
        issuer=party(told.issuer, "Emisor"), receiver=party(told.customer, "Cliente"),
        facts=tuple(_facts(root, told)), columns=COLUMNS,
        rows=tuple(row(node, line, told.currency) for node, line in zip(line_nodes(root), told.lines, strict=True)),
        figures=tuple(_figures(told)), words=words,
        sections=(*payment.sections(root, told.totals, told.currency), *_papers(root)),
        legends=tuple(legends.values()), remark=note(root),
    )


def _facts(root: xml.Element, told: VoucherFacts) -> Iterator[Fact]:
    yield from facts(
        ("Fecha de emisión", day(told.issue_date)),
        ("Hora", "" if told.issue_time is None else f"{told.issue_time:%H:%M:%S}"),
        ("Fecha de vencimiento", written_day(text(root, "cbc:DueDate"))),
        ("Moneda", currency_name(told.currency)),
        ("Forma de pago", payment.payment_word(root)),
        ("Tipo de operación", described("51", told.operation_type) if told.operation_type else ""),
    )
    for reference in xml.find_all(root, "cac:BillingReference/cac:InvoiceDocumentReference"):
        name = voucher_name(text(reference, "cbc:DocumentTypeCode"))
        yield from facts(("Documento que modifica", f"{name} {padded(text(reference, 'cbc:ID'))}"))
    if told.reason_code:
        yield from facts(
            ("Motivo", described(_REASONS[told.voucher.type_code], told.reason_code)), ("Sustento", told.reason_text),
        )


def _figures(told: VoucherFacts) -> Iterator[Figure]:
    totals, currency = told.totals, told.currency
    after = [row for row in totals.allowances if row.code in _AFTER_TAX]
    yield from (_change(row, _BEFORE_TAX[row.code]) for row in totals.allowances if row.code in _BEFORE_TAX)
    bases = {tax.tribute: tax for tax in totals.taxes}
    yield from (Figure(label=label, value=figure(bases[tribute].base)) for tribute, label in BASES.items()
                if tribute in bases and (bases[tribute].base or tribute == IGV))
    yield from (
        Figure(label=with_rate(label, tribute, told), value=figure(bases[tribute].amount))
        for tribute, label in _TAXES.items() if tribute in bases and (bases[tribute].amount or tribute == IGV)
    )
    if after or totals.discount_total or totals.charge_total or totals.prepaid or totals.rounding:
        yield Figure(label="Precio de venta", value=figure(totals.price))
    yield from (_change(row, _AFTER_TAX[row.code]) for row in after)
    # Discounts and charges of lines that leave the base alone stand in the totals only.
    discounts = totals.discount_total - total(row.amount for row in after if not row.is_charge)
    charges = totals.charge_total - total(row.amount for row in after if row.is_charge)
    if discounts:
        yield Figure(label="Otros descuentos", value=figure(-discounts))
    if charges:
        yield Figure(label="Otros cargos", value=figure(charges))
    if totals.prepaid:
        yield Figure(label="Anticipos", value=figure(-totals.prepaid))
    if totals.rounding:
        yield Figure(label="Redondeo", value=figure(totals.rounding))
    yield Figure(label="Importe total", value=money(totals.payable, currency), strong=True)


def _change(row: AllowanceCharge, label: str) -> Figure:
    return Figure(label=label, value=figure(row.amount if row.is_charge else -row.amount))


def with_rate(label: str, tribute: str, told: VoucherFacts) -> str:
    """The name of a tax with its percentage where all lines have the same."""
    if tribute not in (IGV, IVAP, INCOME_TAX):
        return label
    rates = {
        tax.rate for line in told.lines for tax in line.amounts.taxes if tax.tribute == tribute and tax.rate
    }
    return f"{label} {percent(rates.pop())}" if len(rates) == 1 else label


def _legends(root: xml.Element) -> dict[str, str]:
    """The legends by their codes of catalogue 52."""
    return {
        str(code): clean(text(each, ".")) for each in xml.find_all(root, "cbc:Note")
        if (code := each.get("languageLocaleID"))
    }


def _papers(root: xml.Element) -> Iterator[Section]:
    """What goes with the sale: orders, guides, other papers, where it is handed over."""
    told = [("Orden de compra", text(each, "cbc:ID")) for each in xml.find_all(root, "cac:OrderReference")]
    told += [
        (voucher_name(text(each, "cbc:DocumentTypeCode")), padded(text(each, "cbc:ID")))
        for each in xml.find_all(root, "cac:DespatchDocumentReference")
    ]
    told += [
        (described("12", text(each, "cbc:DocumentTypeCode"))[3:] or "Documento", text(each, "cbc:ID"))
        for each in xml.find_all(root, "cac:AdditionalDocumentReference") if not text(each, "cbc:DocumentStatusCode")
    ]
    place = xml.find(root, "cac:Delivery/cac:DeliveryLocation/cac:Address")
    if place is not None:
        told.append(("Lugar de entrega", address(place_at(place))))
    told.append(("Incoterm", text(root, "cac:DeliveryTerms/cbc:ID")))
    agent = text(root, "cac:AccountingSupplierParty/cac:Party/cac:AgentParty/cac:PartyIdentification/cbc:ID")
    told.append(("Vendido por", f"RUC {agent}" if agent else ""))
    if said := facts(*told):
        yield Section(title="Documentos y entrega", facts=said)
