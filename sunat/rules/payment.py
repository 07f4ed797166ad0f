"""Rows about how a sale is paid: form of payment, instalments, detraction, means of payment, advances, retentions.

Facturas must carry FormaPago terms; boletas leave them out (formats note of 2026: older validators reject any), and of
the notes only a credit note of reason 13 changes them. Source: validation workbook of 2026-02-12.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from sunat.money import ZERO
from sunat.rules.arithmetic import charge_by_factor
from sunat.rules.checks import (
    amount,
    calendar_day,
    equals_within,
    exists,
    holds,
    in_catalogue,
    includes,
    includes_like,
    later_than,
    matches,
    none_of,
    not_above,
    one_of,
    positive,
    present,
    single,
    unique_by,
)
from sunat.rules.conditions import has, is_, is_not, like, over, somewhere, there
from sunat.rules.document import View
from sunat.rules.engine import Rule
from sunat.rules.rows import CUSTOMER_HAS_RUC, DETRACTION, DETRACTIONS

FORM: Final = is_("terms/cbc:ID", "FormaPago")
CASH: Final = FORM & is_("terms/cbc:PaymentMeansID", "Contado")
CREDIT: Final = FORM & is_("terms/cbc:PaymentMeansID", "Credito")
INSTALMENT: Final = FORM & like("terms/cbc:PaymentMeansID", "Cuota[0-9]{3}")
TO_A_RUC: Final = CREDIT & CUSTOMER_HAS_RUC
INSTALMENT_OF_RUC: Final = INSTALMENT & CUSTOMER_HAS_RUC
_TOTAL: Final = ("el importe total", "the total payable")
_PENDING: Final = ("monto neto pendiente de pago", "net amount pending")
_INSTALMENT: Final = ("monto de la cuota", "amount of the instalment")


def _instalments(view: View) -> Decimal | None:
    return sum(
        (term.amount("cbc:Amount") for term in view.whole.views("terms")
         if term.text("cbc:ID") == "FormaPago" and term.text("cbc:PaymentMeansID").startswith("Cuota")),
        ZERO,
    )


def terms(*forms: str) -> tuple[Rule, ...]:
    """What FormaPago terms must be, wherever they are; ``forms`` are the ones allowed besides the instalments."""
    pattern = "|".join((*forms, "Cuota[0-9]{3}"))
    shown = ", ".join((*forms, "Cuota001"))
    return (
        Rule("3245", "terms/cbc:PaymentMeansID", exists(), when=FORM),
        Rule("3246", "terms/cbc:PaymentMeansID", matches(pattern, shown, shown), when=FORM),
        Rule("3248", "terms", unique_by("cbc:PaymentMeansID", within=""), when=FORM),
        Rule("3249", "terms/cbc:PaymentMeansID", includes_like(
            "Cuota[0-9]{3}", "al menos una cuota (Cuota001)", "at least one instalment (Cuota001)"),
            scope="", when=somewhere(CREDIT) & CUSTOMER_HAS_RUC),
        Rule("3250", "terms/cbc:Amount", amount(), when=CREDIT, field=_PENDING),
        Rule("3251", "terms/cbc:Amount", exists(), when=TO_A_RUC, field=_PENDING),
        Rule("3252", "terms/cbc:PaymentMeansID", includes("Credito"), scope="", when=somewhere(INSTALMENT)),
        Rule("3253", "terms/cbc:Amount", amount(), when=INSTALMENT, field=_INSTALMENT),
        Rule("3254", "terms/cbc:Amount", exists(), when=INSTALMENT_OF_RUC, field=_INSTALMENT),
        Rule("3255", "terms/cbc:PaymentDueDate", calendar_day(), when=INSTALMENT),
        Rule("3256", "terms/cbc:PaymentDueDate", exists(), when=INSTALMENT_OF_RUC),
        Rule("3319", "terms/cbc:Amount", equals_within(
            _instalments, "0", "la suma de las cuotas", "the sum of the instalments"), when=TO_A_RUC, field=_PENDING),
    )


PERCEPTION: Final = includes_like("5[123]", "la percepción (51, 52 o 53)", "the perception (51 to 53)")

INVOICE_TERMS: Final = (
    Rule("3244", "terms/cbc:ID", includes("FormaPago"), scope=""),
    *terms("Contado", "Credito"),
    Rule("3247", "terms/cbc:PaymentMeansID", none_of("Contado"), when=FORM & somewhere(CREDIT)),
    Rule("3461", "terms/cbc:PaymentMeansID", single()),
    Rule("3265", "terms/cbc:Amount", not_above("total", *_TOTAL), when=CREDIT, field=_PENDING),
    Rule("3266", "terms/cbc:Amount", not_above("total", *_TOTAL), when=INSTALMENT, field=_INSTALMENT),
    Rule("3267", "terms/cbc:PaymentDueDate", later_than("cbc:IssueDate", "la fecha de emisión", "the issue date"),
         when=INSTALMENT),
    Rule("3262", "customer/identity/@schemeID", one_of("6"), when=somewhere(is_("allowance/reason", "62"))),
    Rule("3263", "allowance/cbc:Amount", equals_within(
        charge_by_factor, "1", "la base por la tasa de retención", "the base by the retention rate",
        "cbc:BaseAmount", "cbc:MultiplierFactorNumeric"), when=is_("allowance/reason", "62")),
    Rule("3264", "allowance/cbc:BaseAmount", not_above("total", *_TOTAL), when=is_("allowance/reason", "62")),
    Rule("3316", "allowance/reason", includes("63"), scope="", when=is_("operation", "2002")),
    Rule("3317", "allowance/reason", none_of("63"), when=is_not("operation", "2002")),
    Rule("3318", "allowance/cbc:BaseAmount", exists(), when=is_("allowance/reason", "63")),
    Rule("3330", "terms/cbc:ID", none_of("Percepcion"), when=is_("operation", "2001") & somewhere(CREDIT)),
    Rule("3330", "allowance/reason", none_of("51", "52", "53"), when=is_("operation", "2001") & somewhere(CREDIT)),
    Rule("3093", "allowance/reason", PERCEPTION,
         scope="", when=is_("operation", "2001") & somewhere(CASH)),
    Rule("3309", "terms/cbc:ID", includes("Percepcion"), scope="", when=is_("operation", "2001") & somewhere(CASH)),
)
"""Form of payment, retentions and perceptions of 01."""

BOLETA_TERMS: Final = (
    Rule("3093", "allowance/reason", PERCEPTION,
         scope="", when=is_("operation", "2001")),
    Rule("3309", "terms/cbc:ID", includes("Percepcion"), scope="", when=is_("operation", "2001")),
)
"""Perceptions of 03, which has no form of payment."""

_DETRACTION_TERM: Final = is_("terms/cbc:ID", "Detraccion")
_GOODS: Final = {"1002": "004", "1003": "028", "1004": "027"}

DETRACTIONS_ROWS: Final = (
    Rule("3127", "terms/cbc:ID", includes("Detraccion"), scope="", when=DETRACTION),
    Rule("3127", "terms/cbc:PaymentMeansID", present(), when=_DETRACTION_TERM),
    Rule("3128", "terms/cbc:ID", none_of("Detraccion"), when=is_not("operation", *DETRACTIONS)),
    *(
        Rule("3129", "terms/cbc:PaymentMeansID", one_of(goods), when=_DETRACTION_TERM & is_("operation", operation))
        for operation, goods in _GOODS.items()
    ),
    Rule("3034", "means/cbc:ID", includes("Detraccion"), scope="", when=DETRACTION),
)
"""Detraction of 01 and 03, by type of operation."""

DETRACTION_FORMS: Final = (
    Rule("3033", "terms/cbc:PaymentMeansID", in_catalogue("54"),
         when=_DETRACTION_TERM & has("terms/cbc:PaymentMeansID")),
    Rule("3034", "means/cac:PayeeFinancialAccount/cbc:ID", present(), when=is_("means/cbc:ID", "Detraccion")),
    Rule("3174", "means/cbc:PaymentMeansCode", in_catalogue("59")),
    Rule("3035", "terms/cbc:Amount", exists(), when=_DETRACTION_TERM),
    Rule("3037", "terms/cbc:Amount", amount(zero=False), when=_DETRACTION_TERM),
    Rule("3208", "terms/cbc:Amount/@currencyID", one_of("PEN"), when=_DETRACTION_TERM),
)
"""The form of a detraction, on 01 03 and 08."""

ADVANCE: Final = there("related/cbc:DocumentStatusCode")
_ISSUER: Final = "related/cac:IssuerParty/identity"
_NAMED: Final = has(f"{_ISSUER}/@schemeID")


def _paid_somewhere(view: View) -> bool:
    mark = view.text("cbc:DocumentStatusCode")
    return not mark or any(each.text("cbc:ID") == mark for each in view.whole.views("cac:PrepaidPayment"))


def _documented(types: tuple[str, ...]) -> Callable[[View], bool]:
    def documented(view: View) -> bool:
        mark = view.text("cbc:ID")
        return not mark or any(
            each.text("cbc:DocumentStatusCode") == mark and each.text("cbc:DocumentTypeCode") in types
            for each in view.whole.views("related")
        )

    return documented


def _prepaid(view: View) -> Decimal | None:
    return sum((each.amount("cbc:PaidAmount") for each in view.views("cac:PrepaidPayment")), ZERO)


def advances(*types: str, wrong_type: str, lacks: tuple[str, str]) -> tuple[Rule, ...]:
    """Advances documented by vouchers of some ``types`` (catalogue 12); ``lacks`` says which one an advance lacks."""
    documents = is_("related/cbc:DocumentTypeCode", *types)
    return (
        Rule("3211", "cac:PrepaidPayment/cbc:ID", present(), when=there("cac:PrepaidPayment/cbc:PaidAmount")),
        Rule("3212", "cac:PrepaidPayment", unique_by("cbc:ID", within="")),
        Rule("3213", "cac:PrepaidPayment", holds(
            _documented(types), lacks,
            ("Agregue el comprobante del anticipo con el mismo identificador.",
             "Add the advance's voucher with the same identifier."), "cbc:ID"), scope="cac:PrepaidPayment"),
        Rule("2503", "cac:PrepaidPayment/cbc:PaidAmount", positive()),
        Rule("3220", "totals/cbc:PrepaidAmount", exists(), when=somewhere(over("cac:PrepaidPayment/cbc:PaidAmount"))),
        Rule("3214", "related", holds(
            _paid_somewhere,
            ("no tiene un importe de anticipo con su identificador", "has no advance with its identifier"),
            ("Agregue el importe del anticipo.", "Add the amount of the advance."), "cbc:DocumentStatusCode"),
            scope="related", when=documents),
        Rule("3215", "related", unique_by("cbc:DocumentStatusCode", within=""), when=documents),
        Rule("3216", "related/cbc:DocumentStatusCode", exists(), when=documents),
        Rule(wrong_type, "related/cbc:DocumentTypeCode", one_of(*types), when=ADVANCE),
        Rule("3217", _ISSUER, present(), when=ADVANCE),
        Rule("2520", f"{_ISSUER}/@schemeID", exists(), when=there(_ISSUER)),
        Rule("2520", f"{_ISSUER}/@schemeID", one_of("6")),
        Rule("2509", "totals/cbc:PrepaidAmount", equals_within(
            _prepaid, "0", "la suma de los anticipos", "the sum of the advances"),
            when=over("totals/cbc:PrepaidAmount")),
    )


def advance_numbers(type_code: str, pattern: str, es: str, en: str) -> Rule:
    """2521: the form of series and number of an advance's voucher of a type."""
    return Rule("2521", "related/cbc:ID", matches(pattern, es, en),
                when=_NAMED & is_("related/cbc:DocumentTypeCode", type_code))


ADVANCES: Final = (
    *advances("02", "03", wrong_type="2505", lacks=(
        "no tiene su factura o boleta de anticipo", "has no advance invoice or receipt of its own")),
    Rule("3287", "allowance/reason", includes("04", "05", "06"), scope="", when=over("totals/cbc:PrepaidAmount")),
    advance_numbers("02", "F[A-Z0-9]{3}-[0-9]{1,8}|E001-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}",
                    "serie y número de una factura (F001-123)", "series and number of an invoice (F001-123)"),
    advance_numbers("03", "B[A-Z0-9]{3}-[0-9]{1,8}|EB01-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}",
                    "serie y número de una boleta (B001-123)", "series and number of a receipt (B001-123)"),
)
"""Advances of 01 and 03."""
