"""How long a voucher may wait before SUNAT must have it, as dated rows.

Days are calendar days counted from the day after the issue date, in Lima. A voucher of a paper series (all digits)
has no such term. Sources: RS 000003-2023/SUNAT for facturas and their notes (2108 when late); the validation
workbook of 2026-02-12 for boletas sent by themselves and their notes (1079 when late: a daily summary takes them);
RS 274-2015/SUNAT for certificates of retention and perception (2600); the workbook for purchase settlements (2108);
RS 123-2022/SUNAT and the validation workbook of guides of 2022-10-20 for guides: the day after the issue date at the
latest (2108).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sunat.numbering import is_contingency


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """Days after the issue date for vouchers of a kind whose series begins with ``letter``, from a date on."""

    type_code: str
    letter: str
    days: int
    valid_from: date
    late_code: str
    source: str


_RS_3_2023: Final = date(2023, 1, 5)
_RS_114_2019: Final = date(2019, 7, 1)
_RS_274_2015: Final = date(2016, 1, 1)
_RS_123_2022: Final = date(2022, 7, 13)
_RS_317_2017: Final = date(2018, 1, 1)

TERMS: Final = (
    *(
        Term(type_code=code, letter="F", days=3, valid_from=_RS_3_2023, late_code="2108", source="RS 000003-2023")
        for code in ("01", "07", "08")
    ),
    *(
        Term(type_code=code, letter="B", days=5, valid_from=_RS_114_2019, late_code="1079", source="RS 114-2019")
        for code in ("03", "07", "08")
    ),
    Term(type_code="04", letter="L", days=1, valid_from=_RS_317_2017, late_code="2108", source="RS 317-2017"),
    Term(type_code="20", letter="R", days=7, valid_from=_RS_274_2015, late_code="2600", source="RS 274-2015"),
    Term(type_code="40", letter="P", days=7, valid_from=_RS_274_2015, late_code="2600", source="RS 274-2015"),
    Term(type_code="09", letter="T", days=1, valid_from=_RS_123_2022, late_code="2108", source="RS 123-2022"),
    Term(type_code="31", letter="V", days=1, valid_from=_RS_123_2022, late_code="2108", source="RS 123-2022"),
)


def term_of(type_code: str, series: str, issued: date) -> Term | None:
    """The term that rules a voucher issued that day, the newest one first; None where there is none."""
    if is_contingency(series):
        return None
    rows = [
        row for row in TERMS
        if row.type_code == type_code and series.startswith(row.letter) and row.valid_from <= issued
    ]
    return max(rows, key=lambda row: row.valid_from, default=None)


def last_day(type_code: str, series: str, issued: date) -> date | None:
    """The last day (Lima) on which SUNAT takes the voucher by itself, or None where no term is known.

    >>> last_day("01", "F001", date(2026, 11, 20)).isoformat()
    '2026-11-23'
    """
    term = term_of(type_code, series, issued)
    return issued + timedelta(days=term.days) if term else None
