"""The rules of the certificate of retention (20). Source: SUNAT's validation workbook, 2026-02-12, sheet Retención."""

from __future__ import annotations

from typing import Final

from sunat.rules import norms, paths, withholding
from sunat.rules.checks import holds, matches, one_of, present
from sunat.rules.conditions import has, is_, is_not
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.withholding import TYPE, not_the_agent

_SIX_PERCENT_UNTIL: Final = "2014-02-28"


def _still_six(view: View) -> bool:
    return view.text("cbc:IssueDate") <= _SIX_PERCENT_UNTIL


OWN: Final = (
    Rule("1001", "cbc:ID", matches(
        "R[A-Z0-9]{3}-[0-9]{1,8}|[0-9]{1,4}-[0-9]{1,8}", "una serie que empieza con R y un número (R001-123)",
        "a series that starts with R and a number (R001-123)")),
    Rule("2723", "customer/identity", present()),
    Rule("2724", "customer/identity", matches("[0-9]{11}", "11 dígitos", "11 digits"), when=has("customer/identity")),
    not_the_agent("2620", "Indique el RUC del proveedor.", "Give the supplier's RUC."),
    Rule("2511", "customer/identity/@schemeID", one_of("6"), when=has("customer/identity/@schemeID")),
    Rule("2692", TYPE, one_of("01", "12", "07", "08", "20"), when=has(TYPE)),
    Rule("2694", "line/cbc:ID", matches(
        "(E001|[FR][A-Z0-9]{3}|[0-9]{4})-(?!0+$)[0-9]{1,8}", "serie y número (F001-123)",
        "series and number (F001-123)"), when=is_not(TYPE, "12") & has("line/cbc:ID")),
    Rule("2985", "line/cbc:IssueDate", holds(
        _still_six, ("es posterior al 28/02/2014, último día de la tasa de 6 %",
                     "is after 2014-02-28, the last day of the 6 % rate"),
        ("Use el régimen 01 (3 %).", "Use regime 01 (3 %).")), when=is_("system", "02")),
)

RULES: Final = RuleTable(
    "20", "Retention",
    (*withholding.rows(withholding.RETENTION, regimes="23", other="20", added=False), *OWN, *norms.PARTIES),
    short=paths.RETENTION, scopes=paths.WITHHOLDING_SCOPES,
)
