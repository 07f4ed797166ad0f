"""The rules of voidings (RA) and, from the same lines, of reversals (RR).

Source: SUNAT's validation workbook, 2026-02-12, sheets Comunicación de baja and Resumen de reversiones. Whether SUNAT
holds a voucher, and in which state, is asked of our ledger where a voiding is made.
"""

from __future__ import annotations

from typing import Final

from sunat.rules import communication, paths
from sunat.rules.checks import holds, matches, none_of, one_of, present, text, unique_by
from sunat.rules.comparisons import iso_date
from sunat.rules.conditions import When, has, is_, like
from sunat.rules.document import View
from sunat.rules.engine import Rule, RuleTable
from sunat.rules.rows import observation

TERM: Final = 7
"""Days after the issue of a voucher in which it may be voided."""

TYPE: Final = "line/cbc:DocumentTypeCode"
SERIES: Final = "line/series"
NUMBER: Final = "line/number"
_CONTINGENCY: Final = "[0-9]{1,4}"


def _in_time(view: View) -> bool:
    issued = iso_date(view.whole.text("cbc:ReferenceDate"))
    return issued is None or (view.document.context.received - issued).days <= TERM


def term(code: str, path: str, when: When) -> Rule:
    """The voucher is still young enough to be voided."""
    return Rule(code, path, holds(
        _in_time,
        (f"pasaron más de {TERM} días desde su emisión", f"more than {TERM} days have passed since its issue"),
        ("Emita una nota de crédito en lugar de la baja.", "Issue a credit note instead of voiding it."),
        "/cbc:ReferenceDate"), when=when, scope="line")


LINES: Final = (
    Rule("2307", "line/cbc:LineID", present()),
    Rule("2305", "line/cbc:LineID", matches("[0-9]{1,5}", "hasta 5 dígitos", "up to 5 digits"),
         when=has("line/cbc:LineID")),
    Rule("2306", "line/cbc:LineID", none_of("0", "00", "000", "0000", "00000")),
    Rule("2752", "line/cbc:LineID", unique_by(within="")),
    Rule("2309", TYPE, present()),
    Rule("2311", SERIES, present()),
    Rule("2313", NUMBER, present()),
    Rule("2312", NUMBER, matches("[0-9]{1,8}", "hasta 8 dígitos", "up to 8 digits"), when=has(NUMBER)),
    Rule("2348", "line", unique_by("cbc:DocumentTypeCode", "series", "number", within="")),
    Rule("2315", "line/why", present()),
    observation("4203", "line/why", text(3, 100_000), when=has("line/why")),
)
"""What every line says."""


def series(code: str, letter: str, when: When, *, contingency: bool = True) -> Rule:
    """The series of a voided voucher begins with a letter, or is one of pre-printed paper."""
    pattern = f"{letter}[A-Z0-9]{{3}}" + (f"|{_CONTINGENCY}" if contingency else "")
    return Rule(code, SERIES, matches(
        pattern, f"una serie que empieza con {letter} ({letter}001)",
        f"a series that starts with {letter} ({letter}001)"), when=when & has(SERIES))


RULES: Final = RuleTable(
    "RA", "VoidedDocuments",
    (
        *communication.head(version="1.0", future="2301", type_missing="2288", type_wrong="2287"), *LINES,
        Rule("2308", TYPE, one_of("01", "07", "08", "30", "34", "42"), when=has(TYPE)),
        Rule("2581", SERIES, matches(
            "[^S].*", "una serie que no sea de servicios públicos", "a series that is not of public services"),
            when=has(SERIES)),
        series("2310", "F", is_(TYPE, "01", "07", "08")),
        series("2310", "F", is_(TYPE, "30", "34", "42"), contingency=False),
        term("2957", NUMBER, like(SERIES, "[^0-9].*")),
    ),
    short=paths.VOIDED, scopes=paths.VOIDED_SCOPES,
)
