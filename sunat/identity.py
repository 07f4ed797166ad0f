"""Who is who: the RUC, the DNI and the other identity documents of catalogue 06.

Two questions are kept apart, because two authorities answer them. *Form* is what SUNAT's validator looks at (2017 for
a RUC, 2801 and 4207 for a DNI, 2802 and 4208 for the rest; workbook of 2026-02-12, sheets of 01 and 03): it never
computes a check digit. The *check digit* of a RUC (modulus 11) is asked for by us, under a code of our own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from stdnum.pe import ruc as stdnum_ruc

from sunat.errors import FormatError

DNI: Final = "1"
RUC: Final = "6"
NOBODY: Final = "-"
"""Codes of catalogue 06 that the program branches on; ``-`` stands for "no document" and is in no catalogue."""

RUC_PREFIXES: Final = ("10", "15", "16", "17", "20")
"""Persons (10), other persons and estates (15 16 17), companies and institutions (20)."""

ANONYMOUS_NAME: Final = "CLIENTES VARIOS"
"""The name that a boleta without an identified customer carries."""

_SEPARATORS = re.compile(r"[ \-.]")
_RUC = re.compile(r"[0-9]{11}")
_NAMELESS = frozenset({"", "-", ANONYMOUS_NAME, "CLIENTE VARIOS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityType:
    """One code of catalogue 06 and the form its numbers have on a voucher.

    ``short`` is the name to print in front of the number; ``form_es`` and ``form_en`` say the form to a person.
    """

    code: str
    short: str
    pattern: re.Pattern[str]
    form_es: str
    form_en: str

    def matches(self, number: str) -> bool:
        """Whether SUNAT would take the number as one of this kind, by its form alone."""
        return self.pattern.fullmatch(number) is not None


def _free(code: str, short: str) -> IdentityType:
    # SUNAT counts no fixed length for these: up to 15 characters of any kind, none of them white space.
    return IdentityType(
        code=code, short=short, pattern=re.compile(r"\S{1,15}"),
        form_es="de 1 a 15 caracteres sin espacios", form_en="1 to 15 characters without spaces",
    )


IDENTITY_TYPES: Final[Mapping[str, IdentityType]] = MappingProxyType({
    kind.code: kind
    for kind in (
        _free(NOBODY, "SIN DOCUMENTO"),
        _free("0", "DOC. TRIB. NO DOM."),
        IdentityType(
            code=DNI, short="DNI", pattern=re.compile(r"[0-9]{8}"), form_es="8 dígitos", form_en="8 digits",
        ),
        _free("4", "CE"),
        IdentityType(
            code=RUC, short="RUC", pattern=_RUC, form_es="11 dígitos", form_en="11 digits",
        ),
        _free("7", "PASAPORTE"),
        _free("A", "CÉD. DIPLOMÁTICA"),
        _free("B", "DOC. PAÍS RESIDENCIA"),
        _free("C", "TIN"),
        _free("D", "IN"),
        _free("E", "TAM"),
        _free("F", "PTP"),
        _free("G", "SALVOCONDUCTO"),
        _free("H", "CPP"),
    )
})
"""The form of a number by code of catalogue 06, and of ``-``."""


def compact_ruc(text: str) -> str:
    """The RUC without the blanks, points and dashes that people write into it; nothing is checked.

    >>> compact_ruc(" 20-12345678-6 ")
    '20123456786'
    """
    return _SEPARATORS.sub("", text.strip())


def validate_ruc(text: str) -> str:
    """The RUC as 11 digits: right length, a prefix in use, right check digit.

    >>> validate_ruc("20123456786")
    '20123456786'
    >>> validate_ruc("20123456785")
    Traceback (most recent call last):
        ...
    sunat.errors.FormatError: RUC 20123456785 has a wrong check digit: 6 was expected

    Raises FormatError.
    """
    number = compact_ruc(text)
    if not _RUC.fullmatch(number):
        raise FormatError(f"{text!r} is not a RUC: it takes 11 digits")
    if not number.startswith(RUC_PREFIXES):
        raise FormatError(f"RUC {number} does not start with {', '.join(RUC_PREFIXES)}")
    # The library's own validate() refuses prefix 16, which the register does hold; only its arithmetic is used.
    expected: str = stdnum_ruc.calc_check_digit(number[:10])
    if number[10] != expected:
        raise FormatError(f"RUC {number} has a wrong check digit: {expected} was expected")
    return number


def ruc_of_dni(number: str) -> str:
    """The RUC that a person with this DNI has, if he has one: 10, the DNI, the check digit.

    >>> ruc_of_dni("40123456")
    '10401234565'

    Raises FormatError as ``validate_dni``.
    """
    digits = f"10{validate_dni(number)}"
    return f"{digits}{stdnum_ruc.calc_check_digit(digits)}"


def is_ruc(text: str) -> bool:
    """Whether ``validate_ruc`` accepts the text.

    >>> is_ruc("20123456786"), is_ruc("20123456785")
    (True, False)
    """
    try:
        validate_ruc(text)
    except FormatError:
        return False
    return True


def validate_dni(text: str) -> str:
    """The DNI as 8 digits; its verification character is printed apart and no part of the number.

    >>> validate_dni(" 41234567 ")
    '41234567'

    Raises FormatError.
    """
    number = text.strip()
    if not IDENTITY_TYPES[DNI].matches(number):
        raise FormatError(f"{text!r} is not a DNI: it takes 8 digits")
    return number


def check_identity(code: str, number: str) -> str:
    """The number in the form its kind of document has; a RUC with its check digit proved.

    >>> check_identity("7", "AB123456")
    'AB123456'

    Raises FormatError for a code that catalogue 06 does not have and for a number that does not fit its code.
    """
    kind = IDENTITY_TYPES.get(code)
    if kind is None:
        raise FormatError(f"{code!r} is not a code of catalogue 06 (identity documents)")
    if code == RUC:
        return validate_ruc(number)
    given = number.strip()
    if not kind.matches(given):
        raise FormatError(f"{number!r} does not fit identity document {code} ({kind.short}): {kind.form_en}")
    return given


def identifies(code: str, number: str, name: str) -> bool:
    """Whether these three tell who the customer is, as a boleta above S/ 700.00 demands.

    They do not when the document is ``-``, the number is empty, ``-`` or nothing but zeros, or the name is missing
    or a stand-in such as CLIENTES VARIOS. Whether the number is a right one is another question: ``check_identity``.

    >>> identifies("1", "41234567", "Rosa Quispe")
    True
    >>> identifies("1", "00000000", "Rosa Quispe"), identifies("1", "41234567", "clientes varios")
    (False, False)

    Source: Reglamento de Comprobantes de Pago, art. 8 num. 3.10 (identification of the buyer in boletas).
    """
    if code in ("", NOBODY) or not number.strip(" -0"):
        return False
    return _plain(name) not in _NAMELESS


def _plain(name: str) -> str:
    """Upper case, no accents, single blanks, no point at the end: how stand-in names are compared."""
    letters = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(bare.upper().split()).rstrip(" .")
