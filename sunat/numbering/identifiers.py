"""The identities of vouchers and summaries, and the texts they are read from.

Source: rules 0151 and 0159 (file names), 1001 (cbc:ID) and 2117 (references) of the workbook of 2026-02-12.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from sunat.errors import FormatError
from sunat.numbering.series import MAX_NUMBER, SERIES_FORMATS

MAX_SUMMARY_NUMBER: Final = 99_999
"""The last number of a day's summaries of one kind: five digits."""

SummaryKind = Literal["RC", "RA", "RR"]
"""Daily summary of boletas, voided vouchers, reversal of retentions and perceptions."""

_SUMMARY_KINDS: Final[tuple[SummaryKind, ...]] = ("RC", "RA", "RR")
_RUC = re.compile(r"[12][0-9]{10}")
_REFERENCE = re.compile(r"(?P<series>[A-Z][A-Z0-9]{3}|[0-9]{1,4})-(?P<number>[0-9]{1,8})")
_SUMMARY = re.compile(r"(?P<kind>RC|RA|RR)-(?P<date>[0-9]{8})-(?P<number>[0-9]{1,5})")
_FILE = re.compile(r"(?P<ruc>[12][0-9]{10})-(?P<rest>[A-Z0-9]+-[A-Z0-9]+-[0-9]+)(?:\.(?:xml|XML|zip|ZIP))?")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VoucherId:
    """The identity of one voucher. Two are equal when SUNAT takes them for the same; they sort by number.

    >>> VoucherId(ruc="20123456786", type_code="01", series="F001", number=123).file_name
    '20123456786-01-F001-123'

    Raises FormatError where a part does not have its form. The check digit of the RUC is not looked at, as SUNAT
    does not either; the portal's series are let in, since references name them (``SeriesFormat.matches`` says what
    may be issued).
    """

    ruc: str
    type_code: str
    series: str
    number: int

    def __post_init__(self) -> None:
        _check_ruc(self.ruc)
        form = SERIES_FORMATS.get(self.type_code)
        if form is None:
            raise FormatError(f"{self.type_code!r} is not a voucher type with a series of its own")
        if not form.may_refer_to(self.series):
            raise FormatError(f"Series {self.series!r} does not fit type {self.type_code}: {form.explain('en')}")
        _check_range(self.number, MAX_NUMBER)

    @property
    def text(self) -> str:
        """``F001-123``: as in the XML, the file name and the QR text."""
        return f"{self.series}-{self.number}"

    @property
    def padded(self) -> str:
        """``F001-00000123``: as shown to people."""
        return f"{self.series}-{self.number:08d}"

    @property
    def file_name(self) -> str:
        """``20123456786-01-F001-123``: the name of the XML and of its zip, without extension."""
        return f"{self.ruc}-{self.type_code}-{self.text}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SummaryId:
    """The identity of one summary file: RC, RA or RR of a day.

    ``date`` is the day it was generated (Lima), not that of the vouchers in it.

    >>> SummaryId(ruc="20123456786", kind="RC", date=datetime.date(2026, 11, 20), number=1).text
    'RC-20261120-1'

    Raises FormatError where a part does not have its form.
    """

    ruc: str
    kind: SummaryKind
    date: datetime.date
    number: int

    def __post_init__(self) -> None:
        _check_ruc(self.ruc)
        if self.kind not in _SUMMARY_KINDS:
            raise FormatError(f"{self.kind!r} is not a kind of summary: {', '.join(_SUMMARY_KINDS)}")
        _check_range(self.number, MAX_SUMMARY_NUMBER)

    @property
    def text(self) -> str:
        """``RC-20261120-1``: as in cbc:ID."""
        day = self.date.isoformat().replace("-", "")
        return f"{self.kind}-{day}-{self.number}"

    @property
    def type_code(self) -> str:
        """``RC``, ``RA`` or ``RR``: what stands for the kind of voucher in the file name."""
        return self.kind

    @property
    def padded(self) -> str:
        """The same as ``text``: nobody pads it for people."""
        return self.text

    @property
    def file_name(self) -> str:
        """``20123456786-RC-20261120-1``: the name of the XML and of its zip, without extension."""
        return f"{self.ruc}-{self.text}"


def parse_number(text: str) -> tuple[str, int]:
    """Series and number out of ``F001-87`` or ``F001-00000087``, of any issuer: portal and contingency series too.

    >>> parse_number("F001-00000087")
    ('F001', 87)

    Raises FormatError for small letters, for more than eight digits and for a number of nothing but zeros.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise FormatError(f"{text!r} is not a voucher number: a series, a dash and 1 to 8 digits (F001-123)")
    number = int(match["number"])
    if number == 0:
        raise FormatError(f"{text!r} has the number zero: numbers start at 1")
    return match["series"], number


def parse_summary(ruc: str, text: str) -> SummaryId:
    """The identity behind the cbc:ID of a summary, which may pad its number: ``RC-20261120-001``.

    >>> parse_summary("20123456786", "RA-20261120-00012").number
    12

    Raises FormatError.
    """
    match = _SUMMARY.fullmatch(text)
    if match is None:
        raise FormatError(f"{text!r} is not the number of a summary: RC, RA or RR, a day and 1 to 5 digits")
    digits = match["date"]
    try:
        date = datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise FormatError(f"{text!r} names a day that the calendar does not have") from error
    kinds: Mapping[str, SummaryKind] = {kind: kind for kind in _SUMMARY_KINDS}
    return SummaryId(ruc=ruc, kind=kinds[match["kind"]], date=date, number=int(match["number"]))


def parse_file_name(name: str) -> VoucherId | SummaryId:
    """What a file sent to SUNAT calls itself, with or without its extension (.xml or .zip, all small or all capital).

    >>> parse_file_name("20123456786-01-F001-00000123.xml").text
    'F001-123'
    >>> parse_file_name("20123456786-RC-20261120-1.zip").text
    'RC-20261120-1'

    Raises FormatError, where SUNAT answers 0151 (zip) or 0159 (XML).
    """
    match = _FILE.fullmatch(name)
    if match is None:
        raise FormatError(f"{name!r} is not the name of a file for SUNAT: RUC-type-series-number")
    ruc, rest = match["ruc"], match["rest"]
    if rest.startswith(_SUMMARY_KINDS):
        return parse_summary(ruc, rest)
    type_code, _, numbered = rest.partition("-")
    series, number = parse_number(numbered)
    return VoucherId(ruc=ruc, type_code=type_code, series=series, number=number)


def _check_ruc(ruc: str) -> None:
    if not _RUC.fullmatch(ruc):
        raise FormatError(f"{ruc!r} cannot be a RUC: 11 digits, the first of them 1 or 2")


def _check_range(number: int, last: int) -> None:
    if not 1 <= number <= last:
        raise FormatError(f"Number {number} is outside 1 to {last}")
