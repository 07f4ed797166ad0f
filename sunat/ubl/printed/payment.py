"""How a sale is paid, as its printed form says it: terms and instalments, advances, detraction, perception, retention.

Detraction and perception are in soles whatever the voucher's currency.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sunat import xml
from sunat.money import ZERO
from sunat.taxes import Totals
from sunat.ubl.nodes import amount, text
from sunat.ubl.printed.form import Column, Row, Section
from sunat.ubl.printed.words import clean, described, facts, money, padded, percent, written_day

_SOLES: Final = "PEN"
_PERCEPTIONS: Final = frozenset({"51", "52", "53"})
_IGV_RETENTION: Final = "62"


def terms_of(root: xml.Element, name: str) -> list[xml.Element]:
    """The payment terms under one of SUNAT's names: FormaPago, Detraccion, Percepcion."""
    return [each for each in xml.find_all(root, "cac:PaymentTerms") if text(each, "cbc:ID") == name]


def payment_word(root: xml.Element) -> str:
    """"Contado" or "Crédito"; "" where the voucher does not say."""
    said = {text(each, "cbc:PaymentMeansID") for each in terms_of(root, "FormaPago")}
    return "Crédito" if "Credito" in said else "Contado" if "Contado" in said else ""


def sections(root: xml.Element, totals: Totals, currency: str) -> Iterator[Section]:
    """The sections about payment that this sale has."""
    yield from _credit(root, currency)
    yield from _means(root)
    yield from _advances(root, currency)
    yield from _detraction(root)
    yield from _perception(root, totals)
    yield from _retention(totals, currency)


def _credit(root: xml.Element, currency: str) -> Iterator[Section]:
    terms = terms_of(root, "FormaPago")
    pending = next((each for each in terms if text(each, "cbc:PaymentMeansID") == "Credito"), None)
    if pending is None:
        return
    due = [each for each in terms if text(each, "cbc:PaymentMeansID").startswith("Cuota")]
    left = amount(pending, "cbc:Amount")
    yield Section(
        title="Crédito", facts=facts(("Monto neto pendiente de pago", "" if left is None else money(left, currency))),
        columns=(
            Column(title="Cuota"), Column(title="Vencimiento", wide=True),
            Column(title="Monto", figures=True),
        ) if due else (),
        rows=tuple(
            Row(cells=(
                str(number), written_day(text(each, "cbc:PaymentDueDate")),
                money(amount(each, "cbc:Amount") or ZERO, currency),
            )) for number, each in enumerate(due, 1)
        ),
    )


def _means(root: xml.Element) -> Iterator[Section]:
    told = [
        ("Medio de pago", " · ".join(filter(None, (
            described("59", text(each, "cbc:PaymentMeansCode")), text(each, "cbc:PaymentID"),
        ))))
        for each in xml.find_all(root, "cac:PaymentMeans") if text(each, "cbc:ID") != "Detraccion"
    ]
    if told:
        yield Section(title="Medios de pago", facts=facts(*told))


def _advances(root: xml.Element, currency: str) -> Iterator[Section]:
    payments = xml.find_all(root, "cac:PrepaidPayment")
    if not payments:
        return
    papers = {
        text(each, "cbc:DocumentStatusCode"): each for each in xml.find_all(root, "cac:AdditionalDocumentReference")
    }
    rows = []
    for each in payments:
        paper = papers.get(text(each, "cbc:ID"))
        number = padded(text(paper, "cbc:ID")) if paper is not None else clean(text(each, "cbc:ID"))
        rows.append(Row(cells=(
            number, written_day(text(each, "cbc:PaidDate")), money(amount(each, "cbc:PaidAmount") or ZERO, currency),
        )))
    yield Section(
        title="Anticipos",
        columns=(
            Column(title="Comprobante", wide=True), Column(title="Pagado el"), Column(title="Monto", figures=True),
        ),
        rows=tuple(rows),
    )


def _detraction(root: xml.Element) -> Iterator[Section]:
    for term in terms_of(root, "Detraccion"):
        means = next((
            each for each in xml.find_all(root, "cac:PaymentMeans") if text(each, "cbc:ID") == "Detraccion"
        ), None)
        owed = amount(term, "cbc:Amount")
        yield Section(title="Operación sujeta a detracción (SPOT)", facts=facts(
            ("Bien o servicio", described("54", text(term, "cbc:PaymentMeansID"))),
            ("Porcentaje", percent(amount(term, "cbc:PaymentPercent"))),
            ("Monto", "" if owed is None else money(owed, _SOLES)),
            ("Cuenta del Banco de la Nación",
             "" if means is None else text(means, "cac:PayeeFinancialAccount/cbc:ID")),
            ("Medio de pago", "" if means is None else described("59", text(means, "cbc:PaymentMeansCode"))),
        ))


def _perception(root: xml.Element, totals: Totals) -> Iterator[Section]:
    for row in totals.allowances:
        if row.code in _PERCEPTIONS:
            terms = terms_of(root, "Percepcion")
            whole = amount(terms[0], "cbc:Amount") if terms else None
            yield Section(title="Operación sujeta a percepción del IGV", facts=facts(
                ("Régimen", described("53", row.code)), ("Base", money(row.base, _SOLES)),
                ("Porcentaje", percent(None if row.factor is None else row.factor * 100)),
                ("Percepción", money(row.amount, _SOLES)),
                ("Total con percepción", "" if whole is None else money(whole, _SOLES)),
            ))


def _retention(totals: Totals, currency: str) -> Iterator[Section]:
    for row in totals.allowances:
        if row.code == _IGV_RETENTION:
            yield Section(title="Retención del IGV", facts=facts(
                ("Base", f"{money(row.base, row.currency or currency)}"),
                ("Porcentaje", percent(None if row.factor is None else row.factor * 100)),
                ("Monto que el cliente retiene", f"{money(row.amount, row.currency or currency)}"),
            ))

