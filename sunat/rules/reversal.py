"""The rules of reversals (RR). Source: SUNAT's validation workbook, 2026-02-12, sheet Resumen de reversiones."""

from __future__ import annotations

from typing import Final

from sunat.rules import communication, paths
from sunat.rules.checks import one_of
from sunat.rules.conditions import has, is_, like
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.voided import LINES, SERIES, TYPE, series, term

RULES: Final = RuleTable(
    "RR", "VoidedDocuments",
    (
        *communication.head(version="1.0", future="2301", type_missing="2288", type_wrong="2287"), *LINES,
        Rule("2308", TYPE, one_of("20", "40", "04"), when=has(TYPE)),
        series("2674", "R", is_(TYPE, "20")),
        series("2675", "P", is_(TYPE, "40")),
        series("2345", "L", is_(TYPE, "04")),
        term("2958", SERIES, is_(TYPE, "04") & like(SERIES, "[^0-9].*")),
    ),
    short=paths.VOIDED, scopes=paths.VOIDED_SCOPES,
)
