"""The file that replaces SUNAT's proposal: one voucher a line, its fields divided by pipes, and the name it must have.

The file lies in a zip of the same name. It holds what is a sale in law: facturas, boletas and their notes; a purchase
settlement (04) belongs in the register of purchases, certificates and guides in neither.
Source: annex 3 of RS 112-2021/SUNAT as changed by RS 040-2022/SUNAT.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sunat.money import plain
from sunat.numbering import VoucherId
from sunat.rvie.entry import Entry

KINDS: Final = ("01", "03", "07", "08")
"""The kinds of catalogue 01 that the register of sales has."""

_BOOK: Final = "140400"
_REPLACES: Final = "02"
_MARK: Final = "|"
_LONGEST_NAME: Final = 1500


def car(voucher: VoucherId) -> str:
    """The code under which SUNAT's register knows a voucher.

    >>> car(VoucherId(ruc="20100066603", type_code="01", series="F001", number=87))
    '2010006660301F0010000000087'
    """
    return f"{voucher.ruc}{voucher.type_code}{voucher.series}{voucher.number:010d}"


def file_name(ruc: str, period: str, *, empty: bool) -> str:
    """The name without its ending; ``period`` is ``YYYYMM``. A month without entries is told in the name.

    >>> file_name("20100066603", "202611", empty=False)
    'LE2010006660320261100140400021112'
    """
    return f"LE{ruc}{period}00{_BOOK}{_REPLACES}1{0 if empty else 1}12"


def line_of(entry: Entry) -> str:
    """An entry as its line: 33 fields, a pipe after each, without an end of line."""
    voucher, modified = entry.voucher, entry.modified
    cells = (
        voucher.ruc, _text(entry.issuer_name), entry.period, car(voucher), _day(entry.issue_date),
        _day(entry.due_date), voucher.type_code, voucher.series, str(voucher.number), "",
        entry.receiver_code, _text(entry.receiver_number), _text(entry.receiver_name),
        *(plain(amount) for amount in entry.shares.amounts), plain(entry.shares.total),
        entry.currency, f"{entry.rate:.3f}",
        *(("", "", "", "") if modified is None else
          (_day(modified.issue_date), modified.kind, modified.series, str(modified.number))),
        "",
    )
    return _MARK.join(cells) + _MARK


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"


def _text(text: str) -> str:
    """A text without what divides fields and lines."""
    return " ".join(text.replace(_MARK, " ").split())[:_LONGEST_NAME]
