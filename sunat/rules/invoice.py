"""The rules of the factura (01). Source: SUNAT's validation workbook, 2026-02-12, sheet Factura."""

from __future__ import annotations

from datetime import date
from typing import Final

from sunat.catalogues import catalogue
from sunat.rules import (
    cargo,
    concepts,
    descriptive,
    general,
    norms,
    paths,
    payment,
    sale,
    sale_lines,
    sale_totals,
    structure,
)
from sunat.rules.checks import exists, in_catalogue, includes, matches, none_of, not_before, one_of, text
from sunat.rules.conditions import has, is_, is_not, no
from sunat.rules.engine import Rule, RuleTable, Severity
from sunat.rules.rows import ELECTRONIC, EXPORTS, observation

TERM_FROM: Final = date(2023, 1, 5)
"""RS 000003-2023/SUNAT: three calendar days after the day of issue."""

_OWN_CUSTOMER: Final = ("0112", "2106", "0401", *EXPORTS)

OWN: Final = (
    Rule("1001", "cbc:ID", matches(
        "F[A-Z0-9]{3}-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "una serie que empieza con F y un número (F001-123)",
        "a series that starts with F and a number (F001-123)")),
    Rule("2108", "cbc:IssueDate", not_before(lambda context: 3, "3 días", "3 days"), when=ELECTRONIC,
         valid_from=TERM_FROM),
    *sale.issued_as("01"),
    *sale.ESTABLISHMENT,
    Rule("2801", "customer/identity", matches("[0-9]{8}", "8 dígitos", "8 digits"),
         when=is_("customer/identity/@schemeID", "1")),
    Rule("2802", "customer/identity", text(1, 15, blanks="none"),
         when=is_("customer/identity/@schemeID", "4", "7", "0", "A", "B", "C", "D", "E", "G")),
    Rule("2800", "customer/identity/@schemeID", none_of("6"),
         when=is_("operation", "0200", "0201", "0204") & no(is_("legend", "2008"))),
    Rule("2800", "customer/identity/@schemeID", in_catalogue("06", also=("-",)),
         when=is_("operation", *EXPORTS, "0401")),
    Rule("2800", "customer/identity/@schemeID", one_of("1", "6"), when=is_("operation", "0112")),
    Rule("2800", "customer/identity/@schemeID", one_of("7", "B", "G"), when=is_("operation", "2106")),
    Rule("2800", "customer/identity/@schemeID", one_of("6"), when=is_not("operation", *_OWN_CUSTOMER)),
    Rule("3206", "operation", in_catalogue("51", where=lambda code: catalogue("51")[code].flag("factura")),
         when=has("operation")),
    observation("4009", "related/cbc:DocumentTypeCode",
                one_of("02", "03", "04", "05", "06", "07", "08", "09", "99"), when=has("related/cbc:ID")),
    observation("4233", "cac:OrderReference/cbc:ID", text(1, 20)),
    Rule("3181", "line/product", includes("84121901", "80131501"), scope="", when=is_("operation", "0112")),
    Rule("3288", "totals/cbc:LineExtensionAmount", exists()),
    Rule("3305", "totals/cbc:TaxInclusiveAmount", exists()),
    *sale.selva(("3283", "3284", "3285", "3289"), Severity.ERROR),
)

RULES: Final = RuleTable(
    "01", "Invoice",
    (
        *general.FILE, *general.ISSUER, *general.SUPERVISED_SALE, *structure.SALE, *structure.BILL,
        *sale.HEADER, *sale.INVOICE_HEADER, *OWN,
        *sale.currency_rows(*sale.NOTE_MONEY, *sale.INVOICE_MONEY, sale.TERMS_MONEY),
        *sale_lines.LINES, *sale_lines.INVOICE_LINES, *sale_lines.igv_rows(nrus=False, modified=False),
        *sale_lines.main_tribute(exempted=("2100", "2101", "2102", "2103", "2104", "0112")), *sale_lines.bag_rate(),
        *sale_totals.TAX_TOTALS, *sale_totals.INVOICE_TAX_TOTALS, *sale_totals.GLOBAL_CHARGES,
        *sale_totals.rejected(
            (*sale_totals.SUMS, sale_totals.FREE_TAX, sale_totals.UNIT_PRICE, *sale_totals.INVOICE_SUMS)
        ),
        *payment.INVOICE_TERMS, *payment.DETRACTIONS_ROWS, *payment.DETRACTION_FORMS, *payment.ADVANCES,
        *concepts.wanted(*concepts.WANTED), *concepts.HOUSING, *concepts.FORM, *concepts.LODGING,
        *concepts.INVOICE_FORM, *cargo.ROWS,
        *descriptive.SALE, *descriptive.INVOICE, *norms.PARTIES, *norms.DETRACTION_ROWS,
    ),
    short=paths.INVOICE, scopes=paths.SALE_SCOPES,
)
