"""The rules of the credit note (07). Source: SUNAT's validation workbook, 2026-02-12, sheet Nota de crédito."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from sunat.money import ZERO
from sunat.rules import (
    concepts,
    descriptive,
    general,
    norms,
    notes,
    paths,
    payment,
    sale,
    sale_lines,
    sale_totals,
    structure,
)
from sunat.rules.checks import exists, holds, includes, none_of, one_of, present, single, unique_by, zero
from sunat.rules.conditions import is_, is_not, somewhere, there
from sunat.rules.context import Known
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.notes import TYPE
from sunat.rules.rows import ISC, observation

PAYMENT_REASON: Final = "13"
"""Catalogue 09: the note that corrects the net amount pending or the instalments of a factura on credit."""
OTHER: Final = "10"
_ELECTRONIC_TYPES: Final = ("03", "30", "34", "42")


def _of_known(test: Callable[[View, tuple[Known, ...]], bool]) -> Callable[[View], bool]:
    def check(view: View) -> bool:
        found = notes.known(view)
        # What the ledger does not know is unknown, not absent: with a gap in what it knows nothing is held against it.
        return len(found) < max(1, len(view.texts("modified/cbc:ID"))) or test(view, found)

    return check


def _total(found: tuple[Known, ...]) -> Decimal:
    return sum((each.total for each in found), ZERO)


def _pending(view: View) -> Decimal:
    return sum((term.amount("cbc:Amount") for term in view.views("terms")
                if term.text("cbc:PaymentMeansID") == "Credito"), ZERO)


def _due_after(view: View, found: tuple[Known, ...]) -> bool:
    latest = max(each.issue_date for each in found).isoformat()
    return all(term.text("cbc:PaymentDueDate") > latest for term in view.views("terms")
               if term.text("cbc:PaymentMeansID").startswith("Cuota") and term.has("cbc:PaymentDueDate"))


_NOT_ABOVE: Final = holds(
    _of_known(lambda view, found: view.amount("total") <= _total(found)),
    ("es mayor que lo que suman los comprobantes modificados", "is more than the modified vouchers add up to"),
    ("Reduzca la nota al importe del comprobante.", "Bring the note down to the voucher's total."),
    "/supplier/identity", "/modified/cbc:ID", "/modified/cbc:DocumentTypeCode",
)

OWN: Final = (
    *notes.reason("09", ()),
    *notes.targets(form="2117", as_factura="2116", as_boleta="2399", free_motive=OTHER),
    Rule("2138", "line/quantity/@unitCode", present(), when=there("line/quantity")),
    observation("4009", "related/cbc:DocumentTypeCode", one_of("01", "04", "05", "99")),
    Rule("2635", "related", unique_by("cbc:DocumentTypeCode", within=""),
         when=is_("motive", OTHER) & is_("related/cbc:DocumentTypeCode", "99")),
    Rule("2636", "related/cbc:ID", present(),
         when=is_not("motive", OTHER) & is_("related/cbc:DocumentTypeCode", "99")),
    Rule("2637", "related/cbc:DocumentTypeCode", one_of("99"), when=is_("motive", OTHER)),
    Rule("2373", "line/taxes/cac:TaxCategory/cbc:TierRange", exists(), when=ISC),
    Rule("3259", TYPE, one_of("01"), when=is_("motive", PAYMENT_REASON)),
    Rule("3261", "cac:BillingReference", single(), when=is_("motive", PAYMENT_REASON)),
    observation("4367", TYPE, none_of("03"), when=is_("motive", "04", "05", "08")),
    Rule("3257", "terms/cbc:ID", includes("FormaPago"), scope="", when=is_("motive", PAYMENT_REASON)),
    *payment.terms("Credito"),
    Rule("3315", "total", zero(), when=is_("motive", PAYMENT_REASON)),
    Rule("3286", "total", _NOT_ABOVE, scope="", when=is_not("motive", OTHER) & somewhere(is_(TYPE, "01"))),
    observation("4028", "total", _NOT_ABOVE, scope="",
                when=is_not("motive", OTHER) & somewhere(is_(TYPE, *_ELECTRONIC_TYPES))),
    Rule("3260", "modified", holds(
        _of_known(lambda view, found: all(each.on_credit for each in found)),
        ("no es una factura al crédito", "is not an invoice on credit"),
        ("Use otro motivo: el 13 corrige pagos al crédito.", "Use another reason: 13 corrects credit payments.")),
        scope="", when=is_("motive", PAYMENT_REASON) & somewhere(is_(TYPE, "01"))),
    Rule("3320", "terms/cbc:Amount", holds(
        _of_known(lambda view, found: _pending(view) <= _total(found)),
        ("es mayor que el importe de la factura", "is more than the invoice's total"),
        ("Redúzcalo al importe de la factura.", "Bring it down to the invoice's total.")),
        scope="", when=is_("motive", PAYMENT_REASON) & there("terms/cbc:Amount")),
    Rule("3321", "terms/cbc:PaymentDueDate", holds(
        _of_known(_due_after),
        ("debe ser posterior a la emisión de la factura", "must be later than the invoice's issue"),
        ("Use una fecha posterior.", "Use a later date.")), scope="", when=there("terms/cbc:PaymentDueDate")),
    observation("4368", "currency", holds(
        _of_known(lambda view, found: all(each.currency == view.text("currency") for each in found)),
        ("no es la de la boleta modificada", "is not that of the modified receipt"),
        ("Use la moneda de la boleta.", "Use the receipt's currency.")), scope="", when=somewhere(is_(TYPE, "03"))),
)

RULES: Final = RuleTable(
    "07", "CreditNote",
    (
        *general.FILE, *general.ISSUER, *general.SUPERVISED_NOTE, *structure.SALE, *structure.NOTE,
        *sale.HEADER, *notes.NOTE_HEADER, *OWN, *sale.currency_rows(*sale.NOTE_MONEY, sale.TERMS_MONEY),
        *sale_lines.LINES, *notes.NOTE_LINES, *sale_lines.igv_rows(nrus=False, modified=True),
        *sale_lines.main_tribute(with_base=False), *sale_lines.bag_rate(),
        *sale_totals.TAX_TOTALS, *sale_totals.by_target((*sale_totals.SUMS, *sale_totals.NOTE_SUMS)),
        *concepts.HOUSING, *concepts.NOTE_FORM, *descriptive.SALE, *descriptive.CREDIT_NOTE, *norms.PARTIES,
    ),
    short=paths.CREDIT_NOTE, scopes=paths.SALE_SCOPES,
)
