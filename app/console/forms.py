"""What a form holds: the values typed, what is wrong with each, and the key that makes a double click one order.

A form is posted to the address that shows it. ``Form.read()`` gives the values that were typed (by POST, or kept while
a session had expired), ``Form.of(...)`` the first ones. The API's complaints find their fields by a table from JSON
pointers to names, ``{"/details/*/unit_price": "lines.*.unit_price"}``: every star stands for a number or a name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask import g, request

from app.console import sessions
from app.console.calling import Answer
from app.console.gate import visit
from app.console.words import t, tongue
from app.http import office
from app.problems import Conflict, Malformed, NotFound, Problem, Refused

_KEY: Final = re.compile(r"[0-9a-f]{32}")
_READING: Final = ("GET", "HEAD")
_USUAL: Final = frozenset(text for kind in (Malformed, Refused, Conflict, NotFound) for text in kind.default_hint)
"""Hints that say no more than a message beside its field does."""


@dataclass(slots=True, kw_only=True)
class Form:
    """A form on its page.

    ``values`` has every field with all its values, ``errors`` the messages beside fields, ``general`` those that belong
    to none; ``key`` is the Idempotency-Key; ``kept`` whether the values were typed before the session expired.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    kept: bool = False

    @classmethod
    def of(cls, values: Mapping[str, object] | None = None) -> Form:
        """The form as it is first shown; a list or tuple is a field with several values, None an empty one."""
        return cls(values={
            name: [str(each) for each in value] if isinstance(value, list | tuple) else
            ["" if value is None else str(value)]
            for name, value in (values or {}).items()
        })

    @classmethod
    def read(cls, first: Mapping[str, object] | None = None) -> Form:
        """What was typed: by POST, or kept for this page; else the first values."""
        if request.method not in _READING:
            given = request.form.get("_key", "")
            form = cls(values={name: request.form.getlist(name) for name in request.form if not name.startswith("_")})
            form.key = given if _KEY.fullmatch(given) else form.key
            return form
        if g.get("visit") is not None and visit().kept_path == request.path:
            typed = sessions.take(office(), visit().session_id, request.path)
            if typed:
                return cls(values={name: list(values) for name, values in typed.items()}, kept=True)
        return cls.of(first)

    def get(self, name: str, otherwise: str = "") -> str:
        """The last value of a field, without the spaces around it."""
        values = self.values.get(name)
        return values[-1].strip() if values else otherwise

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return self.values.get(name, [])

    def on(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.get(name) not in ("", "0", "false")

    def mark(self, name: str, message: str) -> None:
        """Puts a message beside a field; one of no field, with an empty name, stands above the form."""
        beside = self.errors.setdefault(name, []) if name else self.general
        if message not in beside:
            beside.append(message)

    def refuse(self, answer: Answer, fields: Mapping[str, str]) -> None:
        """Puts the API's complaints beside the fields they point at, with the hint where there is one."""
        for item in answer.problems:
            self.mark(_field(str(item.get("pointer", "")), fields), _sentence(item))
        if not answer.problems:
            self.mark("", t("error.title"))

    def refuse_problem(self, problem: Problem, fields: Mapping[str, str]) -> None:
        """The same for a refusal of our own rooms."""
        for item in problem.items:
            self.mark(_field(item.pointer, fields), _sentence(item.body(tongue())))

    @property
    def wrong(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.errors or self.general)

    @property
    def messages(self) -> Sequence[str]:
        """What stands above the form: what belongs to no field, and that there is something beside some."""
        return [*self.general, *([t("form.wrong")] if self.errors else [])]


def _field(pointer: str, fields: Mapping[str, str]) -> str:
    """The field a pointer means: the longest row of the table that it begins with; none for a pointer in no row."""
    parts = pointer.split("/")
    for length in range(len(parts), 1, -1):
        for pattern, name in fields.items():
            wanted = pattern.split("/")
            if len(wanted) != length or any(one not in ("*", two) for one, two in zip(wanted, parts, strict=False)):
                continue
            stars = iter([two for one, two in zip(wanted, parts, strict=False) if one == "*"])
            return re.sub(r"\*", lambda _: next(stars), name)  # noqa: B023 - used up before the next turn
    return ""


def _sentence(item: Mapping[str, Any]) -> str:
    message, hint = str(item.get("message", "")), str(item.get("hint", ""))
    if not hint or hint in _USUAL or "/docs" in hint:
        return message
    return f"{message.rstrip('.')}. {hint}"


