"""Refusals by norm that SUNAT's validator does not make: codes of our own (CHQ-...), with the norm named.

A voucher that they refuse might be accepted by SUNAT and still be void or punishable, so no number is spent on it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from sunat.errors import FormatError
from sunat.identity import DNI, RUC, check_identity, identifies, validate_ruc
from sunat.rules.checks import holds
from sunat.rules.comparisons import iso_date
from sunat.rules.conditions import is_, like
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.shapes import Check, Sentence, Value
from sunat.taxes.rates import UNNAMED_LIMIT, amount_on

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
    total = view.amount("total")
    if view.text("currency") == "PEN":
        return total
    rate = view.document.context.exchange_rate
    return None if rate is None else total * rate


def _identified(view: View) -> bool:
    code, number = view.text("customer/identity/@schemeID"), view.text("customer/identity")
    if not identifies(code, number, view.text("customer/legal/cbc:RegistrationName")):
        return False
    try:
        check_identity(code, number)
    except FormatError:  # a DNI of seven digits is nobody's
        return code not in {DNI, RUC}
    return True


def _small_or_identified(view: View) -> bool:
    soles = _in_soles(view)
    issued = iso_date(view.text("cbc:IssueDate")) or view.document.context.received
    try:
        limit = amount_on(UNNAMED_LIMIT, issued)
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
