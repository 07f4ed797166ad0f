"""Refusals by norm that SUNAT's validator does not make: codes of our own (CHQ-...), with the norm named.

A voucher that they refuse might be accepted by SUNAT and still be void or punishable, so no number is spent on it.
What may be right though it looks wrong (a detraction of a part of the sale) is an observation.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.identity import DNI, RUC, check_identity, identifies, validate_ruc
from sunat.money import EXACT, total
from sunat.rules.checks import equals_within, holds
from sunat.rules.comparisons import iso_date
from sunat.rules.conditions import is_, like
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import observation
from sunat.rules.shapes import Check, Sentence, Value
from sunat.taxes.rates import DETRACTION, UNNAMED_LIMIT, amount_on, percentage_on

_RUC_NORM: Final = "Ley del RUC, Decreto Legislativo 943; estructura del RUC con dígito verificador módulo 11"
_BOLETA_NORM: Final = "Reglamento de Comprobantes de Pago (RS 007-99/SUNAT), art. 8 num. 3.10"


def _valid_ruc(text: str) -> bool:
    try:
        validate_ruc(text)
    except FormatError:
        return False
    return True


def ruc() -> Check:
    """The text is a RUC whose prefix exists and whose check digit is right."""
    return Value(
        _valid_ruc,
        Sentence("no es un RUC válido: revise los dígitos", "is not a valid RUC: check its digits"),
        Sentence("Corrija el RUC; el último dígito se calcula de los demás.",
                 "Correct the RUC; its last digit follows from the others."),
    )


def _in_soles(view: View) -> Decimal | None:
    payable = view.amount("total")
    if view.text("currency") == "PEN":
        return payable
    rate = view.document.context.exchange_rate
    return None if rate is None else payable * rate


def _identified(view: View) -> bool:
    code, number = view.text("customer/identity/@schemeID"), view.text("customer/identity")
    if not identifies(code, number, view.text("customer/legal/cbc:RegistrationName")):
        return False
    try:
        check_identity(code, number)
    except FormatError:  # a DNI of seven digits is nobody's
        return code not in {DNI, RUC}
    return True


def _issued(view: View) -> date:
    return iso_date(view.text("cbc:IssueDate")) or view.document.context.received


def _small_or_identified(view: View) -> bool:
    soles = _in_soles(view)
    try:
        limit = amount_on(UNNAMED_LIMIT, _issued(view))
    except FormatError:  # of a day before the norm
        return True
    return (soles is not None and soles <= limit) or _identified(view)


_ISSUER: Final = Rule(
    "CHQ-ISSUER-RUC", "supplier/identity", ruc(), norm=_RUC_NORM,
)
_CUSTOMER: Final = Rule(
    "CHQ-CUSTOMER-RUC", "customer/identity", ruc(), norm=_RUC_NORM,
    when=is_("customer/identity/@schemeID", "6") & like("customer/identity", "[0-9]{11}"),
)
PARTIES: Final = (_ISSUER, _CUSTOMER)
"""Of every kind: the RUC of issuer and customer."""


def _party(code: str, party: str) -> Rule:
    return Rule(code, f"{party}/identity", ruc(), norm=_RUC_NORM,
                when=is_(f"{party}/identity/@schemeID", "6") & like(f"{party}/identity", "[0-9]{11}"))


CARRIER: Final = (_party("CHQ-CARRIER-RUC", "carrier"),)
"""Of a sender's guide: the RUC of the company that carries."""
SENDER: Final = (_party("CHQ-SENDER-RUC", "sender"), _party("CHQ-SUBCONTRACTOR-RUC", "subcontractor"))
"""Of a carrier's guide: the RUC of whose goods it carries and of who passed the job on."""

BOLETA: Final = (
    Rule("CHQ-BOLETA-700", "customer/identity", holds(
        _small_or_identified,
        ("la boleta pasa de S/ 700.00 (o no hay tipo de cambio para saberlo) y no identifica al cliente",
         "the receipt exceeds S/ 700.00 (or has no exchange rate to tell) and does not identify the customer"),
        ("Indique nombre y documento del cliente.", "Give the customer's name and identity document."),
        "/total", "/currency", "/customer/identity/@schemeID", "/customer/legal/cbc:RegistrationName"),
        norm=_BOLETA_NORM, scope=""),
)
"""Of boletas: who buys for more than S/ 700.00 must be named. Other currencies by the context's exchange rate."""


_DETRACTION_NORM: Final = "TUO del DL 940 (DS 155-2004-EF), art. 4 y 5; RS 183-2004/SUNAT; DS 010-2006-MTC (carga)"
_WHOLE_SOLES: Final = "0.50"
"""How far rounding to whole soles, as deposits are made, may move the amount."""
_CARGO: Final = "1004"
_REFERENCE: Final = "01"
_CARGO_VALUES: Final = "line/cac:Delivery/cac:DeliveryTerms"


def _usual_percent(view: View) -> Decimal | None:
    """The percentage that the dated table gives the code of a detraction."""
    return percentage_on(DETRACTION, view.text("cbc:PaymentMeansID"), _issued(view.whole))


def _detracted(view: View) -> Decimal | None:
    """Soles: the voucher's own percentage, else the table's, of what is to be paid; None where nobody knows.

    A carriage of goods is detracted by its reference value where that is larger.
    """
    percent, base = view.number("cbc:PaymentPercent") or _usual_percent(view), _in_soles(view.whole)
    if percent is None or base is None:
        return None
    if view.whole.text("operation") == _CARGO:
        base = max(base, total(
            row.amount("cbc:Amount") for row in view.whole.views(_CARGO_VALUES) if row.text("cbc:ID") == _REFERENCE
        ))
    return EXACT.multiply(base, percent) / 100


_IS_DETRACTION: Final = is_("terms/cbc:ID", "Detraccion")
DETRACTION_ROWS: Final = (
    observation("CHQ-DETRACTION-AMOUNT", "terms/cbc:Amount", equals_within(
        _detracted, _WHOLE_SOLES, "la parte del importe total que da su porcentaje, en soles con o sin céntimos",
        "the part of the total that its percentage gives, in soles with céntimos or without",
        "cbc:PaymentPercent", "cbc:PaymentMeansID", "/total", "/currency", "/operation", "/cbc:IssueDate",
        f"/{_CARGO_VALUES}/cbc:ID", f"/{_CARGO_VALUES}/cbc:Amount",
    ), when=_IS_DETRACTION, norm=_DETRACTION_NORM, field=("monto de la detracción", "amount of the detraction")),
    observation("CHQ-DETRACTION-RATE", "terms/cbc:PaymentPercent", equals_within(
        _usual_percent, "0", "la tasa que las tablas públicas dan a ese bien o servicio",
        "the rate that public tables give that good or service", "cbc:PaymentMeansID", "/cbc:IssueDate",
    ), when=_IS_DETRACTION, norm=_DETRACTION_NORM),
)
"""Of 01, 03 and 08: SUNAT compares neither the amount of a detraction nor its percentage with anything."""
