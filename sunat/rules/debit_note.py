"""The rules of the debit note (08). Source: SUNAT's validation workbook, 2026-02-12, sheet Nota de débito."""

from __future__ import annotations

from datetime import date
from typing import Final

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
from sunat.rules.checks import exists, includes, nonzero, one_of, present, zero
from sunat.rules.conditions import is_, somewhere, there
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.rows import observation

PENALTY: Final = "03"
"""Catalogue 10: penalties and other concepts, which need no modified voucher."""

PENALTIES_FROM: Final = date(2026, 8, 26)
"""The edition that published 3507, which no observation went before."""

OWN: Final = (
    *notes.reason("10", ()),
    *notes.targets(form="2205", as_factura="2204", as_boleta="2400", free_motive=PENALTY),
    Rule("2188", "line/quantity/@unitCode", present(), when=there("line/quantity")),
    observation("4009", "related/cbc:DocumentTypeCode", one_of("04", "05", "99")),
    Rule("2643", "line/taxes/cbc:TaxableAmount", nonzero(),
         when=is_("motive", "12") & is_("line/taxes/tribute", "1016")),
    Rule("3101", "line/taxes/percent", zero(), when=is_("line/taxes/tribute", "9995", "9997", "9998")),
    Rule("2373", "line/taxes/cac:TaxCategory/cbc:TierRange", exists(), when=is_("line/taxes/tribute", "2000")),
    Rule("3313", "means/cbc:ID", includes("Detraccion"), scope="", when=somewhere(is_("terms/cbc:ID", "Detraccion"))),
    Rule("3314", "terms/cbc:ID", includes("Detraccion"), scope="", when=somewhere(is_("means/cbc:ID", "Detraccion"))),
    Rule("3507", "line/taxes/affectation", one_of("30", "31", "32", "33", "34", "35", "36", "37"),
         when=is_("motive", "13"), valid_from=PENALTIES_FROM),
    *payment.DETRACTION_FORMS,
    Rule("3127", "terms/cbc:PaymentMeansID", present(), when=is_("terms/cbc:ID", "Detraccion")),
)

RULES: Final = RuleTable(
    "08", "DebitNote",
    (
        *general.FILE, *general.ISSUER, *general.SUPERVISED_NOTE, *structure.SALE, *structure.NOTE, *structure.VALUED,
        *sale.HEADER, *notes.NOTE_HEADER, *OWN, *sale.currency_rows(*sale.NOTE_MONEY),
        *sale_lines.LINES, *notes.NOTE_LINES, *sale_lines.igv_rows(nrus=False, modified=True),
        *sale_lines.main_tribute(), *sale_lines.bag_rate(),
        *sale_totals.TAX_TOTALS,
        *sale_totals.by_target(
            (*sale_totals.SUMS, sale_totals.FREE_TAX, sale_totals.UNIT_PRICE, *sale_totals.NOTE_SUMS)
        ),
        *concepts.HOUSING, *concepts.NOTE_FORM, *descriptive.SALE, *descriptive.DEBIT_NOTE, *norms.PARTIES,
        *norms.DETRACTION_ROWS,
    ),
    short=paths.DEBIT_NOTE, scopes=paths.SALE_SCOPES,
)
