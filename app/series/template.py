"""The language in which an internal series writes its numbers: literals and variables in braces, nothing else.

=========================  =======================================================
``{NUM}``, ``{NUM:n}``     the number, with the series' padding or padded to n digits
``{YEAR}``, ``{YY}``       year of the issue date (Lima), four or two digits
``{MONTH}``, ``{DAY}``     two digits each
``{CODE}``                 the series' code
``{PREFIX}``, ``{SUFFIX}`` the series' prefix and suffix
=========================  =======================================================

Aliases: ``{CODIGO}``, ``{YYYY}``, ``{MM}``, ``{SEQ3}`` ``{SEQ4}`` ``{SEQ5}``. Every variable but the number has a fixed
width under one configuration, and there is exactly one number, so two numbers never give the same text.
Source: `domain/numbering.md` 1.1 to 1.4 (INV-03, FRI-07, BEE-03, BEE-04, OPT-01).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.problems import Refused, Text

LONGEST_TEMPLATE: Final = 255
LONGEST_TEXT: Final = 200
MOST_DIGITS: Final = 12
ALPHABET: Final = "A-Za-z0-9/_.\\-"
"""The characters of literals, prefixes and suffixes, as a regular expression's class."""

_POINTER: Final = "/format"
_TOKEN: Final = re.compile(rf"\{{([^{{}}]*)\}}|([{ALPHABET}]+)|(.)", re.DOTALL)
_VARIABLES: Final = frozenset({"CODE", "PREFIX", "SUFFIX", "YEAR", "YY", "MONTH", "DAY", "NUM"})
_ALIASES: Final = {
    "CODIGO": "CODE", "YYYY": "YEAR", "MM": "MONTH", "SEQ3": "NUM:3", "SEQ4": "NUM:4", "SEQ5": "NUM:5",
}
_YEARS: Final = frozenset({"YEAR", "YY"})
_NEEDED: Final = {
    "NEVER": (), "ANNUAL": (_YEARS,), "MONTHLY": (_YEARS, {"MONTH"}), "DAILY": (_YEARS, {"MONTH"}, {"DAY"}),
}
_USUAL: Final = {
    "NEVER": "{PREFIX}{NUM}{SUFFIX}", "ANNUAL": "{PREFIX}{YEAR}-{NUM}{SUFFIX}",
    "MONTHLY": "{PREFIX}{YEAR}{MONTH}-{NUM}{SUFFIX}", "DAILY": "{PREFIX}{YEAR}{MONTH}{DAY}-{NUM}{SUFFIX}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The texts of a series that a template may name."""

    code: str = ""
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template read: literals and canonical variable names in turn, and the digits of ``{NUM:n}`` (else None)."""

    parts: tuple[tuple[str, bool], ...]
    digits: int | None

    @property
    def variables(self) -> frozenset[str]:
        """The canonical names of the variables in it."""
        return frozenset(text for text, variable in self.parts if variable)

    def padding(self, of_series: int) -> int:
        """How many digits the number has at least: the template's, else the series'."""
        return of_series if self.digits is None else self.digits

    def render(self, number: int, day: date, names: Names, *, padding: int) -> str:
        """The text of a number on a day (Lima). Padding adds zeros on the left and never cuts."""
        values = {
            "CODE": names.code, "PREFIX": names.prefix, "SUFFIX": names.suffix, "YEAR": f"{day.year:04d}",
            "YY": f"{day.year % 100:02d}", "MONTH": f"{day.month:02d}", "DAY": f"{day.day:02d}",
            "NUM": str(number).zfill(self.padding(padding)),
        }
        return "".join(values[text] if variable else text for text, variable in self.parts)

    def check_reset(self, reset: str) -> None:
        """Refuses a counter that starts anew without saying so in the text (BEE-11)."""
        if not all(self.variables & one_of for one_of in _NEEDED[reset]):
            raise Refused("FORMAT_RESET", Text(
                f"Un contador {reset} exige en el formato las partes de la fecha que lo reinician",
                f"A counter that is {reset} needs the parts of the date that restart it in the format",
            ), pointer=_POINTER, hint=Text(
                "ANNUAL: {YEAR}; MONTHLY: {YEAR} y {MONTH}; DAILY: además {DAY}",
                "ANNUAL: {YEAR}; MONTHLY: {YEAR} and {MONTH}; DAILY: {DAY} as well",
            ))


def parse(text: str) -> Template:
    """Reads a template. Raises Refused for unknown variables, foreign characters, and none or two numbers."""
    if not 1 <= len(text) <= LONGEST_TEMPLATE:
        raise _refused(f"de 1 a {LONGEST_TEMPLATE} caracteres", f"1 to {LONGEST_TEMPLATE} characters")
    parts: list[tuple[str, bool]] = []
    digits: list[int | None] = []
    for match in _TOKEN.finditer(text):
        variable, literal, foreign = match.groups()
        if foreign is not None:
            raise _refused(f"carácter no admitido {foreign!r}", f"character not allowed {foreign!r}")
        if literal is not None:
            parts.append((literal, False))
            continue
        name, _, width = _ALIASES.get(variable, variable).partition(":")
        if name not in _VARIABLES:
            raise _refused(f"variable desconocida {{{variable[:40]}}}", f"unknown variable {{{variable[:40]}}}")
        if name == "NUM":
            digits.append(_width(variable, width))
        elif ":" in variable:
            raise _refused(f"solo NUM lleva dígitos: {{{variable[:40]}}}", f"only NUM has digits: {{{variable[:40]}}}")
        parts.append((name, True))
    if len(digits) != 1:
        raise _refused("lleva el número exactamente una vez: {NUM}", "it has the number exactly once: {NUM}")
    return Template(parts=tuple(parts), digits=digits[0])


def usual(reset: str) -> str:
    """The template of a series that has none of its own: the date only where the counter restarts by it (OPT-02).

    >>> usual("NEVER"), usual("ANNUAL")
    ('{PREFIX}{NUM}{SUFFIX}', '{PREFIX}{YEAR}-{NUM}{SUFFIX}')
    """
    return _USUAL[reset]


def file_name(text: str) -> str:
    """The text as a file may be called: what some system does not take becomes a dash.

    >>> file_name("VENTAS/2026.001")
    'VENTAS-2026.001'
    """
    return re.sub(r"[^A-Za-z0-9_.\-]", "-", text).strip(".") or "-"


def _width(variable: str, width: str) -> int | None:
    if ":" not in variable and not width:
        return None
    if re.fullmatch(r"[1-9][0-9]?", width, re.ASCII) is None or int(width) > MOST_DIGITS:
        raise _refused(f"{{NUM:n}} lleva n de 1 a {MOST_DIGITS}", f"{{NUM:n}} has n from 1 to {MOST_DIGITS}")
    return int(width)


def _refused(es: str, en: str) -> Refused:
    return Refused("FORMAT", Text(f"El formato no sirve: {es}", f"The format is not valid: {en}"),
                   pointer=_POINTER, hint=Text(
        "Variables: {CODE} {PREFIX} {SUFFIX} {YEAR} {YY} {MONTH} {DAY} {NUM} {NUM:n}, en mayúsculas",
        "Variables: {CODE} {PREFIX} {SUFFIX} {YEAR} {YY} {MONTH} {DAY} {NUM} {NUM:n}, in capitals",
    ))
