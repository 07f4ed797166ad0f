"""The words in which rules are written: SUNAT's verbs, each saying what must hold and how to tell when it does not.

A word that judges one value (``matches``, ``one_of``, ``in_catalogue``, ``amount`` ...) lets an absent node pass:
presence has a word of its own. Messages and hints are composed from the word and the field's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from sunat.catalogues import catalogue
from sunat.rules.comparisons import Days, Equals, Holds, Pair, Related, iso_date
from sunat.rules.context import Context
from sunat.rules.document import View, number
from sunat.rules.shapes import Check, Count, Includes, Sentence, Unique, Value

_GIVE: Final = Sentence("Agregue el dato.", "Add it.")
_DROP: Final = Sentence("Quite el dato.", "Remove it.")


def present() -> Check:
    """There is a node and it has text."""
    return Count(1, None, True, Sentence("falta o está vacío", "is missing or empty"), _GIVE)


def exists() -> Check:
    """There is a node, empty or not."""
    return Count(1, None, False, Sentence("falta", "is missing"), _GIVE)


def absent() -> Check:
    """There is no such node."""
    return Count(0, 0, False, Sentence("no debe estar", "must not be there"), _DROP)


def single() -> Check:
    """There is at most one such node."""
    wrong = Sentence("aparece más de una vez", "appears more than once")
    return Count(0, 1, False, wrong, Sentence("Deje uno solo.", "Keep one."))


def matches(pattern: str, es: str, en: str) -> Check:
    """The whole text has a form, described in both languages ("11 dígitos")."""
    form = re.compile(pattern)
    return Value(
        lambda text: form.fullmatch(text) is not None,
        Sentence(f"no tiene la forma debida: {es}", f"does not have the form it must have: {en}"),
        Sentence(f"Escriba {es}.", f"Write {en}."),
    )


def text(minimum: int, maximum: int, *, blanks: str = "space") -> Check:
    """Free text of a length. ``blanks``: "space" allows no line break or tab, "any" allows both, "none" no blank."""
    inner = {"space": r"[^\t\n\r\f\v]", "any": r"[\s\S]", "none": r"\S"}[blanks]
    outer = r"(?=[\s\S]*\S)" if blanks != "none" else ""
    es = {"space": " sin saltos de línea ni tabuladores", "any": "", "none": " sin espacios"}[blanks]
    en = {"space": " without line breaks or tabs", "any": "", "none": " without blanks"}[blanks]
    return matches(
        f"{outer}{inner}{{{minimum},{maximum}}}",
        f"de {minimum} a {maximum} caracteres{es}",
        f"{minimum} to {maximum} characters{en}",
    )


def one_of(*values: str) -> Check:
    """The text is one of a few values."""
    wanted = frozenset(values)
    shown = ", ".join(repr(value) for value in values)
    return Value(
        lambda text: text in wanted,
        Sentence(f"no es ninguno de los valores admitidos: {shown}", f"is none of the allowed values: {shown}"),
        Sentence(f"Use {shown}.", f"Use {shown}."),
    )


def none_of(*values: str) -> Check:
    """The text is none of a few values."""
    unwanted = frozenset(values)
    return Value(
        lambda text: text not in unwanted,
        Sentence("no admite este valor aquí", "may not have this value here"),
        Sentence("Use otro valor o quite el dato.", "Use another value or remove it."),
    )


def blank() -> Check:
    """The node, where there is one, has no text."""
    return Value(lambda text: not text.strip(), Sentence("no debe estar", "must not be there"), _DROP)


def filled() -> Check:
    """The node, where there is one, has some text."""
    return Value(lambda text: bool(text.strip()), Sentence("está vacío", "is empty"), _GIVE)


def words(value: str) -> Check:
    """A descriptive attribute says exactly this. Leaving it out is fine."""
    return Value(
        lambda text: text == value,
        Sentence(f"debe decir exactamente «{value}»", f"must read exactly {value!r}"),
        Sentence("Corrija el texto o quite el atributo.", "Correct the text or leave the attribute out."),
    )


def in_catalogue(code: str, *, also: tuple[str, ...] = (), where: Callable[[str], bool] | None = None) -> Check:
    """The text is a code of one of SUNAT's catalogues; ``where`` narrows it."""

    def accepts(value: str) -> bool:
        return value in also or (value in catalogue(code) and (where is None or where(value)))

    return Value(
        accepts,
        Sentence(f"no está en el catálogo {code} de SUNAT", f"is not in SUNAT's catalogue {code}"),
        Sentence(f"Use un código del catálogo {code}.", f"Use a code of catalogue {code}."),
    )


def amount(digits: int = 12, decimals: int = 2, *, zero: bool = True) -> Check:
    """A plain non-negative decimal, n(digits,decimals); with ``zero=False`` it must also be greater than zero."""
    form = re.compile(rf"[0-9]{{1,{digits}}}(\.[0-9]{{1,{decimals}}})?")
    over = "" if zero else " mayor que cero"
    above = "" if zero else " above zero"
    es = f"un número{over} de hasta {digits} enteros y {decimals} decimales"
    en = f"a number{above} of up to {digits} digits and {decimals} decimals"
    return Value(
        lambda text: form.fullmatch(text) is not None and (zero or text.strip("0.") != ""),
        Sentence(f"no es {es}", f"is not {en}"),
        Sentence(f"Escriba {es}, con punto decimal.", f"Write {en}, with a decimal point."),
    )


