"""Series, numbers and file names: how SUNAT tells one voucher from another.

A voucher is (RUC, type, series, number); the number is an integer from 1 to 99,999,999 and ``F001-87`` is the same
voucher as ``F001-00000087``. A summary (RC, RA, RR) is (RUC, kind, day of generation, number 1 to 99,999).

Source: rule 1001 (form of cbc:ID) and 0151/0159 (file names) of the workbook of 2026-02-12, rule 3441 for the series of
SUNAT's portal; programmer's manuals of the SEE.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from sunat.errors import FormatError

MAX_NUMBER: Final = 99_999_999
"""The last number of a series: eight digits."""

MAX_SUMMARY_NUMBER: Final = 99_999
"""The last number of a day's summaries of one kind: five digits."""

SummaryKind = Literal["RC", "RA", "RR"]
"""Daily summary of boletas, voided vouchers, reversal of retentions and perceptions."""

_SUMMARY_KINDS: Final[tuple[SummaryKind, ...]] = ("RC", "RA", "RR")
_RUC = re.compile(r"[12][0-9]{10}")
_CONTINGENCY = re.compile(r"[0-9]{1,4}")
_PORTAL = re.compile(r"E001|EB01|EG0[1-7]")
_REFERENCE = re.compile(r"(?P<series>[A-Z][A-Z0-9]{3}|[0-9]{1,4})-(?P<number>[0-9]{1,8})")
_SUMMARY = re.compile(r"(?P<kind>RC|RA|RR)-(?P<date>[0-9]{8})-(?P<number>[0-9]{1,5})")
_FILE = re.compile(r"(?P<ruc>[12][0-9]{10})-(?P<rest>[A-Z0-9]+-[A-Z0-9]+-[0-9]+)(?:\.(?:xml|XML|zip|ZIP))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFormat:
    """How the series of one voucher type are written.

    ``letters`` are the first characters to choose from, three characters A-Z or 0-9 follow; ``contingency`` says
    whether pre-printed paper series of 1 to 4 digits exist too; ``portal`` are the series that SUNAT's own portal
    numbers: they occur in references and can never be ours.
    """

    type_code: str
    letters: str
    contingency: bool
    portal: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """The series that are ours to number by themselves, as a regular expression (contingency left out)."""
        return f"[{self.letters}][A-Z0-9]{{3}}"

    def numbered(self, series: str) -> bool:
        """Whether the series takes numbers that we allocate.

        >>> SERIES_FORMATS["01"].numbered("F001"), SERIES_FORMATS["01"].numbered("0001")
        (True, False)
        """
        return len(series) == 4 and re.fullmatch(self.pattern, series) is not None

    def matches(self, series: str) -> bool:
        """Whether the series may stand on a voucher of this type that we issue: numbered, or contingency.

        >>> SERIES_FORMATS["03"].matches("B001"), SERIES_FORMATS["03"].matches("F001")
        (True, False)
        >>> SERIES_FORMATS["01"].matches("E001")
        False
        """
        return self.numbered(series) or (self.contingency and is_contingency(series))

    def may_refer_to(self, series: str) -> bool:
        """Whether a voucher of this type may exist at SUNAT under the series: ours, contingency or the portal's."""
        return self.matches(series) or series in self.portal

    def explain(self, language: Literal["es", "en"] = "es") -> str:
        """The form in words for a person, in Spanish or English.

        >>> SERIES_FORMATS["01"].explain("en")
        'F and three capital letters or digits (F001), or a contingency series of 1 to 4 digits'
        """
        either, follow, paper = _WORDS[language]
        text = f"{either.join(self.letters)} {follow} ({self.letters[0]}001)"
        return f"{text}, {paper}" if self.contingency else text


_WORDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "es": (
        " o ", "y tres letras mayúsculas o dígitos",
        "o una serie de contingencia de 1 a 4 dígitos",
    ),
    "en": (" or ", "and three capital letters or digits", "or a contingency series of 1 to 4 digits"),
}

SERIES_FORMATS: Final[Mapping[str, SeriesFormat]] = MappingProxyType({
    form.type_code: form
    for form in (
        SeriesFormat(type_code="01", letters="F", contingency=True, portal=("E001",)),
        SeriesFormat(type_code="03", letters="B", contingency=True, portal=("EB01",)),
        SeriesFormat(type_code="04", letters="L", contingency=True, portal=("E001",)),
        SeriesFormat(type_code="07", letters="FB", contingency=True, portal=("E001", "EB01")),
        SeriesFormat(type_code="08", letters="FB", contingency=True, portal=("E001", "EB01")),
        SeriesFormat(type_code="09", letters="T", contingency=False, portal=("EG01", "EG02", "EG07")),
        SeriesFormat(type_code="20", letters="R", contingency=True, portal=("E001",)),
        SeriesFormat(type_code="31", letters="V", contingency=False, portal=("EG03", "EG04")),
        SeriesFormat(type_code="40", letters="P", contingency=True, portal=("E001",)),
    )
})
"""The form of the series by type of catalogue 01, for every type that is sent to SUNAT voucher by voucher."""


def is_contingency(series: str) -> bool:
    """Whether the series is one of pre-printed paper: 1 to 4 digits. Its numbers are given, never allocated.

    >>> is_contingency("0001"), is_contingency("F001")
    (True, False)
    """
    return _CONTINGENCY.fullmatch(series) is not None


def is_portal(series: str) -> bool:
    """Whether the series belongs to SUNAT's portal, which numbers it itself.

    >>> is_portal("E001"), is_portal("EB01"), is_portal("F001")
    (True, True, False)
    """
    return _PORTAL.fullmatch(series) is not None


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


def remaining(number: int) -> int:
    """How many numbers the series still has after this one, which may be 0 for a series never used.

    >>> remaining(99_999_990)
    9
    """
    return max(MAX_NUMBER - number, 0)


def near_end(number: int) -> bool:
    """Whether 99 % of the series is used up at this number: time to register its successor.

    >>> near_end(98_999_999), near_end(99_000_000)
    (False, True)
    """
    return number * 100 >= MAX_NUMBER * 99


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
        return f"{self.kind}-{self.date:%Y%m%d}-{self.number}"

    @property
    def file_name(self) -> str:
        """``20123456786-RC-20261120-1``: the name of the XML and of its zip, without extension."""
        return f"{self.ruc}-{self.text}"


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
