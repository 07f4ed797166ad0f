"""The legal moves of every kind of voucher: what may be voided, corrected or replaced, how, until when, what follows.

One row for a kind, a form of its series and an act; ``chasqui moves`` prints them. Terms are calendar days counted
from the day after the issue date, in Lima. Sources: validation workbook of 2026-02-12, sheets Comunicación de baja,
Resumen diario and Resumen de reversiones (2957, 2958); programmer's manual of the SEE 4.1 (exceptions and rejections);
RS 097-2012, 300-2014 and 274-2015/SUNAT; RS 123-2022/SUNAT for guides, whose voiding is done at the SOL portal alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from sunat.numbering import is_contingency

VOID_DAYS: Final = 7


class Act(StrEnum):
    """What somebody wants to do with a voucher that has its number."""

    VOID = "void"
    CORRECT = "correct"
    REPLACE = "replace"


class Way(StrEnum):
    """How it is done."""

    RA = "RA"
    RC = "RC"
    RR = "RR"
    EDITION = "edition"
    NEXT_NUMBER = "next_number"
    PORTAL = "portal"


FORMS: Final = {
    "F": "serie F", "B": "serie B", "R": "serie R", "P": "serie P", "L": "serie L", "T": "serie T", "V": "serie V",
    "0F": "serie numérica, de factura", "0B": "serie numérica, de boleta", "0": "serie numérica",
}
"""The forms of series that move differently: their first letter; pre-printed paper by what it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A legal move: ``days`` is its term, None where the law sets none; ``after`` says when it is open."""

    type_code: str
    form: str
    act: Act
    way: Way
    days: int | None
    after_es: str
    after_en: str
    follows_es: str
    follows_en: str

    def last_day(self, issued: date) -> date | None:
        """The last day (Lima) on which it may be done, None where there is no term."""
        return None if self.days is None else issued + timedelta(days=self.days)


def _void(type_code: str, form: str, way: Way, days: int | None = VOID_DAYS) -> Move:
    told = {
        Way.RA: ("va en una comunicación de baja", "it goes in a communication of voided vouchers"),
        Way.RC: ("va en un resumen diario, condición 3", "it goes in a daily summary, condition 3"),
        Way.RR: ("va en un resumen de reversiones", "it goes in a summary of reversals"),
        Way.PORTAL: ("se da de baja en el portal SOL y se anota con /external-void",
                     "it is voided at the SOL portal and noted with /external-void"),
    }
    es, en = told[way]
    return Move(
        type_code=type_code, form=form, act=Act.VOID, way=way, days=days, after_es="aceptado por SUNAT",
        after_en="accepted by SUNAT", follows_es=f"{es}; su número queda usado",
        follows_en=f"{en}; its number stays used",
    )


def _correct(type_code: str, form: str) -> Move:
    return Move(
        type_code=type_code, form=form, act=Act.CORRECT, way=Way.EDITION, days=None,
        after_es="rechazado sin constancia, y SUNAT con certeza no lo tiene",
        after_en="refused without a CDR, and SUNAT surely does not hold it",
        follows_es="otra edición, con el mismo número", follows_en="another edition, under the same number",
    )


def _replace(type_code: str, form: str) -> Move:
    return Move(
        type_code=type_code, form=form, act=Act.REPLACE, way=Way.NEXT_NUMBER, days=None,
        after_es="rechazado con constancia, o vencido", after_en="rejected by CDR, or lapsed",
        follows_es="otro comprobante con el número siguiente, enlazado", follows_en="another voucher with the next "
        "number, linked",
    )


_VOIDS: Final = (
    _void("01", "F", Way.RA), _void("01", "0F", Way.RA, None),
    _void("03", "B", Way.RC), _void("03", "0B", Way.RC, None),
    *(
        move for code in ("07", "08") for move in (
            _void(code, "F", Way.RA), _void(code, "0F", Way.RA, None),
            _void(code, "B", Way.RC), _void(code, "0B", Way.RC, None),
        )
    ),
    *(
        move for code, letter in (("20", "R"), ("40", "P"), ("04", "L")) for move in (
            _void(code, letter, Way.RR), _void(code, "0", Way.RR, None),
        )
    ),
    _void("09", "T", Way.PORTAL, None), _void("31", "V", Way.PORTAL, None),
)
MOVES: Final = tuple(
    move for void in _VOIDS
    for move in (void, _correct(void.type_code, void.form), _replace(void.type_code, void.form))
)
"""Every legal move. A retention or perception is not reversed once it is paid, and never by an OSE."""

_BY_WHAT: Final = {(move.type_code, move.form, move.act): move for move in MOVES}
_SIDES: Final = {"01": "0F", "03": "0B"}
_NOTES: Final = ("07", "08")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What undoes a voucher that can no longer be voided: a note (its kind and reason), and in words."""

    type_code: str
    reason: str
    es: str
    en: str


_CREDIT: Final = Instead(
    type_code="07", reason="01", es="Emita una nota de crédito, motivo 01 (anulación de la operación)",
    en="Issue a credit note, reason 01 (the operation is annulled)",
)
_INSTEAD: Final = {
    "01": _CREDIT, "03": _CREDIT,
    "07": Instead(
        type_code="08", reason="03", es="Emita una nota de débito sobre el comprobante que esta nota modificó",
        en="Issue a debit note on the document that this note changed",
    ),
    "08": Instead(
        type_code="07", reason="10", es="Emita una nota de crédito sobre el comprobante que esta nota modificó",
        en="Issue a credit note on the document that this note changed",
    ),
}


def form_of(type_code: str, series: str, target_type: str = "") -> str:
    """The form of a series (`FORMS`); ``target_type`` is the kind of voucher that a note of paper changes.

    >>> form_of("07", "0001", "03"), form_of("01", "F001")
    ('0B', 'F')
    """
    if not is_contingency(series):
        return series[:1]
    if type_code in _NOTES:
        return "0B" if target_type == "03" else "0F"
    return _SIDES.get(type_code, "0")


def move_of(type_code: str, form: str, act: Act) -> Move | None:
    """The move for a kind and form of series, None where there is none (a series of the portal, an unknown kind)."""
    return _BY_WHAT.get((type_code, form, act))


def instead_of(type_code: str) -> Instead | None:
    """What undoes a voucher that can no longer be voided, None where the law knows nothing."""
    return _INSTEAD.get(type_code)


def printed() -> tuple[str, ...]:
    """The table as lines for people."""
    lines = [f"{'TIPO':5} {'SERIE':27} {'QUÉ / ACT':9} {'CÓMO / HOW':12} {'DÍAS':5} CUÁNDO; QUÉ SIGUE"]
    for move in MOVES:
        days = "-" if move.days is None else str(move.days)
        lines.append(
            f"{move.type_code:5} {FORMS[move.form]:27} {move.act:9} {move.way:12} {days:5} "
            f"{move.after_es}; {move.follows_es}"
        )
        lines.append(f"{'':63}{move.after_en}; {move.follows_en}")
    return tuple(lines)