def positive() -> Check:
    """The number is greater than zero; text that is no number is left to ``amount``."""
    return _number(lambda value: value > 0, "debe ser mayor que cero", "must be greater than zero")


def zero() -> Check:
    """The number is zero."""
    return _number(lambda value: value == 0, "debe ser cero", "must be zero")


def nonzero() -> Check:
    """The number is not zero."""
    return _number(lambda value: value != 0, "no debe ser cero", "must not be zero")


def at_most(limit: str) -> Check:
    """The number's absolute value does not exceed a limit."""
    bound = Decimal(limit)
    return _number(lambda value: abs(value) <= bound, f"no debe pasar de {limit}", f"must not exceed {limit}")


def includes(*values: str) -> Check:
    """At least one node of the path has one of these values."""
    wanted = frozenset(values)
    shown = " o ".join(f"«{value}»" for value in values)
    english = " or ".join(repr(value) for value in values)
    return Includes(
        lambda text: text in wanted,
        Sentence(f"falta {shown}", f"{english} is missing"),
        Sentence(f"Agregue {shown}.", f"Add {english}."),
    )


def includes_like(pattern: str, es: str, en: str) -> Check:
    """At least one node of the path has a text of this form, described in both languages."""
    form = re.compile(pattern)
    return Includes(
        lambda text: form.fullmatch(text) is not None,
        Sentence(f"falta {es}", f"{en} is missing"),
        Sentence(f"Agregue {es}.", f"Add {en}."),
    )


def agrees(key: str, code: str, attribute: str) -> Check:
    """The text is what a catalogue says, in one of its attributes, of the code at ``key`` in the same node."""

    def same(value: str, entry_code: str) -> bool:
        entry = catalogue(code).get(entry_code)
        return entry is None or value == entry.attributes[attribute]

    return Pair(
        key, same,
        Sentence(f"no es el que el catálogo {code} da", f"is not what catalogue {code} says"),
        Sentence(f"Use el valor del catálogo {code} para ese código.", f"Use what catalogue {code} says of that code."),
    )


def fits(key: str, test: Callable[[str, str], bool], es: str, en: str) -> Check:
    """The text fits the text at ``key`` in the same scope instance, by a named test of both."""
    return Pair(key, test, Sentence(es, en), Sentence("Corrija uno de los dos.", "Correct one of the two."))


def unique_by(*inner: str, within: str | None = None) -> Check:
    """No two such nodes share the values at the inner paths (their own text when none is named)."""
    return Unique(inner, within)


def equals_within(
    expected: Callable[[View], Decimal | None], tolerance: str, es: str, en: str, *used: str
) -> Check:
    """The number equals what a named function works out, within a tolerance."""
    return Equals(expected, Decimal(tolerance), Sentence(es, en), used)


def same_as(other: str, es: str, en: str) -> Check:
    """The text equals another one of the document."""
    return Related(
        other,
        lambda value, reference: value == reference,
        Sentence(f"difiere de {es}", f"differs from {en}"),
        Sentence(f"Iguálelo con {es}.", f"Make it equal to {en}."),
    )


def not_above(other: str, es: str, en: str) -> Check:
    """The number does not exceed another one of the document."""

    def accepts(value: str, reference: str) -> bool:
        mine, limit = number(value), number(reference)
        return mine is None or limit is None or mine <= limit

    return Related(
        other,
        accepts,
        Sentence(f"es mayor que {es}", f"is greater than {en}"),
        Sentence(f"Redúzcalo hasta {es}.", f"Bring it down to {en}."),
    )


def later_than(other: str, es: str, en: str) -> Check:
    """The ISO date is later than another one of the document (ISO dates compare as text)."""
    return Related(
        other,
        lambda value, reference: value > reference,
        Sentence(f"debe ser posterior a {es}", f"must be later than {en}"),
        Sentence(f"Use una fecha posterior a {es}.", f"Use a date after {en}."),
    )


def not_after(days: int) -> Check:
    """The date is at most so many days after the day of reception."""
    return Days(
        lambda context: None, days,
        Sentence(f"pasa en más de {days} días la fecha de envío", f"is more than {days} days after the day of sending"),
        Sentence("Use la fecha de hoy en Lima.", "Use today's date in Lima."),
    )


def not_before(days: Callable[[Context], int], es: str, en: str) -> Check:
    """The date is at most so many days before the day of reception."""
    return Days(
        days, None,
        Sentence(f"está fuera del plazo de envío: {es}", f"is beyond the term for sending: {en}"),
        Sentence("Emita de nuevo con una fecha dentro del plazo.", "Issue again with a date inside the term."),
    )


def calendar_day() -> Check:
    """The text is a day as YYYY-MM-DD."""
    return Value(
        lambda text: iso_date(text) is not None,
        Sentence("no es una fecha AAAA-MM-DD", "is not a date YYYY-MM-DD"),
        Sentence("Escriba la fecha como AAAA-MM-DD.", "Write the date as YYYY-MM-DD."),
    )


def holds(
    function: Callable[[View], bool], wrong: tuple[str, str], right: tuple[str, str], *used: str
) -> Check:
    """A named function of the scope instance is true."""
    return Holds(function, Sentence(*wrong), Sentence(*right), used)


def _number(test: Callable[[Decimal], bool], es: str, en: str) -> Check:
    def accepts(text: str) -> bool:
        value = number(text)
        return value is None or test(value)

    return Value(accepts, Sentence(es, en), Sentence(f"El valor {es}.", f"The value {en}."))
