"""The contract's loose types: a number may be text, an id may be a number. Amounts become exact decimals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from marshmallow import ValidationError, fields

from sunat.errors import FormatError
from sunat.money import decimal

_WHOLE_LIMIT: Final = 10**18
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?")
_WRITTEN: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2199
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}
_TIME: Final = re.compile(r"\d{2}:\d{2}:\d{2}")


class Amount(fields.Field[Decimal]):
    """A number, given as a JSON number or as text, kept exactly as written."""

    default_error_messages = {"invalid": "Debe ser un número. / Must be a number."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise self.make_error("invalid")
        if isinstance(value, str) and _WRITTEN.fullmatch(value.strip()) is None:
            raise self.make_error("invalid")
        try:
            number = decimal(value)
        except FormatError as error:
            raise self.make_error("invalid") from error
        if _NUMBER.fullmatch(f"{number:f}" if abs(number.adjusted()) < 20 else "") is None:
            raise self.make_error("invalid")
        return number


class LooseText(fields.Field[str]):
    """Text; a number is taken as its digits. Spaces around it do not count."""

    default_error_messages = {"invalid": "Debe ser un texto. / Must be text."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise self.make_error("invalid")
        text = value.strip() if isinstance(value, str) else str(value)
        if "\x00" in text or (not text.isascii() and _SURROGATE.search(text)):
            raise self.make_error("invalid")
        return text


class LooseInt(fields.Field[int]):
    """A whole number, given as a number or as its digits."""

    default_error_messages = {"invalid": "Debe ser un número entero. / Must be a whole number."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.make_error("invalid")
        if isinstance(value, int) and abs(value) < _WHOLE_LIMIT:
            return value
        value = str(value)
        if re.fullmatch(r"-?\d{1,18}", value.strip(), re.ASCII) is None:
            raise self.make_error("invalid")
        return int(value)


class LooseBool(fields.Field[bool]):
    """Yes or no: a JSON boolean, 1 or 0, or one of these words as text."""

    default_error_messages = {"invalid": "Debe ser verdadero o falso. / Must be true or false."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        word = str(value).strip().lower() if isinstance(value, bool | int | str) else ""
        if word not in _TRUTHS:
            raise self.make_error("invalid")
        return _TRUTHS[word]


class Day(fields.Field[date]):
    """A calendar day, YYYY-MM-DD, of the years in which terms can be counted from it."""

    default_error_messages = {"invalid": "Debe ser una fecha AAAA-MM-DD. / Must be a date YYYY-MM-DD."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:
        if not isinstance(value, str) or _DATE.fullmatch(value.strip()) is None:
            raise self.make_error("invalid")
        try:
            day = date.fromisoformat(value.strip())
        except ValueError as error:
            raise self.make_error("invalid") from error
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise self.make_error("invalid")
        return day


class Hour(fields.Field[time]):
    """A time of day in Lima, HH:MM:SS."""

    default_error_messages = {"invalid": "Debe ser una hora HH:MM:SS. / Must be a time HH:MM:SS."}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> time:
        if not isinstance(value, str) or _TIME.fullmatch(value.strip()) is None:
            raise self.make_error("invalid")
        try:
            return time.fromisoformat(value.strip())
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"]) from error
