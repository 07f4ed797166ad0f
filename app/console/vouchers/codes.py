"""What a code of SUNAT's means in plain words, by the kind of voucher it was said of.

A CDR's code is looked up in our tables of rules, which say what must hold and how to put it right; an exception's in
the classes of answers. The authority's own text is shown beside it, never replaced.
"""

from __future__ import annotations

from functools import cache

from app.problems import NO_TEXT, Text
from sunat.errors import FormatError
from sunat.kinds import kind
from sunat.outcomes import Class, class_of_code, row_of
from sunat.rules import general
from sunat.rules.engine import Row, Rule


@cache
def meaning(sunat_code: str, code: str) -> tuple[Text, Text]:
    """What a code says of a voucher of a kind, and how to mend it; empty texts where nobody knows.

    >>> meaning("01", "2335")[0].es
    'La firma no corresponde al comprobante'
    """
    written = code.zfill(4) if code.isascii() and code.isdecimal() else code
    if written in general.UNREAD:
        return Text(*general.UNREAD[written]), NO_TEXT
    for row in _rows(sunat_code):
        if row.rule.code == written:
            return _told(row)
    name = class_of_code(code)
    return (Text(row_of(name).es, row_of(name).en), NO_TEXT) if name is not Class.UNANSWERED else (NO_TEXT, NO_TEXT)


def _rows(sunat_code: str) -> tuple[Row, ...]:
    try:
        return kind(sunat_code).rules.rows()
    except FormatError:
        return ()


def _told(row: Row) -> tuple[Text, Text]:
    rule: Rule = row.rule
    wrong, right = rule.message or rule.check.message(), rule.hint or rule.check.hint()
    said = Text(*(_capital(f"{name}: {text}") for name, text in zip(row.names, wrong, strict=True)))
    return said, Text(*(_capital(text) for text in right))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
