"""What a printed form says, from the XML alone."""

from __future__ import annotations

import doctest
from decimal import Decimal

import pytest

from sunat import xml
from sunat.errors import FormatError
from sunat.ubl.printed import Figure, PrintedForm, printed_form, words
from tests.support.papers import FIXTURES, GOLDENS, form_of

SALES = [golden for golden in GOLDENS if golden.split("/")[0] in ("invoice", "boleta", "credit_note", "debit_note")]
AFTER = {
    "Descuento sin efecto en la base", "FISE", "Recargo al consumo o propina", "Cargo sin efecto en la base",
    "Retención de renta por anticipos", "Retención de renta de 2.ª categoría", "Otros descuentos", "Otros cargos",
    "Anticipos", "Redondeo",
}
TAXES = {"IGV", "IVAP", "ISC", "ICBPER"}
BEFORE = {
    "Descuento global", "Cargo global", "Anticipo gravado", "Anticipo exonerado", "Anticipo inafecto",
}


def test_the_words_are_as_their_examples_say() -> None:
    found = doctest.testmod(words)
    assert found.attempted >= 8
    assert found.failed == 0


def number(text: str) -> Decimal:
    return Decimal(text.rpartition("\u00a0")[2].replace(",", ""))


def labelled(form: PrintedForm, title: str) -> dict[str, str]:
    """The facts of a section."""
    (section,) = (part for part in form.sections if part.title == title)
    return {fact.label: fact.value.replace("\u00a0", " ") for fact in section.facts}


@pytest.mark.parametrize("golden", SALES)
def test_the_figures_after_the_price_lead_to_the_total(golden: str) -> None:
    """Whoever adds up what is printed comes to what is to be paid."""
    figures = form_of(golden).figures
    labels = [figure.label for figure in figures]
    if "Precio de venta" in labels:
        start = labels.index("Precio de venta")
        later = figures[start + 1 : -1]
        assert {figure.label for figure in later} <= AFTER
        assert number(figures[start].value) + sum(number(figure.value) for figure in later) == number(figures[-1].value)
    assert figures[-1].strong


@pytest.mark.parametrize("golden", SALES)
def test_lines_add_up_on_sheets_and_taxes_to_the_price(golden: str) -> None:
    form = form_of(golden)
    figures = [(figure.label, number(figure.value)) for figure in form.figures]
    taxes = sum(amount for label, amount in figures if label.split()[0] in TAXES or label == "Otros tributos")
    bases = sum(amount for label, amount in figures if label.startswith("Op. ") and "gratuitas" not in label)
    changes = sum(amount for label, amount in figures if label in BEFORE)
    assert sum(number(row.cells[6]) for row in form.rows) + changes == bases
    price = next((amount for label, amount in figures if label == "Precio de venta"), figures[-1][1])
    assert taxes + bases <= price


def test_an_invoice_says_who_when_how_and_what() -> None:
    form = form_of("invoice/everything")
    facts = {fact.label: fact.value for fact in form.facts}
    assert (form.issuer.identity, form.receiver.identity) == ("RUC 20123456786", "RUC 20987654326")
    assert form.receiver.address == "CALLE CLIENTE 456, MIRAFLORES - LIMA"
    assert facts == {
        "Fecha de emisión": "20/11/2026", "Hora": "10:30:00", "Fecha de vencimiento": "20/12/2026",
        "Moneda": "Soles (PEN)", "Forma de pago": "Crédito", "Tipo de operación": "0101 Venta interna",
    }
    assert form.words == "SON: MIL CUATROCIENTOS SESENTA Y CUATRO CON 14/100 SOLES"
    assert form.figures[0] == Figure(label="Descuento global", value="-45.00")
    assert [row.remarks for row in form.rows][1:3] == [("Exonerado",), ("Inafecto",)]
    assert "gratuita, valor referencial S/\u00a050.00" in form.rows[3].remarks[0]


