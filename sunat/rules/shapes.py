"""How checks look for the places where they do not hold: by value, by count, by comparison, by arithmetic.

The words themselves are in ``checks``; here is what each family of words does with the columns of a voucher.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from sunat.money import plain
from sunat.rules.conditions import Ordinals
from sunat.rules.context import Context
from sunat.rules.document import Document, View
from sunat.xml import Element


class Sentence(NamedTuple):
    """One sentence in Spanish and in English."""

    es: str
    en: str


class Hit(NamedTuple):
    """One place where a rule does not hold: the element (None when it is missing), its value, and extra words."""

    ordinal: int
    element: Element | None
    value: str
    detail: Sentence | None = None


class Case(NamedTuple):
    """What a check is asked about: one path in the selected instances (None: all) of one scope of one document."""

    document: Document
    scope: str
    path: str
    selected: Ordinals | None

    def instances(self) -> list[int]:
        """The selected scope instances, in order."""
        if self.selected is None:
            return list(range(self.document.count(self.scope)))
        return sorted(self.selected)


class Check:
    """What must hold at a path."""

    __slots__ = ()
    strict = False
    """Whether the scope of the path is the one around it (presence) or may be the node itself (values)."""
    on_absent = False
    """Whether there is anything to judge when the voucher has no such node at all."""

    def hits(self, case: Case) -> Iterator[Hit]:
        """The places where it does not hold."""
        raise NotImplementedError

    def message(self) -> Sentence:
        """What is wrong, to be read after the field's name and a colon."""
        raise NotImplementedError

    def hint(self) -> Sentence:
        """How to put it right."""
        raise NotImplementedError

    def reads(self) -> tuple[str, ...]:
        """Paths it looks at besides its own."""
        return ()


@dataclass(frozen=True, slots=True)
class Value(Check):
    """A test of one value; equal values of a column are judged once."""

    accepts: Callable[[str], bool]
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        column = case.document.column(case.path)
        accepts = self.accepts
        bad = {text for text in column.distinct if not accepts(text)}
        if not bad:
            return
        holders = case.document.ancestors(case.path, case.scope)
        for ordinal, text in enumerate(column.texts):
            if text in bad and (case.selected is None or holders[ordinal] in case.selected):
                yield Hit(holders[ordinal], column.elements[ordinal], text)

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


@dataclass(frozen=True, slots=True)
class Count(Check):
    """How many nodes of a path each scope instance must have; ``filled`` asks for text in the first one."""

    at_least: int
    at_most: int | None
    filled: bool
    wrong: Sentence
    right: Sentence
    strict = True
    on_absent = True

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        holders = document.spread(case.path, case.scope)
        if (
            (not self.at_least or holders == document.count(case.scope))
            and (self.at_most is None or (self.at_most == 1 and holders == len(column.up)))
            and (not self.filled or all(text and not text.isspace() for text in column.distinct))
        ):
            return
        under = document.under(case.scope, case.path)
        for ordinal in case.instances():
            found = under[ordinal]
            if len(found) < self.at_least:
                yield Hit(ordinal, None, "")
            elif self.at_most is not None and len(found) > self.at_most:
                extra = found[self.at_most]
                yield Hit(ordinal, column.elements[extra], column.texts[extra])
            elif self.filled and not column.texts[found[0]].strip():
                yield Hit(ordinal, column.elements[found[0]], column.texts[found[0]])

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


@dataclass(frozen=True, slots=True)
class Includes(Check):
    """In each scope instance at least one node of the path has an accepted value."""

    accepts: Callable[[str], bool]
    wrong: Sentence
    right: Sentence
    strict = True
    on_absent = True

    def hits(self, case: Case) -> Iterator[Hit]:
        texts = case.document.column(case.path).texts
        under = case.document.under(case.scope, case.path)
        for ordinal in case.instances():
            if not any(self.accepts(texts[each]) for each in under[ordinal]):
                yield Hit(ordinal, None, "")

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


@dataclass(frozen=True, slots=True)
class Unique(Check):
    """No two instances of a node in the scope around it have the same values at the given inner paths."""

    inner: tuple[str, ...]
    within: str | None = None

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        keys = list(zip(*(self._values(case, path) for path in self.inner), strict=True)) if self.inner else [
            (text,) for text in column.texts
        ]
        names = document.names
        around = names.scope_of(case.path, strict=True) if self.within is None else names.full(self.within)
        holders = document.ancestors(case.path, around)
        chosen = document.ancestors(case.path, case.scope)
        seen: set[tuple[int, tuple[str | None, ...]]] = set()
        for ordinal, key in enumerate(keys):
            if case.selected is not None and chosen[ordinal] not in case.selected:
                continue
            if not any(key):
                continue
            mark = (holders[ordinal], key)
            if mark in seen:
                shown = " ".join(part for part in key if part)
                yield Hit(chosen[ordinal], column.elements[ordinal], shown)
            seen.add(mark)

    def _values(self, case: Case, path: str) -> list[str | None]:
        return case.document.first(case.path, f"{case.path}/{case.document.names.full(path)}")

    def message(self) -> Sentence:
        return Sentence("está repetido", "is repeated")

    def hint(self) -> Sentence:
        return Sentence("Deje uno solo o cambie el valor repetido.", "Keep only one of them or change the repeated value.")


