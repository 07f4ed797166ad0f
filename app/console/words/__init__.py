"""Every text of the console, in Spanish and English, by a name: ``t("today.issued")``.

A part of the console has a module here with its `WORDS`; a name begins with the part it belongs to. Texts may have
places for values (``{n}``). Spanish is spoken unless the browser's switch says English.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import g, request

from app.console.words import books, frame, issuing, people, series, setup, today, vouchers
from app.problems import Language, Text

COOKIE: Final = "chasqui_lang"

PARTS: Final = (
    frame.WORDS, people.WORDS, today.WORDS, vouchers.WORDS, issuing.WORDS, series.WORDS, setup.WORDS, books.WORDS,
)
"""The texts of each part."""


def _all() -> Mapping[str, Text]:
    found: dict[str, Text] = {}
    for part in PARTS:
        if twice := found.keys() & part.keys():
            raise LookupError(f"Two texts have one name: {', '.join(sorted(twice))}")
        found.update(part)
    return found


WORDS: Final = _all()
"""All texts by their names."""


def tongue() -> Language:
    """The language of this page."""
    if "tongue" not in g:
        g.tongue = "en" if request.cookies.get(COOKIE) == "en" else "es"
    found: Language = g.tongue
    return found


def t(name: str, /, **values: object) -> str:
    """A text in the language of this page, with its values. Raises KeyError for a name that is none."""
    said = WORDS[name].said(tongue())
    return said.format(**values) if values else said


def said(text: Text) -> str:
    """A message of ours in the language of this page."""
    return text.said(tongue())
