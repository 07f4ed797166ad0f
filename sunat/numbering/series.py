"""How series are written, per voucher type, and where they end.

Source: rule 1001 (form of cbc:ID) of each type in the workbook of 2026-02-12 and of the GRE workbook of 2022-10-20;
rules 2117 and 3441 for the series of SUNAT's portal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

MAX_NUMBER: Final = 99_999_999
"""The last number of a series: eight digits."""

_CONTINGENCY = re.compile(r"[0-9]{1,4}")
_PORTAL = re.compile(r"E001|EB01|EG0[1-7]")


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
