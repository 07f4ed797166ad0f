"""Rows that daily summaries (RC), voidings (RA) and reversals (RR) share: file, days, issuer, line numbers.

Source: validation workbook of 2026-02-12, sheets Resumen diario, Comunicación de baja and Resumen de reversiones.
"""

from __future__ import annotations

from typing import Final

from sunat.errors import FormatError
from sunat.numbering import SummaryId, parse_file_name
from sunat.numbering.identifiers import parse_summary
from sunat.rules.checks import fits, holds, matches, not_after, present, text
from sunat.rules.conditions import has
from sunat.rules.document import View
from sunat.rules.engine import Rule

_RENAME: Final = (
    "Nombre el archivo RUC-RC, RA o RR-AAAAMMDD-número con los datos de la comunicación.",
    "Name the file RUC-RC, RA or RR-YYYYMMDD-number after the communication.",
)


def _named(view: View) -> SummaryId | None:
    """What the file calls itself; None where there is no file, or its name is not one (a finding of its own)."""
    name = view.document.context.file_name
    try:
        found = parse_file_name(name) if name else None
    except FormatError:
        return None
    return found if isinstance(found, SummaryId) else None


def _same_id(view: View) -> bool:
    named = _named(view)
    if named is None:
        return view.document.context.file_name is None
    try:
        return parse_summary(named.ruc, view.text("cbc:ID")) == named
    except FormatError:
        return False


def _same_day(view: View) -> bool:
    named = _named(view)
    return named is None or view.text("cbc:IssueDate") == named.date.isoformat()


def _same_ruc(view: View) -> bool:
    named = _named(view)
    return named is None or view.text("supplier/identity") == named.ruc


def head(*, version: str, future: str, type_missing: str, type_wrong: str) -> tuple[Rule, ...]:
    """The rows about file, days and issuer. The codes that differ between the kinds are given."""
    issuer = "supplier/cbc:AdditionalAccountID"
    return (
        Rule("2075", "cbc:UBLVersionID", present()),
        Rule("2074", "cbc:UBLVersionID", matches(r"2\.0", "2.0", "2.0"), when=has("cbc:UBLVersionID")),
        Rule("2072", "cbc:CustomizationID", matches(version.replace(".", r"\."), version, version)),
        Rule("2220", "cbc:ID", holds(
            _same_id, ("difiere del nombre del archivo", "differs from the file's name"), _RENAME), scope=""),
        Rule("2346", "cbc:IssueDate", holds(
            _same_day, ("difiere de la fecha del nombre del archivo", "differs from the day in the file's name"),
            _RENAME), scope=""),
        Rule(future, "cbc:IssueDate", not_after(0)),
        Rule("2671", "cbc:ReferenceDate", fits(
            "cbc:IssueDate", lambda mine, made: mine <= made, "es posterior a la fecha de generación",
            "is after the day of generation")),
        Rule("1034", "supplier/identity", holds(
            _same_ruc, ("el RUC difiere del nombre del archivo", "the RUC differs from the file's name"), _RENAME),
            scope=""),
        Rule(type_missing, issuer, present()),
        Rule(type_wrong, issuer, matches("6", "6 (RUC)", "6 (RUC)"), when=has(issuer)),
        Rule("2229", "supplier/legal/cbc:RegistrationName", present()),
        Rule("2228", "supplier/legal/cbc:RegistrationName", text(3, 100),
             when=has("supplier/legal/cbc:RegistrationName")),
    )