@dataclass(frozen=True, slots=True)
class Equals(Check):
    """A number equals what a named function works out, within a tolerance (inclusive, in the voucher's currency).

    The function sees the instance of the rule's scope and returns None where there is nothing to compare.
    """

    expected: Callable[[View], Decimal | None]
    tolerance: Decimal
    formula: Sentence
    used: tuple[str, ...] = ()

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        actual = document.numbers(case.scope, case.path)
        for ordinal in case.instances():
            value = actual[ordinal]
            if value is None:
                continue
            expected = self.expected(View(document, case.scope, ordinal))
            if expected is not None and abs(value - expected) > self.tolerance:
                element = column.elements[document.under(case.scope, case.path)[ordinal][0]]
                shown = plain(round(expected, 10))
                detail = Sentence(f"; se esperaba {shown}", f"; {shown} was expected")
                yield Hit(ordinal, element, str(value), detail)

    def message(self) -> Sentence:
        return Sentence(f"no es igual a {self.formula.es}", f"does not equal {self.formula.en}")

    def hint(self) -> Sentence:
        return Sentence(f"Recalcule: {self.formula.es}.", f"Work it out again: {self.formula.en}.")

    def reads(self) -> tuple[str, ...]:
        return self.used


@dataclass(frozen=True, slots=True)
class Holds(Check):
    """A named function of the scope instance is true. For what no other word says."""

    function: Callable[[View], bool]
    wrong: Sentence
    right: Sentence
    used: tuple[str, ...] = ()
    on_absent = True

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        at_node = bool(case.path)
        for ordinal in case.instances():
            if self.function(View(document, case.scope, ordinal)):
                continue
            found = document.under(case.scope, case.path)[ordinal] if at_node else ()
            element = column.elements[found[0]] if found else None
            yield Hit(ordinal, element, column.texts[found[0]] if found else "")

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right

    def reads(self) -> tuple[str, ...]:
        return self.used


@dataclass(frozen=True, slots=True)
class Related(Check):
    """A value compared with another one of the document (``other`` is read in the scope instance, then in the whole)."""

    other: str
    accepts: Callable[[str, str], bool]
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        column = document.column(case.path)
        full = document.names.full(self.other)
        reference = document.first("", full)[0]
        if reference is None:
            return
        bad = {text for text in column.distinct if not self.accepts(text, reference)}
        if not bad:
            return
        holders = document.ancestors(case.path, case.scope)
        for ordinal, text in enumerate(column.texts):
            if text in bad and (case.selected is None or holders[ordinal] in case.selected):
                detail = Sentence(f" («{reference}»)", f" ({reference!r})")
                yield Hit(holders[ordinal], column.elements[ordinal], text, detail)

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right

    def reads(self) -> tuple[str, ...]:
        return (f"/{self.other}",)


@dataclass(frozen=True, slots=True)
class Pair(Check):
    """A value together with another one of the same scope instance passes a test; equal pairs are judged once."""

    key: str
    accepts: Callable[[str, str], bool]
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        document = case.document
        texts = document.first(case.scope, case.path)
        inner = document.names.full(self.key)
        keys = document.first(case.scope, f"{case.scope}/{inner}" if case.scope else inner)
        column = document.column(case.path)
        verdicts: dict[tuple[str, str], bool] = {}
        for ordinal in case.instances():
            text, key = texts[ordinal], keys[ordinal]
            if text is None or key is None:
                continue
            good = verdicts.get((text, key))
            if good is None:
                good = verdicts[text, key] = self.accepts(text, key)
            if not good:
                element = column.elements[document.under(case.scope, case.path)[ordinal][0]]
                yield Hit(ordinal, element, text, Sentence(f" («{key}»)", f" ({key!r})"))

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right

    def reads(self) -> tuple[str, ...]:
        return (self.key,)


@dataclass(frozen=True, slots=True)
class Days(Check):
    """An ISO date lies no more than so many days before or after the day of reception; other text is let pass."""

    before: Callable[[Context], int | None]
    after: int | None
    wrong: Sentence
    right: Sentence

    def hits(self, case: Case) -> Iterator[Hit]:
        column = case.document.column(case.path)
        context = case.document.context
        before = self.before(context)
        holders = case.document.ancestors(case.path, case.scope)
        for ordinal, text in enumerate(column.texts):
            if case.selected is not None and holders[ordinal] not in case.selected:
                continue
            day = iso_date(text)
            if day is None:
                continue
            late = before is not None and (context.received - day).days > before
            early = self.after is not None and (day - context.received).days > self.after
            if late or early:
                received = context.received.isoformat()
                yield Hit(holders[ordinal], column.elements[ordinal], text,
                          Sentence(f" (recepción: {received})", f" (received: {received})"))

    def message(self) -> Sentence:
        return self.wrong

    def hint(self) -> Sentence:
        return self.right


def iso_date(text: str) -> date | None:
    """The day that YYYY-MM-DD means, or None."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
