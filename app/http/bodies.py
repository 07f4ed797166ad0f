"""Reading JSON strictly: what is not exactly JSON, or could mean two things, is refused with 400.

Fractions become Decimal (decision 25); NaN, Infinity, a member named twice, numbers of absurd length, NUL and lone
surrogates are refused. The content type hardly counts: many clients send JSON under a form's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from flask import Request
from flask.json.provider import DefaultJSONProvider
from webargs import core
from webargs.flaskparser import FlaskParser

from app.problems import Malformed, Text

_LONGEST_NUMBER: Final = 40
_TOO_LARGE: Final = Decimal("1e99")


def loads(raw: bytes | str) -> Any:
    """The value a JSON text stands for. Raises Malformed."""
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        value = json.loads(
            text, parse_float=_fraction, parse_int=_whole, parse_constant=_constant, object_pairs_hook=_members
        )
    except UnicodeDecodeError as error:
        raise _unreadable("no es UTF-8", "it is not UTF-8") from error
    except json.JSONDecodeError as error:
        where = f"{error.lineno}:{error.colno}"
        raise _unreadable(f"línea y columna {where}", f"line and column {where}") from error
    except RecursionError as error:
        raise _unreadable("demasiados niveles", "too many levels") from error
    if "\\u" in text or "\x00" in text:
        for pointer, string in _strings(value):
            if "\x00" in string or any("\ud800" <= character <= "\udfff" for character in string):
                raise Malformed("INVALID_TEXT", Text(
                    "El texto contiene caracteres que no existen en Unicode o el carácter nulo",
                    "The text has characters that are not Unicode, or the null character",
                ), pointer=pointer, hint=Text("Quite esos caracteres", "Remove those characters"))
    return value


class StrictJson(DefaultJSONProvider):
    """Flask's JSON with our reading; writing keeps order and letters, a Decimal becomes its plain text."""

    ensure_ascii = False
    sort_keys = False
    compact = True

    @staticmethod
    def default(value: Any) -> Any:
        """How values that JSON does not know are written."""
        return f"{value:f}" if isinstance(value, Decimal) else DefaultJSONProvider.default(value)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return loads(s)


class BodyParser(FlaskParser):
    """webargs, reading bodies as above; what has not the form of its schema is malformed."""

    DEFAULT_VALIDATION_STATUS = 400

    def _raw_load_json(self, req: Request) -> Any:
        data = req.get_data(cache=True).strip()
        form = req.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data")
        if not data or (form and not data.startswith((b"{", b"["))):
            return core.missing
        return loads(data)


def _fraction(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent of more digits than Decimal itself can hold
        number = _TOO_LARGE
    if len(text) > _LONGEST_NUMBER or abs(number.adjusted()) > _LONGEST_NUMBER:
        raise _unreadable("un número es demasiado largo", "a number is too long")
    return number


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _unreadable("un número es demasiado largo", "a number is too long")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise _unreadable(f"{text} no es un número de JSON", f"{text} is not a number of JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _unreadable(f"el miembro {twice[:50]!r} está dos veces", f"member {twice[:50]!r} is there twice")
    return members


def _strings(value: Any) -> Iterator[tuple[str, str]]:
    """Every string of a value, names included, with its JSON pointer."""
    pending: list[tuple[str, Any]] = [("", value)]
    while pending:
        pointer, item = pending.pop()
        if isinstance(item, str):
            yield pointer, item
        elif isinstance(item, list):
            pending.extend((f"{pointer}/{index}", each) for index, each in enumerate(item))
        elif isinstance(item, dict):
            for name, each in item.items():
                yield pointer, name
                pending.append((f"{pointer}/{name}", each))


def _unreadable(es: str, en: str) -> Malformed:
    return Malformed("INVALID_JSON", Text(
        f"El cuerpo no es JSON válido ({es})", f"The body is not valid JSON ({en})"
    ), hint=Text(
        "Envíe un solo objeto JSON en UTF-8, sin miembros repetidos, NaN ni Infinity",
        "Send one JSON object in UTF-8, without repeated members, NaN or Infinity",
    ))
