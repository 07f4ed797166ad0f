"""What credit and debit notes share: the voucher they change, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.documents.schemas.reading import Reading
from app.problems import Text
from app.wire.document_types import type_of
from sunat.documents import Target
from sunat.documents.note_reasons import Reason
from sunat.errors import FormatError
from sunat.numbering import parse_number

FindTarget = Callable[[int], Target | None]
"""Finds a voucher of the account by the id the contract gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReading:
    """A note's own members; ``target`` is None where its reason needs none and the caller names none."""

    reason_code: str
    reason_text: str
    target: Target | None

    def may_be_anonymous(self, reading: Reading) -> bool:
        """Whether its customer may stay unnamed: a boleta's, by what it changes or else by its own series."""
        if self.target is None:
            return reading.series.startswith(_OF_BOLETAS)
        return self.target.type_code == _BOLETA


_BOLETA: Final = "03"
_OF_BOLETAS: Final = "B"
_NUMBERED: Final = ("01", "03", "07", "08")
_LONGEST_SERIES: Final = 20
_NOWHERE: Final = Target(type_code="", series="", number=0)
_EXAMPLE: Final = Text(
    "Por ejemplo reference_number F001-87 o F001-00000087", "For example reference_number F001-87 or F001-00000087"
)


def read_note(reading: Reading, find_target: FindTarget, reasons: Mapping[str, Reason]) -> NoteReading:
    """Reads reason and target; what is wrong is noted in ``reading``. ``reasons`` are those of the note's kind."""
    rows = reading.references
    if len(rows) > 1:
        reading.refuse(
            "CHQ-REFERENCES", "/references/1", "La nota modifica un solo comprobante", "A note changes one voucher",
            Text("Emita una nota por comprobante", "Issue one note for each voucher"),
        )
    first = rows[0] if rows else {}
    told = reading.pe_header.get("note", {})
    code = _two_digits(told.get("reason_code") or first.get("reference_code", ""))
    alone = code in reasons and reasons[code].alone
    if not rows and not alone:
        reading.refuse(
            "2524", "/references", "La nota debe indicar el comprobante que modifica",
            "The note must name the voucher it changes", _EXAMPLE,
        )
        return NoteReading(reason_code="", reason_text="", target=_NOWHERE)
    others = {_two_digits(row["reference_code"]) for row in rows if row.get("reference_code")}
    if len(others | {code}) > 1 and code:
        reading.refuse(
            "CHQ-REASON", "/references/0/reference_code", "La nota tiene un solo motivo", "A note has one reason",
            Text("Deje un solo reference_code", "Leave one reference_code"),
        )
    if not code:
        reading.refuse(
            "2128", "/references/0/reference_code", "Falta el motivo de la nota", "The note's reason is missing",
            Text("Use un código del catálogo 09 (crédito) o 10 (débito)",
                 "Use a code of catalogue 09 (credit) or 10 (debit)"),
        )
    text = told.get("reason_text") or first.get("description", "")
    if not text:
        pointer = "/references/0/description" if rows else "/header/additional/pe_header/note/reason_text"
        reading.refuse(
            "2136", pointer, "Falta el sustento de la nota", "The note's reason text is missing",
            Text("Explique el motivo en description", "Explain the reason in description") if rows else
            Text("Explique el motivo en reason_text", "Explain the reason in reason_text"),
        )
    target = None if alone and not _names_a_voucher(first) else _target(reading, first, find_target)
    return NoteReading(reason_code=code, reason_text=text, target=target)


def _names_a_voucher(row: Mapping[str, Any]) -> bool:
    return any(row.get(name) is not None for name in ("reference_number", "reference_document_id", "series"))


def _two_digits(code: str) -> str:
    return code.zfill(2) if code.isdigit() else code


def _target(reading: Reading, row: Mapping[str, Any], find_target: FindTarget) -> Target:
    number, document_id = row.get("reference_number"), row.get("reference_document_id")
    if (number is None) == (document_id is None):
        reading.refuse(
            "REFERENCE", "/references/0",
            "Indique el comprobante por reference_number o por reference_document_id, uno de los dos",
            "Name the voucher by reference_number or by reference_document_id, one of the two", _EXAMPLE,
        )
        return _NOWHERE
    if document_id is not None:
        found = find_target(document_id)
        if found is None:
            reading.refuse(
                "DOCUMENT_NOT_FOUND", "/references/0/reference_document_id", "Ese comprobante no existe en la cuenta",
                "The account has no such document",
                Text("Búsquelo con GET /V1/documents, o use reference_number",
                     "Find it with GET /V1/documents, or use reference_number"),
            )
        return found or _NOWHERE
    type_code = type_code_of(reading, row, 0)
    written = f"{row['series']}-{number}" if row.get("series") else str(number)
    if type_code and type_code not in _NUMBERED:
        return _paper(type_code, written, row)
    try:
        series, integer = parse_number(written)
    except FormatError:
        reading.refuse(
            "2117", "/references/0/reference_number", f"{number!r} no es serie y número de un comprobante",
            f"{number!r} is not series and number of a voucher",
            _EXAMPLE,
        )
        return _NOWHERE
    return Target(type_code=type_code, series=series, number=integer, issue_date=row.get("reference_date"))


def _paper(type_code: str, written: str, row: Mapping[str, Any]) -> Target:
    """What is no voucher of SUNAT's numbering (a cash register's ticket, a bank's paper): it is named as printed."""
    series, _, tail = written.rpartition("-")
    number = int(tail) if re.fullmatch(r"[0-9]{1,8}", tail) else 0
    return Target(
        type_code=type_code, series=series[:_LONGEST_SERIES], number=number, written=written,
        issue_date=row.get("reference_date"),
    )


def type_code_of(reading: Reading, row: Mapping[str, Any], index: int) -> str:
    """SUNAT's code of the voucher that a row of the references names; "" where what is wrong is noted."""
    told: str = row.get("document_type_taxbureau", "")
    if told:
        return told
    known = type_of(row.get("document_type_id", ""))
    if known is None:
        reading.refuse(
            "UNKNOWN_DOCUMENT_TYPE", f"/references/{index}/document_type_id", "No existe ese tipo de documento",
            "There is no such document type",
            Text("96 factura, 97 boleta, o el código de SUNAT en document_type_taxbureau",
                 "96 factura, 97 boleta, or SUNAT's code in document_type_taxbureau"),
        )
        return ""
    return known.sunat_code
