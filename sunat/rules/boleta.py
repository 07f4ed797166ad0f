"""The rules of the boleta de venta (03). Source: SUNAT's validation workbook, 2026-02-12, sheet Boleta."""

from __future__ import annotations

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
from sunat.rules.checks import exists, in_catalogue, matches, none_of, not_before, one_of, present, text, zero
from sunat.rules.conditions import has, is_
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.rows import ELECTRONIC, EXPORTS, observation

OWN: Final = (
    Rule("1001", "cbc:ID", matches(
        "B[A-Z0-9]{3}-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "una serie que empieza con B y un número (B001-123)",
        "a series that starts with B and a number (B001-123)")),
    Rule("1079", "cbc:IssueDate", not_before(
        lambda context: context.boleta_days, "el plazo para enviarla sola", "the term for sending it by itself"),
        when=ELECTRONIC),
    *sale.issued_as("03"),
    observation("4198", "supplier/registered/cbc:AddressTypeCode", present()),
    observation("4199", "supplier/registered/cbc:AddressTypeCode", sale.KNOWN_ESTABLISHMENT),
    observation("4207", "customer/identity", matches("[0-9]{8}", "8 dígitos", "8 digits"),
                when=is_("customer/identity/@schemeID", "1")),
    observation("4208", "customer/identity", text(1, 15, blanks="none"),
                when=is_("customer/identity/@schemeID", "4", "7", "0", "A", "B", "C", "D", "E", "F", "G")),
    Rule("2800", "customer/identity/@schemeID", none_of("6"),
         when=is_("operation", *(code for code in EXPORTS if code != "0202"), "0401")),
    Rule("3206", "operation", in_catalogue("51", where=lambda code: catalogue("51")[code].flag("boleta")),
         when=has("operation")),
    observation("4009", "related/cbc:DocumentTypeCode", one_of("02", "03", "04", "05", "08", "09", "99"),
                when=has("related/cbc:ID")),
    Rule("3240", "line/taxes/cbc:TaxAmount", zero(), when=is_("operation", "0113") & is_("line/taxes/tribute", "7152")),
    observation("4212", "totals/cbc:LineExtensionAmount", exists()),
    observation("4317", "totals/cbc:TaxInclusiveAmount", exists()),
    *sale.selva(("4022", "4023", "4024", "4244")),
)

RULES: Final = RuleTable(
    "03", "Invoice",
    (
        *general.FILE, *general.ISSUER, *general.SUPERVISED_SALE, *structure.SALE, *structure.BILL,
        *sale.HEADER, *sale.INVOICE_HEADER, *OWN,
        *sale.currency_rows(*sale.NOTE_MONEY, *sale.INVOICE_MONEY),
        *sale_lines.LINES, *sale_lines.INVOICE_LINES, *sale_lines.igv_rows(nrus=True, modified=False),
        *sale_lines.main_tribute(exempted=("2100", "2101", "2102", "2103", "2104")), *sale_lines.bag_rate(),
        *sale_totals.TAX_TOTALS, *sale_totals.INVOICE_TAX_TOTALS, *sale_totals.GLOBAL_CHARGES,
        *sale_totals.observed(
            (*sale_totals.SUMS, sale_totals.FREE_TAX, sale_totals.UNIT_PRICE, *sale_totals.INVOICE_SUMS)
        ),
        *payment.BOLETA_TERMS, *payment.DETRACTIONS_ROWS, *payment.DETRACTION_FORMS, *payment.ADVANCES,
        *concepts.wanted(*(code for code in concepts.WANTED if code not in concepts.ONLY_INVOICE)),
        *concepts.BOLETA_FORM,
        *concepts.INVOICE_FORM, *concepts.PENSIONS, *cargo.ROWS,
        *descriptive.SALE, *descriptive.INVOICE, *norms.PARTIES, *norms.BOLETA,
        *norms.DETRACTION_ROWS,
    ),
    short=paths.INVOICE, scopes=paths.SALE_SCOPES,
)
