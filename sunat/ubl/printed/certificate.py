"""The printed forms of certificates of retention (20) and of perception (40): payments, and what was withheld.

What was paid is in the currency of the voucher it paid; what was withheld and what changed hands is in soles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sunat import xml
from sunat.errors import FormatError
from sunat.money import ZERO
from sunat.ubl.certificates import party_of
from sunat.ubl.nodes import amount, attribute, hour, needed, text
from sunat.ubl.printed.form import Column, Figure, PrintedForm, Row
from sunat.ubl.printed.words import (
    clean,
    described,
    facts,
    figure,
    money,
    note,
    padded,
    party,
    percent,
    quantity,
    voucher_name,
    written_day,
)
from sunat.wording import amount_in_words

_SOLES: Final = "PEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What differs between the two: names of nodes, the catalogue of the regime, and what the paper says."""

    node: str
    moved: str
    regimes: str
    receiver: str
    withheld: str
    net: str


_RETENTION: Final = _Words(
    node="Retention", moved="Paid", regimes="23", receiver="Proveedor", withheld="Retenido", net="Neto pagado",
)
_PERCEPTION: Final = _Words(
    node="Perception", moved="Cashed", regimes="22", receiver="Cliente", withheld="Percibido", net="Neto cobrado",
)


def retention_form(root: xml.Element) -> PrintedForm:
    """The printed form of a certificate of retention. Raises FormatError for a field that is not there."""
    return _form(root, _RETENTION)


def perception_form(root: xml.Element) -> PrintedForm:
    """The printed form of a certificate of perception. Raises FormatError for a field that is not there."""
    return _form(root, _PERCEPTION)


def _form(root: xml.Element, words: _Words) -> PrintedForm:
    at = hour(text(root, "cbc:IssueTime"))
    withheld = amount(root, "cbc:TotalInvoiceAmount")
    if withheld is None:
        raise FormatError("There is no cbc:TotalInvoiceAmount")
    return PrintedForm(
        issuer=party(party_of(root, "cac:AgentParty"), "Emisor"),
        receiver=party(party_of(root, "cac:ReceiverParty"), words.receiver),
        facts=facts(
            ("Fecha de emisión", written_day(needed(root, "cbc:IssueDate"))),
            ("Hora", "" if at is None else f"{at:%H:%M:%S}"),
            ("Régimen", described(words.regimes, text(root, f"sac:SUNAT{words.node}SystemCode"))),
            ("Tasa", percent(amount(root, f"sac:SUNAT{words.node}Percent"))),
            ("Emisión excepcional", "Sí" if text(root, "sac:ExceptionalIndicator") else ""),
        ),
        columns=(
            Column(title="Comprobante", wide=True), Column(title="Emisión"), Column(title="Importe", figures=True),
            Column(title="Fecha de pago"), Column(title="Pago", figures=True), Column(title="T. cambio", figures=True),
            Column(title=f"{words.withheld} S/", figures=True), Column(title=f"{words.net} S/", figures=True),
        ),
        rows=tuple(_rows(root, words)), figures=tuple(_figures(root, words)),
        words=f"SON: {amount_in_words(withheld, _SOLES)}", remark=note(root),
    )


def _rows(root: xml.Element, words: _Words) -> Iterator[Row]:
    for each in xml.find_all(root, f"sac:SUNAT{words.node}DocumentReference"):
        inside = f"sac:SUNAT{words.node}Information"
        currency = attribute(each, "cbc:TotalInvoiceAmount", "currencyID")
        rate = amount(each, f"{inside}/cac:ExchangeRate/cbc:CalculationRate")
        name = voucher_name(attribute(each, "cbc:ID", "schemeID"))
        yield Row(cells=(
            clean(f"{name} {padded(text(each, 'cbc:ID'))}"), written_day(text(each, "cbc:IssueDate")),
            _amount(each, "cbc:TotalInvoiceAmount", currency), written_day(text(each, "cac:Payment/cbc:PaidDate")),
            _amount(each, "cac:Payment/cbc:PaidAmount", currency), "" if rate is None else quantity(rate),
            _amount(each, f"{inside}/sac:SUNAT{words.node}Amount"),
            _amount(each, f"{inside}/sac:SUNATNetTotal{words.moved}"),
        ))


def _figures(root: xml.Element, words: _Words) -> Iterator[Figure]:
    rounding = amount(root, "cbc:PayableRoundingAmount")
    if rounding:
        yield Figure(label="Redondeo", value=figure(rounding))
    net = amount(root, f"sac:SUNATTotal{words.moved}")
    if net is not None:
        yield Figure(label=words.net, value=money(net, _SOLES))
    total = money(amount(root, "cbc:TotalInvoiceAmount") or ZERO, _SOLES)
    yield Figure(label=f"Total {words.withheld.lower()}", value=total, strong=True)


def _amount(node: xml.Element, path: str, currency: str = "") -> str:
    found = amount(node, path)
    if found is None:
        return ""
    return money(found, currency) if currency else figure(found)

