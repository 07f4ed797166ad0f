"""Content -> UBL, written once and already canonical; the number is put in afterwards.

Jinja2 renders the templates of ``xml_templates``. Escaping is ours, because Jinja2's own writes quotes as references,
which Canonical XML 1.0 (the form SUNAT's signature covers) does not. It is applied to every expression without
exception through ``finalize``; attributes ask for ``|quoted``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import jinja2

from sunat.catalogues import catalogue
from sunat.documents import Content
from sunat.errors import FormatError, RenderError
from sunat.money import plain
from sunat.taxes import BAGS
from sunat.xml import Element, canonical

_NUMBER: Final = "\ue000"
"""Stands where the number goes; it is the first thing a template writes, so no text of the caller precedes it."""

_TEXT: Final = re.compile("[&<>\r]")
_ATTRIBUTE: Final = re.compile('[&<"\t\n\r]')
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCES: Final = {
    "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;",
}
_INCLUDE: Final = re.compile(r'\{% include "([a-z_/.]+)" %\}')
_RATE_STEP: Final = Decimal("0.00001")


@dataclass(frozen=True, slots=True)
class Unnumbered:
    """A voucher in canonical form with its number still open: the bytes before and after it."""

    before: bytes
    after: bytes

    def numbered(self, number: int) -> bytes:
        """The unsigned voucher as canonical XML without a declaration; the number is not padded."""
        return b"%b%d%b" % (self.before, number, self.after)


class _Written(str):
    """Text that is already canonical, so that ``finalize`` leaves it alone."""

    __slots__ = ()


def render(content: Content, *, template: str, series: str) -> Unnumbered:
    """Writes the voucher with a template of ``xml_templates`` for a number of this series.

    Raises FormatError for a text with a character that XML cannot hold.
    """
    text = _environment().get_template(template).render(doc=content, voucher_id=f"{series}-{_NUMBER}")
    before, found, after = text.partition(_NUMBER)
    if not found:
        raise RenderError(f"The template {template} has no place for the number")
    return Unnumbered(before.encode(), after.encode())


def check_canonical(root: Element, rendered: bytes) -> None:
    """Raises RenderError unless what a template wrote is exactly its own canonical form."""
    if canonical(root) != rendered:
        raise RenderError


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_woven),
        autoescape=False,  # noqa: S701 - finalize escapes every expression, canonically
        finalize=_canonical_text,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters["quoted"] = _quoted
    environment.filters["quantity"] = _quantity
    environment.filters["rate"] = _rate
    environment.filters["tribute_name"] = _tribute_name
    environment.filters["tribute_type"] = _tribute_type
    environment.tests["with_base"] = _with_base
    environment.tests["writable"] = _writable
    return environment


def _woven(name: str) -> str:
    """A template with its fragments in place and the reader's line breaks taken out."""
    source = resources.files("xml_templates").joinpath(*name.split("/")).read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda match: _woven(match[1]), re.sub(r"\s*\n\s*", "", source))


def _canonical_text(value: object) -> str:
    """One expression as canonical XML text."""
    writer = _WRITERS.get(type(value))
    if writer is None:
        if isinstance(value, jinja2.Undefined):
            raise RenderError(f"A template names something the voucher does not have: {value._undefined_name}")
        raise RenderError(f"A template writes a {type(value).__name__}, which has no form in a voucher")
    return writer(value)


def _text(value: str) -> str:
    return _escaped(value, _TEXT)


def _quoted(value: str) -> _Written:
    return _Written(_escaped(value, _ATTRIBUTE))


def _escaped(value: str, special: re.Pattern[str]) -> str:
    if value.isascii() and value.isprintable():
        if special.search(value) is None:
            return value
    elif _NOT_XML.search(value):
        raise FormatError("A text holds a control character, which XML cannot carry")
    return special.sub(lambda match: _REFERENCES[match[0]], value)


def _quantity(value: Decimal) -> _Written:
    return _Written(plain(value, 0))


@lru_cache(maxsize=256)
def _rate(value: Decimal) -> _Written:
    return _Written(plain(value.quantize(_RATE_STEP)))


def _writable(factor: Decimal | None) -> bool:
    """Whether a factor fits its five decimals; a rounded one would not give the amount of a large base (3290, 3307)."""
    return factor is not None and factor > 0 and factor == factor.quantize(_RATE_STEP)


def _with_base(tribute: str) -> bool:
    """Whether a tribute is counted on an amount; the tax on bags is counted on bags."""
    return tribute != BAGS


@lru_cache(maxsize=32)
def _tribute_name(code: str) -> _Written:
    return _Written(_text(catalogue("05")[code].attributes["name"]))


@lru_cache(maxsize=32)
def _tribute_type(code: str) -> _Written:
    return _Written(_text(catalogue("05")[code].attributes["international_code"]))


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    _Written: str,
    str: _text,
    Decimal: plain,
    int: str,
    date: date.isoformat,
    time: lambda value: value.isoformat("seconds"),
}