def test_instalments_and_detraction_are_told() -> None:
    form = form_of("invoice/instalments_after_detraction")
    credit = next(part for part in form.sections if part.title == "Crédito")
    assert [tuple(cell.replace("\u00a0", " ") for cell in row.cells) for row in credit.rows] == [
        ("1", "20/12/2026", "S/ 519.00"), ("2", "20/01/2027", "S/ 519.00"),
    ]
    assert labelled(form, "Operación sujeta a detracción (SPOT)") == {
        "Bien o servicio": "037 Demás servicios gravados con el IGV", "Porcentaje": "12 %", "Monto": "S/ 142.00",
        "Cuenta del Banco de la Nación": "00-000-123456", "Medio de pago": "001 Depósito en cuenta",
    }
    assert form.legends == ("Operación sujeta a detracción",)


def test_a_detraction_is_in_soles_on_a_sale_in_dollars() -> None:
    form = form_of("invoice/detraction_dollars")
    assert labelled(form, "Operación sujeta a detracción (SPOT)")["Monto"].startswith("S/ ")
    assert form.figures[-1].value.startswith("US$")


def test_perception_retention_advances_and_papers_are_told() -> None:
    assert labelled(form_of("invoice/perception"), "Operación sujeta a percepción del IGV") == {
        "Régimen": "51 Percepción venta interna", "Base": "S/ 1,180.00", "Porcentaje": "2 %",
        "Percepción": "S/ 23.60", "Total con percepción": "S/ 1,203.60",
    }
    assert labelled(form_of("invoice/retention"), "Retención del IGV")["Monto que el cliente retiene"] == "S/ 35.40"
    advances = next(part for part in form_of("invoice/advance_used").sections if part.title == "Anticipos")
    assert advances.rows[0].cells[0].startswith("F001-000000")
    papers = labelled(form_of("invoice/due_date_and_papers"), "Documentos y entrega")
    assert "Orden de compra" in papers
    assert any(label.startswith("Guía") for label in papers)


def test_a_note_says_what_it_changes_and_why() -> None:
    facts = {fact.label: fact.value for fact in form_of("credit_note/reason_07_item_return").facts}
    assert facts["Documento que modifica"] == "Factura F001-00000087"
    assert facts["Motivo"] == "07 Devolución por ítem"
    assert facts["Sustento"] == "DEVOLUCION DE UNA UNIDAD"


def test_nobody_is_named_by_a_number_that_nobody_has() -> None:
    assert form_of("boleta/anonymous").receiver.identity == ""


@pytest.mark.parametrize(("golden", "total"), [
    ("retention/dollars_and_soles", ("Total retenido", "S/\u00a057.91")),
    ("perception/with_credit_note", None),
])
def test_a_certificate_lists_its_vouchers(golden: str, total: tuple[str, str] | None) -> None:
    form = form_of(golden)
    assert form.rows
    assert all(len(row.cells) == len(form.columns) for row in form.rows)
    assert form.rows[0].cells[0].split()[0] in {"Factura", "Boleta"}
    strong = form.figures[-1]
    assert strong.strong
    assert total in (None, (strong.label, strong.value))
    assert form.words.startswith("SON: ")


@pytest.mark.parametrize("golden", GOLDENS)
def test_every_legend_stands_on_the_paper(golden: str) -> None:
    written = (FIXTURES / golden / "document.xml").read_text(encoding="utf-8")
    form = form_of(golden)
    count = written.count("languageLocaleID=")
    assert len(form.legends) + (1 if 'languageLocaleID="1000"' in written else 0) == count


def test_what_has_no_printed_form_is_named() -> None:
    with pytest.raises(FormatError, match="SummaryDocuments"):
        printed_form(xml.parse(b"<SummaryDocuments/>"))
    with pytest.raises(FormatError, match="number"):
        printed_form(xml.parse(b"<Invoice/>"))
